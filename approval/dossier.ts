/**
 * A request's dossier: its statements as the book keeps them, each verified against the keys that may sign it.
 *
 * Nothing is passed over: a booked statement that does not verify may be a denial that somebody altered, so it
 * refuses the whole.
 */
import { requestIdOf } from './digest.ts';
import { AssentError } from './error.ts';
import { says, type VerifiedInstruction } from './instruction.ts';
import { isVouched, type Keyring, keysFor } from './keyring.ts';
import type { Dossier } from './state.ts';
import { openStatement } from './statements.ts';
import type { Digest, StatementKind, Verified } from './types.ts';

/** A statement as it comes out of storage: nobody vouches for it yet. */
export interface BookedStatement {
  readonly digest: Digest;
  readonly kind: StatementKind;
  readonly envelope: unknown;
}

/**
 * Opens what a person decided: signed by the gateway, whoever else signed it.
 *
 * @throws AssentError those of {@link openStatement}, `not_vouched`
 */
export function openDecision(envelope: unknown, ring: Keyring): Verified<'decision'> {
  const keys = keysFor('decision', ring);
  return vouched(openStatement('decision', envelope, { keys, audience: ring.audience }), ring);
}

/**
 * Opens an instruction: an agent's own signature on its withdrawal, the gateway's on whatever people say.
 *
 * @throws AssentError those of {@link openStatement}, `not_vouched`, `signer_mismatch`
 */
export function openInstruction(envelope: unknown, ring: Keyring): Verified<'instruction'> {
  const keys = keysFor('instruction', ring);
  const said = openStatement('instruction', envelope, { keys, audience: ring.audience });
  const { statement, keyids } = said;
  if (statement.verb !== 'withdraw') return vouched(said, ring);
  const { agent } = statement.detail;
  const own = ring.agents.filter(({ name }) => name === agent).map(({ keyid }) => keyid);
  if (said.envelope.signatures.length === 1 && keyids.every((keyid) => own.includes(keyid))) return said;
  throw new AssentError('signer_mismatch', `A withdrawal of ${agent} is signed by ${said.signer}.`);
}

function vouched<K extends StatementKind>(said: Verified<K>, ring: Keyring): Verified<K> {
  if (isVouched(said, ring)) return said;
  throw new AssentError(
    'not_vouched',
    `This ${said.kind} bears no signature of the gateway, so nobody vouches for it.`,
  );
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
 * @throws AssentError those of {@link openInstruction}, `other_verb`, `signer_mismatch`
 */
export function openWithdrawal(
  envelope: unknown,
  ring: Keyring,
  requester: string,
): VerifiedInstruction<'withdraw'> {
  const said = openInstruction(envelope, ring);
  if (!says(said, 'withdraw')) {
    throw new AssentError('other_verb', `An agent can only withdraw; this says ${said.statement.verb}.`);
  }
  if (said.statement.detail.agent !== requester) {
    throw new AssentError(
      'signer_mismatch',
      `A request of ${requester} can't be withdrawn by ${said.signer}.`,
    );
  }
  return said;
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
  const [request] = booked
    .filter(({ kind }) => kind === 'request')
    .map((entry) => openBooked('request', entry, requestId, ring, () => openRequest(entry.envelope, ring)));
  if (request === undefined) return null;
  const of = <K extends StatementKind>(kind: K): readonly Verified<K>[] =>
    booked.filter((entry) => entry.kind === kind).map((entry) => openBooked(kind, entry, requestId, ring));
  const previews = of('preview')
    .filter(({ statement }) => statement.action_digest === request.digest)
    .toSorted((left, right) => left.statement.revision - right.statement.revision);
  const { agent } = request.statement;
  return {
    request,
    previews,
    preview: previews.at(-1) ?? null,
    decisions: booked
      .filter((entry) => entry.kind === 'decision')
      .map((entry) =>
        openBooked('decision', entry, requestId, ring, () => openDecision(entry.envelope, ring)),
      ),
    instructions: booked
      .filter((entry) => entry.kind === 'instruction')
      .map((entry) =>
        openBooked('instruction', entry, requestId, ring, () => openInstruction(entry.envelope, ring)),
      )
      .filter((said) => !says(said, 'withdraw') || said.statement.detail.agent === agent),
    starts: of('start'),
    finishes: of('finish'),
    refusals: of('refusal'),
  };
}

/** @throws AssentError `book_statement_invalid`, naming the digest */
export function openBooked<K extends StatementKind>(
  kind: K,
  entry: BookedStatement,
  requestId: string | null,
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
  if (subjectOf(verified) !== requestId) throw invalid(`is not about ${requestId ?? 'the house'}`);
  return verified;
}

/** The request that a statement is about; null where it is about the house, or about nothing known. */
export function subjectOf({ statement }: Pick<Verified<StatementKind>, 'statement'>): string | null {
  if (!('verb' in statement)) return statement.request_id;
  switch (statement.verb) {
    case 'freeze':
    case 'unfreeze':
    case 'delegate':
      return null;
    case 'revoke':
      return statement.detail.of === 'lease' ? statement.subject : null;
    default:
      return statement.subject;
  }
}
