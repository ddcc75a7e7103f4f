/** Finds requests by the beginning of their id, in the book and in the records. */
import { type Kysely, sql } from 'kysely';
import type { Database } from '../book/schema.ts';

/**
 * The ids that begin so, sorted; one round trip.
 *
 * @param prefix hex digits
 * @param limit how many are of interest
 */
export async function requestsBeginning(
  db: Kysely<Database>,
  prefix: string,
  limit: number,
): Promise<readonly string[]> {
  // A range, so that the index on request_id serves; `g` comes behind every hex digit.
  const within = sql`request_id >= ${prefix} and request_id < ${`${prefix}g`}`;
  const { rows } = await sql<{ readonly request_id: string }>`
    select request_id from (
      select request_id from statements where ${within}
      union select request_id from records where ${within}
    ) found
    where starts_with(request_id, ${prefix})
    order by request_id limit ${limit}`.execute(db);
  return rows.map(({ request_id }) => request_id);
}
