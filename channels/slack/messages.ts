/**
 * Posting, finding and repainting messages.
 *
 * Slack has no idempotency key, so each message bears our own in its metadata, and whoever posts again looks for
 * it first. Other apps can read metadata: ids only.
 */
import type { KnownBlock } from '@slack/types';
import { z } from 'zod';
import { readAnswer, type Slack, whoAmI } from './api.ts';
import { calling } from './slack-error.ts';

export interface MessageKey {
  readonly request_id: string;
  /** Which of the request's messages: `card`, `thread:<key>`, … */
  readonly key: string;
}

export interface PostedMessage {
  readonly channel: string;
  readonly ts: string;
}

export interface Post {
  readonly channel: string;
  /** The card under which it goes. */
  readonly thread_ts?: string;
  readonly text: string;
  readonly blocks?: KnownBlock[];
  readonly key: MessageKey;
}

const EVENT_TYPE = 'assent_message';
/** Nothing that agents wrote becomes a link, a preview or a mention by itself. */
const VERBATIM = { parse: 'none', link_names: false } as const;
const posted = z.object({ channel: z.string(), ts: z.string() });

export async function postMessage({ web }: Slack, post: Post): Promise<PostedMessage> {
  const { channel, thread_ts, text, blocks, key } = post;
  const answer = await calling('chat.postMessage', () =>
    web.chat.postMessage({
      ...VERBATIM,
      channel,
      text,
      ...(blocks === undefined ? {} : { blocks }),
      ...(thread_ts === undefined ? {} : { thread_ts }),
      unfurl_links: false,
      unfurl_media: false,
      metadata: { event_type: EVENT_TYPE, event_payload: { request_id: key.request_id, key: key.key } },
    }),
  );
  const { channel: where, ts } = readAnswer('chat.postMessage', posted, answer);
  return { channel: where, ts };
}

/**
 * Posts unless the message stands there already. For every attempt but the first: the first one's answer may
 * have been lost, not its message.
 *
 * @param oldest no earlier than this was it posted
 */
export async function adoptOrPost(slack: Slack, post: Post, oldest: Date): Promise<PostedMessage> {
  return (await findPosted(slack, post, oldest)) ?? (await postMessage(slack, post));
}

const page = z.object({
  messages: z.array(
    z.object({
      ts: z.string(),
      user: z.string().optional(),
      // Another app's metadata may look like anything.
      metadata: z.unknown().optional(),
    }),
  ),
  response_metadata: z.object({ next_cursor: z.string().optional() }).optional(),
});

const ours = z.object({
  event_type: z.literal(EVENT_TYPE),
  event_payload: z.object({ request_id: z.string(), key: z.string() }),
});

/** The app's own message under a key; null where there is none. Anybody else's with that key is not taken. */
export async function findPosted(
  slack: Slack,
  { channel, thread_ts, key }: Pick<Post, 'channel' | 'thread_ts' | 'key'>,
  oldest: Date,
): Promise<PostedMessage | null> {
  const { user } = await whoAmI(slack);
  let cursor: string | undefined;
  do {
    const { messages, response_metadata } = await readPage(slack, { channel, thread_ts, oldest, cursor });
    const found = messages.find((message) => message.user === user && isKeyed(message.metadata, key));
    if (found !== undefined) return { channel, ts: found.ts };
    cursor = response_metadata?.next_cursor || undefined;
  } while (cursor !== undefined);
  return null;
}

interface PageQuery {
  readonly channel: string;
  readonly thread_ts: string | undefined;
  readonly oldest: Date;
  readonly cursor: string | undefined;
}

/** A channel's history has no thread replies, so those are read from their thread. */
async function readPage({ web }: Slack, { channel, thread_ts, oldest, cursor }: PageQuery) {
  const query = {
    channel,
    oldest: (oldest.getTime() / 1000).toFixed(6),
    inclusive: true,
    include_all_metadata: true,
    limit: 200,
    ...(cursor === undefined ? {} : { cursor }),
  };
  if (thread_ts === undefined) {
    const answer = await calling('conversations.history', () => web.conversations.history(query));
    return readAnswer('conversations.history', page, answer);
  }
  const answer = await calling('conversations.replies', () =>
    web.conversations.replies({ ...query, ts: thread_ts }),
  );
  return readAnswer('conversations.replies', page, answer);
}

function isKeyed(metadata: unknown, { request_id, key }: MessageKey): boolean {
  const { success, data } = ours.safeParse(metadata);
  return success && data.event_payload.request_id === request_id && data.event_payload.key === key;
}

/** Repaints a message of ours, wholly. */
export async function updateMessage(
  { web }: Slack,
  { channel, ts, text, blocks }: PostedMessage & { readonly text: string; readonly blocks: KnownBlock[] },
): Promise<void> {
  await calling('chat.update', () => web.chat.update({ ...VERBATIM, channel, ts, text, blocks }));
}

/** Says something to one person alone, where they clicked. It may not arrive, and it does not stay. */
export async function whisper(
  { web }: Slack,
  { channel, user, text, thread_ts }: { channel: string; user: string; text: string; thread_ts?: string },
): Promise<void> {
  await calling('chat.postEphemeral', () =>
    web.chat.postEphemeral({
      ...VERBATIM,
      channel,
      user,
      text,
      ...(thread_ts === undefined ? {} : { thread_ts }),
    }),
  );
}

const opened = z.object({ channel: z.object({ id: z.string() }) });

/** The channel of one's direct messages with a user. */
export async function openDirect({ web }: Slack, user: string): Promise<string> {
  const answer = await calling('conversations.open', () => web.conversations.open({ users: user }));
  return readAnswer('conversations.open', opened, answer).channel.id;
}
