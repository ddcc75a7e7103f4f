/**
 * Ending what has an end: when its time has come, or when somebody said so, by the book and the clock alone.
 *
 * The executor does this by itself, whatever becomes of any workflow, and tries until the action's own `end` has
 * checked that nothing is left. Only then is a second Finish of the Start signed, which says so.
 */
import { ApplicationFailure, Context } from '@temporalio/activity';
import type { Kysely } from 'kysely';
import type { Logger } from 'pino';
import type { Implementations } from '../actions/registry.ts';
import { openRequest } from '../approval/dossier.ts';
import { AssentError } from '../approval/error.ts';
import type { SigningKey } from '../approval/keys.ts';
import { signStatement } from '../approval/statements.ts';
import type { Verified } from '../approval/types.ts';
import type { HouseJudge } from '../audit/judge.ts';
import type { Book } from '../book/book.ts';
import { endLease, type Lease, leaseOf, openLeases } from '../book/leases.ts';
import type { Database } from '../book/schema.ts';
import { RAN_CODES } from './execute.ts';
import { whileBeating } from './heartbeat.ts';
import { type Leased, leasedOf } from './leased.ts';
import { refuse } from './refuse.ts';
import { currentExecution } from './standalone.ts';
import type { ExecutorActivities, Revoked } from './types.ts';

export interface LeasesDeps {
  judge(): HouseJudge;
  readonly implementations: Implementations;
  readonly book: Book;
  /** A book on a pool of its own: an end holds its lock while it waits for the target. */
  readonly lockBook: Book;
  readonly db: Kysely<Database>;
  readonly key: SigningKey;
  readonly log: Logger;
  now(): number;
}

/** Ends every lease that is due; one that can't be ended now keeps no other from it. */
export async function endDueLeases(deps: LeasesDeps, signal: AbortSignal): Promise<void> {
  for (const lease of await openLeases(deps.db)) {
    if (signal.aborted) return;
    if (!deps.implementations.has(lease.action)) {
      sayUnserved(lease, deps);
      continue;
    }
    try {
      await endWhereDue(lease, deps, signal);
    } catch (error) {
      deps.log.error(
        { err: error, request_id: lease.request_id },
        'a lease could not be ended, it is tried again',
      );
    }
  }
}

/** Another executor's, as long as that one ends it. */
const UNSERVED_MS = 5 * 60_000;
const unserved = new WeakMap<LeasesDeps, Set<string>>();

/** A privilege that nobody ends must not go unheard: its executor may be gone, or its section of targets.yaml. */
function sayUnserved({ request_id, action, ends_at }: Lease, deps: LeasesDeps): void {
  const said = unserved.get(deps) ?? new Set();
  if (deps.now() < ends_at.getTime() + UNSERVED_MS || said.has(request_id)) return;
  unserved.set(deps, said.add(request_id));
  deps.log.error(
    { request_id, action, ends_at },
    'a lease is over and nobody has ended it; this executor does not implement its action',
  );
}

/** The activity: it ends what is due, and nothing else, whoever asks. */
export function createRevoke(deps: LeasesDeps): ExecutorActivities['revoke'] {
  return async ({ request: envelope }) => {
    const { ring } = deps.judge();
    if (currentExecution() === null) {
      const refused = { activity: 'revoke', request_id: null, step: 'request', code: 'standalone' };
      await refuse(refused, { ...deps, audience: ring.audience });
      throw ApplicationFailure.nonRetryable(
        'A lease is ended for a workflow, or by the executor itself.',
        'standalone',
      );
    }
    const { request_id } = openRequest(envelope, ring).statement;
    const lease = await leaseOf(deps.db, request_id);
    if (lease === null) return { request_id, ended: false, code: 'no_lease', finish_digest: null };
    const signal = Context.current().cancellationSignal;
    return whileBeating(() => endWhereDue(lease, deps, signal));
  };
}

async function endWhereDue(lease: Lease, deps: LeasesDeps, signal: AbortSignal): Promise<Revoked> {
  const { request_id } = lease;
  return deps.lockBook.locked(`lease:${request_id}`, async () => {
    const standing = await leaseOf(deps.db, request_id);
    if (standing?.end)
      return { request_id, ended: true, code: 'ended', finish_digest: standing.end.finish_digest };
    const { booked } = await deps.book.statements(request_id);
    const leased = leasedOf(lease, booked, deps.judge().ring);
    const code = dueBy(lease, leased, deps.now());
    if (code === null) return { request_id, ended: false, code: 'not_due', finish_digest: null };
    await undo(leased, deps, signal);
    const finish = finishOf(lease, code, deps);
    await deps.book.append([finish]);
    await endLease(deps.db, request_id, finish.digest);
    return { request_id, ended: true, code, finish_digest: finish.digest };
  });
}

/** How it ends now; null where it is not to end yet. */
function dueBy(
  { ends_at }: Lease,
  { start, finish, revoked }: Leased,
  now: number,
): 'ended' | 'revoked' | null {
  if (!revoked && now < ends_at.getTime()) return null;
  // What still runs could give again what was just taken back.
  if (finish === null && now < Date.parse(start.statement.deadline)) return null;
  return revoked ? 'revoked' : 'ended';
}

async function undo(
  { action, approved, finish }: Leased,
  { implementations, judge }: LeasesDeps,
  signal: AbortSignal,
): Promise<void> {
  const { end } = implementations.find(action.name);
  if (end === null) {
    throw new AssentError('lease_without_end', `${action.name} is leased and has no end; implement it.`);
  }
  const { resource, input } = judge().examine(action);
  const failed = finish?.statement.outcome === 'failed' && !RAN_CODES.has(finish.statement.code);
  await end({ input, resource, signal, approved, failed });
}

function finishOf(
  { request_id, start_digest }: Lease,
  code: 'ended' | 'revoked',
  { judge, key, now }: LeasesDeps,
): Verified<'finish'> {
  return signStatement(
    'finish',
    {
      audience: judge().ring.audience,
      request_id,
      start: start_digest,
      outcome: 'succeeded',
      code,
      result_digest: null,
      finished_at: new Date(now()).toISOString(),
    },
    key,
  );
}
