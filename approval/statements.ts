/**
 * The signed statements: canonical JSON in DSSE envelopes of type `application/vnd.assent.<kind>.v1+json`.
 *
 * Opening one verifies the raw bytes first, then parses them strictly, then holds them to the audience.
 */
import { z } from 'zod';
import { canonicalize, parseJson } from './canonical-json.ts';
import { digestOf } from './digest.ts';
import { countersignEnvelope, openEnvelope, parseEnvelope, signEnvelope } from './dsse.ts';
import { AssentError } from './error.ts';
import type { SigningKey, VerifierKey } from './keys.ts';
import { statementSchemas } from './schemas.ts';
import type { StatementByKind, StatementKind, Verified } from './types.ts';

export interface StatementTrust {
  readonly keys: readonly VerifierKey[];
  readonly audience: string;
}

/** `application/vnd.assent.<kind>.v1+json` */
export function payloadTypeOf(kind: StatementKind): string {
  return `application/vnd.assent.${kind}.v1+json`;
}

/**
 * The kind that an envelope says it holds; nothing of it is verified yet.
 *
 * @throws AssentError `envelope_malformed`, `envelope_type`
 */
export function kindOf(envelope: unknown): StatementKind {
  const { payloadType } = parseEnvelope(envelope);
  const kind = statementKinds.find((candidate) => payloadTypeOf(candidate) === payloadType);
  if (kind === undefined) throw new AssentError('envelope_type', `${payloadType} is no statement of Assent.`);
  return kind;
}

export const statementKinds: readonly StatementKind[] = [
  'request',
  'preview',
  'decision',
  'instruction',
  'start',
  'finish',
  'refusal',
];

/** Signs a statement; one that could not be opened again is never signed. */
export function signStatement<K extends StatementKind>(
  kind: K,
  statement: StatementByKind[K],
  key: SigningKey,
): Verified<K> {
  // Canonical first: a schema drops some of what canonical JSON refuses.
  const text = canonicalize(statement);
  const signed = parseStatement(kind, parseJson(text));
  const payload = Buffer.from(text);
  const envelope = signEnvelope(payloadTypeOf(kind), payload, key);
  const signer = key.verifier.name;
  return { kind, signer, keyids: [key.keyid], digest: digestOf(payload), statement: signed, envelope };
}

/** The same statement with a second signature: whoever admits it vouches for when, and for the standing in it. */
export function countersign<K extends StatementKind>(statement: Verified<K>, key: SigningKey): Verified<K> {
  return {
    ...statement,
    keyids: [...statement.keyids, key.keyid],
    envelope: countersignEnvelope(statement.envelope, key),
  };
}

/**
 * Opens an envelope as a statement of one kind.
 *
 * @throws AssentError those of {@link openEnvelope}, `statement_malformed`, `statement_not_canonical`, `audience_mismatch`
 */
export function openStatement<K extends StatementKind>(
  kind: K,
  envelope: unknown,
  trust: StatementTrust,
): Verified<K> {
  const sealed = parseEnvelope(envelope);
  if (sealed.signatures.length > 1 && !COUNTERSIGNED.has(kind)) {
    throw new AssentError('envelope_malformed', `A ${kind} bears one signature; this one bears two.`);
  }
  const { payload, key, signers } = openEnvelope(sealed, payloadTypeOf(kind), trust.keys);
  const text = new TextDecoder('utf-8', { fatal: false }).decode(payload);
  const parsed = parseJson(text);
  if (canonicalize(parsed) !== text || Buffer.compare(Buffer.from(text), payload) !== 0) {
    throw new AssentError('statement_not_canonical', `The ${kind} is not in canonical form (RFC 8785).`);
  }
  const statement = parseStatement(kind, parsed);
  if (statement.audience !== trust.audience) {
    throw new AssentError(
      'audience_mismatch',
      `The ${kind} is addressed to ${statement.audience}; this deployment is ${trust.audience}.`,
    );
  }
  const keyids = signers.map(({ keyid }) => keyid);
  return { kind, signer: key.name, keyids, digest: digestOf(payload), statement, envelope: sealed };
}

/** What people may sign themselves, before the gateway does. */
const COUNTERSIGNED: ReadonlySet<StatementKind> = new Set(['decision', 'instruction']);

function parseStatement<K extends StatementKind>(kind: K, value: unknown): StatementByKind[K] {
  const parsed = statementSchemas[kind].safeParse(value);
  if (parsed.success) return parsed.data;
  throw new AssentError('statement_malformed', `This is no ${kind}: ${z.prettifyError(parsed.error)}`);
}
