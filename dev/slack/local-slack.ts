/**
 * A Slack with a web page: the `local-slack` binary (npm, Linux x64 only), its people and one channel, #approvals.
 *
 * What it does and Slack doesn't: any token is good; nothing about blocks is checked; metadata is dropped;
 * ephemeral messages are in the channel's history; `confirm` is ignored; a trigger id lasts 30 minutes; there is
 * one modal for everybody; a modal closes whatever the app answers unless it answers with errors, update or
 * push; `users.info` and `conversations.info` lack the flags of guests and shared channels (fault-proxy.ts
 * gives them). One address gets interactions (a form) and events (JSON). Its page shows a rich_text block as
 * "[rich_text]", dates and fences as they are written, and everyone everything; who acts is chosen in the page
 * (`label.actas select`), not by the address. It listens on all interfaces, whatever one says.
 */
import { randomBytes } from 'node:crypto';
import { access, mkdir, writeFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { z } from 'zod';
import { AssentError } from '../../approval/error.ts';
import { freePort } from '../port.ts';
import { startProcess } from '../process.ts';
import { type Modal, SlackPage, type Submission } from './page.ts';

export interface Person {
  /** Slack's handle: lower case, unique. */
  readonly handle: string;
  /** The name that people see. */
  readonly name: string;
}

export interface LocalSlackOptions {
  /** In the page, the first one acts unless another is chosen. */
  readonly people: readonly Person[];
  /** Where the app (the gateway) takes Slack's requests. Fixed from here on: choose the gateway's port first. */
  readonly interactivityUrl: string;
  /** An existing or new directory for its configuration and uploaded files. */
  readonly directory: string;
  readonly logFile: string;
}

const messageSchema = z.looseObject({
  ts: z.string(),
  channel: z.string(),
  user: z.string().optional(),
  text: z.string().default(''),
  blocks: z.array(z.looseObject({ type: z.string(), block_id: z.string().optional() })).optional(),
  thread_ts: z.string().optional(),
  /** `ephemeral` for a message to `ephemeral_to` alone. */
  subtype: z.string().optional(),
  ephemeral_to: z.string().optional(),
});
/** A message as stored: Slack's own fields. */
export type SlackMessage = z.infer<typeof messageSchema>;

const logEntrySchema = z.looseObject({
  time: z.number(),
  direction: z.enum(['to_bot', 'from_bot', 'internal']),
  kind: z.string(),
  summary: z.string(),
  detail: z.unknown(),
});
/** Traffic between this Slack and the app: `kind` interactive, events_api or web_api. */
export type SlackLogEntry = z.infer<typeof logEntrySchema>;

export interface Click {
  /** Handle of the person who clicks. */
  readonly person: string;
  /** The message's `ts`. */
  readonly message: string;
  readonly actionId: string;
  /** Default: the channel #approvals. */
  readonly channel?: string;
  /** Default: as the message has it. Given, the click is sent even if the message has no such button. */
  readonly button?: { readonly blockId: string; readonly value: string };
}

export interface LocalSlack {
  /** Base of the Web API with a slash at its end, as WebClient's `slackApiUrl` wants it. */
  readonly url: string;
  /** The web page, with no slash at its end; `<page>/archives/<channel>/p<ts without dot>` opens at a message. */
  readonly page: string;
  readonly token: string;
  readonly signingSecret: string;
  readonly teamId: string;
  readonly botUserId: string;
  readonly channelId: string;
  readonly userIds: Readonly<Record<string, string>>;
  readonly pid: number;
  readonly ended: Promise<string>;
  /** Clicks a button as a person. Resolves when the app has answered; what it answered is in `log`. */
  interact(click: Click): Promise<void>;
  /** Says something in a channel as a person; the app gets it as an event. */
  say(person: string, text: string, thread?: string): Promise<void>;
  /** The modal that is open, or undefined. */
  modal(): Promise<Modal | undefined>;
  /** Submits the open modal as a person: `values` is block id, action id, text. */
  submit(
    person: string,
    values: Readonly<Record<string, Readonly<Record<string, string>>>>,
  ): Promise<Submission>;
  /** All messages of a channel (default #approvals), oldest first, threads and ephemerals among them. */
  messages(channel?: string): Promise<SlackMessage[]>;
  /** Waits until `pick` finds what it looks for among a channel's messages. @throws {AssentError} `timed_out`. */
  until<T>(
    pick: (messages: SlackMessage[]) => T | undefined | Promise<T | undefined>,
    options?: UntilOptions,
  ): Promise<T>;
  /** The last 1,000 entries, oldest first. */
  log(): Promise<SlackLogEntry[]>;
  stop(): Promise<void>;
}

export interface UntilOptions {
  readonly channel?: string;
  readonly timeoutMs?: number;
}

const teamId = 'T0ASSENTDEV';
const botUserId = 'U0ASSENTBOT';
const channelId = 'C0APPROVALS';

/** @throws {AssentError} `slack_unavailable` where the binary doesn't exist, `start_failed` if it doesn't start. */
export async function startLocalSlack(options: LocalSlackOptions): Promise<LocalSlack> {
  const binary = await findBinary();
  const token = `xoxb-${randomBytes(18).toString('hex')}`;
  const signingSecret = randomBytes(16).toString('hex');
  const userIds = Object.fromEntries(options.people.map(({ handle }) => [handle, userId(handle)]));
  const configuration = {
    workspace: { name: 'Assent', domain: 'assent-dev', teamId },
    app: {
      appId: 'A0ASSENT',
      botUserId,
      botName: 'assent',
      botToken: token,
      appToken: `xapp-${randomBytes(18).toString('hex')}`,
      signingSecret,
      mode: 'events',
      requestUrl: options.interactivityUrl,
    },
    users: options.people.map(({ handle, name }) => ({ id: userId(handle), name: handle, real_name: name })),
    channels: [{ id: channelId, name: 'approvals', members: [...Object.values(userIds), botUserId] }],
  };
  await mkdir(options.directory, { recursive: true });
  const file = join(options.directory, 'local-slack.json');
  await writeFile(file, JSON.stringify(configuration), { mode: 0o600 });

  const port = await freePort();
  const files = join(options.directory, 'files');
  const server = await startProcess({
    name: 'The local Slack',
    command: binary,
    args: ['--config', file, '--port', `${port}`, '--base-host', '127.0.0.1', '--files-dir', files],
    logFile: options.logFile,
    ready: /Control API:/,
  });
  const base = `http://127.0.0.1:${port}`;
  const page = await SlackPage.open(`ws://127.0.0.1:${port}/ui`);
  const idOf = (person: string): string => {
    const id = userIds[person];
    if (id === undefined)
      throw new AssentError('unknown_person', `The local Slack has nobody called ${person}.`);
    return id;
  };

  const messages = async (channel = channelId) =>
    z.object({ messages: z.array(messageSchema) }).parse(await control(base, `messages/${channel}`)).messages;
  return {
    url: `${base}/api/`,
    page: base,
    token,
    signingSecret,
    teamId,
    botUserId,
    channelId,
    userIds,
    pid: server.pid,
    ended: server.ended,
    interact: async ({ person, message, actionId, channel = channelId, button }) => {
      const { blockId, value } = button ?? findButton(await messages(channel), message, actionId);
      const action = { type: 'button', action_id: actionId, block_id: blockId, value };
      await control(base, 'interact', { channel, messageTs: message, user: idOf(person), action });
    },
    say: async (person, text, thread) => {
      await control(base, 'message', { channel: channelId, user: idOf(person), text, thread_ts: thread });
    },
    modal: () => page.modal(),
    submit: (person, values) => page.submit(idOf(person), values),
    messages,
    until: (pick, { channel, timeoutMs = 10_000 } = {}) =>
      page.until(async () => pick(await messages(channel)), timeoutMs),
    log: async () => z.object({ log: z.array(logEntrySchema) }).parse(await control(base, 'log')).log,
    stop: async () => {
      page.close();
      await server.stop();
    },
  };
}

function userId(handle: string): string {
  return `U0${handle.toUpperCase().replaceAll(/[^A-Z0-9]/g, '')}`;
}

const buttonsSchema = z.looseObject({
  block_id: z.string(),
  elements: z.array(z.looseObject({ action_id: z.string(), value: z.string().default('') })),
});

function findButton(messages: readonly SlackMessage[], ts: string, actionId: string) {
  for (const block of messages.find((message) => message.ts === ts)?.blocks ?? []) {
    const { data } = buttonsSchema.safeParse(block);
    const element = data?.elements.find(({ action_id }) => action_id === actionId);
    if (data && element) return { blockId: data.block_id, value: element.value };
  }
  throw new AssentError('no_such_button', `Message ${ts} has no button ${actionId}.`);
}

async function control(base: string, path: string, body?: unknown): Promise<unknown> {
  const request =
    body === undefined
      ? {}
      : { method: 'POST', headers: { 'content-type': 'application/json' }, body: JSON.stringify(body) };
  const response = await fetch(`${base}/_control/${path}`, request);
  if (!response.ok)
    throw new AssentError('slack_refused', `The local Slack refused ${path}: ${await response.text()}`);
  return await response.json();
}

async function findBinary(): Promise<string> {
  const name = `local-slack-${process.platform}-${process.arch}`;
  try {
    const path = createRequire(import.meta.url).resolve(`${name}/bin/local-slack`);
    await access(path);
    return path;
  } catch (cause) {
    throw new AssentError(
      'slack_unavailable',
      `The local Slack is not installed (${name}; it exists for Linux on x64 only). Use a Slack of your own: set SLACK_BOT_TOKEN and SLACK_SIGNING_SECRET.`,
      { cause },
    );
  }
}
