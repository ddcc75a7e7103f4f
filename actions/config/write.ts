/** Puts a file's new text in the place of the old one, whole or not at all, and only of the old one. */
import { randomUUID } from 'node:crypto';
import { closeSync, constants, fstatSync, linkSync, openSync, readFileSync, renameSync } from 'node:fs';
import { type FileHandle, lstat, open, readdir, rm } from 'node:fs/promises';
import { digestOf } from '../../approval/digest.ts';
import { AssentError } from '../../approval/error.ts';
import type { Digest } from '../../approval/types.ts';
import { codeOf, type Place } from './place.ts';
import { type Found, MAX_FILE } from './read.ts';
import { changed, refused } from './refused.ts';

/** A file that is new is the executor's own. */
const NEW_MODE = 0o600;
const LEFTOVER_MS = 60 * 60 * 1000;

/**
 * Mode and owner stay those of the file before.
 *
 * @param before null where there is no file yet
 * @throws AssentError `precondition_failed`, `config_place_refused`, `config_write_failed`: nothing has changed;
 *   `config_write_unsure`: it has, and the disk would not say that it will last
 */
export async function replace(place: Place, before: Found | null, text: string): Promise<void> {
  const { file, name, folder } = place;
  const sure = written(file, 'config_write_failed', 'it stays as it was');
  const unsure = written(file, 'config_write_unsure', 'it was changed, which a power cut could still undo');
  await sure(sweep(place));
  const temporary = place.at(`.${name}.${randomUUID()}.partial`);
  const handle = await sure(open(temporary, 'wx', NEW_MODE));
  try {
    await sure(fill(handle, before, text));
    await place.check();
    swap(place, before?.digest ?? null, temporary);
    await unsure(folder.sync());
  } finally {
    await handle.close();
    await rm(temporary, { force: true });
  }
}

/** What a crash has left of earlier attempts; a younger file could be another executor's at work. */
async function sweep({ name, at }: Place): Promise<void> {
  const oldest = Date.now() - LEFTOVER_MS;
  for (const entry of await readdir(at('.'))) {
    if (!entry.startsWith(`.${name}.`) || !/\.[0-9a-f-]{36}\.partial$/u.test(entry)) continue;
    const { mtimeMs } = await lstat(at(entry));
    if (mtimeMs < oldest) await rm(at(entry), { force: true });
  }
}

async function fill(handle: FileHandle, before: Found | null, text: string): Promise<void> {
  if (before !== null) {
    const { uid, gid, mode } = before.stats;
    const own = await handle.stat();
    if (own.uid !== uid || own.gid !== gid) await handle.chown(uid, gid);
    await handle.chmod(mode & 0o7777);
  }
  await handle.writeFile(text);
  await handle.sync();
}

/** The last look and the rename in one go: nothing else in this process comes in between. */
function swap(place: Place, before: Digest | null, temporary: string): void {
  const { file, name, at } = place;
  try {
    if (before === null) {
      // Unlike a rename, a link never replaces what is there.
      linkSync(temporary, at(name));
    } else {
      if (digestNow(at(name)) !== before) throw changed(file);
      renameSync(temporary, at(name));
    }
  } catch (error) {
    if (error instanceof AssentError) throw error;
    const gone = ['EEXIST', 'ENOENT', 'ELOOP'].includes(codeOf(error));
    throw gone ? changed(file) : failed(file, 'config_write_failed', 'it stays as it was', error);
  }
}

function digestNow(path: string): Digest | null {
  const fd = openSync(path, constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK);
  try {
    const stats = fstatSync(fd);
    return stats.isFile() && stats.size <= MAX_FILE ? digestOf(readFileSync(fd)) : null;
  } finally {
    closeSync(fd);
  }
}

function written(file: string, code: string, state: string) {
  return async <Result>(work: Promise<Result>): Promise<Result> =>
    work.catch((error: unknown) => {
      throw failed(file, code, state, error);
    });
}

function failed(file: string, code: string, state: string, error: unknown): AssentError {
  return refused(
    code,
    file,
    `${state}, for writing failed (${codeOf(error)}); check the disk, and that the executor may keep the file's owner and write to its folder`,
  );
}
