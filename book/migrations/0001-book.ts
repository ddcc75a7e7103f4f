/** The book of signed statements, and the consumptions. */
import { type Kysely, sql } from 'kysely';
import { asOwner, keepAppendOnly } from './as-owner.ts';

export const book = asOwner(async (db) => {
  await sql`create function refuse_change() returns trigger language plpgsql as ${sql.lit(`begin
    raise exception '% is append-only: % is refused', tg_table_name, tg_op using errcode = 'restrict_violation';
  end`)}`.execute(db);
  await sql`revoke all on function refuse_change() from public`.execute(db);
  await statements(db);
  await consumptions(db);
  await pageOf(db);
});

async function statements(db: Kysely<unknown>): Promise<void> {
  await sql`create table statements (
    digest text primary key check (digest ~ '^sha256:[0-9a-f]{64}$'),
    kind text not null,
    request_id text check (request_id ~ '^[0-9a-f]{64}$'),
    envelope text not null,
    booked_at timestamptz not null default clock_timestamp(),
    position bigint not null generated always as identity
  )`.execute(db);
  await sql`create index statements_by_request on statements (request_id, position)`.execute(db);
  await sql`create index statements_to_forward on statements (booked_at)
    where kind in ('decision', 'instruction')`.execute(db);
  await sql`create index statements_requests on statements (booked_at, request_id)
    where kind = 'request'`.execute(db);
  await keepAppendOnly(db, 'statements');
  await sql`grant select on statements
    to assent_worker, assent_executor, assent_gateway, assent_reader`.execute(db);
  // By column: when and in which order a statement was booked is the database's word.
  await sql`grant insert (digest, kind, request_id, envelope) on statements
    to assent_executor, assent_gateway`.execute(db);
}

async function consumptions(db: Kysely<unknown>): Promise<void> {
  await sql`create table consumptions (
    request_id text primary key check (request_id ~ '^[0-9a-f]{64}$'),
    start_digest text not null references statements (digest),
    workflow_id text not null,
    run_id text not null,
    activity_id text not null,
    consumed_at timestamptz not null default clock_timestamp()
  )`.execute(db);
  await keepAppendOnly(db, 'consumptions');
  await sql`grant select on consumptions
    to assent_worker, assent_executor, assent_gateway, assent_reader`.execute(db);
  await sql`grant insert (request_id, start_digest, workflow_id, run_id, activity_id) on consumptions
    to assent_executor`.execute(db);
}

/**
 * A request's page, under its lock where asked: one round trip for both. A function, because each statement
 * in it sees what was committed when it began; one statement that locks and reads would see what was
 * committed before it waited.
 */
async function pageOf(db: Kysely<unknown>): Promise<void> {
  await sql`create function page_of(asked text, under_lock boolean)
    returns table (digest text, kind text, request_id text, envelope text, "position" bigint,
      start_digest text, workflow_id text, run_id text, activity_id text, consumed_at timestamptz)
    language plpgsql volatile as ${sql.lit(`begin
      if under_lock then
        perform pg_advisory_xact_lock(hashtextextended(asked, 0));
      end if;
      return query
        select s.digest, s.kind, s.request_id, s.envelope, s.position,
          c.start_digest, c.workflow_id, c.run_id, c.activity_id, c.consumed_at
        from (select) one
        left join public.statements s on s.request_id = asked
        left join public.consumptions c on c.request_id = asked
        order by s.position;
    end`)}`.execute(db);
  await sql`revoke all on function page_of from public`.execute(db);
  await sql`grant execute on function page_of
    to assent_worker, assent_executor, assent_gateway, assent_reader`.execute(db);
}
