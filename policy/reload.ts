/** Which of the texts found in turn becomes the guard: both files change at once, or neither does. */
import { AssentError } from '../approval/error.ts';
import { type Guard, type GuardFiles, guardOf } from './guard.ts';

export interface ReloadEvents {
  /** What was found is refused, and the guard stays as it is; said once for each text. */
  onError(error: AssentError): void;
  onChange(guard: Guard): void;
}

export interface Reload {
  /** The last that was found without a fault. */
  current(): Guard;
  /** What one look found: the texts, or why there are none. A text is taken when it is found twice in turn. */
  offer(found: GuardFiles | AssentError): void;
}

/**
 * @param first the texts to begin with
 * @param files how faults name them
 * @throws AssentError `directory_invalid`, `policy_invalid` of the first
 */
export function createReload(first: GuardFiles, files: GuardFiles, events: ReloadEvents): Reload {
  let guard = guardOf(first, files);
  let taken = keyOf(first);
  let seen = taken;
  let refused: string | null = null;

  const offer = (found: GuardFiles | AssentError) => {
    const key = keyOf(found);
    // Half of a text can be a whole policy, of which the other half would have asked for more.
    const settled = key === seen;
    seen = key;
    if (!settled || key === refused) return;
    if (key === taken) {
      refused = null;
      return;
    }
    const next = parsed(found, files);
    if (next instanceof AssentError) {
      refused = key;
      events.onError(next);
      return;
    }
    [guard, taken, refused] = [next, key, null];
    events.onChange(next);
  };
  return { current: () => guard, offer };
}

function parsed(found: GuardFiles | AssentError, files: GuardFiles): Guard | AssentError {
  if (found instanceof AssentError) return found;
  try {
    return guardOf(found, files);
  } catch (error) {
    if (error instanceof AssentError) return error;
    throw error;
  }
}

function keyOf(found: GuardFiles | AssentError): string {
  return found instanceof AssentError ? found.message : JSON.stringify([found.policy, found.directory]);
}
