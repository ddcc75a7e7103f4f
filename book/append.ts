/** Appends statements of one request to the book: one statement of SQL, which takes the request's lock itself. */
import { type Kysely, sql } from 'kysely';
import { canonicalize } from '../approval/canonical-json.ts';
import { subjectOf } from '../approval/dossier.ts';
import { AssentError } from '../approval/error.ts';
import type { Digest, StatementKind, Verified } from '../approval/types.ts';
import type { Database } from './schema.ts';

export interface Appended {
  readonly digest: Digest;
  /** `present` when the very same statement stood there before. */
  readonly outcome: 'booked' | 'present';
}

interface Row {
  readonly digest: Digest;
  readonly kind: string;
  readonly request_id: string | null;
  readonly envelope: string;
}

/** One round trip; two where something was present. */
export async function appendStatements(
  db: Kysely<Database>,
  statements: readonly Verified<StatementKind>[],
): Promise<readonly Appended[]> {
  const [first] = statements;
  if (first === undefined) return [];
  const requestId = subjectOf(first);
  const rows = statements.map((statement) => rowOf(statement, requestId));
  const booked = await insert(db, rows, requestId);
  if (booked.size < rows.length) await compare(db, rows);
  return rows.map(({ digest }) => ({ digest, outcome: booked.has(digest) ? 'booked' : 'present' }));
}

/** @throws AssentError `book_other_request`: the lock is of one request, and so is what is written under it. */
export function requireSubject(statement: Verified<StatementKind>, requestId: string | null): void {
  const subject = subjectOf(statement);
  if (subject === requestId) return;
  throw new AssentError(
    'book_other_request',
    `The ${statement.kind} ${statement.digest} is of request ${subject}, not of ${requestId}: book it by itself.`,
    { evidence: { digest: statement.digest, request_id: subject, expected: requestId } },
  );
}

function rowOf(statement: Verified<StatementKind>, requestId: string | null): Row {
  requireSubject(statement, requestId);
  const { digest, kind, envelope } = statement;
  return { digest, kind, request_id: requestId, envelope: canonicalize(envelope) };
}

/** What the house's own page is read under; null, which locks nothing, for what stands on no page. */
function lockOf(rows: readonly Row[], requestId: string | null): string | null {
  if (requestId !== null) return requestId;
  return rows.some(({ kind }) => kind === 'instruction') ? 'house' : null;
}

async function insert(
  db: Kysely<Database>,
  rows: readonly Row[],
  requestId: string | null,
): Promise<ReadonlySet<Digest>> {
  const column = (name: 'digest' | 'kind' | 'envelope') => rows.map((row) => row[name]);
  const inserted = await sql<Pick<Row, 'digest'>>`
    with held as materialized (select pg_advisory_xact_lock(hashtextextended(${lockOf(rows, requestId)}, 0)))
    insert into statements (digest, kind, request_id, envelope)
    select given.digest, given.kind, ${requestId}, given.envelope
    from held, unnest(${column('digest')}::text[], ${column('kind')}::text[], ${column('envelope')}::text[])
      with ordinality as given (digest, kind, envelope, place)
    order by given.place
    on conflict (digest) do nothing
    returning digest`.execute(db);
  return new Set(inserted.rows.map(({ digest }) => digest));
}

async function compare(db: Kysely<Database>, rows: readonly Row[]): Promise<void> {
  const digests = rows.map(({ digest }) => digest);
  const standing = await db
    .selectFrom('statements')
    .select(['digest', 'kind', 'request_id', 'envelope'])
    .where('digest', 'in', digests)
    .execute();
  const conflict = rows.find((row) => !standing.some((stands) => isSame(stands, row)));
  if (conflict === undefined) return;
  const stands = standing.find(({ digest }) => digest === conflict.digest);
  throw new AssentError(
    'book_conflict',
    `The book holds something else under ${conflict.digest}, the digest of this ${conflict.kind}: find out who wrote it.`,
    { evidence: { digest: conflict.digest, given: conflict, stands } },
  );
}

function isSame(left: Row, right: Row): boolean {
  return (
    left.digest === right.digest &&
    left.kind === right.kind &&
    left.request_id === right.request_id &&
    left.envelope === right.envelope
  );
}
