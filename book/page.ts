/** One request's page in the book: its statements in order of booking and its consumption, in one query. */
import { type Kysely, sql } from 'kysely';
import type { BookedStatement as Booked } from '../approval/dossier.ts';
import { AssentError } from '../approval/error.ts';
import { statementKinds } from '../approval/statements.ts';
import type { Digest, Timestamp } from '../approval/types.ts';
import type { Database } from './schema.ts';

/** As it comes out of storage. Whoever relies on its `envelope` opens it with `openStatement` first. */
export interface BookedStatement extends Booked {
  readonly request_id: string | null;
  /** Order of booking within the request. */
  readonly position: number;
}

export interface Consumption {
  readonly request_id: string;
  readonly start_digest: Digest;
  readonly workflow_id: string;
  readonly run_id: string;
  readonly activity_id: string;
  readonly consumed_at: Timestamp;
}

export interface Page {
  /** In order of booking. */
  readonly booked: readonly BookedStatement[];
  readonly consumption: Consumption | null;
}

/** A row of `statements` as far as it is read. */
export interface StatementRow {
  readonly digest: Digest;
  readonly kind: string;
  readonly request_id: string | null;
  readonly envelope: string;
  readonly position: string;
}

/** One side of the join or both may be missing. */
type PageRow =
  | (StatementRow & ConsumptionColumns)
  | ({ readonly [K in keyof StatementRow]: null } & ConsumptionColumns);

interface ConsumptionColumns {
  readonly start_digest: Digest | null;
  readonly workflow_id: string;
  readonly run_id: string;
  readonly activity_id: string;
  readonly consumed_at: Date;
}

/** One round trip. `under_lock` takes the request's lock first, until the transaction ends. */
export async function readPage(
  db: Kysely<Database>,
  requestId: string,
  mode: 'as_it_stands' | 'under_lock' = 'as_it_stands',
): Promise<Page> {
  const { rows } = await sql<PageRow>`
    select * from page_of(${requestId}, under_lock => ${mode === 'under_lock'})`.execute(db);
  return {
    booked: rows.flatMap((row) => (row.digest === null ? [] : [bookedOf(row)])),
    consumption: consumptionOf(requestId, rows[0]),
  };
}

/** The house's own page, in order of booking. `under_lock` keeps others from adding to it until the transaction ends. */
export async function readHouse(
  db: Kysely<Database>,
  mode: 'as_it_stands' | 'under_lock' = 'as_it_stands',
): Promise<readonly BookedStatement[]> {
  const { rows } = await sql<StatementRow>`
    select * from house_page(under_lock => ${mode === 'under_lock'})`.execute(db);
  return rows.map(bookedOf);
}

/** @throws AssentError `book_unreadable` */
export function bookedOf({ digest, kind, request_id, envelope, position }: StatementRow): BookedStatement {
  const known = statementKinds.find((candidate) => candidate === kind);
  // Passing over what this version does not know might pass over what forbids.
  if (known === undefined) throw unreadable(digest, `is of the unknown kind ${kind}; run a newer version`);
  return { digest, kind: known, request_id, envelope: parse(digest, envelope), position: Number(position) };
}

function parse(digest: Digest, envelope: string): unknown {
  try {
    return JSON.parse(envelope);
  } catch (cause) {
    throw unreadable(digest, 'is not JSON; restore the book', cause);
  }
}

function consumptionOf(requestId: string, columns: ConsumptionColumns | undefined): Consumption | null {
  if (columns === undefined || columns.start_digest === null) return null;
  const { start_digest, workflow_id, run_id, activity_id, consumed_at } = columns;
  return {
    request_id: requestId,
    start_digest,
    workflow_id,
    run_id,
    activity_id,
    consumed_at: consumed_at.toISOString(),
  };
}

function unreadable(digest: Digest, why: string, cause?: unknown): AssentError {
  return new AssentError('book_unreadable', `The book's statement ${digest} ${why}.`, {
    cause,
    evidence: { digest },
  });
}
