/** What a listing shows of a request: its state by a record, its agent and action by its statement or a record. Pure. */
import { z } from 'zod';
import type { RequestState, Standings } from '../approval/state.ts';
import type { RecordKind } from './records.ts';

/**
 * `open`: no record says yet what came of it; its statements in the book say where it stands. `held`: it may run,
 * and something keeps it from running now.
 */
export type ListedState = RequestState | 'open' | 'held';

/** By the statements in the book. */
export function stateOfCase({ state, hold, finish }: Standings): ListedState {
  const released = state === 'approved' || state === 'allowed';
  // A burst waits its turn by the executor's word on its last try.
  const waits = hold !== null || finish?.statement.code === 'limit_reached';
  return released && waits ? 'held' : state;
}

/** Where the record's kind says it all; `by_outcome` where its detail does. */
const states: { readonly [K in RecordKind]?: ListedState | 'by_outcome' } = {
  undeliverable: 'undeliverable',
  expired: 'expired',
  withdrawn: 'withdrawn',
  approved: 'approved',
  denied: 'denied',
  flooded: 'flooded',
  execution_started: 'running',
  execution_finished: 'by_outcome',
  execution_unknown: 'unknown',
  settled: 'settled',
  ended: 'ended',
};

/** The kinds of record that bear a state. */
export const bearingKinds: readonly string[] = Object.keys(states);

const outcomeSchema = z.object({
  detail: z.object({
    outcome: z.enum(['succeeded', 'failed', 'unknown', 'not_executed', 'refused']),
    code: z.string().nullable().catch(null),
  }),
});

/** The state that a record bears; an outcome that can't be read is `unknown`. */
export function stateShown(kind: RecordKind, record: Buffer): ListedState {
  const state = states[kind] ?? 'open';
  if (state !== 'by_outcome') return state;
  const { outcome = 'unknown', code } = outcomeSchema.safeParse(jsonOf(record.toString())).data?.detail ?? {};
  if (outcome !== 'refused') return outcome;
  // It ran before, in another run: this one's refusal is no word on how that ended.
  return code === 'already_consumed' ? 'unknown' : 'not_executed';
}

export interface Asked {
  readonly agent: string | null;
  /** The action's name. */
  readonly action: string | null;
}

const requestSchema = z.object({ agent: z.string(), action: z.object({ name: z.string() }) });

/** By the request's envelope, which was verified when it was booked. */
export function askedByEnvelope(envelope: string): Asked {
  const sealed = z.object({ payload: z.string() }).safeParse(jsonOf(envelope)).data;
  const payload = Buffer.from(sealed?.payload ?? '', 'base64').toString();
  const request = requestSchema.safeParse(jsonOf(payload)).data;
  return { agent: request?.agent ?? null, action: request?.action.name ?? null };
}

const detailSchema = z.object({
  detail: z.object({ agent: z.string().nullable().catch(null), action: z.string().nullable().catch(null) }),
});

/** By a `requested` record: what a history says. */
export function askedByRecord(record: Buffer): Asked {
  return detailSchema.safeParse(jsonOf(record.toString())).data?.detail ?? { agent: null, action: null };
}

function jsonOf(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    // Shown as unreadable instead of hiding every other request behind an error.
    return null;
  }
}
