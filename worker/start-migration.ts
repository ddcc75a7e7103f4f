/** Brings the book's schema up to date, and ends. */

import { migrateEnvironment, readEnvironment } from '../activities/process/environment.ts';
import type { Running } from '../activities/process/running.ts';
import { openDatabase } from '../book/database.ts';
import { migrate } from '../book/migrate.ts';

export async function start(): Promise<Running> {
  const { DATABASE_URL } = readEnvironment(migrateEnvironment, process.env);
  const db = openDatabase(DATABASE_URL);
  await migrate(db).finally(() => db.destroy());
  return { ended: Promise.resolve(), stop: async () => undefined };
}
