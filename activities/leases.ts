/**
 * Ending what has an end: when its time has come, or when somebody said so, by the book and the clock alone.
 *
 * The executor does this by itself, whatever becomes of any workflow, and tries until the action's own `end` has
 * checked that nothing is left. Only then is a second Finish of the Start signed, which says so.
 */
import { Context } from '@temporalio/activity';
import type { Kysely } from 'kysely';
import type { Logger } from 'pino';
import type { Implementations } from '../actions/registry.ts';
import { openDossier, openRequest } from '../approval/dossier.ts';
import { AssentError } from '../approval/error.ts';
import { saying } from '../approval/instruction.ts';
import type { SigningKey } from '../approval/keys.ts';
import type { Dossier } from '../approval/state.ts';
import { signStatement } from '../approval/statements.ts';
import type { Verified } from '../approval/types.ts';
import type { HouseJudge } from '../audit/judge.ts';
import type { Book } from '../book/book.ts';
import { endLease, type Lease, leaseOf, openLeases } from '../book/leases.ts';
import type { Database } from '../book/schema.ts';
import { whileBeating } from './heartbeat.ts';
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
    if (!deps.implementations.has(lease.action)) continue;
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

/** The activity: it ends what is due, and nothing else, whoever asks. */
export function createRevoke(deps: LeasesDeps): ExecutorActivities['revoke'] {
  return async ({ request: envelope }) => {
    const { ring } = deps.judge();
    if (currentExecution() === null) {
      const refused = { activity: 'revoke', request_id: null, step: 'request', code: 'standalone' };
      await refuse(refused, { ...deps, audience: ring.audience });
      throw new AssentError('standalone', 'A lease is ended for a workflow, or by the executor itself.');
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
    const dossier = await dossierOf(lease, deps);
    const code = dueBy(lease, dossier, deps.now());
    if (code === null) return { request_id, ended: false, code: 'not_due', finish_digest: null };
    await undo(dossier, lease, deps, signal);
    const finish = finishOf(lease, code, deps);
    await deps.book.append([finish]);
    await endLease(deps.db, request_id, finish.digest);
    return { request_id, ended: true, code, finish_digest: finish.digest };
  });
}

async function dossierOf({ request_id }: Lease, { book, judge }: LeasesDeps): Promise<Dossier> {
  const { booked } = await book.statements(request_id);
  const dossier = openDossier(request_id, booked, judge().ring);
  if (dossier !== null) return dossier;
  throw new AssentError('lease_unbacked', `The book holds a lease of ${request_id}, and no such request.`);
}

/** How it ends now; null where it is not to end yet. */
function dueBy({ start_digest, ends_at }: Lease, dossier: Dossier, now: number): 'ended' | 'revoked' | null {
  const { starts, finishes, instructions } = dossier;
  const revoked = saying(instructions, 'revoke').length > 0;
  if (!revoked && now < ends_at.getTime()) return null;
  const start = starts.find(({ digest }) => digest === start_digest);
  const over = finishes.some(({ statement }) => statement.start === start_digest);
  // What still runs could give again what was just taken back.
  if (!over && start !== undefined && now < Date.parse(start.statement.deadline)) return null;
  return revoked ? 'revoked' : 'ended';
}

async function undo(dossier: Dossier, lease: Lease, deps: LeasesDeps, signal: AbortSignal): Promise<void> {
  const { action } = dossier.request.statement;
  const { end } = deps.implementations.find(lease.action);
  if (end === null) {
    throw new AssentError('lease_without_end', `${lease.action} is leased and has no end; implement it.`);
  }
  const { resource, input } = deps.judge().examine(action);
  await end({ input, resource, signal, result: null });
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
