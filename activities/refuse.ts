/** An attempt that is refused outside any grant: signed and booked, so that it is on the record without a workflow. */

import { parseEnvelope } from '../approval/dsse.ts';
import type { SigningKey } from '../approval/keys.ts';
import { openStatement, type StatementTrust, signStatement } from '../approval/statements.ts';
import type { Digest } from '../approval/types.ts';
import type { Book } from '../book/book.ts';

export interface RefuseDeps {
  readonly audience: string;
  readonly key: SigningKey;
  readonly book: Pick<Book, 'append' | 'locked'>;
  now(): number;
}

export interface Refused {
  readonly activity: string;
  readonly request_id: string | null;
  readonly step: string;
  readonly code: string;
}

/**
 * Gives the digest of the Refusal that stands.
 *
 * Once for each request, activity, step and code: repeating an attempt makes nobody's page longer.
 */
export async function refuse(refused: Refused, deps: RefuseDeps): Promise<Digest> {
  const { audience, key, book, now } = deps;
  const refusal = signStatement(
    'refusal',
    { audience, ...refused, refused_at: new Date(now()).toISOString() },
    key,
  );
  if (refused.request_id === null) {
    await book.append([refusal]);
    return refusal.digest;
  }
  return book.locked(refused.request_id, async (page) => {
    const trust = { keys: [key.verifier], audience };
    const booked = (await page.statements()).filter(({ kind }) => kind === 'refusal');
    const standing = booked.find(({ envelope }) => tells(envelope, trust, refused));
    if (standing === undefined) await page.append([refusal]);
    return standing?.digest ?? refusal.digest;
  });
}

/** Another's refusal does not stand for one's own. */
function tells(envelope: unknown, trust: StatementTrust, refused: Refused): boolean {
  if (parseEnvelope(envelope).signatures[0].keyid !== trust.keys[0]?.keyid) return false;
  const { activity, step, code } = openStatement('refusal', envelope, trust).statement;
  return activity === refused.activity && step === refused.step && code === refused.code;
}
