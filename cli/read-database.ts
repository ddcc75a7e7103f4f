/** Reads from the deployment's database, as a login that may read the book and the records. */

import type { Kysely } from 'kysely';
import { DatabaseError } from 'pg';
import { openDatabase } from '../book/database.ts';
import type { Database } from '../book/schema.ts';
import { AssentError } from '../client/vocabulary.ts';
import { needed } from './environment.ts';
import type { Terminal } from './terminal.ts';

/** @throws AssentError `environment_incomplete`, `database_refused`, and those of {@link openDatabase} */
export async function readDatabase<T>(
  terminal: Pick<Terminal, 'env'>,
  read: (db: Kysely<Database>) => Promise<T>,
): Promise<T> {
  const url = needed(terminal, 'DATABASE_URL', 'postgres://… of a login of the role assent_reader');
  const db = openDatabase(url, { max: 2 });
  try {
    return await read(db);
  } catch (error) {
    if (!(error instanceof DatabaseError)) throw error;
    throw new AssentError(
      'database_refused',
      `Postgres answers ${error.message}; DATABASE_URL must name Assent's database and a login of assent_reader.`,
      { cause: error },
    );
  } finally {
    await db.destroy();
  }
}
