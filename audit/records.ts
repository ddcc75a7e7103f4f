/**
 * The audit record: one security-relevant event of a Temporal history, as `audit/derive.ts` tells it.
 *
 *     {"at":"2026-03-01T09:30:00.000Z","detail":{…},"digest":"sha256:…","event_id":"7","kind":"previewed",
 *      "namespace":"default","request_id":"…64 hex…","run_id":"…","workflow_id":"…"}
 *
 * Whoever writes to the namespace can make Temporal tell false histories: a record is a claim, and a
 * statement in the book may back it.
 */
import { canonicalize } from '../approval/canonical-json.ts';
import type { Digest, JsonObject, StatementKind, Timestamp } from '../approval/types.ts';

export const recordKinds = [
  'requested',
  'policy_evaluated',
  'previewed',
  'delivered',
  'undeliverable',
  'decision_received',
  'decision_accepted',
  'decision_refused',
  'instructed',
  'reminded',
  'escalated',
  'expired',
  'withdrawn',
  'approved',
  'denied',
  'flooded',
  'execution_started',
  'execution_finished',
  'execution_unknown',
  'settled',
  'ended',
  'reset',
  'closed',
] as const;

export type RecordKind = (typeof recordKinds)[number];

export interface AuditRecord {
  readonly namespace: string;
  readonly workflow_id: string;
  readonly run_id: string;
  /** Decimal, as Temporal numbers the history's events. */
  readonly event_id: string;
  readonly kind: RecordKind;
  /** The event's time, by Temporal's clock. */
  readonly at: Timestamp;
  /** 64 hex; null where the event names no request, or nothing that can be one. */
  readonly request_id: string | null;
  /** Digest of the payload of the statement that the event carried; null where it carried none. */
  readonly digest: Digest | null;
  /** The workflow's own word on its state, where the event carries one. */
  readonly state?: string | null;
  /**
   * What else the event says. `requested` has `agent` and `action` (its name); `execution_finished` and
   * `settled` have `outcome`: the listing reads these.
   */
  readonly detail: JsonObject;
}

/** What makes a record one: the same key with other bytes is an alarm. */
export type RecordKey = Pick<AuditRecord, 'namespace' | 'workflow_id' | 'run_id' | 'event_id' | 'kind'>;

/** The exact bytes that are stored, hashed and compared. */
export function bytesOfRecord(record: AuditRecord): Buffer {
  return Buffer.from(canonicalize(record));
}

/** Which statements can back a record of each kind; a kind with none is always a claim. */
export const backing: { readonly [K in RecordKind]: readonly StatementKind[] } = {
  requested: ['request'],
  policy_evaluated: [],
  previewed: ['preview'],
  delivered: [],
  undeliverable: ['refusal'],
  decision_received: ['decision', 'instruction'],
  decision_accepted: ['decision'],
  decision_refused: ['decision', 'instruction'],
  instructed: ['instruction'],
  reminded: [],
  escalated: [],
  expired: [],
  withdrawn: ['instruction'],
  approved: ['decision'],
  denied: ['decision'],
  flooded: ['refusal'],
  execution_started: ['start'],
  execution_finished: ['finish', 'refusal'],
  execution_unknown: ['start'],
  settled: ['instruction'],
  ended: ['finish'],
  reset: [],
  closed: [],
};
