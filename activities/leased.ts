/**
 * What a lease is of, by the executor's own signed Start and the bytes that it names.
 *
 * Whoever asked may have lost its keys since, and whoever approved theirs: what was lent to them ends all the same.
 */
import { parseJson } from '../approval/canonical-json.ts';
import { digestOf } from '../approval/digest.ts';
import { openBooked, openInstruction } from '../approval/dossier.ts';
import { parseEnvelope } from '../approval/dsse.ts';
import { AssentError } from '../approval/error.ts';
import { says } from '../approval/instruction.ts';
import type { Keyring } from '../approval/keyring.ts';
import { statementSchemas } from '../approval/schemas.ts';
import type { JsonObject, RequestStatement, Verified } from '../approval/types.ts';
import type { Lease } from '../book/leases.ts';
import type { BookedStatement } from '../book/page.ts';

export interface Leased {
  readonly start: Verified<'start'>;
  readonly action: RequestStatement['action'];
  /** The facts of the preview that the Start names; null where it names none. */
  readonly approved: JsonObject | null;
  /** How the execution ended, where that was signed. */
  readonly finish: Verified<'finish'> | null;
  /** Somebody said that it shall end early. */
  readonly revoked: boolean;
}

/** @throws AssentError `lease_unbacked`, `book_statement_invalid` */
export function leasedOf(
  { request_id, start_digest }: Lease,
  booked: readonly BookedStatement[],
  ring: Keyring,
): Leased {
  const find = (digest: string) => {
    const entry = booked.find((candidate) => candidate.digest === digest);
    if (entry !== undefined) return entry;
    throw new AssentError('lease_unbacked', `The book holds a lease of ${request_id}, and no ${digest}.`);
  };
  const start = openBooked('start', find(start_digest), request_id, ring);
  const { request, preview } = start.statement;
  const seen = preview === null ? null : openBooked('preview', find(preview), request_id, ring);
  const finishes = booked
    .filter(({ kind }) => kind === 'finish')
    .map((entry) => openBooked('finish', entry, request_id, ring));
  return {
    start,
    action: actionOf(find(request)),
    approved: seen?.statement.facts ?? null,
    finish: finishes.find(({ statement }) => statement.start === start_digest) ?? null,
    revoked: booked.some((entry) => revokes(entry, request_id, ring)),
  };
}

/** As the Start's digest of it vouches for. */
function actionOf({ digest, envelope }: BookedStatement): RequestStatement['action'] {
  const payload = Buffer.from(parseEnvelope(envelope).payload, 'base64');
  if (digestOf(payload) !== digest) {
    throw new AssentError(
      'book_statement_invalid',
      `The book's request ${digest} is not what it stands for.`,
    );
  }
  return statementSchemas.request.parse(parseJson(payload.toString())).action;
}

/** What does not verify revokes nothing, and hinders no end. */
function revokes(entry: BookedStatement, requestId: string, ring: Keyring): boolean {
  if (entry.kind !== 'instruction') return false;
  try {
    const open = () => openInstruction(entry.envelope, ring);
    return says(openBooked('instruction', entry, requestId, ring, open), 'revoke');
  } catch (error) {
    if (error instanceof AssentError) return false;
    throw error;
  }
}
