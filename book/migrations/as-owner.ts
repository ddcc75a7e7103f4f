/** What every migration here shares: tables are made as their NOLOGIN owner, and only ever grow. */
import { type Kysely, sql } from 'kysely';
import type { Migration } from 'kysely/migration';

/** Runs a migration as the owner of all tables, whoever logged in to run it. */
export function asOwner(up: (db: Kysely<unknown>) => Promise<void>): Migration {
  return {
    up: async (db: Kysely<unknown>) => {
      await sql`set local role assent_owner`.execute(db);
      await up(db);
      await sql`reset role`.execute(db);
    },
  };
}

/**
 * Refuses UPDATE, DELETE and TRUNCATE on a table, to its owner and to superusers alike, in replica mode too.
 * By statement, so that one that would touch no row is refused as well.
 */
export async function keepAppendOnly(db: Kysely<unknown>, table: string): Promise<void> {
  await sql`create trigger append_only before update or delete or truncate on ${sql.id(table)}
    for each statement execute function refuse_change()`.execute(db);
  await sql`alter table ${sql.id(table)} enable always trigger append_only`.execute(db);
}
