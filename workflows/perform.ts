/** Performing: the action is executed, at most once; what holds it is waited for. */
import {
  ActivityFailure,
  ApplicationFailure,
  CancellationScope,
  isCancellation,
  sleep,
  TimeoutFailure,
} from '@temporalio/workflow';
import type { Digest, Envelope, Outcome, Resolution } from '../approval/types.ts';
import type { Ending } from './ending.ts';
import { type Hearing, hear, hearing } from './hear.ts';
import type { Inbox } from './inbox.ts';
import type { Closing, Executed, Ruling } from './messages.ts';
import type { Progress } from './progress.ts';
import { executeOn } from './proxies.ts';

export interface Performance {
  readonly request: Envelope;
  readonly ruling: Ruling;
  readonly preview_digest: Digest | null;
}

/** An allowed request is fresh for five minutes. */
const ALLOWED_WAIT_SECONDS = 300;
/** Nothing waits for ever. */
const LONGEST_HOLD_MS = 7 * 24 * 3600 * 1000;
/** A freeze's end is signalled; this is for a signal that was lost. It doubles up to an hour. */
const FIRST_LOOK_MS = 15_000;
const LAST_LOOK_MS = 3_600_000;
/** An executor that says at once that it may be tried again is not tried at once. */
const SHORTEST_HOLD_MS = 1000;

/** The ending; or, where people are to be asked anew, the refusal that says of what. */
export async function perform(
  { request, ruling, preview_digest }: Performance,
  inbox: Inbox,
  progress: Progress,
): Promise<Ending> {
  const question: Hearing = { request, inbox, preview_digest, rule_digest: ruling.rule_digest };
  const latest = Date.now() + LONGEST_HOLD_MS;
  for (let tries = 0; ; tries++) {
    progress.enters('executing');
    const ending = await hearing(question, () => execute(request, ruling, progress));
    const again = ending.executed?.again ?? null;
    if (again?.how !== 'hold') return ending;
    if (Date.now() >= latest) return { ...ending, code: 'held_too_long', closing: 'not_executed' };
    progress.holds(ending.code, again.until);
    const patience = Math.min(LAST_LOOK_MS, FIRST_LOOK_MS * 2 ** tries);
    const wait = again.until === null ? patience : Date.parse(again.until) - Date.now();
    const ended = await held(question, Math.max(SHORTEST_HOLD_MS, wait));
    if (ended !== null) return ended;
  }
}

/** Waits, and hears; null when another try has sense. */
async function held(question: Hearing, milliseconds: number): Promise<Ending | null> {
  await question.inbox.arrives(milliseconds, 'held: tried again after this');
  if (question.inbox.flooded()) {
    return { ...NOT_EXECUTED, resolution: 'flooded', code: 'flooded', closing: 'flooded' };
  }
  const { withdrawal } = await hear(question);
  if (withdrawal === null) return null;
  const { reason } = withdrawal;
  return { ...NOT_EXECUTED, resolution: 'withdrawn', code: 'withdrawn', reason };
}

const NOT_EXECUTED = { outcome: 'not_executed', reason: null, executed: null, closing: null } as const;

/** One try. Without the executor's word the outcome is unknown. */
async function execute(request: Envelope, ruling: Ruling, progress: Progress): Promise<Ending> {
  const waitSeconds =
    ruling.requirement === null
      ? ALLOWED_WAIT_SECONDS
      : (ruling.release?.grant_ttl_seconds ?? ALLOWED_WAIT_SECONDS);
  const ending = { resolution: 'approved', executed: null, closing: null } as const;
  try {
    const executed = await executeOn(ruling.task_queue, ruling.max_seconds, waitSeconds)({ request });
    return endingOf(executed);
  } catch (error) {
    if (neverStarted(error)) {
      return {
        ...NOT_EXECUTED,
        ...ending,
        code: 'executor_absent',
        reason: wordsOf(error),
        closing: 'not_executed',
      };
    }
    // Only when the Start's own deadline has passed does the book call it unknown; till then it may be running.
    progress.enters('unanswered');
    await CancellationScope.nonCancellable(() =>
      sleep(ruling.max_seconds * 1000, { summary: 'no word from the executor: unknown after this' }),
    );
    return { ...ending, outcome: 'unknown', code: 'executor_silent', reason: wordsOf(error) };
  }
}

function endingOf(executed: Executed): Ending {
  const { code, reason } = executed;
  const outcome = outcomeOf(executed);
  const resolution = resolutionOf(executed);
  const closing = outcome === 'not_executed' ? closingOf(executed, resolution) : null;
  return { resolution, outcome, code, reason, executed, closing };
}

/** What stands in the book closes by itself; what policy denies must stay closed when policy changes again. */
function closingOf({ step }: Executed, resolution: Resolution): Closing | null {
  if (step === 'policy') return 'denied';
  return resolution === 'approved' ? 'not_executed' : null;
}

function resolutionOf({ outcome, step, code }: Executed): Resolution {
  if (outcome !== 'refused') return 'approved';
  // Whatever people approved before, policy denies it as of now.
  return step === 'policy' ? 'denied' : (ENDED_BY[code] ?? 'approved');
}

/** What the executor found in the book, though its signal has not come here. */
const ENDED_BY: Readonly<Record<string, Resolution>> = { denied: 'denied', withdrawn: 'withdrawn' };

/** What was executed before, by another run, did not come to nothing: the book says how it ended. */
function outcomeOf({ outcome, code }: Executed): Outcome {
  if (outcome !== 'refused') return outcome;
  return code === 'already_consumed' ? 'unknown' : 'not_executed';
}

function neverStarted(error: unknown): boolean {
  if (isCancellation(error)) return false;
  const cause = error instanceof ActivityFailure ? error.cause : undefined;
  return cause instanceof TimeoutFailure && cause.timeoutType === 'SCHEDULE_TO_START';
}

export function wordsOf(error: unknown): string {
  const cause = error instanceof ActivityFailure ? error.cause : error;
  if (cause instanceof ApplicationFailure) return `${cause.type ?? 'error'}: ${cause.message}`;
  return cause instanceof Error ? cause.message : String(cause);
}
