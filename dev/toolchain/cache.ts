/**
 * The project's own cache of binaries below the user's cache directory:
 *
 *     <XDG_CACHE_HOME or ~/.cache>/assent/<tool>/<key>/<tool>
 *     <XDG_CACHE_HOME or ~/.cache>/assent/<tool>/<key>/<tool>.sha256
 *
 * An entry is one directory that appears whole by a rename, so two processes at once can't corrupt it; a
 * binary that doesn't match the hash beside it counts as absent.
 */
import { createHash, randomUUID } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { chmod, mkdir, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { homedir } from 'node:os';
import { dirname, join } from 'node:path';
import { pipeline } from 'node:stream/promises';

/** Where entries live. A relative XDG_CACHE_HOME is ignored, as its specification demands. */
export function cacheRoot(env: NodeJS.ProcessEnv): string {
  const base = env.XDG_CACHE_HOME?.startsWith('/') ? env.XDG_CACHE_HOME : join(homedir(), '.cache');
  return join(base, 'assent');
}

/** Path of the cached binary, or undefined if there is none whose bytes are those that were stored. */
export async function cachedBinary(root: string, tool: string, key: string): Promise<string | undefined> {
  const path = join(root, tool, key, tool);
  try {
    const expected = (await readFile(`${path}.sha256`, 'utf8')).trim();
    return (await sha256(path)) === expected ? path : undefined;
  } catch (error) {
    if (isMissing(error)) return undefined;
    throw error;
  }
}

/** A new empty directory on the cache's file system; whoever asks for it removes it. */
export async function stagingDirectory(root: string): Promise<string> {
  const path = join(root, `.staging-${randomUUID()}`);
  await mkdir(path, { recursive: true });
  return path;
}

/** Moves a file of a staging directory into the cache and returns its path there. */
export async function storeBinary(root: string, tool: string, key: string, file: string): Promise<string> {
  const entry = join(root, tool, key);
  const staged = await stagingDirectory(root);
  try {
    const binary = join(staged, tool);
    await rename(file, binary);
    await chmod(binary, 0o755);
    await writeFile(`${binary}.sha256`, `${await sha256(binary)}\n`);
    await mkdir(dirname(entry), { recursive: true });
    return await placeEntry(root, tool, key, staged);
  } finally {
    await rm(staged, { recursive: true, force: true });
  }
}

async function placeEntry(root: string, tool: string, key: string, staged: string): Promise<string> {
  const entry = join(root, tool, key);
  for (;;) {
    try {
      await rename(staged, entry);
      return join(entry, tool);
    } catch (error) {
      if (!isOccupied(error)) throw error;
    }
    const winner = await cachedBinary(root, tool, key);
    if (winner !== undefined) return winner;
    await removeEntry(root, entry);
  }
}

/** Out of the way by one rename, so that nobody ever sees half an entry; another process may be doing the same. */
async function removeEntry(root: string, entry: string): Promise<void> {
  const aside = join(root, `.staging-${randomUUID()}`);
  try {
    await rename(entry, aside);
  } catch (error) {
    if (isMissing(error)) return;
    throw error;
  }
  await rm(aside, { recursive: true, force: true });
}

async function sha256(path: string): Promise<string> {
  const hash = createHash('sha256');
  await pipeline(createReadStream(path, { highWaterMark: 1 << 20 }), hash);
  return hash.digest('hex');
}

function errorCode(error: unknown): unknown {
  return error instanceof Error && 'code' in error ? error.code : undefined;
}

function isMissing(error: unknown): boolean {
  return errorCode(error) === 'ENOENT';
}

function isOccupied(error: unknown): boolean {
  return errorCode(error) === 'ENOTEMPTY' || errorCode(error) === 'EEXIST';
}
