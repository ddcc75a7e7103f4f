/** The same requests judged by two policies, and what comes of it counted. */
import type { RequestStatement, Timestamp } from '../client/vocabulary.ts';
import { AssentError } from '../client/vocabulary.ts';
import type { Examine } from '../policy/case.ts';
import { type Change, changesBetween } from '../policy/compare.ts';
import type { Guard } from '../policy/guard.ts';
import { changeWords, nameOf } from './policy-words.ts';
import type { AskedOnce, Recorded } from './recorded-requests.ts';

export interface Judges {
  readonly before: Guard;
  readonly after: Guard;
  readonly examine: Examine;
}

export interface Differing {
  readonly request_id: string;
  readonly agent: string;
  readonly action: string;
  readonly requested_at: Timestamp;
  readonly changes: readonly Change[];
}

interface Untold {
  /** A request id, or a line of a file. */
  readonly place: string;
  readonly why: string;
}

type Judged = { readonly alike: true } | { readonly differs: Differing } | { readonly untold: Untold };

export function judged(recorded: Recorded, { before, after, examine }: Judges): Judged {
  if ('unread' in recorded) return { untold: { place: recorded.place, why: recorded.unread } };
  const { request, preview, now } = recorded;
  try {
    const resource = recorded.resource ?? examine(request.action.name, request.action.input).resource;
    const question = { request, resource, preview, delegations: [], now };
    const [left, right] = [before.evaluate(question), after.evaluate(question)];
    if (left.needs_preview !== right.needs_preview) {
      const which = right.needs_preview ? 'new' : 'old';
      return untold(recorded, `the ${which} policy depends on its preview, and none was recorded`);
    }
    const changes = changesBetween(left, right);
    return changes.length === 0 ? { alike: true } : { differs: { ...named(request), changes } };
  } catch (error) {
    if (error instanceof AssentError) return untold(recorded, error.message);
    throw error;
  }
}

function untold({ request }: AskedOnce, why: string): Judged {
  return { untold: { place: request.request_id, why } };
}

function named({ request_id, agent, action, requested_at }: RequestStatement) {
  return { request_id, agent, action: action.name, requested_at };
}

export interface Found {
  requests: number;
  readonly differences: Differing[];
  differing: number;
  readonly untold: Untold[];
  uncertain: number;
  /** How many there are of each change of effect and rule. */
  readonly kinds: Map<string, number>;
}

export function nothing(): Found {
  return { requests: 0, differences: [], differing: 0, untold: [], uncertain: 0, kinds: new Map() };
}

/** So many are told; the others are counted. */
export const TOLD = 100;

/** Keeps no more than is told, however many there are. */
export function count(found: Found, one: Judged): void {
  found.requests += 1;
  if ('differs' in one) {
    found.differing += 1;
    if (found.differences.length < TOLD) found.differences.push(one.differs);
    const kind = kindOf(one.differs.changes);
    found.kinds.set(kind, (found.kinds.get(kind) ?? 0) + 1);
  }
  if ('untold' in one) {
    found.uncertain += 1;
    if (found.untold.length < TOLD) found.untold.push(one.untold);
  }
}

/** What changes, without the request's own: `effect: allow → deny`, `approvals, timeout`. */
function kindOf(changes: readonly Change[]): string {
  const effect = changes.find(({ field }) => field === 'effect');
  if (effect !== undefined) return changeWords(effect);
  return changes.map(({ field }) => nameOf(field)).join(', ');
}
