/** A book in memory, one request's page at a time under a lock; what it gives back went through text, as in storage. */

import { subjectOf } from '../../approval/dossier.ts';
import type { StatementKind, Timestamp, Verified } from '../../approval/types.ts';
import type { Book, LockedPage } from '../../book/book.ts';
import type { BookedStatement, Consumption } from '../../book/page.ts';

export interface MemoryBook extends Book {
  readonly rows: BookedStatement[];
  readonly consumptions: Consumption[];
  /** Thrown by the next calls, as an outage would. */
  outage: Error | null;
  /** What every limit says: when there is room again; null where there is now. */
  full: Timestamp | null;
}

export function memoryBook(): MemoryBook {
  let last: Promise<unknown> = Promise.resolve();
  const alone = <T>(run: () => Promise<T>): Promise<T> => {
    const turn = last.then(run);
    last = turn.catch(() => undefined);
    return turn;
  };
  const reachable = (): void => {
    if (book.outage !== null) throw book.outage;
  };
  const write = (statements: readonly Verified<StatementKind>[]) =>
    statements.map((statement) => {
      const { digest, kind, envelope } = statement;
      const present = book.rows.some((row) => row.digest === digest);
      if (!present) {
        const request_id = subjectOf(statement);
        const row = { digest, kind, request_id, envelope: JSON.parse(JSON.stringify(envelope)) };
        book.rows.push({ ...row, position: book.rows.length });
      }
      return { digest, outcome: present ? ('present' as const) : ('booked' as const) };
    });
  const read = (requestId: string) => ({
    booked: book.rows.filter(({ request_id }) => request_id === requestId),
    consumption: book.consumptions.find(({ request_id }) => request_id === requestId) ?? null,
  });
  const housePage = () =>
    book.rows.filter(({ kind, request_id }) => kind === 'instruction' && request_id === null);
  const pageOf = (requestId: string): LockedPage => {
    const { booked, consumption } = read(requestId);
    return {
      statements: async () => booked,
      house: async () => housePage(),
      admit: async () => book.full,
      consumed: async () => consumption?.start_digest ?? null,
      consumption,
      append: async (statements) => write(statements),
      consume: async (start, execution) => {
        const consumed_at = start.statement.started_at;
        const row = { request_id: requestId, start_digest: start.digest, ...execution, consumed_at };
        book.consumptions.push(row);
      },
    };
  };
  const book: MemoryBook = {
    rows: [],
    consumptions: [],
    outage: null,
    full: null,
    append: (statements) =>
      alone(async () => {
        reachable();
        return write(statements);
      }),
    byDigest: async (digest) => book.rows.find((row) => row.digest === digest) ?? null,
    statements: async (requestId) => {
      reachable();
      const page = read(requestId);
      return { ...page, consumed: page.consumption !== null };
    },
    house: async () => {
      reachable();
      return housePage();
    },
    locked: (requestId, within) =>
      alone(async () => {
        reachable();
        return within(pageOf(requestId));
      }),
  };
  return book;
}
