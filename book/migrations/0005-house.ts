/** The house's own page, and what was counted against a limit. */
import { type Kysely, sql } from 'kysely';
import { asOwner, keepAppendOnly } from './as-owner.ts';

export const house = asOwner(async (db) => {
  await sql`create index statements_of_the_house on statements (position)
    where kind = 'instruction' and request_id is null`.execute(db);
  await housePage(db);
  await admissions(db);
});

/**
 * The house's page, where asked under a lock that whoever writes on it takes for himself alone. A function for the
 * same reason as page_of: each statement in it sees what was committed when it began.
 */
async function housePage(db: Kysely<unknown>): Promise<void> {
  await sql`create function house_page(under_lock boolean)
    returns table (digest text, kind text, request_id text, envelope text, "position" bigint)
    language plpgsql volatile as ${sql.lit(`begin
      if under_lock then
        perform pg_advisory_xact_lock_shared(hashtextextended('house', 0));
      end if;
      return query
        select s.digest, s.kind, s.request_id, s.envelope, s.position
        from public.statements s
        where s.kind = 'instruction' and s.request_id is null
        order by s.position;
    end`)}`.execute(db);
  await sql`revoke all on function house_page from public`.execute(db);
  await sql`grant execute on function house_page
    to assent_worker, assent_executor, assent_gateway, assent_reader`.execute(db);
}

/** One row a request and rule: when it was counted. */
async function admissions(db: Kysely<unknown>): Promise<void> {
  await sql`create table admissions (
    request_id text not null check (request_id ~ '^[0-9a-f]{64}$'),
    agent text not null,
    rule text not null,
    admitted_at timestamptz not null default clock_timestamp(),
    primary key (request_id, rule)
  )`.execute(db);
  await sql`create index admissions_in_time on admissions (agent, rule, admitted_at)`.execute(db);
  await keepAppendOnly(db, 'admissions');
  await sql`grant select on admissions
    to assent_worker, assent_executor, assent_gateway, assent_reader`.execute(db);
  await sql`grant insert (request_id, agent, rule) on admissions to assent_executor`.execute(db);
}
