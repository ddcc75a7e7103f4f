/** The tables of the book and of the audit records, as Kysely's types: what is written once has no update type. */
import type { ColumnType } from 'kysely';
import type { Digest } from '../approval/types.ts';

/** Written when the row is, never again. */
type Once<T> = ColumnType<T, T, never>;
/** The database's own word; no role may write it. */
type Given<T> = ColumnType<T, never, never>;

/** The append-only book of signed statements. */
export interface StatementsTable {
  readonly digest: Once<Digest>;
  readonly kind: Once<string>;
  readonly request_id: Once<string | null>;
  /** The exact canonical JSON of the DSSE envelope. */
  readonly envelope: Once<string>;
  readonly booked_at: Given<Date>;
  /** Order of booking within a request id. Not commit-ordered across requests: never tail the table by it. */
  readonly position: Given<string>;
}

/** One row a request id, ever: the right to run it has been used. */
export interface ConsumptionsTable {
  readonly request_id: Once<string>;
  readonly start_digest: Once<Digest>;
  readonly workflow_id: Once<string>;
  readonly run_id: Once<string>;
  readonly activity_id: Once<string>;
  readonly consumed_at: Given<Date>;
}

/** What the gateway has said to Temporal. */
export interface ForwardedTable {
  readonly digest: Once<Digest>;
  readonly outcome: Once<'signalled' | 'no_workflow'>;
  readonly forwarded_at: Given<Date>;
}

/** What was posted where, so that a retry posts nothing twice. */
export interface PostingsTable {
  readonly request_id: Once<string>;
  readonly channel: Once<string>;
  readonly key: Once<string>;
  readonly place: Once<string>;
  readonly reference: Once<string>;
  readonly posted_at: Given<Date>;
}

/** What the executor does that has an end: written before it is done. */
export interface LeasesTable {
  readonly request_id: Once<string>;
  readonly start_digest: Once<Digest>;
  readonly action: Once<string>;
  readonly ends_at: Once<Date>;
  readonly leased_at: Given<Date>;
}

/** One row a lease that has ended: nothing is left of it. */
export interface LeaseEndsTable {
  readonly request_id: Once<string>;
  readonly finish_digest: Once<Digest>;
  readonly ended_at: Given<Date>;
}

/** The records derived from Temporal's histories. */
export interface RecordsTable {
  readonly namespace: Once<string>;
  readonly workflow_id: Once<string>;
  readonly run_id: Once<string>;
  readonly event_id: Once<string>;
  readonly kind: Once<string>;
  readonly request_id: Once<string | null>;
  /** Digest of the statement that the event carried, by the history's word. */
  readonly digest: Once<string | null>;
  readonly occurred_at: ColumnType<Date, string, never>;
  /** The exact canonical JSON of the record; what is hashed and compared. */
  readonly record: Once<Buffer>;
  readonly appended_at: Given<Date>;
}

/** What was counted against a limit. */
export interface AdmissionsTable {
  readonly request_id: Once<string>;
  readonly agent: Once<string>;
  readonly rule: Once<string>;
  readonly admitted_at: Given<Date>;
}

export interface Database {
  readonly statements: StatementsTable;
  readonly consumptions: ConsumptionsTable;
  readonly forwarded: ForwardedTable;
  readonly postings: PostingsTable;
  readonly records: RecordsTable;
  readonly leases: LeasesTable;
  readonly lease_ends: LeaseEndsTable;
  readonly admissions: AdmissionsTable;
}
