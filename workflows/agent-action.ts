/**
 * The workflow `agentAction`: policy, preview, card, decision, execution, record.
 *
 * It only puts things in order. What it believes decides nothing: the executor verifies everything again.
 */
import {
  ActivityFailure,
  ApplicationFailure,
  CancellationScope,
  isCancellation,
  setWorkflowOptions,
  sleep,
  TimeoutFailure,
} from '@temporalio/workflow';
import type { Outcome, Resolution } from '../approval/types.ts';
import { askPeople } from './ask.ts';
import { hearing } from './hear.ts';
import { openInbox } from './inbox.ts';
import type {
  AgentActionInput,
  AgentActionResult,
  Closing,
  Executed,
  Previewed,
  Ruling,
} from './messages.ts';
import { openProgress, type Progress } from './progress.ts';
import { evaluatePolicy, executeOn, notifyBriefly, previewOn, recordHistory } from './proxies.ts';

/** How a request ended, before it is recorded. */
interface Ending {
  readonly resolution: Resolution;
  readonly outcome: Outcome;
  readonly code: string;
  readonly reason: string | null;
  readonly executed: Executed | null;
  /** What the cards must be told that the book does not say. */
  readonly closing: Closing | null;
}

setWorkflowOptions({ failureExceptionTypes: [Error] }, agentAction);

export async function agentAction({ request }: AgentActionInput): Promise<AgentActionResult> {
  const inbox = openInbox();
  const progress = openProgress();
  const ruling = await evaluatePolicy({ request });

  // What has come of a request is told, even where somebody cancels it now.
  const finish = (ending: Ending, carded: boolean): Promise<AgentActionResult> =>
    CancellationScope.nonCancellable(async () => {
      progress.closes(ruling, ending.resolution, ending.outcome);
      if (carded) await repaint(request, ending.closing);
      await recordHistory().catch(unrecorded);
      await progress.handled();
      return resultOf(ruling, ending);
    });

  if (ruling.effect === 'deny') return finish(refused(ruling.code, ruling.explanation.join(' ')), false);
  if (ruling.effect === 'allow') {
    const question = { request, inbox, preview_digest: null, rule_digest: ruling.rule_digest };
    return hearing(question, async () => finish(await perform(request, ruling, progress), false));
  }

  let carded = false;
  try {
    progress.enters('previewing');
    const preview = await look(request, ruling);
    if (!preview.ok) return await finish(unshown(preview), false);

    progress.enters('delivering');
    carded = true;
    const answer = await askPeople({ request, ruling, preview, inbox, progress });
    if (answer.resolution !== 'approved') return await finish(unexecuted(answer), true);

    progress.resolves('approved');
    const { preview_digest } = preview;
    const question = { request, inbox, preview_digest, rule_digest: ruling.rule_digest };
    return await hearing(question, async () => finish(await perform(request, ruling, progress), true));
  } catch (error) {
    if (!isCancellation(error)) throw error;
    await CancellationScope.nonCancellable(async () => {
      progress.cancelled();
      if (carded) await repaint(request, 'cancelled');
      await recordHistory().catch(unrecorded);
    });
    throw error;
  }
}

/** A preview that fails for good is an answer too: the request can't be shown to anybody. */
async function look(request: AgentActionInput['request'], ruling: Ruling): Promise<Previewed> {
  try {
    return await previewOn(ruling.task_queue, ruling.max_seconds)({ request });
  } catch (error) {
    if (isCancellation(error)) throw error;
    return { ok: false, step: 'preview', code: 'preview_failed', reason: wordsOf(error) };
  }
}

/** Runs the action, at most once. Without the executor's word the outcome is unknown. */
async function perform(
  request: AgentActionInput['request'],
  ruling: Ruling,
  progress: Progress,
): Promise<Ending> {
  progress.enters('executing');
  const waitSeconds = ruling.requirement?.grant_ttl_seconds ?? ALLOWED_WAIT_SECONDS;
  const ending = { resolution: 'approved', executed: null, closing: null } as const;
  try {
    const executed = await executeOn(ruling.task_queue, ruling.max_seconds, waitSeconds)({ request });
    return {
      ...ending,
      outcome: outcomeOf(executed),
      code: executed.code,
      reason: executed.reason,
      executed,
    };
  } catch (error) {
    if (neverStarted(error)) {
      return { ...ending, outcome: 'not_executed', code: 'executor_absent', reason: wordsOf(error) };
    }
    // Only when the Start's own deadline has passed does the book call it unknown; till then it may be running.
    progress.enters('unanswered');
    await CancellationScope.nonCancellable(() =>
      sleep(ruling.max_seconds * 1000, { summary: 'no word from the executor: unknown after this' }),
    );
    return { ...ending, outcome: 'unknown', code: 'executor_silent', reason: wordsOf(error) };
  }
}

/** An allowed request is fresh for five minutes. */
const ALLOWED_WAIT_SECONDS = 300;

/** The agent does not wait long for the last paint: the gateway tends its cards from the book by itself. */
async function repaint(request: AgentActionInput['request'], closing: Closing | null): Promise<void> {
  await notifyBriefly({ request, statements: [], closing }).catch(() => null);
}

/** What was executed before, by another run, did not come to nothing: the book says how it ended. */
function outcomeOf({ outcome, code }: Executed): Outcome {
  if (outcome !== 'refused') return outcome;
  return code === 'already_consumed' ? 'unknown' : 'not_executed';
}

function neverStarted(error: unknown): boolean {
  const cause = error instanceof ActivityFailure ? error.cause : undefined;
  return cause instanceof TimeoutFailure && cause.timeoutType === 'SCHEDULE_TO_START';
}

/** A workflow that can't be recorded now still ends: its history keeps everything, and is recorded later. */
function unrecorded(): { readonly appended: number } {
  return { appended: 0 };
}

function refused(code: string, reason: string): Ending {
  return { resolution: 'denied', outcome: 'not_executed', code, reason, executed: null, closing: null };
}

function unshown({ step, code, reason }: Extract<Previewed, { ok: false }>): Ending {
  if (step !== 'preview') return refused(code, reason);
  const resolution = 'undeliverable';
  return { resolution, outcome: 'not_executed', code, reason, executed: null, closing: null };
}

function unexecuted(answer: Awaited<ReturnType<typeof askPeople>>): Ending {
  const { resolution, code, reason } = answer;
  const closing = resolution === 'flooded' || resolution === 'undeliverable' ? resolution : null;
  return { resolution, outcome: 'not_executed', code, reason, executed: null, closing };
}

function resultOf({ request_id }: Ruling, { executed, ...ending }: Ending): AgentActionResult {
  const { resolution, outcome, code, reason } = ending;
  return {
    request_id,
    resolution,
    outcome,
    code,
    reason,
    result: executed?.result ?? null,
    start: executed?.start ?? null,
    finish: executed?.finish ?? null,
  };
}

function wordsOf(error: unknown): string {
  const cause = error instanceof ActivityFailure ? error.cause : error;
  if (cause instanceof ApplicationFailure) return `${cause.type ?? 'error'}: ${cause.message}`;
  return cause instanceof Error ? cause.message : String(cause);
}
