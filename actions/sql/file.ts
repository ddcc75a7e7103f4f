/** A new file below a root, whole or not at all: it appears under its name when every byte is on the disk. */
import { createHash, randomUUID } from 'node:crypto';
import { type FileHandle, link, lstat, open, realpath, rm, stat } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { AssentError } from '../../approval/error.ts';
import type { Digest } from '../../approval/types.ts';

export interface Written<Result> {
  readonly result: Result;
  readonly sha256: Digest;
  readonly bytes: number;
}

/**
 * Fills a temporary file, and gives it its name when `fill` has returned.
 *
 * @param name a file name without a folder
 * @throws AssentError `file_exists`, `export_root_refused`, `export_write_failed`, and what `fill` throws
 */
export async function writeWhole<Result>(
  root: string,
  name: string,
  fill: (write: (text: string) => Promise<void>) => Promise<Result>,
): Promise<Written<Result>> {
  await checkPlace(root, name);
  const temporary = join(root, `.${name}.${randomUUID()}.partial`);
  // Exclusive creation follows no symbolic link.
  const handle = await disk(name, open(temporary, 'wx', 0o600));
  try {
    const written = await filled(handle, name, fill);
    await disk(name, handle.sync());
    // Unlike a rename, a link never replaces what is there.
    await disk(name, link(temporary, join(root, name)));
    return written;
  } finally {
    await handle.close();
    await rm(temporary, { force: true });
    await syncFolder(root, name);
  }
}

/** @throws AssentError `file_exists`, `export_root_refused` */
export async function checkPlace(root: string, name: string): Promise<void> {
  const { real, mode } = await disk(name, describeRoot(root));
  if (real !== resolve(root)) {
    throw refusedRoot(`${root} leads through a symbolic link; configure ${real}`);
  }
  if ((mode & 0o022) !== 0) throw refusedRoot(`others can write to ${root}; chmod go-w`);
  const taken = await lstat(join(root, name)).catch((error: unknown) => {
    if (codeOf(error) === 'ENOENT') return null;
    throw writeFailed(name, error);
  });
  if (taken !== null) throw exists(name);
}

async function describeRoot(root: string): Promise<{ real: string; mode: number }> {
  const real = await realpath(root);
  const found = await stat(real);
  if (!found.isDirectory()) throw refusedRoot(`${root} is not a directory`);
  return { real, mode: found.mode };
}

async function filled<Result>(
  handle: FileHandle,
  name: string,
  fill: (write: (text: string) => Promise<void>) => Promise<Result>,
): Promise<Written<Result>> {
  const hash = createHash('sha256');
  let bytes = 0;
  const result = await fill(async (text) => {
    const chunk = Buffer.from(text);
    // Writes on until the last byte, where a plain write may stop short.
    await disk(name, handle.writeFile(chunk));
    hash.update(chunk);
    bytes += chunk.byteLength;
  });
  return { result, sha256: `sha256:${hash.digest('hex')}`, bytes };
}

/** So that the name, too, survives a power cut. */
async function syncFolder(root: string, name: string): Promise<void> {
  const folder = await disk(name, open(root, 'r'));
  try {
    await disk(name, folder.sync());
  } finally {
    await folder.close();
  }
}

async function disk<Result>(name: string, work: Promise<Result>): Promise<Result> {
  try {
    return await work;
  } catch (error) {
    throw error instanceof AssentError ? error : writeFailed(name, error);
  }
}

function writeFailed(name: string, error: unknown): AssentError {
  const code = codeOf(error);
  if (code === 'EEXIST') return exists(name);
  return new AssentError(
    'export_write_failed',
    `The file ${name} cannot be written (${code}); check the executor's export directory and its disk.`,
  );
}

function exists(name: string): AssentError {
  return new AssentError('file_exists', `The file ${name} is already there; export under another name.`);
}

function refusedRoot(words: string): AssentError {
  return new AssentError('export_root_refused', `The executor's export directory is refused: ${words}.`);
}

function codeOf(error: unknown): string {
  if (typeof error !== 'object' || error === null || !('code' in error)) return 'no code';
  return typeof error.code === 'string' ? error.code : 'no code';
}
