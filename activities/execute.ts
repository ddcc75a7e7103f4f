/**
 * execute: verifies the whole grant, consumes it, runs the action once and signs how it ended.
 *
 * What it returns is for orchestration to show. The outcome that counts is the Finish in the book.
 */
import { setTimeout } from 'node:timers/promises';
import { ApplicationFailure, Context } from '@temporalio/activity';
import type { Logger } from 'pino';
import type { Implementations } from '../actions/registry.ts';
import { MAX_JSON_BYTES } from '../approval/canonical-json.ts';
import { digestOfJson } from '../approval/digest.ts';
import { openRequest } from '../approval/dossier.ts';
import { AssentError } from '../approval/error.ts';
import { type Execution, type Grant, verifyGrant } from '../approval/grant.ts';
import type { SigningKey } from '../approval/keys.ts';
import { GrantRefused } from '../approval/refusal.ts';
import { leaseEnd } from '../approval/state.ts';
import { signStatement } from '../approval/statements.ts';
import type { Digest, FinishStatement, JsonObject, Timestamp, Verified } from '../approval/types.ts';
import type { HouseJudge } from '../audit/judge.ts';
import type { Book } from '../book/book.ts';
import { whileBeating } from './heartbeat.ts';
import { askAnew, type LookAgainDeps, lookAgain } from './look-again.ts';
import { type RefuseDeps, refuse } from './refuse.ts';
import { currentExecution } from './standalone.ts';
import type { Again, Executed, ExecutorActivities } from './types.ts';

export interface ExecuteDeps {
  judge(): HouseJudge;
  readonly implementations: Implementations;
  readonly book: Book;
  readonly key: SigningKey;
  /** Writes what has an end, before it begins. */
  lease(start: Verified<'start'>, action: string, until: Timestamp): Promise<void>;
  readonly log: Logger;
  now(): number;
}

const RETRY_MS = 1000;

export function createExecute(deps: ExecuteDeps): ExecutorActivities['execute'] {
  return async ({ request: envelope }) => {
    const execution = currentExecution();
    if (execution === null) {
      await refuse(
        { activity: 'execute', request_id: null, step: 'request', code: 'standalone' },
        refuseDeps(deps),
      );
      throw ApplicationFailure.nonRetryable('An action runs inside a workflow only.', 'standalone');
    }
    const context = Context.current();
    return whileBeating(async () => {
      const grant = await granted(envelope, execution, deps, context);
      return 'outcome' in grant ? grant : run(grant, deps, context);
    });
  };
}

/** The grant; or, where there is none for whatever reason, the refusal: then nothing has run and nothing will. */
async function granted(
  envelope: unknown,
  execution: Execution,
  deps: ExecuteDeps,
  context: Context,
): Promise<Grant | Executed> {
  const looking: LookAgainDeps = { ...deps, signal: context.cancellationSignal };
  try {
    return await verifyGrant(envelope, execution, {
      ...deps,
      look: (situation) => lookAgain(situation, looking),
      askAnew: (situation, why) => askAnew(situation, why, looking),
    });
  } catch (error) {
    deps.log.warn({ err: error }, 'the grant was refused');
    return refused(refusalOf(error, deps), envelope, deps);
  }
}

/** The book's absence is no verdict: as long as nothing was begun, it is tried again. */
const AWAY_MS = 15_000;

function refusalOf(error: unknown, { now }: ExecuteDeps): GrantRefused {
  if (error instanceof GrantRefused) return error;
  const code = error instanceof AssentError ? error.code : 'grant_unverifiable';
  const until = new Date(now() + AWAY_MS).toISOString();
  return new GrantRefused('consume', code, 'The grant could not be verified to its end, so nothing ran.', {
    cause: error,
    again: code === 'database_unreachable' ? { how: 'hold', until } : null,
  });
}

async function run(grant: Grant, deps: ExecuteDeps, context: Context): Promise<Executed> {
  const { request, start, examined } = grant;
  const { request_id } = request.statement;
  const until = examined.endsAfter === null ? null : leaseEnd(start, examined.endsAfter);
  const told = { request_id, start, step: null, until, again: null } as const;
  const { reason, result, ...ended } = await act(grant, until, deps, context);
  const { outcome, code } = ended;
  // Nobody knows how it ended, so nobody signs that: past its deadline the Start is unknown.
  if (outcome === 'unknown') return executed({ ...told, finish: null, outcome, code, reason, result });
  const finish = await signFinish(start, { ...ended, outcome }, deps);
  return executed({ ...told, finish, outcome, code, reason, result });
}

interface Acted extends Pick<FinishStatement, 'code' | 'result_digest'> {
  readonly outcome: 'succeeded' | 'failed' | 'unknown';
  readonly reason: string | null;
  readonly result: JsonObject | null;
}

async function act(
  { request, preview, examined, slack, start }: Grant,
  until: Timestamp | null,
  deps: ExecuteDeps,
  context: Context,
): Promise<Acted> {
  const { name, input } = request.statement.action;
  const overdue = () => deps.now() >= Date.parse(start.statement.deadline);
  try {
    if (until !== null) await deps.lease(start, name, until);
    refuseLate(name, overdue);
    const result = await deps.implementations.find(name).execute({
      input,
      resource: examined.resource,
      approved: preview?.statement.facts ?? null,
      slack,
      signal: context.cancellationSignal,
      heartbeat: () => context.heartbeat(),
      overdue,
    });
    const result_digest = digestOfJson(result);
    refuseExcess(name, result);
    return { outcome: 'succeeded', code: 'succeeded', reason: null, result, result_digest };
  } catch (error) {
    deps.log.warn({ err: error, action: name }, 'the action failed');
    const failure = failureOf(error);
    const outcome = failure.code === OUTCOME_UNKNOWN ? 'unknown' : 'failed';
    return { outcome, ...failure, result: null, result_digest: null };
  }
}

/** From then on nobody waits for it, and what it gave could have been ended before it was given. */
function refuseLate(name: string, overdue: () => boolean): void {
  if (overdue()) throw new AssentError('start_overdue', `${name} did not begin before its own deadline.`);
}

/** By this code an action says that it may have run, and that its target gave no answer. */
const OUTCOME_UNKNOWN = 'outcome_unknown';

/** Of a Finish that says failed, though the action ran to its end: only its answer could not be given back. */
export const RAN_CODES: ReadonlySet<string> = new Set(['result_too_large', 'canonical_json_refused']);

/** What Temporal would not carry back must not turn a known outcome into an unknown one. */
function refuseExcess(name: string, result: JsonObject): void {
  const bytes = Buffer.byteLength(JSON.stringify(result));
  if (bytes <= MAX_JSON_BYTES) return;
  throw new AssentError(
    'result_too_large',
    `${name} ran to its end, but its result has ${bytes} bytes; at most ${MAX_JSON_BYTES} are given back.`,
  );
}

/** An action's own error is its answer; any other could quote values, so only its kind is told. */
function failureOf(error: unknown): { readonly code: string; readonly reason: string } {
  if (error instanceof AssentError) return { code: error.code, reason: error.message };
  const kind = error instanceof Error ? error.name : typeof error;
  return { code: 'action_failed', reason: `The action failed with ${kind}; the executor's log says more.` };
}

async function signFinish(
  start: Verified<'start'>,
  ended: Pick<FinishStatement, 'outcome' | 'code' | 'result_digest'>,
  { key, book, now, log }: ExecuteDeps,
): Promise<Verified<'finish'>> {
  const { audience, request_id } = start.statement;
  const finished_at = new Date(now()).toISOString();
  const finish = signStatement(
    'finish',
    { audience, request_id, start: start.digest, ...ended, finished_at },
    key,
  );
  await bookUntil(Date.parse(start.statement.deadline), finish, { book, now, log });
  return finish;
}

/** What has run must get into the book: an outage is waited out until the Start's deadline. */
async function bookUntil(
  deadline: number,
  finish: Verified<'finish'>,
  { book, now, log }: Pick<ExecuteDeps, 'book' | 'now' | 'log'>,
): Promise<void> {
  for (;;) {
    try {
      await book.append([finish]);
      return;
    } catch (error) {
      log.error({ err: error, digest: finish.digest }, 'the Finish could not be booked');
      if (now() + RETRY_MS >= deadline) throw error;
      await setTimeout(RETRY_MS);
    }
  }
}

/** A refusal with a Start gets a Finish that says so; one without gets a Refusal. */
async function refused(error: GrantRefused, envelope: unknown, deps: ExecuteDeps): Promise<Executed> {
  const { step, code, message, start } = error;
  const told = {
    outcome: 'refused',
    step,
    code,
    reason: message,
    again: againOf(error),
    until: null,
    result: null,
  } as const;
  const request_id = verifiedRequestId(envelope, deps.judge());
  try {
    if (start !== null) {
      const finish = await signFinish(start, { outcome: 'refused', code, result_digest: null }, deps);
      return executed({ ...told, request_id, start, finish });
    }
    const refusal = await refuse({ activity: 'execute', request_id, step, code }, refuseDeps(deps));
    return executed({ ...told, request_id, start: null, finish: null, refusal });
  } catch (cause) {
    // Without the book the refusal can't be kept there; that it was refused is still so.
    deps.log.error({ err: cause, step, code }, 'a refusal could not be booked');
  }
  return executed({ ...told, request_id, start: null, finish: null });
}

function againOf({ again }: GrantRefused): Again | null {
  if (again === null || again.how === 'hold') return again;
  const { digest, previewed_at } = again.preview;
  return { how: 'ask', preview_digest: digest, previewed_at };
}

function verifiedRequestId(envelope: unknown, { ring }: HouseJudge): string | null {
  try {
    return openRequest(envelope, ring).statement.request_id;
  } catch (error) {
    if (error instanceof AssentError) return null;
    throw error;
  }
}

function refuseDeps({ judge, key, book, now }: ExecuteDeps): RefuseDeps {
  return { audience: judge().ring.audience, key, book, now };
}

interface Ended
  extends Pick<
    Executed,
    'request_id' | 'outcome' | 'step' | 'code' | 'reason' | 'again' | 'until' | 'result'
  > {
  readonly start: Verified<'start'> | null;
  readonly finish: Verified<'finish'> | null;
  readonly refusal?: Digest;
}

function executed({ start, finish, refusal, ...ended }: Ended): Executed {
  return {
    ...ended,
    start: start?.envelope ?? null,
    finish: finish?.envelope ?? null,
    start_digest: start?.digest ?? null,
    finish_digest: finish?.digest ?? null,
    refusal_digest: refusal ?? null,
  };
}
