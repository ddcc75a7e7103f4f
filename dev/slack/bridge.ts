/**
 * Stands between the gateway and the local Slack in the development stack: gives its page what it can show, gives
 * people and channels the flags that Slack always tells and the local one doesn't, and keeps messages' metadata.
 */
import { once } from 'node:events';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import { z } from 'zod';
import { readable, withPlainDates } from './readable.ts';

export interface SlackBridge {
  /** Base of the Web API with a slash at its end, in place of the target's. */
  readonly url: string;
  stop(): Promise<void>;
}

/** @param target base of the local Slack's Web API, with a slash at its end */
export async function startSlackBridge(target: string): Promise<SlackBridge> {
  const metadata: Metadata = new Map();
  const answer = async (request: IncomingMessage, response: ServerResponse) => {
    const method = new URL(request.url ?? '/', target).pathname.split('/').at(-1) ?? '';
    const form = new URLSearchParams(Buffer.concat(await request.toArray()).toString());
    const headers = { authorization: request.headers.authorization ?? '' };
    const said = await fetch(new URL(method, target), { method: 'POST', headers, body: shown(form) });
    response.writeHead(said.status, { 'content-type': 'application/json; charset=utf-8' });
    response.end(withMetadata(method, form, flagged(method, await said.text()), metadata));
  };
  const server = createServer((request, response) => {
    answer(request, response).catch((error: unknown) => response.writeHead(502).end(String(error)));
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = z.object({ port: z.number() }).parse(server.address());
  return {
    url: `http://127.0.0.1:${port}/api/`,
    stop: async () => {
      server.close();
      server.closeAllConnections();
      await once(server, 'close');
    },
  };
}

function shown(form: URLSearchParams): URLSearchParams {
  const out = new URLSearchParams(form);
  const text = form.get('text');
  const blocks = form.get('blocks');
  const view = form.get('view');
  if (text !== null) out.set('text', withPlainDates(text));
  if (blocks !== null) out.set('blocks', JSON.stringify(readable(JSON.parse(blocks))));
  if (view !== null) {
    const modal = z.looseObject({ blocks: z.unknown() }).parse(JSON.parse(view));
    out.set('view', JSON.stringify({ ...modal, blocks: readable(modal.blocks) }));
  }
  return out;
}

const FLAGS: Readonly<Record<string, { field: string; flags: Readonly<Record<string, boolean>> }>> = {
  'users.info': { field: 'user', flags: { is_restricted: false, is_ultra_restricted: false } },
  'conversations.info': {
    field: 'channel',
    flags: { is_ext_shared: false, is_pending_ext_shared: false, is_archived: false, is_member: true },
  },
};

/** What the local Slack itself says of somebody wins. */
function flagged(method: string, text: string): string {
  const described = FLAGS[method];
  if (described === undefined) return text;
  const answer = z.record(z.string(), z.unknown()).parse(JSON.parse(text));
  const { success, data } = z.looseObject({ id: z.string() }).safeParse(answer[described.field]);
  if (!success) return text;
  return JSON.stringify({ ...answer, [described.field]: { ...described.flags, ...data } });
}

/** By channel and ts. */
type Metadata = Map<string, unknown>;

const posted = z.looseObject({ ok: z.literal(true), channel: z.string(), ts: z.string() });
const listed = z.looseObject({ messages: z.array(z.looseObject({ ts: z.string() })) });
const LISTS: ReadonlySet<string> = new Set(['conversations.history', 'conversations.replies']);

function withMetadata(method: string, form: URLSearchParams, text: string, kept: Metadata): string {
  const given = form.get('metadata');
  if (method === 'chat.postMessage' && given !== null) {
    const { data } = posted.safeParse(JSON.parse(text));
    if (data !== undefined) kept.set(`${data.channel} ${data.ts}`, JSON.parse(given));
    return text;
  }
  const { data } = LISTS.has(method) ? listed.safeParse(JSON.parse(text)) : { data: undefined };
  if (data === undefined) return text;
  const messages = data.messages.map((message) => {
    const found = kept.get(`${form.get('channel')} ${message.ts}`);
    return found === undefined ? message : { ...message, metadata: found };
  });
  return JSON.stringify({ ...data, messages });
}
