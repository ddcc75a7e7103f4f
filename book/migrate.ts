/** Brings a database to the newest schema; running it again, or twice at once, changes nothing more. */
import { type Kysely, sql } from 'kysely';
import { Migrator } from 'kysely/migration';
import { AssentError } from '../approval/error.ts';
import { migrations } from './migrations/index.ts';
import { ensureRoles } from './roles.ts';
import type { Database } from './schema.ts';

/**
 * Needs a superuser, or a login with CREATEROLE that owns the database. The other processes need neither.
 *
 * @throws AssentError `migration_failed`, `database_unreachable`
 */
export async function migrate(db: Kysely<Database>): Promise<void> {
  await db.connection().execute(async (connection) => {
    // A migration, and the wait for another process's, may take longer than any query should.
    await sql`set statement_timeout = 0`.execute(connection);
    await sql`set lock_timeout = 0`.execute(connection);
    try {
      await inTurn(connection, async () => {
        await ensureRoles(connection);
        await runMigrations(connection);
      });
    } finally {
      await sql`reset lock_timeout`.execute(connection);
      await sql`reset statement_timeout`.execute(connection);
    }
  });
}

async function inTurn(connection: Kysely<Database>, work: () => Promise<void>): Promise<void> {
  await sql`select pg_advisory_lock(hashtextextended('assent migrate', 0))`.execute(connection);
  try {
    await work();
  } finally {
    await sql`select pg_advisory_unlock(hashtextextended('assent migrate', 0))`.execute(connection);
  }
}

async function runMigrations(connection: Kysely<Database>): Promise<void> {
  const migrator = new Migrator({ db: connection, provider: { getMigrations: async () => migrations } });
  const { error, results } = await migrator.migrateToLatest();
  if (error === undefined) return;
  if (error instanceof AssentError) throw error;
  const failed = results?.find(({ status }) => status === 'Error')?.migrationName ?? 'its preparation';
  const words = error instanceof Error ? error.message : String(error);
  throw new AssentError(
    'migration_failed',
    `The migration ${failed} failed: ${words}. It needs a superuser, or a login with CREATEROLE that owns the database.`,
    { cause: error },
  );
}
