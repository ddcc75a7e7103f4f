/** What of an answer is kept: a few headers, and as much of the body as the agent is given. */
import { createHash } from 'node:crypto';
import type { IncomingMessage } from 'node:http';
import type { Digest, JsonObject } from '../../approval/types.ts';
import { MAX_SECRET, type Secret } from './listed.ts';

/** Escaped at its worst, it still fits into a result. */
const KEPT_BYTES = 32 * 1024;
/** Beyond what is kept, so that a secret is recognised that the limit would cut through; encoded, it has three times its length. */
const SEEN_BYTES = KEPT_BYTES + 3 * MAX_SECRET;
const READ_BYTES = 8 * 1024 * 1024;

const HEADERS = [
  'content-encoding',
  'content-length',
  'content-type',
  'etag',
  'last-modified',
  'link',
  'location',
  'request-id',
  'retry-after',
  'x-request-id',
] as const;

export interface ReadBody {
  /** How many were read: all of them where `complete`. */
  readonly bytes: number;
  /** Of the bytes that were read. */
  readonly sha256: Digest;
  readonly complete: boolean;
  /** The first of them: what is kept, and some more. */
  readonly seen: Buffer;
}

export interface Answer {
  readonly status: number;
  readonly headers: Readonly<Record<string, string | undefined>>;
  readonly body: ReadBody;
}

/** Stops reading at 8 MiB; throws where the answer breaks off. */
export async function readBody(response: IncomingMessage): Promise<ReadBody> {
  const hash = createHash('sha256');
  const seen: Buffer[] = [];
  let bytes = 0;
  let complete = true;
  const chunks: AsyncIterable<Buffer> = response;
  for await (const chunk of chunks) {
    const taken = chunk.subarray(0, READ_BYTES - bytes);
    hash.update(taken);
    if (bytes < SEEN_BYTES) seen.push(taken.subarray(0, SEEN_BYTES - bytes));
    bytes += taken.byteLength;
    if (taken.byteLength < chunk.byteLength) {
      complete = false;
      break;
    }
  }
  return { bytes, sha256: `sha256:${hash.digest('hex')}`, complete, seen: Buffer.concat(seen) };
}

export interface Hop {
  readonly status: number;
  readonly url: string;
}

/** What the agent is given. An answer that repeats a secret is withheld, with the headers that do. */
export function resultOf(
  { status, headers, body }: Answer,
  {
    url,
    hops,
    secrets,
  }: { readonly url: string; readonly hops: readonly Hop[]; readonly secrets: readonly Secret[] },
): JsonObject {
  const repeats = (text: string) => repeatsSecret(text, secrets);
  const shown = HEADERS.flatMap((name) => {
    const value = headers[name];
    return value === undefined || repeats(value) ? [] : [[name, value] as const];
  });
  const withheld = repeats(body.seen.toString('latin1'));
  const text = withheld ? null : textOf(body.seen.subarray(0, KEPT_BYTES));
  return {
    status,
    url,
    hops: hops.map((hop) => ({ ...hop })),
    headers: Object.fromEntries(shown),
    body: {
      bytes: body.bytes,
      sha256: body.sha256,
      complete: body.complete,
      text,
      cut: text !== null && body.bytes > KEPT_BYTES,
      withheld,
    },
  };
}

/** As it is sent, and as JSON and URLs spell it. */
export function repeatsSecret(text: string, secrets: readonly Secret[]): boolean {
  return secrets.some(({ value }) => {
    const json = JSON.stringify(value).slice(1, -1);
    const spellings = [value, json, json.replaceAll('/', '\\/'), encodeURIComponent(value)];
    return spellings.some((spelling) => text.includes(spelling));
  });
}

/** Null where it is not UTF-8; a character that the limit cut through is left out. */
function textOf(kept: Uint8Array): string | null {
  try {
    return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(kept, { stream: true });
  } catch {
    return null;
  }
}
