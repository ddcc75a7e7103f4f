/** What stands in Slack: a request's card, its thread, and what one person alone was told. */
import { WebClient } from '@slack/web-api';
import { z } from 'zod';
import { AssentError } from '../../../approval/error.ts';
import type { SlackMessage } from '../../slack/local-slack.ts';
import type { Finding } from '../story.ts';
import type { World } from '../world.ts';

/** How long a part may take to show something; the machine may have much else to do. */
const PATIENCE_MS = 20_000;

/** Waits for a request's card; gives its `ts`. */
export async function cardOf({ stack: { slack } }: World, requestId: string): Promise<string> {
  return slack.until((messages) => cardsOf(messages, requestId).at(0)?.ts, { timeoutMs: PATIENCE_MS });
}

/** The address that opens Slack's page at a card. */
export function cardLink({ stack: { slack } }: World, ts: string): string {
  return `${slack.page}/archives/${slack.channelId}/p${ts.replace('.', '')}`;
}

export async function countCards({ stack: { slack } }: World, requestId: string): Promise<number> {
  return cardsOf(await slack.messages(), requestId).length;
}

/** The card says this, or comes to say it. */
export async function cardSays(world: World, ts: string, words: string): Promise<Finding> {
  return said(world, words, (messages) => messages.filter((message) => message.ts === ts));
}

/** The action ids of the buttons that a card has now. */
export async function buttonsOf({ stack: { slack } }: World, ts: string): Promise<readonly string[]> {
  const card = (await slack.messages()).find((message) => message.ts === ts);
  return [...JSON.stringify(card?.blocks ?? []).matchAll(/"action_id":"([^"]+)"/g)].map(([, id = '']) => id);
}

export async function threadSays(world: World, ts: string, words: string): Promise<Finding> {
  return said(world, words, (messages) =>
    messages.filter(({ thread_ts, subtype }) => thread_ts === ts && subtype !== 'ephemeral'),
  );
}

/** What they alone see in the channel, as an answer to a click. */
export async function whispered(world: World, person: string, words: string): Promise<Finding> {
  const to = mention(world, person).slice(2, -1);
  return said(world, words, (messages) => messages.filter(({ ephemeral_to }) => ephemeral_to === to));
}

/** In their direct messages with the app. */
export async function toldDirectly(world: World, person: string, words: string): Promise<Finding> {
  const { slack } = world.stack;
  const web = new WebClient(slack.token, { slackApiUrl: slack.url });
  const opened = await web.conversations.open({ users: mention(world, person).slice(2, -1) });
  const { channel } = z.object({ channel: z.object({ id: z.string() }) }).parse(opened);
  return said(world, words, (messages) => messages, channel.id);
}

/** `<@U…>`, as messages name a person. */
export function mention({ stack: { slack } }: World, person: string): string {
  const id = slack.userIds[person];
  if (id === undefined) throw new AssentError('unknown_person', `Nobody in Slack is called ${person}.`);
  return `<@${id}>`;
}

function cardsOf(messages: readonly SlackMessage[], requestId: string): readonly SlackMessage[] {
  return messages.filter(
    ({ thread_ts, blocks }) => thread_ts === undefined && JSON.stringify(blocks ?? []).includes(requestId),
  );
}

async function said(
  { stack: { slack } }: World,
  words: string,
  among: (messages: readonly SlackMessage[]) => readonly SlackMessage[],
  channel = slack.channelId,
): Promise<Finding> {
  let texts: readonly string[] = [];
  try {
    return await slack.until(
      (messages) => {
        texts = among(messages).map(textOf);
        return texts.some((text) => text.includes(words)) ? { expected: words, found: words } : undefined;
      },
      { channel, timeoutMs: PATIENCE_MS },
    );
  } catch (error) {
    if (!(error instanceof AssentError) || error.code !== 'timed_out') throw error;
    return { expected: words, found: texts };
  }
}

/** All that a person reads of a message, block under block. */
function textOf({ text, blocks }: SlackMessage): string {
  return blocks === undefined ? text : textsIn(blocks).join('\n');
}

function textsIn(value: unknown): readonly string[] {
  if (Array.isArray(value)) return value.flatMap(textsIn);
  if (typeof value !== 'object' || value === null) return [];
  return Object.entries(value).flatMap(([key, child]) =>
    key === 'text' && typeof child === 'string' ? [child] : textsIn(child),
  );
}
