/** What a mapper says of an event, before it is a record. */
import type { Digest, JsonObject } from '../../approval/types.ts';
import type { RecordKind } from '../records.ts';
import type { HistoryEvent } from './event.ts';

export interface Told {
  readonly kind: RecordKind;
  /** The event that the record is of. */
  readonly event: HistoryEvent;
  /** The later event that tells of it, where that is another. */
  readonly by?: HistoryEvent;
  readonly digest: Digest | null;
  readonly state?: string;
  readonly detail: JsonObject;
}

/** The position of the event with which it was known. */
export function concludedAt({ event, by }: Told): number {
  return (by ?? event).position;
}
