/** Which approvals and denials have weight, and who of those who said something is one and the same voter. Pure. */
import { isCount, votersBy } from './filling.ts';
import type { Approval } from './places.ts';
import { addedBy, type PlacedDecision, type Timeline } from './timeline.ts';
import type { Digest, Requirement } from './types.ts';

export interface Denial {
  readonly person: string;
  readonly voter: string;
  readonly digest: Digest;
  readonly reason: string | null;
  readonly moment: number;
  /** So many end the request. */
  readonly needed: number;
}

/** What of all that was said has weight. */
export interface Heard {
  /** Approvals that count and that no denial overrides, in order of time. */
  readonly counting: readonly Approval[];
  /** Approvals that counted when they were given, in order of time; one that lapsed may have filled any place. */
  readonly everCounted: readonly Approval[];
  /** One of each person, in order of time: no later delegation makes two of them one. */
  readonly denials: readonly Denial[];
  readonly voterOf: (person: string) => string;
}

export function hear(placed: readonly PlacedDecision[], requirement: Requirement, timeline: Timeline): Heard {
  const voterOf = votersBy(requirement.deputies);
  const denials = new Map<string, Denial>();
  /** Since when, by voter: a denial takes away the approvals of all who are one with its person. */
  const overridden = new Map<string, number>();
  const approvals: (Approval & { lapsed: boolean })[] = [];
  for (const decision of placed.toSorted(byTime)) {
    const { person, code, verdict, digest, reason, decided_at } = decision;
    if (person === null) continue;
    const voter = voterOf(person);
    const moment = Date.parse(decided_at);
    if (verdict === 'deny' && code === 'counts') {
      const needed = isCount(decision.denials) ? decision.denials : 1;
      const before = denials.get(person);
      const least = Math.min(needed, before?.needed ?? needed);
      denials.set(person, { person, voter, digest, reason, moment, ...before, needed: least });
      if (!overridden.has(voter)) overridden.set(voter, moment);
    }
    if (verdict === 'approve' && countedThen(decision)) {
      const lapsed = code !== 'counts';
      const anywhere = lapsed || addedBy(moment, timeline, requirement).includes(person);
      approvals.push({ person, voter, digest, decided_at, moment, anywhere, lapsed });
    }
  }
  return {
    counting: approvals.filter(({ voter, lapsed }) => !lapsed && !overridden.has(voter)),
    everCounted: approvals.filter(({ voter, moment }) => moment < (overridden.get(voter) ?? moment + 1)),
    denials: [...denials.values()],
    voterOf,
  };
}

/** In its time and not refused then, even where its person may not approve any more. */
function countedThen({ code, stood }: PlacedDecision): boolean {
  return code === 'counts' || (stood && (code === 'not_eligible' || code === 'excluded'));
}

function byTime(a: PlacedDecision, b: PlacedDecision): number {
  // Canonical timestamps sort as text; the digest makes the order total.
  const left = `${a.decided_at} ${a.digest}`;
  const right = `${b.decided_at} ${b.digest}`;
  return left < right ? -1 : left > right ? 1 : 0;
}
