/** The records derived from Temporal's histories. Nothing is decided from them. */
import { sql } from 'kysely';
import { asOwner, keepAppendOnly } from './as-owner.ts';

export const records = asOwner(async (db) => {
  await sql`create table records (
    namespace text not null,
    workflow_id text not null,
    run_id text not null,
    event_id bigint not null,
    kind text not null,
    request_id text,
    digest text,
    occurred_at timestamptz not null,
    record bytea not null,
    appended_at timestamptz not null default clock_timestamp(),
    primary key (namespace, workflow_id, run_id, event_id, kind)
  )`.execute(db);
  await sql`create index records_by_request on records (request_id, occurred_at)`.execute(db);
  await sql`create index records_requests on records (occurred_at, request_id)
    where kind = 'requested'`.execute(db);
  await keepAppendOnly(db, 'records');
  await sql`grant select on records to assent_worker, assent_reader`.execute(db);
  await sql`grant insert (namespace, workflow_id, run_id, event_id, kind, request_id, digest, occurred_at, record)
    on records to assent_worker`.execute(db);
});
