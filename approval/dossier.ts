/**
 * A request's dossier: its statements as the book keeps them, each verified against the keys that may sign it.
 *
 * Nothing is passed over: a booked statement that does not verify may be a denial that somebody altered, so it
 * refuses the whole.
 */
import { requestIdOf } from './digest.ts';
import { AssentError } from './error.ts';
import type { VerifierKey } from './keys.ts';
import type { Dossier } from './state.ts';
import { openStatement } from './statements.ts';
import type { Digest, StatementKind, Verified } from './types.ts';

/** A statement as it comes out of storage: nobody vouches for it yet. */
export interface BookedStatement {
  readonly digest: Digest;
  readonly kind: StatementKind;
  readonly envelope: unknown;
}

/** Whose signature counts for what; from configuration alone. */
export interface Keyring {
  readonly audience: string;
  readonly gateway: readonly VerifierKey[];
  readonly executor: readonly VerifierKey[];
  /** Of every agent in the directory; a key bears its agent's name. */
  readonly agents: readonly VerifierKey[];
}

/** The keys that may sign a kind of statement. */
export function keysFor(kind: StatementKind, ring: Keyring): readonly VerifierKey[] {
  switch (kind) {
    case 'request':
    case 'instruction':
      return ring.agents;
    case 'decision':
      return ring.gateway;
    case 'preview':
    case 'start':
    case 'finish':
      return ring.executor;
    case 'refusal':
      return [...ring.gateway, ...ring.executor];
  }
}

/**
 * Opens an agent's request: the key that signed it must be one of that very agent's, and its id the one that
 * its audience, agent and key give, so that nobody can ask under another's id.
 *
 * @throws AssentError those of {@link openStatement}, `signer_mismatch`, `request_id_mismatch`
 */
export function openRequest(envelope: unknown, ring: Keyring): Verified<'request'> {
  const request = openStatement('request', envelope, { keys: ring.agents, audience: ring.audience });
  const { audience, agent, key, request_id } = request.statement;
  if (request.signer !== agent) {
    throw new AssentError('signer_mismatch', `A request of ${agent} is signed by ${request.signer}.`);
  }
  if (request_id !== requestIdOf(audience, agent, key)) {
    throw new AssentError('request_id_mismatch', 'The request id is not the hash of [audience, agent, key].');
  }
  return request;
}

/**
 * Opens the withdrawal of a request by the agent that made it.
 *
 * @throws AssentError those of {@link openStatement}, `signer_mismatch`
 */
export function openWithdrawal(envelope: unknown, ring: Keyring, requester: string): Verified<'instruction'> {
  const withdrawal = openStatement('instruction', envelope, { keys: ring.agents, audience: ring.audience });
  if (withdrawal.signer !== requester || withdrawal.statement.detail.agent !== requester) {
    throw new AssentError(
      'signer_mismatch',
      `A request of ${requester} can't be withdrawn by ${withdrawal.signer}.`,
    );
  }
  return withdrawal;
}

/**
 * The dossier of one request; null where the book holds no request under that id.
 *
 * @throws AssentError `book_statement_invalid`, naming the digest
 */
export function openDossier(
  requestId: string,
  booked: readonly BookedStatement[],
  ring: Keyring,
): Dossier | null {
  const request = booked.find(({ kind }) => kind === 'request');
  if (request === undefined) return null;
  const opened = openBooked('request', request, requestId, ring, () => openRequest(request.envelope, ring));
  const of = <K extends StatementKind>(kind: K): readonly Verified<K>[] =>
    booked.filter((entry) => entry.kind === kind).map((entry) => openBooked(kind, entry, requestId, ring));
  return {
    request: opened,
    preview: of('preview').find(({ statement }) => statement.action_digest === opened.digest) ?? null,
    decisions: of('decision'),
    instructions: of('instruction').filter(({ signer }) => signer === opened.statement.agent),
    starts: of('start'),
    finishes: of('finish'),
    refusals: of('refusal'),
  };
}

function openBooked<K extends StatementKind>(
  kind: K,
  entry: BookedStatement,
  requestId: string,
  ring: Keyring,
  open: () => Verified<K> = () =>
    openStatement(kind, entry.envelope, { keys: keysFor(kind, ring), audience: ring.audience }),
): Verified<K> {
  const invalid = (why: string, cause?: unknown) =>
    new AssentError('book_statement_invalid', `The book's ${kind} ${entry.digest} ${why}.`, { cause });
  let verified: Verified<K>;
  try {
    verified = open();
  } catch (cause) {
    throw invalid('does not verify', cause);
  }
  if (verified.digest !== entry.digest) throw invalid('stands under a digest that is not its own');
  if (subjectOf(verified) !== requestId) throw invalid(`is not about the request ${requestId}`);
  return verified;
}

/** The request that a statement is about. */
export function subjectOf({ statement }: Verified<StatementKind>): string | null {
  return 'verb' in statement ? statement.subject : statement.request_id;
}
