/**
 * The records' table: appended once, idempotent under retry and concurrency, and read with what backs them.
 *
 * Backing is looked up when a record is read, never stored: a statement may be booked after its record.
 */
import { type Kysely, sql } from 'kysely';
import { AssentError } from '../approval/error.ts';
import type { Timestamp } from '../approval/types.ts';
import type { Database } from '../book/schema.ts';
import { type Backing, isBacked } from './backing.ts';
import { type AuditRecord, bytesOfRecord, type RecordKey } from './records.ts';

export interface StoredRecord {
  readonly key: RecordKey;
  /** The exact canonical JSON of the record. */
  readonly bytes: Buffer;
  readonly backing: Backing;
  readonly appended_at: Timestamp;
}

/** So many records in one statement, so that the longest history stays far from the statement timeout. */
const batchSize = 5000;

/**
 * Appends records; those that stand already, byte for byte, are passed over.
 * One round trip for each 5,000 records; two where some of them stood.
 *
 * @returns how many were new
 * @throws AssentError `record_conflict` naming the keys under which other bytes stand; the others are appended.
 *   `record_unstorable` where a name holds a NUL, which Postgres's text has not; then nothing is appended.
 */
export async function appendRecords(
  db: Kysely<Database>,
  records: readonly AuditRecord[],
): Promise<{ readonly appended: number }> {
  refuseNul(records);
  let appended = 0;
  const conflicts: RecordKey[] = [];
  for (let from = 0; from < records.length; from += batchSize) {
    const batch = records.slice(from, from + batchSize);
    const bytes = batch.map(bytesOfRecord);
    const added = await insert(db, batch, bytes);
    appended += added;
    if (added < batch.length) conflicts.push(...(await conflicting(db, batch, bytes)));
  }
  if (conflicts.length === 0) return { appended };
  throw new AssentError(
    'record_conflict',
    `Other bytes stand in the audit records under ${conflicts.map(wordsOf).join('; ')}: a history or a record was changed.`,
    { evidence: { keys: conflicts } },
  );
}

async function insert(
  db: Kysely<Database>,
  records: readonly AuditRecord[],
  bytes: readonly Buffer[],
): Promise<number> {
  const column = (name: keyof RecordKey | 'at' | 'request_id' | 'digest') =>
    records.map((record) => record[name]);
  const { numAffectedRows } = await sql`
    insert into records
      (namespace, workflow_id, run_id, event_id, kind, request_id, digest, occurred_at, record)
    select * from unnest(
      ${column('namespace')}::text[], ${column('workflow_id')}::text[], ${column('run_id')}::text[],
      ${column('event_id')}::bigint[], ${column('kind')}::text[], ${column('request_id')}::text[],
      ${column('digest')}::text[], ${column('at')}::timestamptz[], ${bytes}::bytea[])
    on conflict (namespace, workflow_id, run_id, event_id, kind) do nothing`.execute(db);
  return Number(numAffectedRows ?? 0n);
}

async function conflicting(
  db: Kysely<Database>,
  records: readonly AuditRecord[],
  bytes: readonly Buffer[],
): Promise<readonly RecordKey[]> {
  const column = (name: keyof RecordKey) => records.map((record) => record[name]);
  const { rows } = await sql<RecordKey>`
    select given.namespace, given.workflow_id, given.run_id, given.event_id::text, given.kind
    from unnest(
      ${column('namespace')}::text[], ${column('workflow_id')}::text[], ${column('run_id')}::text[],
      ${column('event_id')}::bigint[], ${column('kind')}::text[], ${bytes}::bytea[]
    ) as given (namespace, workflow_id, run_id, event_id, kind, record)
    left join records stands using (namespace, workflow_id, run_id, event_id, kind)
    where stands.record is distinct from given.record`.execute(db);
  return rows;
}

function refuseNul(records: readonly AuditRecord[]): void {
  const names = ['namespace', 'workflow_id', 'run_id', 'request_id'] as const;
  const refused = records.filter((record) => names.some((name) => record[name]?.includes('\0') ?? false));
  if (refused.length === 0) return;
  throw new AssentError(
    'record_unstorable',
    `A name with a NUL cannot be stored: ${refused.map((record) => JSON.stringify(wordsOf(record))).join('; ')}.`,
    { evidence: { keys: refused } },
  );
}

function wordsOf({ namespace, workflow_id, run_id, event_id, kind }: RecordKey): string {
  return `${namespace}/${workflow_id}/${run_id} event ${event_id} ${kind}`;
}

/** Every record that names a request, of whichever workflow and run, in order of time. One round trip. */
export async function recordsOf(db: Kysely<Database>, requestId: string): Promise<readonly StoredRecord[]> {
  const { rows } = await sql<
    RecordKey & { readonly record: Buffer; readonly backed: boolean; readonly appended_at: Date }
  >`
    select r.namespace, r.workflow_id, r.run_id, r.event_id::text, r.kind, r.record, r.appended_at,
      ${isBacked('r')} as backed
    from records r
    where r.request_id = ${requestId}
    order by r.occurred_at, r.namespace, r.workflow_id, r.run_id, r.event_id, r.kind`.execute(db);
  return rows.map(({ record, backed, appended_at, ...key }) => ({
    key,
    bytes: record,
    backing: backed ? 'backed' : 'claimed',
    appended_at: appended_at.toISOString(),
  }));
}
