/** A real Postgres for one test file, with migrated databases and logins of each role. */
import { chmod, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type Kysely, sql } from 'kysely';
import { openDatabase } from '../../book/database.ts';
import { migrate } from '../../book/migrate.ts';
import { ensureLogin, type GroupRole } from '../../book/roles.ts';
import type { Database } from '../../book/schema.ts';
import { startPostgres } from '../../dev/postgres.ts';

export interface Cluster {
  /** Makes an empty database; returns its address for the superuser. */
  create(name: string): Promise<string>;
  /** A pool that is closed when the cluster stops. */
  open(url: string, max?: number): Kysely<Database>;
  /** The same database's address for another login. */
  urlAs(url: string, user: string, password: string): string;
  /** A pool as a login of that role. */
  as(role: GroupRole, url: string): Promise<Kysely<Database>>;
  migrated(name: string): Promise<{ readonly url: string; readonly db: Kysely<Database> }>;
  stop(): Promise<void>;
}

export async function startCluster(): Promise<Cluster> {
  const directory = await mkdtemp(join(tmpdir(), 'assent-book-'));
  // Where the tests run as root, Postgres runs as another user, who has to get through.
  await chmod(directory, 0o711);
  const postgres = await startPostgres({
    directory: join(directory, 'data'),
    logFile: join(directory, 'postgres.log'),
  });
  const opened: Kysely<Database>[] = [];

  function open(url: string, max?: number): Kysely<Database> {
    const db = openDatabase(url, max === undefined ? {} : { max });
    opened.push(db);
    return db;
  }

  /** As Postgres makes it, open to everybody: to shut it is the migration's work. */
  async function create(name: string): Promise<string> {
    await sql`create database ${sql.id(name)}`.execute(superuser);
    const url = new URL(postgres.superuserUrl);
    url.pathname = `/${name}`;
    return url.href;
  }

  function urlAs(url: string, user: string, password: string): string {
    return postgres.urlFor(user, password, new URL(url).pathname.slice(1));
  }

  const superuser = open(postgres.superuserUrl, 1);
  return {
    create,
    open,
    urlAs,
    as: async (role, url) => {
      const user = `login_of_${role}`;
      await ensureLogin(open(url, 1), { user, password: 'secret', role });
      return open(urlAs(url, user, 'secret'), 2);
    },
    migrated: async (name) => {
      const url = await create(name);
      const db = open(url);
      await migrate(db);
      return { url, db };
    },
    stop: async () => {
      await Promise.all(opened.map((db) => db.destroy()));
      await postgres.stop();
      await rm(directory, { recursive: true, force: true });
    },
  };
}
