/** The audit records as one reads them: what Temporal's history tells, and whether a signed statement says so too. */
import { z } from 'zod';
import type { Backing } from '../audit/backing.ts';
import { bearingKinds, type ListedState, stateShown } from '../audit/shown-state.ts';
import type { StoredRecord } from '../audit/store.ts';
import type { Json, Timestamp } from '../client/vocabulary.ts';
import { AssentError, parseJson } from '../client/vocabulary.ts';

export interface ToldRecord {
  readonly kind: string;
  readonly backing: Backing;
  readonly at: Timestamp | null;
  readonly workflow_id: string;
  readonly run_id: string;
  readonly event_id: string;
  readonly words: string;
  /** The whole record; null where it can't be read. */
  readonly record: Json;
}

const shape = z.object({ at: z.string(), detail: z.record(z.string(), z.json()) });

export function tellRecord({ key, bytes, backing }: StoredRecord): ToldRecord {
  const { kind, workflow_id, run_id, event_id } = key;
  const record = jsonOf(bytes);
  const { data } = shape.safeParse(record);
  const words = data === undefined ? "can't be read" : detailWords(data.detail);
  return { kind, backing, at: data?.at ?? null, workflow_id, run_id, event_id, words, record };
}

export interface ShownStates {
  /** By the newest record that bears a state; `open` where none does. */
  readonly latest: { readonly state: ListedState; readonly backing: Backing };
  /** By the newest such record that a statement backs. */
  readonly backed: ListedState | null;
}

/** @param records in order of time; a request of which no record bears a state is open by what is booked */
export function statesOf(records: readonly StoredRecord[], booked: boolean): ShownStates {
  const bearing = records.filter(({ key }) => bearingKinds.includes(key.kind));
  const latest = bearing.at(-1);
  const backed = bearing.findLast(({ backing }) => backing === 'backed');
  return {
    latest:
      latest === undefined
        ? { state: 'open', backing: booked ? 'backed' : 'claimed' }
        : { state: stateShown(latest.key.kind, latest.bytes), backing: latest.backing },
    backed: backed === undefined ? null : stateShown(backed.key.kind, backed.bytes),
  };
}

/** What tells nothing to a person: digests, and which event told it. */
const UNTOLD: ReadonlySet<string> = new Set([
  'told_by',
  'other_digest',
  'rule_digest',
  'action_digest',
  'start',
]);

function detailWords(detail: Readonly<Record<string, Json>>): string {
  return Object.entries(detail)
    .filter(([name, value]) => value !== null && !UNTOLD.has(name))
    .map(([name, value]) => `${name}=${typeof value === 'string' ? value : JSON.stringify(value)}`)
    .join(' ');
}

function jsonOf(bytes: Buffer): Json {
  try {
    return parseJson(bytes.toString());
  } catch (error) {
    if (error instanceof AssentError) return null;
    throw error;
  }
}
