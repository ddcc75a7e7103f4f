/** What a command says on one of its outputs: counted and digested to the last byte, kept up to a limit. */
import { createHash } from 'node:crypto';
import type { Readable } from 'node:stream';
import type { Digest, JsonObject } from '../../approval/types.ts';

export interface Output {
  /** Of all bytes that were said. */
  readonly bytes: number;
  readonly sha256: Digest;
  /** False where the output was still open when the command had ended, so that more may have been said. */
  readonly ended: boolean;
  readonly head: Buffer;
}

export interface Listening {
  readonly done: Promise<void>;
  /** Reads no more. */
  stop(): void;
  output(): Output;
}

/** All that is said is read, so that a command never waits for a reader. */
export function listen(stream: Readable, limit: number): Listening {
  const hash = createHash('sha256');
  const chunks: Buffer[] = [];
  let [bytes, kept, ended] = [0, 0, false];
  stream.on('data', (chunk: Buffer) => {
    hash.update(chunk);
    bytes += chunk.byteLength;
    const head = chunk.subarray(0, limit - kept);
    if (head.byteLength > 0) chunks.push(Buffer.from(head));
    kept += head.byteLength;
  });
  const { promise: done, resolve } = Promise.withResolvers<void>();
  stream.once('end', () => {
    ended = true;
  });
  stream.once('close', () => resolve());
  // A broken pipe is the end of what is heard; `ended` stays false.
  stream.once('error', () => resolve());
  return {
    done,
    stop: () => stream.destroy(),
    output: () => ({
      bytes,
      sha256: `sha256:${hash.copy().digest('hex')}`,
      ended,
      head: Buffer.concat(chunks),
    }),
  };
}

/** Control characters take six bytes each in JSON; two outputs must fit into one result. */
const MAX_JSON = 96 * 1024;

/** With `text` where it is to be kept; `cut` says that more was said, `replaced` that bytes were no UTF-8. */
export function report({ bytes, sha256, ended, head }: Output, keep: boolean): JsonObject {
  if (!keep) return { bytes, sha256, ended };
  let kept = wholeCharacters(head, head.byteLength < bytes);
  while (Buffer.byteLength(JSON.stringify(kept.toString('utf8'))) > MAX_JSON) {
    kept = wholeCharacters(kept.subarray(0, Math.floor(kept.byteLength / 2)), true);
  }
  const text = kept.toString('utf8');
  const replaced = !Buffer.from(text, 'utf8').equals(kept);
  const cut = !ended || kept.byteLength < bytes;
  return { bytes, sha256, ended, kept: kept.byteLength, cut, replaced, text };
}

/** Where bytes are cut off, a character that the cut would split goes, too. */
function wholeCharacters(bytes: Buffer, cut: boolean): Buffer {
  if (!cut) return bytes;
  for (let back = 1; back <= Math.min(3, bytes.byteLength); back++) {
    const byte = bytes[bytes.byteLength - back] ?? 0;
    if ((byte & 0xc0) === 0x80) continue;
    const length = byte >= 0xf0 ? 4 : byte >= 0xe0 ? 3 : byte >= 0xc0 ? 2 : 1;
    return length > back ? bytes.subarray(0, bytes.byteLength - back) : bytes;
  }
  return bytes;
}
