/** Leases of actions that have an end: what has to be undone, by when, and that it was. */
import { sql } from 'kysely';
import { asOwner, keepAppendOnly } from './as-owner.ts';

export const leases = asOwner(async (db) => {
  await sql`create table leases (
    request_id text primary key check (request_id ~ '^[0-9a-f]{64}$'),
    start_digest text not null references statements (digest),
    action text not null,
    ends_at timestamptz not null,
    leased_at timestamptz not null default clock_timestamp()
  )`.execute(db);
  await sql`create table lease_ends (
    request_id text primary key references leases (request_id),
    finish_digest text not null references statements (digest),
    ended_at timestamptz not null default clock_timestamp()
  )`.execute(db);
  for (const table of ['leases', 'lease_ends']) {
    await keepAppendOnly(db, table);
    await sql`grant select on ${sql.id(table)}
      to assent_worker, assent_executor, assent_gateway, assent_reader`.execute(db);
  }
  await sql`grant insert (request_id, start_digest, action, ends_at) on leases
    to assent_executor`.execute(db);
  await sql`grant insert (request_id, finish_digest) on lease_ends to assent_executor`.execute(db);
});
