/** A guard that follows its two files without a restart. */
import { setTimeout as sleep } from 'node:timers/promises';
import { AssentError } from '../approval/error.ts';
import { type Guard, type GuardFiles, readGuardFiles } from './guard.ts';
import { createReload, type ReloadEvents } from './reload.ts';

export interface WatchOptions extends ReloadEvents {
  /** Between two looks; a new text is taken at the second that finds it. */
  readonly intervalMs: number;
}

export interface GuardWatch {
  /** The last that was found without a fault. */
  current(): Guard;
  close(): void;
}

/**
 * Reads the files over and over: editors and mounted volumes replace them, which no watch of a file survives.
 *
 * @throws AssentError `file_unreadable`, `directory_invalid`, `policy_invalid` of what is found first
 */
export async function watchGuard(files: GuardFiles, options: WatchOptions): Promise<GuardWatch> {
  const { current, offer } = createReload(await readGuardFiles(files), files, options);
  const closing = new AbortController();
  const look = async () => {
    const found = await readGuardFiles(files).catch((error: unknown) => {
      if (error instanceof AssentError) return error;
      throw error;
    });
    if (!closing.signal.aborted) offer(found);
  };
  void follow(look, options.intervalMs, closing.signal);
  return { current, close: () => closing.abort() };
}

async function follow(look: () => Promise<void>, intervalMs: number, closing: AbortSignal): Promise<void> {
  // Whatever else the process does keeps it alive, not this.
  while (await sleep(intervalMs, true, { signal: closing, ref: false }).catch(() => false)) await look();
}
