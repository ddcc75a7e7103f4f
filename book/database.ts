/** Opens the book's database: a pool with limits, whose failures are errors with stable codes. */
import {
  Kysely,
  type PostgresCursor,
  PostgresDialect,
  type PostgresPool,
  type PostgresPoolClient,
  type PostgresQueryResult,
} from 'kysely';
import { DatabaseError, Pool, type PoolClient } from 'pg';
import { AssentError } from '../approval/error.ts';
import type { Database } from './schema.ts';

export interface DatabaseOptions {
  /** Connections at most; 10 unless told. */
  readonly max?: number;
  /** How long a transaction may stand still before Postgres ends it, in milliseconds; 15 s unless told. */
  readonly idleInTransactionMs?: number;
}

/**
 * A typed connection pool; it connects when first used. Close it with `destroy()`.
 *
 * Every query may throw AssentError `database_unreachable` (no connection, or it broke: whether a write
 * that was under way holds is then unknown) or `database_timeout` (a lock or a statement took too long;
 * nothing of it holds).
 *
 * @param url `postgres://user:password@host:port/database`
 */
export function openDatabase(
  url: string,
  { max = 10, idleInTransactionMs = 15_000 }: DatabaseOptions = {},
): Kysely<Database> {
  const pool = new Pool({
    connectionString: url,
    application_name: 'assent',
    max,
    connectionTimeoutMillis: 5_000,
    idleTimeoutMillis: 30_000,
    keepAlive: true,
    statement_timeout: 10_000,
    lock_timeout: 5_000,
    idle_in_transaction_session_timeout: idleInTransactionMs,
  });
  // A connection that breaks while it idles is dropped by the pool; the next query opens another or says why not.
  pool.on('error', ignoreBrokenConnection);
  return new Kysely<Database>({ dialect: new PostgresDialect({ pool: namingErrors(pool, placeOf(url)) }) });
}

function namingErrors(pool: Pool, place: string): PostgresPool {
  return {
    options: pool.options,
    end: () => pool.end(),
    connect: async () => {
      try {
        return withNamedErrors(await pool.connect(), place);
      } catch (error) {
        throw unreachable(place, error);
      }
    },
  };
}

function withNamedErrors(client: PoolClient, place: string): PostgresPoolClient {
  // Without a listener a connection that breaks between two queries would end the process; the next query says it.
  client.on('error', ignoreBrokenConnection);

  function query<R>(text: string, values: readonly unknown[]): Promise<PostgresQueryResult<R>>;
  function query<R>(cursor: PostgresCursor<R>): PostgresCursor<R>;
  function query(text: unknown, values: readonly unknown[] = []): unknown {
    if (typeof text !== 'string') throw new TypeError('Cursors are not used on the book.');
    return client.query(text, [...values]).catch((error: unknown) => {
      throw named(error, place);
    });
  }

  function release(destroy?: boolean): void {
    client.off('error', ignoreBrokenConnection);
    client.release(destroy);
  }

  return { query, release };
}

function ignoreBrokenConnection(): void {
  // Told to whoever asks next.
}

function named(error: unknown, place: string): unknown {
  if (error instanceof TypeError) return error;
  // What is not an answer of the server's is the connection's end.
  if (!(error instanceof DatabaseError)) return unreachable(place, error);
  const state = error.code ?? '';
  if (state.startsWith('08') || state.startsWith('57P') || state === '25P03')
    return unreachable(place, error);
  if (state === '55P03' || state === '57014') {
    return new AssentError('database_timeout', `Postgres at ${place} gave up waiting: ${error.message}.`, {
      cause: error,
    });
  }
  return error;
}

function unreachable(place: string, cause: unknown): AssentError {
  return new AssentError(
    'database_unreachable',
    `Postgres at ${place} cannot be reached: ${wordsOf(cause)}. Is it running, and is DATABASE_URL right?`,
    { cause },
  );
}

function wordsOf(cause: unknown): string {
  if (cause instanceof AggregateError) return cause.errors.map(wordsOf).join('; ');
  return cause instanceof Error ? cause.message : String(cause);
}

/** Host and database for messages; never the password. */
function placeOf(url: string): string {
  const parsed = URL.parse(url);
  return parsed === null ? 'an address that is no URL' : `${parsed.host}${parsed.pathname}`;
}
