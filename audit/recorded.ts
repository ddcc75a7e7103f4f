/** Every request that the book holds, newest first, with its last preview: a batch at a time, for people to look over. */
import { type Kysely, sql } from 'kysely';
import type { Database } from '../book/schema.ts';

/** As the database has them; nothing is verified. */
export interface RecordedRequest {
  readonly request_id: string;
  /** Text of the first envelope that was booked of it. */
  readonly envelope: string;
  /** Of its last preview; null where none was booked. */
  readonly preview: string | null;
}

/** An envelope may have hundreds of kilobytes. */
const BATCH = 50;

/** @param since those booked at this moment or later; null for all */
export async function* recordedRequests(
  db: Kysely<Database>,
  since: Date | null,
): AsyncGenerator<RecordedRequest> {
  let before: Cursor | null = null;
  do {
    const rows: readonly Row[] = await readBatch(db, since, before);
    yield* rows;
    before = rows.length < BATCH ? null : (rows.at(-1) ?? null);
  } while (before !== null);
}

interface Cursor {
  readonly request_id: string;
  /** Microseconds matter: many are booked within a millisecond. */
  readonly booked: string;
}

type Row = RecordedRequest & Cursor;

async function readBatch(
  db: Kysely<Database>,
  since: Date | null,
  before: Cursor | null,
): Promise<readonly Row[]> {
  const behind =
    before === null
      ? sql`true`
      : sql`(s.booked_at, s.request_id) < (${before.booked}::timestamptz, ${before.request_id})`;
  const { rows } = await sql<Row>`
    with page as (
      select s.request_id, s.booked_at, s.envelope
      from statements s
      where s.kind = 'request' and s.request_id is not null and ${behind}
        and ${since === null ? sql`true` : sql`s.booked_at >= ${since.toISOString()}::timestamptz`}
        and not exists (select from statements earlier where earlier.kind = 'request'
          and earlier.request_id = s.request_id and earlier.position < s.position)
      order by s.booked_at desc, s.request_id desc limit ${BATCH}
    )
    select page.request_id, page.envelope, preview.envelope as preview,
      to_char(page.booked_at at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"') as booked
    from page left join lateral (
      select p.envelope from statements p
      where p.request_id = page.request_id and p.kind = 'preview'
      order by p.position desc limit 1
    ) preview on true
    order by page.booked_at desc, page.request_id desc`.execute(db);
  return rows;
}
