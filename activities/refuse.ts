/** An attempt that is refused outside any grant: signed and booked, so that it is on the record without a workflow. */

import type { SigningKey } from '../approval/keys.ts';
import { signStatement } from '../approval/statements.ts';
import type { Verified } from '../approval/types.ts';
import type { Book } from '../book/book.ts';

export interface RefuseDeps {
  readonly audience: string;
  readonly key: SigningKey;
  readonly book: Pick<Book, 'append'>;
  now(): number;
}

export interface Refused {
  readonly activity: string;
  readonly request_id: string | null;
  readonly step: string;
  readonly code: string;
}

export async function refuse(refused: Refused, deps: RefuseDeps): Promise<Verified<'refusal'>> {
  const { audience, key, book, now } = deps;
  const refused_at = new Date(now()).toISOString();
  const refusal = signStatement('refusal', { audience, ...refused, refused_at }, key);
  await book.append([refusal]);
  return refusal;
}
