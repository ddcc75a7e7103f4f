/** The audit records as they stand in Postgres, read as the role assent_reader. */
import { subjectOf } from '../../../approval/dossier.ts';
import { keysFor } from '../../../approval/keyring.ts';
import { openStatement } from '../../../approval/statements.ts';
import type { StatementKind } from '../../../approval/types.ts';
import {
  type AuditRecord,
  backing,
  bytesOfRecord,
  type RecordKey,
  type RecordKind,
} from '../../../audit/records.ts';
import { recordsOf, type StoredRecord } from '../../../audit/store.ts';
import { createBook } from '../../../book/book.ts';
import type { World } from '../world.ts';

/** By its key, each record's exact bytes. */
export async function storedBytes({ reader }: World): Promise<ReadonlyMap<string, string>> {
  const rows = await reader
    .selectFrom('records')
    .select(['namespace', 'workflow_id', 'run_id', 'event_id', 'kind', 'record'])
    .execute();
  return new Map(rows.map((row) => [nameOf(row), row.record.toString()]));
}

export interface Differences {
  readonly missing: readonly string[];
  readonly extra: readonly string[];
  readonly altered: readonly string[];
}

/** What stands in Postgres, held against what the histories give. */
export function differences(
  stored: ReadonlyMap<string, string>,
  records: readonly AuditRecord[],
): Differences {
  const given = new Map(records.map((record) => [nameOf(record), bytesOfRecord(record).toString()]));
  return {
    missing: [...given.keys()].filter((name) => !stored.has(name)),
    extra: [...stored.keys()].filter((name) => !given.has(name)),
    altered: [...given].flatMap(([name, bytes]) =>
      stored.get(name) === bytes || !stored.has(name) ? [] : [name],
    ),
  };
}

function nameOf({ namespace, workflow_id, run_id, event_id, kind }: Record<keyof RecordKey, string>): string {
  return [namespace, workflow_id, run_id, event_id, kind].join(' ');
}

/** Every record that names a request, of all requests. */
export async function recordsOfAll({ reader }: World): Promise<readonly StoredRecord[]> {
  const rows = await reader
    .selectFrom('records')
    .select('request_id')
    .where('request_id', 'is not', null)
    .distinct()
    .execute();
  const found = await Promise.all(rows.map(({ request_id }) => recordsOf(reader, request_id ?? '')));
  return found.flat();
}

/** `null` where a backed record names a statement in the book that verifies, fits and is of its request. */
export async function faultOf({ reader, judge }: World, record: StoredRecord): Promise<string | null> {
  const { digest, request_id, kind } = partsOf(record);
  const named = digest === null ? null : await createBook(reader).byDigest(digest);
  if (named === null) return `${kind}: names no statement in the book`;
  const { ring } = judge;
  const trust = { keys: keysFor(named.kind, ring), audience: ring.audience };
  const statement = openStatement<StatementKind>(named.kind, named.envelope, trust);
  const fits = backing[kind].includes(named.kind);
  const same = statement.digest === digest && subjectOf(statement) === request_id;
  return fits && same ? null : `${kind}: names ${named.kind} ${digest}, of ${subjectOf(statement)}`;
}

/** `<a part of the detail> <backing>` of a request's records of one kind, in order of time. */
export async function backingOf(
  { reader }: World,
  requestId: string,
  kind: RecordKind,
  part = 'code',
): Promise<readonly string[]> {
  const records = await recordsOf(reader, requestId);
  return records
    .filter((record) => record.key.kind === kind)
    .map((record) => `${partsOf(record).detail[part]} ${record.backing}`);
}

function partsOf({ bytes }: StoredRecord): AuditRecord {
  return JSON.parse(bytes.toString());
}
