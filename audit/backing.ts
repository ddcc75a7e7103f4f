/** Whether a statement in the book backs a record, as a condition of SQL: looked up when a record is read. */
import { type RawBuilder, sql } from 'kysely';
import { backing } from './records.ts';

/** `backed`: a statement of a fitting kind and of the same request stands in the book. Else it is a claim. */
export type Backing = 'backed' | 'claimed';

/** The condition on a row of `records`, known to the query by that name. */
export function isBacked(records: string): RawBuilder<boolean> {
  const column = (name: string) => sql.ref(`${records}.${name}`);
  return sql`exists (
    select from statements backing
    where backing.digest = ${column('digest')} and backing.request_id = ${column('request_id')}
      and (${column('kind')}, backing.kind) in (${fittingKinds})
  )`;
}

const fittingKinds = sql.join(
  Object.entries(backing).flatMap(([record, statements]) =>
    statements.map((statement) => sql`(${sql.lit(record)}, ${sql.lit(statement)})`),
  ),
);
