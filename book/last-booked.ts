/** Whether anything was booked since, without reading it. */
import { type Kysely, sql } from 'kysely';
import type { Database } from './schema.ts';

/** The positions of the last statement of the house, and of each of these requests; null where there is none. */
export interface LastBooked {
  readonly house: string | null;
  readonly requests: ReadonlyMap<string, string>;
}

/** One round trip. */
export async function lastBooked(db: Kysely<Database>, requestIds: readonly string[]): Promise<LastBooked> {
  const { rows } = await sql<{ readonly request_id: string | null; readonly position: string | null }>`
    select given.request_id, last.position
    from unnest(${requestIds}::text[]) as given (request_id), lateral (
      select s.position from statements s where s.request_id = given.request_id
      order by s.position desc limit 1
    ) last
    union all
    select null, max(position) from statements where kind = 'instruction' and request_id is null`.execute(db);
  const house = rows.find(({ request_id }) => request_id === null)?.position ?? null;
  const requests = rows.flatMap(({ request_id, position }): [string, string][] =>
    request_id === null || position === null ? [] : [[request_id, position]],
  );
  return { house, requests: new Map(requests) };
}
