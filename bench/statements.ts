/** How many statements the book's database runs for one request, by its own log. */
import { readFile } from 'node:fs/promises';
import pg from 'pg';

export interface StatementCounter {
  /** Counts the statements that run in the database `assent` during `work`. */
  during(work: () => Promise<unknown>): Promise<number>;
  close(): Promise<void>;
}

const LINE = /LOG: {2}(?:statement|execute [^:]*): /;

export async function createStatementCounter(
  superuserUrl: string,
  logFile: string,
): Promise<StatementCounter> {
  const client = new pg.Client({ connectionString: superuserUrl });
  await client.connect();
  const logging = async (level: 'all' | 'none') => {
    await client.query(`ALTER DATABASE assent SET log_statement = '${level}'`);
    await client.query(`SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = 'assent'`);
  };
  const lines = async () =>
    (await readFile(logFile, 'utf8')).split('\n').filter((line) => LINE.test(line)).length;
  return {
    during: async (work) => {
      await logging('all');
      const before = await lines();
      await work();
      const after = await lines();
      await logging('none');
      return after - before;
    },
    close: () => client.end(),
  };
}
