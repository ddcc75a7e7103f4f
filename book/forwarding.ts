/** What the gateway has said to Temporal of what it booked, and what it still has to say. */
import { type Kysely, sql } from 'kysely';
import type { Digest } from '../approval/types.ts';
import { type BookedStatement, bookedOf } from './page.ts';
import type { Database } from './schema.ts';

/** `no_workflow`: nobody was there to be told; the book knows, and that is what decides. */
export type ForwardOutcome = 'signalled' | 'no_workflow';

/** Marks a statement as said to Temporal; the first word stands. One round trip. */
export async function markForwarded(
  db: Kysely<Database>,
  digest: Digest,
  outcome: ForwardOutcome,
): Promise<void> {
  await db
    .insertInto('forwarded')
    .values({ digest, outcome })
    .onConflict((conflict) => conflict.column('digest').doNothing())
    .execute();
}

export interface Unforwarded {
  /** How far back to look, in days. */
  readonly days: number;
  /** Leaves those alone that were booked less than this many seconds ago: who booked them is forwarding them. */
  readonly olderThanSeconds: number;
  readonly limit: number;
}

/** Decisions and instructions that were booked and not yet said to Temporal, oldest first. One round trip. */
export async function unforwarded(
  db: Kysely<Database>,
  { days, olderThanSeconds, limit }: Unforwarded,
): Promise<readonly BookedStatement[]> {
  const rows = await db
    .selectFrom('statements as s')
    .select(['s.digest', 's.kind', 's.request_id', 's.envelope', 's.position'])
    .where('s.kind', 'in', ['decision', 'instruction'])
    .where('s.booked_at', '>', sql<Date>`clock_timestamp() - make_interval(days => ${days})`)
    .where('s.booked_at', '<=', sql<Date>`clock_timestamp() - make_interval(secs => ${olderThanSeconds})`)
    .where(({ not, exists, selectFrom }) =>
      not(exists(selectFrom('forwarded as f').select('f.digest').whereRef('f.digest', '=', 's.digest'))),
    )
    .orderBy('s.booked_at')
    .orderBy('s.position')
    .limit(limit)
    .execute();
  return rows.map(bookedOf);
}
