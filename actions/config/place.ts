/**
 * The folder of a file below a root, held open, so that no link or rename on the way to it leads elsewhere.
 *
 * Each folder is opened from the one above without following links. Linux reaches what lies in an open folder
 * through /proc/self/fd, whatever becomes of its name; elsewhere names are used, and only folders in which nobody
 * else can rename anything are taken at all.
 */
import { constants } from 'node:fs';
import { type FileHandle, open, realpath, stat } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import type { AssentError } from '../../approval/error.ts';
import { refused } from './refused.ts';

export interface Place {
  /** As the request names it. */
  readonly file: string;
  /** A path of a name in the folder. */
  at(name: string): string;
  /** The file's own name. */
  readonly name: string;
  readonly folder: FileHandle;
  /** @throws AssentError `config_place_refused` where the folder is no longer what its name leads to */
  check(): Promise<void>;
}

const FOLDER = constants.O_RDONLY | constants.O_DIRECTORY | constants.O_NOFOLLOW;

/**
 * @param root absolute
 * @param file relative, plain names joined by `/`
 * @throws AssentError `config_place_refused`, and what `work` throws
 */
export async function within<Result>(
  root: string,
  file: string,
  work: (place: Place) => Promise<Result>,
): Promise<Result> {
  const steps = file.split('/');
  const name = steps.pop() ?? '';
  const path = join(resolve(root), ...steps);
  let folder = await openFolder(file, resolve(root), 'its root');
  try {
    await checkFolder(file, folder, 'its root');
    for (const [index, step] of steps.entries()) {
      const told = steps.slice(0, index + 1).join('/');
      const above = join(resolve(root), ...steps.slice(0, index));
      const next = await openFolder(file, join(inside(folder, above), step), told);
      await folder.close();
      folder = next;
      await checkFolder(file, folder, told);
    }
    const held = folder;
    const check = async () => sameFolder(file, path, held);
    await check();
    return await work({ file, name, folder, at: (entry) => join(inside(held, path), entry), check });
  } finally {
    await folder.close();
  }
}

function inside(folder: FileHandle, path: string): string {
  return process.platform === 'linux' ? `/proc/self/fd/${folder.fd}` : path;
}

async function openFolder(file: string, path: string, told: string): Promise<FileHandle> {
  try {
    return await open(path, FOLDER);
  } catch (error) {
    const code = codeOf(error);
    if (code === 'ELOOP' || code === 'ENOTDIR') throw linked(file, told);
    throw refused('config_place_refused', file, `${told} can't be opened (${code}); check that it is there`);
  }
}

/** Whoever can write to a folder can put anything under the file's name. */
async function checkFolder(file: string, folder: FileHandle, told: string): Promise<void> {
  const { mode, uid } = await folder.stat();
  if ((mode & 0o022) !== 0) {
    throw refused('config_place_refused', file, `others can write to ${told}; chmod go-w`);
  }
  if (uid !== 0 && uid !== process.getuid?.()) {
    throw refused(
      'config_place_refused',
      file,
      `${told} is another user's; chown it to the executor's or root`,
    );
  }
}

async function sameFolder(file: string, path: string, folder: FileHandle): Promise<void> {
  const held = await folder.stat({ bigint: true });
  const named = await stat(path, { bigint: true }).catch((error: unknown) => {
    throw refused('config_place_refused', file, `its folder is gone (${codeOf(error)}); ask again`);
  });
  if (held.dev !== named.dev || held.ino !== named.ino || (await real(file, path)) !== path) {
    throw linked(file, 'its folder');
  }
}

async function real(file: string, path: string): Promise<string> {
  return realpath(path).catch((error: unknown) => {
    throw refused('config_place_refused', file, `its folder is gone (${codeOf(error)}); ask again`);
  });
}

function linked(file: string, told: string): AssentError {
  return refused(
    'config_place_refused',
    file,
    `${told} is no folder of its own: a symbolic link or something else stands in the way; name the real place`,
  );
}

export function codeOf(error: unknown): string {
  if (typeof error !== 'object' || error === null || !('code' in error)) return 'no code';
  return typeof error.code === 'string' ? error.code : 'no code';
}
