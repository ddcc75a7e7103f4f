/** A file's lines, one at a time: neither a large file nor a long line is ever held whole. */
import { createReadStream } from 'node:fs';
import { AssentError, MAX_JSON_BYTES } from '../client/vocabulary.ts';

/** Null for a line that is too long, which is passed over without being kept. @throws AssentError `file_unreadable` */
export async function* readLines(file: string): AsyncGenerator<string | null> {
  let kept: Buffer[] = [];
  let bytes = 0;
  const keep = (part: Buffer) => {
    bytes += part.length;
    if (bytes <= MAX_JSON_BYTES) kept.push(part);
    else kept = [];
  };
  const taken = () => {
    const line = bytes > MAX_JSON_BYTES ? null : Buffer.concat(kept).toString();
    [kept, bytes] = [[], 0];
    return line;
  };
  try {
    for await (const chunk of createReadStream(file)) {
      let rest: Buffer = Buffer.from(chunk);
      for (let end = rest.indexOf(10); end >= 0; end = rest.indexOf(10)) {
        keep(rest.subarray(0, end));
        yield taken();
        rest = rest.subarray(end + 1);
      }
      keep(rest);
    }
  } catch (cause) {
    throw new AssentError('file_unreadable', `${file} can't be read: check the path and its permissions.`, {
      cause,
    });
  }
  if (bytes > 0) yield taken();
}
