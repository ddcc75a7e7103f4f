/**
 * `POST /v1/statements`: a statement signed by a person's own key, or an agent's withdrawal, taken to the gates.
 *
 * The envelope bears one signature, its author's; the gateway adds its own to what it admits. Nothing that does
 * not verify is written anywhere.
 */
import { readPages } from '../activities/paint.ts';
import { refuse } from '../activities/refuse.ts';
import { openDossier, openWithdrawal, subjectOf } from '../approval/dossier.ts';
import { parseEnvelope } from '../approval/dsse.ts';
import { AssentError } from '../approval/error.ts';
import { kindOf, openStatement } from '../approval/statements.ts';
import type { Digest, Timestamp, Verified } from '../approval/types.ts';
import { caseOf } from '../audit/case.ts';
import type { Appended } from '../book/append.ts';
import type { Background } from './background.ts';
import { type DecideDeps, decide } from './decide.ts';
import { type ForwardDeps, forward } from './forward.ts';
import { instruct } from './instruct.ts';

/** A statement holds a few names and at most two texts of 4,000 characters. */
export const MAX_STATEMENT_BYTES = 128 * 1024;
export const STATEMENTS_PATH = '/v1/statements';

export interface StatementsDeps extends DecideDeps, ForwardDeps {
  readonly background: Background;
  paint(requestId: string): Promise<unknown>;
  /** Has every open card show what stands. */
  tend(): Promise<unknown>;
}

export interface Taken {
  /** Of what stands in the book: another's than the one that was sent where that did not count. */
  readonly digest: Digest | null;
  readonly outcome: Appended['outcome'] | 'refused';
  /** `eligible` where it counts, or why it does not. */
  readonly code: string;
}

/** How far an author's clock may be off, in milliseconds. */
const SKEW_MS = 60_000;

/**
 * @throws AssentError `body_malformed`, `statement_not_taken`, `statement_countersigned`, `statement_stale`,
 *   `statement_early`, `person_mismatch`, `channel_mismatch`, `request_unknown`, and those of openStatement and
 *   openWithdrawal
 */
export async function takeStatement(rawBody: Uint8Array, deps: StatementsDeps): Promise<Taken> {
  const envelope = envelopeIn(rawBody);
  const kind = kindOf(envelope);
  if (kind === 'decision') return takeDecision(envelope, deps);
  if (kind === 'instruction') return takeInstruction(envelope, deps);
  throw new AssentError('statement_not_taken', `A ${kind} is not said here: decisions and instructions are.`);
}

function envelopeIn(rawBody: Uint8Array): unknown {
  let envelope: unknown;
  try {
    envelope = JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(rawBody));
  } catch (cause) {
    throw new AssentError('body_malformed', 'The body is not JSON in UTF-8: send a DSSE envelope.', {
      cause,
    });
  }
  if (parseEnvelope(envelope).signatures.length === 1) return envelope;
  const why = 'Send a statement with the one signature of its author; the gateway adds its own.';
  throw new AssentError('statement_countersigned', why);
}

async function takeDecision(envelope: unknown, deps: StatementsDeps): Promise<Taken> {
  const { ring } = deps.judge();
  const own = openStatement('decision', envelope, { keys: ring.people, audience: ring.audience });
  const { statement } = own;
  fresh(statement.decided_at, deps.now());
  await speaksForSelf(own, deps);
  const account = own.keyids.join();
  if (statement.channel.name !== 'own_key' || statement.channel.account !== account) {
    const why = `What ${account} signs comes by the channel own_key, and the account is ${account}.`;
    throw new AssentError('channel_mismatch', why);
  }
  const decided = await decide({ ...statement, accountFault: null }, deps, own);
  if (decided === null) throw unknownRequest(statement.request_id);
  const { code, decision, outcome } = decided;
  if (outcome === 'booked') spread(decision, deps);
  return { digest: decision.digest, outcome, code };
}

async function takeInstruction(envelope: unknown, deps: StatementsDeps): Promise<Taken> {
  const { ring } = deps.judge();
  const keys = [...ring.people, ...ring.agents];
  const own = openStatement('instruction', envelope, { keys, audience: ring.audience });
  const { statement } = own;
  fresh(statement.issued_at, deps.now());
  if (statement.verb === 'withdraw') return takeWithdrawal(own, deps);
  await speaksForSelf(own, deps);
  const instructed = await instruct({ statement, accountFault: null, own }, deps);
  if (instructed === null) throw unknownRequest(statement.subject);
  const { code, said } = instructed;
  if (said === null) return { digest: null, outcome: 'refused', code };
  if (said.outcome === 'booked') spread(said.instruction, deps);
  return { digest: said.instruction.digest, outcome: said.outcome, code };
}

/** Booked however the request stands: only what is consumed it can't stop, and that is not known here. */
async function takeWithdrawal(own: Verified<'instruction'>, deps: StatementsDeps): Promise<Taken> {
  const { subject: requestId, expires_at } = own.statement;
  if (Date.parse(expires_at) < deps.now()) throw stale(expires_at);
  const outcome = await deps.book.locked(requestId, async (page) => {
    const { ring } = deps.judge();
    const dossier = openDossier(requestId, await page.statements(), ring);
    if (dossier === null) throw unknownRequest(requestId);
    const withdrawal = openWithdrawal(own.envelope, ring, dossier.request.statement.agent);
    if (dossier.instructions.some(({ digest }) => digest === own.digest)) return 'present';
    await page.append([withdrawal]);
    return 'booked';
  });
  if (outcome === 'booked') spread(own, deps);
  const now = caseOf(requestId, await readPages(requestId, deps.book), deps.judge(), deps.now());
  const state = now?.standings.state;
  return { digest: own.digest, outcome, code: state === 'withdrawn' ? 'eligible' : `request_${state}` };
}

function fresh(said: Timestamp, now: number): void {
  const age = now - Date.parse(said);
  if (age > SKEW_MS) throw stale(said);
  if (age < -SKEW_MS) {
    throw new AssentError('statement_early', `It was said at ${said}, which is to come: set your clock.`);
  }
}

function stale(said: Timestamp): AssentError {
  return new AssentError('statement_stale', `Its time was ${said}: sign it anew, or set your clock.`);
}

/** Whoever speaks for somebody else is on the record, where there is a record. */
async function speaksForSelf(own: Verified<'decision' | 'instruction'>, deps: StatementsDeps): Promise<void> {
  const { ring, guard } = deps.judge();
  const [keyid = ''] = own.keyids;
  const owner = guard.directory.personOfKey(keyid)?.id ?? null;
  if (owner !== null && owner === own.statement.person) return;
  const request_id = subjectOf(own);
  if (owner !== null && request_id !== null && (await deps.book.statements(request_id)).booked.length > 0) {
    const refused = { activity: 'statements', request_id, step: 'person', code: 'person_mismatch' };
    await refuse(refused, { ...deps, audience: ring.audience });
  }
  const who = owner === null ? 'is no person’s' : `is ${owner}’s`;
  throw new AssentError('person_mismatch', `The key ${keyid} ${who}; sign in your own name.`);
}

function unknownRequest(requestId: string): AssentError {
  return new AssentError('request_unknown', `Nobody was asked about a request ${requestId} here.`);
}

/** The rest of the world hears of it after the answer. */
function spread(said: Verified<'decision' | 'instruction'>, deps: StatementsDeps): void {
  const { digest, kind, envelope } = said;
  const request_id = subjectOf(said);
  deps.background.begin('forwarding a statement', () =>
    forward({ digest, kind, envelope, request_id }, deps),
  );
  deps.background.begin('painting after a statement', () =>
    request_id === null ? deps.tend() : deps.paint(request_id),
  );
}
