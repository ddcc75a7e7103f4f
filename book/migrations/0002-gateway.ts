/** What the gateway has said to Temporal, and what it has posted where. */
import { sql } from 'kysely';
import { asOwner, keepAppendOnly } from './as-owner.ts';

export const gateway = asOwner(async (db) => {
  await sql`create table forwarded (
    digest text primary key references statements (digest),
    outcome text not null check (outcome in ('signalled', 'no_workflow')),
    forwarded_at timestamptz not null default clock_timestamp()
  )`.execute(db);
  await sql`create table postings (
    request_id text not null check (request_id ~ '^[0-9a-f]{64}$'),
    channel text not null,
    key text not null,
    place text not null,
    reference text not null,
    posted_at timestamptz not null default clock_timestamp(),
    primary key (request_id, channel, key)
  )`.execute(db);
  for (const table of ['forwarded', 'postings']) {
    await keepAppendOnly(db, table);
    await sql`grant select on ${sql.id(table)} to assent_gateway, assent_reader`.execute(db);
  }
  await sql`grant insert (digest, outcome) on forwarded to assent_gateway`.execute(db);
  await sql`grant insert (request_id, channel, key, place, reference) on postings
    to assent_gateway`.execute(db);
});
