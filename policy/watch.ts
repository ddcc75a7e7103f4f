/** A guard that follows its two files without a restart: both change at once, or neither does. */
import { setTimeout as sleep } from 'node:timers/promises';
import { AssentError } from '../approval/error.ts';
import { type Guard, type GuardFiles, guardOf, readGuardFiles } from './guard.ts';

export interface WatchOptions {
  readonly intervalMs: number;
  /** What was found is refused, and the guard stays as it is; said once for each text. */
  onError(error: AssentError): void;
  onChange(guard: Guard): void;
}

export interface GuardWatch {
  /** The last that was found without a fault. */
  current(): Guard;
  close(): void;
}

/**
 * Reads the files over and over: editors and mounted volumes replace them, which no watch of a file survives. A text
 * is taken when it is found twice in turn, so that none is taken half written.
 *
 * @throws AssentError `file_unreadable`, `directory_invalid`, `policy_invalid` of what is found first
 */
export async function watchGuard(files: GuardFiles, options: WatchOptions): Promise<GuardWatch> {
  const first = await readGuardFiles(files);
  const closing = new AbortController();
  let taken = keyOf(first);
  let guard = guardOf(first, files);
  let seen = taken;
  let refused: string | null = null;

  const look = async () => {
    const found = await attempt(() => readGuardFiles(files));
    const key = found instanceof AssentError ? found.message : keyOf(found);
    const settled = key === seen;
    seen = key;
    if (!settled || closing.signal.aborted || key === refused) return;
    if (key === taken) {
      refused = null;
      return;
    }
    const next = found instanceof AssentError ? found : await attempt(async () => guardOf(found, files));
    if (next instanceof AssentError) {
      refused = key;
      options.onError(next);
      return;
    }
    [taken, guard, refused] = [key, next, null];
    options.onChange(next);
  };
  void follow(look, options.intervalMs, closing.signal);
  return { current: () => guard, close: () => closing.abort() };
}

async function follow(look: () => Promise<void>, intervalMs: number, closing: AbortSignal): Promise<void> {
  // Whatever else the process does keeps it alive, not this.
  while (await sleep(intervalMs, true, { signal: closing, ref: false }).catch(() => false)) await look();
}

async function attempt<T>(act: () => Promise<T>): Promise<T | AssentError> {
  try {
    return await act();
  } catch (error) {
    if (error instanceof AssentError) return error;
    throw error;
  }
}

function keyOf({ policy, directory }: GuardFiles): string {
  return JSON.stringify([policy, directory]);
}
