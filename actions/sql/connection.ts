/** One transaction on a target, with every setting pinned that could change what a statement means. */
import pg from 'pg';
import { AssentError } from '../../approval/error.ts';

export interface Target {
  /** Its name in the configuration. */
  readonly database: string;
  readonly url: string;
}

export type Cell = string | null;

export interface Rows {
  readonly columns: readonly string[];
  /** What Postgres says it did: `SELECT`, `UPDATE`, `COMMIT`. */
  readonly command: string;
  /** How many rows the statement gave or changed. */
  readonly count: number;
  readonly rows: readonly (readonly Cell[])[];
}

export type Value = string | number | boolean | null;

export interface Query {
  readonly text: string;
  /** Bound to $1, $2 …, never spliced. */
  readonly values?: readonly Value[];
  /** Put before the text; places in errors are told without it. */
  readonly before?: string;
}

export interface Session {
  /** Runs one statement; every value comes back as Postgres's own text. */
  query(query: Query): Promise<Rows>;
}

const CONNECT_MS = 10_000;

/** pg_catalog first, so that no object of another schema stands in for a built-in one; temporary tables last. */
const PINNED: Readonly<Record<string, string>> = {
  search_path: 'pg_catalog, public, pg_temp',
  lock_timeout: '2s',
  idle_in_transaction_session_timeout: '60s',
  // A broken connection ends the statement, instead of leaving it to run for nobody.
  client_connection_check_interval: '1s',
  standard_conforming_strings: 'on',
  backslash_quote: 'safe_encoding',
  transform_null_equals: 'off',
  row_security: 'on',
  // All rows will be fetched.
  cursor_tuple_fraction: '1',
  datestyle: 'ISO, YMD',
  intervalstyle: 'postgres',
  timezone: 'UTC',
  bytea_output: 'hex',
  extra_float_digits: '1',
  // What is told as done must outlive a crash of the server.
  synchronous_commit: 'on',
};

/**
 * Runs `work` in a session of its own. Whatever transaction it leaves open ends with the session, rolled back.
 *
 * @param timeoutSeconds after this and some seconds more, a server that does not answer counts as unreachable
 * @throws AssentError `target_unreachable`, `sql_failed`, `sql_timeout`, `cancelled`, and what `work` throws
 */
export async function withSession<Result>(
  target: Target,
  timeoutSeconds: number,
  signal: AbortSignal,
  work: (session: Session) => Promise<Result>,
): Promise<Result> {
  const client = new pg.Client({
    connectionString: target.url,
    connectionTimeoutMillis: CONNECT_MS,
    query_timeout: timeoutSeconds * 1000 + CONNECT_MS,
    application_name: 'assent',
    types: { getTypeParser: () => (text: unknown) => text },
  });
  // A connection that breaks between two queries is also reported by the next query.
  let broken: string | null = null;
  client.on('error', (error) => {
    broken = codeOf(error);
  });
  const session: Session = {
    query: async ({ text, values = [], before = '' }) => {
      try {
        if (broken !== null) throw unreachable(target, broken);
        signal.throwIfAborted();
        const { fields, rows, command, rowCount } = await client.query<Cell[]>({
          text: before + text,
          values: [...values],
          rowMode: 'array',
        });
        return { columns: fields.map(({ name }) => name), rows, command, count: rowCount ?? 0 };
      } catch (error) {
        throw failure(target, signal, error, before.length);
      }
    },
  };
  const stop = () => void client.end();
  signal.addEventListener('abort', stop, { once: true });
  try {
    await connect(client, target, signal);
    return await work(session);
  } finally {
    signal.removeEventListener('abort', stop);
    await client.end();
  }
}

async function connect(client: pg.Client, target: Target, signal: AbortSignal): Promise<void> {
  try {
    signal.throwIfAborted();
    await client.connect();
  } catch (error) {
    throw signal.aborted ? cancelled(target) : unreachable(target, codeOf(error));
  }
}

/** Holds the settings for the transaction that has begun. */
export async function pin(session: Session, timeoutSeconds: number): Promise<void> {
  const pairs = Object.entries({ ...PINNED, statement_timeout: `${timeoutSeconds}s` });
  const calls = pairs.map((_, index) => `pg_catalog.set_config($${index * 2 + 1}, $${index * 2 + 2}, true)`);
  await session.query({ text: `SELECT ${calls.join(', ')}`, values: pairs.flat() });
}

/** Postgres's messages can quote values, so code and position are all that is told, and no cause is kept. */
function failure(target: Target, signal: AbortSignal, error: unknown, before: number): AssentError {
  if (error instanceof AssentError) return error;
  if (signal.aborted) return cancelled(target);
  const code = codeOf(error);
  if (!(error instanceof pg.DatabaseError)) return unreachable(target, code);
  const { database } = target;
  if (code === '57014') {
    return new AssentError('sql_timeout', `The database ${database} took too long; ask for less at once.`);
  }
  const position = Number(error.position) - before;
  const place = position > 0 ? ` at character ${position}` : '';
  return new AssentError(
    'sql_failed',
    `The database ${database} refused the statement: SQLSTATE ${code}${place}.`,
    {
      evidence: { sqlstate: code },
    },
  );
}

function unreachable({ database }: Target, code: string): AssentError {
  return new AssentError(
    'target_unreachable',
    `The database ${database} cannot be reached (${code}); check its address and credentials in the executor's configuration.`,
  );
}

export function cancelled({ database }: Target): AssentError {
  return new AssentError('cancelled', `The work on ${database} was cancelled.`);
}

function codeOf(error: unknown): string {
  if (typeof error !== 'object' || error === null || !('code' in error)) return 'no code';
  return typeof error.code === 'string' ? error.code : 'no code';
}
