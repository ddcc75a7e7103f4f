/**
 * Decoding of a history's events, total: whatever they hold is `unknown` until it was looked at.
 *
 * Messages come from the wire or from JSON, with Long or number, null or undefined, Buffer or Uint8Array for the
 * same thing, so nothing else of Assent reads them directly.
 */
import type { Timestamp } from '../../approval/types.ts';

const names = [
  'workflowExecutionStarted',
  'workflowExecutionCompleted',
  'workflowExecutionFailed',
  'workflowExecutionTimedOut',
  'workflowExecutionCanceled',
  'workflowExecutionTerminated',
  'workflowExecutionContinuedAsNew',
  'workflowExecutionSignaled',
  'workflowTaskFailed',
  'upsertWorkflowSearchAttributes',
  'markerRecorded',
  'activityTaskScheduled',
  'activityTaskStarted',
  'activityTaskCompleted',
  'activityTaskFailed',
  'activityTaskTimedOut',
  'activityTaskCanceled',
] as const;

export type EventName = (typeof names)[number];

/** An event of a kind that records are made of. */
export interface HistoryEvent {
  /** Decimal. */
  readonly id: string;
  /** Its place among the events that matter. */
  readonly position: number;
  /** The epoch where the event has no time. */
  readonly at: Timestamp;
  readonly name: EventName;
  readonly attributes: unknown;
  /** The summary that people see in Temporal's UI. */
  readonly label: unknown;
}

/** The events that matter, in their order. */
export function eventsOf(history: unknown): readonly HistoryEvent[] {
  const events = listAt(history, 'events').flatMap((event) => {
    const name = names.find((candidate) => at(event, `${candidate}EventAttributes`) != null);
    if (name === undefined) return [];
    return {
      id: integer(at(event, 'eventId')),
      at: timeOf(at(event, 'eventTime')),
      name,
      attributes: at(event, `${name}EventAttributes`),
      label: valueIn(at(event, 'userMetadata', 'summary')),
    };
  });
  return events.map((event, position) => ({ ...event, position }));
}

/** What lies at a path; undefined where nothing does. */
export function at(value: unknown, ...path: readonly string[]): unknown {
  let found = value;
  for (const key of path) {
    if (typeof found !== 'object' || found === null) return undefined;
    const next: unknown = Reflect.get(found, key);
    found = next;
  }
  return found;
}

/** The list at a path; empty where there is none. */
export function listAt(value: unknown, ...path: readonly string[]): readonly unknown[] {
  const found = at(value, ...path);
  return Array.isArray(found) ? found : [];
}

/** A whole number of up to 63 bits, as decimal; 0 where there is none. */
export function integer(value: unknown): string {
  const decimal = typeof value === 'object' && value !== null ? longOf(value) : String(value);
  return /^[1-9][0-9]{0,17}$/.test(decimal) ? decimal : '0';
}

/** By its halves, since a Long's own methods are as foreign as its data. */
function longOf(value: object): string {
  const [low, high] = [at(value, 'low'), at(value, 'high')];
  if (!Number.isInteger(low) || !Number.isInteger(high)) return '';
  return ((BigInt(Number(high)) << 32n) | BigInt.asUintN(32, BigInt(Number(low)))).toString();
}

function timeOf(time: unknown): Timestamp {
  const seconds = Number(integer(at(time, 'seconds')));
  const nanos = Number(integer(at(time, 'nanos')));
  const date = new Date(seconds * 1000 + Math.floor(nanos / 1e6));
  const valid = date.getTime() < Date.UTC(10_000, 0) ? date : new Date(0);
  return valid.toISOString();
}

/** The value of the payload at an index, as the workflow read it; undefined where it can't be read. */
export function payloadAt(payloads: unknown, index = 0): unknown {
  return valueIn(listAt(payloads, 'payloads')[index]);
}

/** The value of one payload in JSON. */
export function valueIn(payload: unknown): unknown {
  if (utf8(at(payload, 'metadata', 'encoding')) !== 'json/plain') return undefined;
  try {
    const value: unknown = JSON.parse(utf8(at(payload, 'data')) ?? '');
    return value;
  } catch {
    // Unreadable is an answer here: derive tells it as such.
    return undefined;
  }
}

function utf8(bytes: unknown): string | null {
  return bytes instanceof Uint8Array ? new TextDecoder().decode(bytes) : null;
}
