/** Brings a database to the newest schema; running it again, or twice at once, changes nothing more. */
import { type Kysely, sql } from 'kysely';
import { Migrator } from 'kysely/migration';
import { AssentError } from '../approval/error.ts';
import { migrations } from './migrations/index.ts';
import { ensureRoles, inTurn } from './roles.ts';
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
    } catch (error) {
      throw error instanceof AssentError ? error : failed('The preparation of the roles', error);
    } finally {
      await sql`reset lock_timeout`.execute(connection);
      await sql`reset statement_timeout`.execute(connection);
    }
  });
}

async function runMigrations(connection: Kysely<Database>): Promise<void> {
  const migrator = new Migrator({ db: connection, provider: { getMigrations: async () => migrations } });
  const { error, results } = await migrator.migrateToLatest();
  if (error === undefined) return;
  if (error instanceof AssentError) throw error;
  const broken = results?.find(({ status }) => status === 'Error')?.migrationName;
  throw failed(broken === undefined ? 'The migration' : `The migration ${broken}`, error);
}

function failed(what: string, cause: unknown): AssentError {
  const words = cause instanceof Error ? cause.message : String(cause);
  return new AssentError(
    'migration_failed',
    `${what} failed: ${words}. It needs a superuser, or a login with CREATEROLE that owns the database.`,
    { cause },
  );
}
