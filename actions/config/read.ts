/** Reads a small plain file: no link, device, pipe or folder, and nothing that another name leads to as well. */
import { constants, type Stats } from 'node:fs';
import { type FileHandle, open } from 'node:fs/promises';
import { digestOf } from '../../approval/digest.ts';
import type { Digest } from '../../approval/types.ts';
import { codeOf, type Place } from './place.ts';
import { refused } from './refused.ts';

/** In bytes. Larger files are not read by people. */
export const MAX_FILE = 256 * 1024;

export interface Found {
  readonly text: string;
  readonly digest: Digest;
  readonly stats: Stats;
}

/** Without O_NONBLOCK, opening a pipe would wait for its writer. */
const PLAIN = constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK;

/**
 * Null where there is no such file.
 *
 * @throws AssentError `config_file_refused`: a link, no plain file, too large, not UTF-8 text
 */
export async function readPlain({ file, name, at }: Place): Promise<Found | null> {
  let handle: FileHandle;
  try {
    handle = await open(at(name), PLAIN);
  } catch (error) {
    const code = codeOf(error);
    if (code === 'ENOENT') return null;
    const why =
      code === 'ELOOP' ? 'it is a symbolic link; name the real file' : `it can't be opened (${code})`;
    throw refused('config_file_refused', file, why);
  }
  try {
    const stats = await handle.stat();
    refuseOdd(file, stats);
    const bytes = await upTo(handle, MAX_FILE + 1);
    if (bytes.byteLength > MAX_FILE) {
      throw refused('config_file_refused', file, `it has more than ${MAX_FILE} bytes; name a smaller one`);
    }
    return { text: textOf(file, bytes), digest: digestOf(bytes), stats };
  } finally {
    await handle.close();
  }
}

function refuseOdd(file: string, stats: Stats): void {
  if (!stats.isFile()) throw refused('config_file_refused', file, 'it is no plain file; name one');
  if (stats.nlink !== 1) {
    throw refused(
      'config_file_refused',
      file,
      'it has another name, too (a hard link); make it a file of its own',
    );
  }
}

/** Never more than this, whatever size a file says it has. */
async function upTo(handle: FileHandle, limit: number): Promise<Buffer> {
  const buffer = Buffer.alloc(limit);
  let filled = 0;
  for (;;) {
    const { bytesRead } = await handle.read(buffer, filled, limit - filled, filled);
    filled += bytesRead;
    if (bytesRead === 0 || filled === limit) return buffer.subarray(0, filled);
  }
}

function textOf(file: string, bytes: Uint8Array): string {
  try {
    const text = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes);
    if (!text.includes('\0')) return text;
  } catch {
    throw refused('config_file_refused', file, 'it is not UTF-8; save it as UTF-8');
  }
  throw refused('config_file_refused', file, 'it holds a NUL, so it is no text; name a text file');
}
