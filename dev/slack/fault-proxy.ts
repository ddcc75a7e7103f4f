/**
 * A proxy in front of a Slack's Web API that makes it behave as Slack does on a bad day, one call at a time, and
 * that says of people and channels what the local servers can't (deleted, guest, stranger, shared …).
 */
import { once } from 'node:events';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import { setTimeout } from 'node:timers/promises';
import { z } from 'zod';

/** What happens to one call. */
export type Fault =
  /** HTTP 429 with Retry-After; Slack never sees the call. */
  | { readonly kind: 'rate_limited'; readonly retryAfterSeconds: number }
  /** An HTTP status such as 500 with no JSON; Slack never sees the call. */
  | { readonly kind: 'http'; readonly status: number }
  /** `{ok: false, error}`, as Slack refuses a call. */
  | { readonly kind: 'refused'; readonly error: string }
  /** Slack does it, and the connection drops before the answer. */
  | { readonly kind: 'lost_response' }
  /** Slack does it at once, and the answer comes late. */
  | { readonly kind: 'slow'; readonly ms: number };

type Flags = Readonly<Record<string, unknown>>;

export interface Faults {
  /** The next call of the method (`chat.postMessage`) not yet spoken for meets this; several queue up. */
  next(method: string, fault: Fault): void;
  /** From now on `users.info` of this user has these fields on top, e.g. `{is_restricted: true}`. */
  user(id: string, flags: Flags): void;
  /** From now on `conversations.info` of this channel has these fields on top, e.g. `{is_ext_shared: true}`. */
  channel(id: string, flags: Flags): void;
  /** Forgets all faults and flags. */
  clear(): void;
}

export interface FaultProxy {
  /** Base of the Web API with a slash at its end, in place of the target's. */
  readonly url: string;
  readonly faults: Faults;
  /** Methods called so far, oldest first, refused and lost ones among them. */
  readonly calls: readonly string[];
  stop(): Promise<void>;
}

/** @param target base of the Web API to stand in front of, with a slash at its end */
export async function startFaultProxy(target: string): Promise<FaultProxy> {
  const queued = new Map<string, Fault[]>();
  const overrides = new Map<string, Flags>();
  const calls: string[] = [];

  const answer = async (request: IncomingMessage, response: ServerResponse) => {
    const method = new URL(request.url ?? '/', target).pathname.split('/').at(-1) ?? '';
    const body = Buffer.concat(await request.toArray());
    calls.push(method);
    const fault = queued.get(method)?.shift();
    if (fault?.kind === 'rate_limited')
      return response.writeHead(429, { 'retry-after': `${fault.retryAfterSeconds}` }).end();
    if (fault?.kind === 'http') return response.writeHead(fault.status).end('unavailable');
    if (fault?.kind === 'refused')
      return sendJson(response, JSON.stringify({ ok: false, error: fault.error }));
    const text = withFlags(method, await forward(target, method, request, body), overrides);
    if (fault?.kind === 'lost_response') return request.socket.destroy();
    if (fault?.kind === 'slow') await setTimeout(fault.ms);
    return sendJson(response, text);
  };

  const server = createServer((request, response) => {
    answer(request, response).catch((error: unknown) => response.writeHead(502).end(String(error)));
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = z.object({ port: z.number() }).parse(server.address());
  return {
    url: `http://127.0.0.1:${address.port}/api/`,
    calls,
    faults: {
      next: (method, fault) => queued.set(method, [...(queued.get(method) ?? []), fault]),
      user: (id, flags) => overrides.set(id, flags),
      channel: (id, flags) => overrides.set(id, flags),
      clear: () => {
        queued.clear();
        overrides.clear();
      },
    },
    stop: async () => {
      server.close();
      server.closeAllConnections();
      await once(server, 'close');
    },
  };
}

async function forward(
  target: string,
  method: string,
  request: IncomingMessage,
  body: Buffer,
): Promise<string> {
  const headers = new Headers();
  for (const name of ['content-type', 'authorization']) {
    const value = request.headers[name];
    if (typeof value === 'string') headers.set(name, value);
  }
  const { search } = new URL(request.url ?? '/', target);
  const verb = request.method ?? 'POST';
  const sent = verb === 'GET' ? { method: verb, headers } : { method: verb, headers, body };
  return await (await fetch(new URL(method + search, target), sent)).text();
}

const described: Readonly<Record<string, string>> = { 'users.info': 'user', 'conversations.info': 'channel' };

function withFlags(method: string, text: string, overrides: ReadonlyMap<string, Flags>): string {
  const field = described[method];
  if (field === undefined || overrides.size === 0) return text;
  const answer = z.record(z.string(), z.unknown()).parse(JSON.parse(text));
  const { data } = z.looseObject({ id: z.string() }).safeParse(answer[field]);
  if (data === undefined) return text;
  return JSON.stringify({ ...answer, [field]: { ...data, ...overrides.get(data.id) } });
}

function sendJson(response: ServerResponse, text: string): void {
  response.writeHead(200, { 'content-type': 'application/json; charset=utf-8' }).end(text);
}
