/** What stands in the book, read as the role assent_reader: each statement is opened, its signature verified. */
import { openDossier } from '../../../approval/dossier.ts';
import { AssentError } from '../../../approval/error.ts';
import { keysFor } from '../../../approval/keyring.ts';
import type { Dossier } from '../../../approval/state.ts';
import { openStatement } from '../../../approval/statements.ts';
import type { RefusalStatement } from '../../../approval/types.ts';
import { type Consumption, readPage } from '../../../book/page.ts';
import type { World } from '../world.ts';

export interface BookedRequest extends Dossier {
  /** The right to run it once: null while it has not been used. */
  readonly consumption: Consumption | null;
}

/** @throws AssentError `book_statement_invalid`, `request_not_booked` */
export async function bookOf({ reader, judge }: World, requestId: string): Promise<BookedRequest> {
  const { booked, consumption } = await readPage(reader, requestId);
  const dossier = openDossier(requestId, booked, judge.ring);
  if (dossier === null) throw new AssentError('request_not_booked', `No request ${requestId} in the book.`);
  return { ...dossier, consumption };
}

/** `activity step code` of each refusal, in order. */
export function refusals({ refusals: booked }: Pick<Dossier, 'refusals'>): readonly string[] {
  return booked.map(({ statement }) => wordsOf(statement));
}

/** Of attempts that named no request which anybody vouches for, oldest first. */
export async function strayRefusals({ reader, judge }: World): Promise<readonly string[]> {
  const { ring } = judge;
  const rows = await reader
    .selectFrom('statements')
    .select('envelope')
    .where('request_id', 'is', null)
    .where('kind', '=', 'refusal')
    .orderBy('position')
    .execute();
  return rows.map(({ envelope }) => {
    const trust = { keys: keysFor('refusal', ring), audience: ring.audience };
    return wordsOf(openStatement('refusal', JSON.parse(envelope), trust).statement);
  });
}

function wordsOf({ activity, step, code }: RefusalStatement): string {
  return `${activity} ${step} ${code}`;
}
