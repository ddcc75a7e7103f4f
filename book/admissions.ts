/** Limits: so many requests of one agent under one rule in so much time, counted under a lock of their own. */
import { type Kysely, sql } from 'kysely';
import type { Admission } from '../approval/grant.ts';
import type { Timestamp } from '../approval/types.ts';
import type { Database } from './schema.ts';

/**
 * Counts a request, once; null where it was counted, now or before. Where there is no room, the moment at which
 * there is some again. By the database's clock; holds when the transaction commits.
 */
export async function admit(
  db: Kysely<Database>,
  requestId: string,
  { agent, rule, count, per_seconds }: Admission,
): Promise<Timestamp | null> {
  await sql`select pg_advisory_xact_lock(hashtextextended(${`limit:${agent}\n${rule}`}, 0))`.execute(db);
  const { rows } = await sql<{ readonly counted: boolean; readonly free_at: Date | null }>`
    select
      exists (select from admissions where request_id = ${requestId} and rule = ${rule}) as counted,
      (select admitted_at + make_interval(secs => ${per_seconds}) from admissions
        where agent = ${agent} and rule = ${rule}
          and admitted_at > clock_timestamp() - make_interval(secs => ${per_seconds})
        order by admitted_at desc offset ${count - 1} limit 1) as free_at`.execute(db);
  const [row] = rows;
  if (row?.counted === true) return null;
  if (row?.free_at) return row.free_at.toISOString();
  await db.insertInto('admissions').values({ request_id: requestId, agent, rule }).execute();
  return null;
}
