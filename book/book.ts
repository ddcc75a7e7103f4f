/** The book: every signed statement, by digest and by request id, and what has been consumed. */
import type { Kysely, Transaction } from 'kysely';
import { AssentError } from '../approval/error.ts';
import type { Execution, GrantBook, LockedPage as GrantPage } from '../approval/grant.ts';
import type { Digest, StatementKind, Verified } from '../approval/types.ts';
import { admit } from './admissions.ts';
import { type Appended, appendStatements, requireSubject } from './append.ts';
import { type BookedStatement, bookedOf, type Consumption, type Page, readHouse, readPage } from './page.ts';
import type { Database } from './schema.ts';

/** A request's page under its lock, as it stood when the lock was taken; one transaction. */
export interface LockedPage extends GrantPage {
  statements(): Promise<readonly BookedStatement[]>;
  readonly consumption: Consumption | null;
  /** Holds once the transaction commits. */
  append(statements: readonly Verified<StatementKind>[]): Promise<readonly Appended[]>;
}

export interface Book extends GrantBook {
  /**
   * Books statements of one request, in this order. Takes the request's lock by itself, so that nothing
   * is written beside whoever holds it. Idempotent: the very same statement is `present`.
   *
   * @throws AssentError `book_conflict` (other bytes under the same digest: an alarm), `book_other_request`
   */
  append(statements: readonly Verified<StatementKind>[]): Promise<readonly Appended[]>;
  byDigest(digest: Digest): Promise<BookedStatement | null>;
  statements(requestId: string): Promise<Page & { readonly consumed: boolean }>;
  /** The house's own page: freezes and delegations, in order of booking. */
  house(): Promise<readonly BookedStatement[]>;
  /**
   * Runs `within` under the request's lock, in one READ COMMITTED transaction; what it throws rolls back.
   * Inside, write through the page only: the book's own `append` would wait for this very lock.
   */
  locked<T>(requestId: string, within: (page: LockedPage) => Promise<T>): Promise<T>;
}

export function createBook(db: Kysely<Database>): Book {
  return {
    append: (statements) => appendStatements(db, statements),
    byDigest: (digest) => readStatement(db, digest),
    statements: async (requestId) => {
      const page = await readPage(db, requestId);
      return { ...page, consumed: page.consumption !== null };
    },
    house: () => readHouse(db),
    locked: (requestId, within) =>
      db
        .transaction()
        .setIsolationLevel('read committed')
        .execute(async (tx) =>
          within(lockedPage(tx, requestId, await readPage(tx, requestId, 'under_lock'))),
        ),
  };
}

function lockedPage(tx: Transaction<Database>, requestId: string, { booked, consumption }: Page): LockedPage {
  return {
    statements: async () => booked,
    house: () => readHouse(tx, 'under_lock'),
    admit: (admission) => admit(tx, requestId, admission),
    consumed: async () => consumption?.start_digest ?? null,
    consumption,
    append: async (statements) => {
      for (const statement of statements) requireSubject(statement, requestId);
      return appendStatements(tx, statements);
    },
    consume: async (start, execution) => {
      requireSubject(start, requestId);
      await insertConsumption(tx, start, execution);
    },
  };
}

async function insertConsumption(
  tx: Transaction<Database>,
  start: Verified<'start'>,
  { workflow_id, run_id, activity_id }: Execution,
): Promise<void> {
  const { request_id } = start.statement;
  const inserted = await tx
    .insertInto('consumptions')
    .values({ request_id, start_digest: start.digest, workflow_id, run_id, activity_id })
    .onConflict((conflict) => conflict.column('request_id').doNothing())
    .returning('request_id')
    .execute();
  if (inserted.length === 1) return;
  throw new AssentError('already_consumed', `Request ${request_id} was executed already; it runs once.`, {
    evidence: { request_id },
  });
}

async function readStatement(db: Kysely<Database>, digest: Digest): Promise<BookedStatement | null> {
  const row = await db
    .selectFrom('statements')
    .select(['digest', 'kind', 'request_id', 'envelope', 'position'])
    .where('digest', '=', digest)
    .executeTakeFirst();
  return row === undefined ? null : bookedOf(row);
}
