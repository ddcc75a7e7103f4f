/**
 * The tally: placed decisions and requirement in, verdict with reasons out. Pure.
 *
 * Each person counts once, a denial overrides everything, and `met_at` is when the requirement was first met,
 * by whoever stood as eligible then: an approval that lapsed since does not make the others young again.
 */
import type { PlacedDecision } from './timeline.ts';
import type { Digest, Requirement, Timestamp } from './types.ts';

export interface Tally {
  readonly verdict: 'approved' | 'denied' | 'pending';
  /** The approvals that count, one a person, in the order in which they were decided. */
  readonly approvals: readonly {
    readonly person: string;
    readonly digest: Digest;
    readonly decided_at: Timestamp;
  }[];
  readonly denial: {
    readonly person: string;
    readonly digest: Digest;
    readonly reason: string | null;
  } | null;
  readonly needed: number;
  /** When the requirement was first met; null while it is not met by the approvals that count. */
  readonly met_at: Timestamp | null;
  /** In words, one sentence each. */
  readonly reasons: readonly string[];
}

export function tally(decisions: readonly PlacedDecision[], requirement: Requirement): Tally {
  const ordered = decisions.toSorted(byTime);
  const counted = ordered.filter((decision) => decision.code === 'counts');
  const denial = firstDenial(counted);
  const approvals = distinctApprovals(counted);
  const needed = requirement.count;
  const first = distinctApprovals(ordered.filter(countedThen))[needed - 1];
  const met_at = approvals.length >= needed ? (first?.decided_at ?? null) : null;
  const verdict = denial !== null ? 'denied' : met_at !== null ? 'approved' : 'pending';
  return {
    verdict,
    approvals,
    denial,
    needed,
    met_at,
    reasons: reasonsOf(decisions, approvals, denial, needed),
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

function firstDenial(counted: readonly PlacedDecision[]): Tally['denial'] {
  const denial = counted.find((decision) => decision.verdict === 'deny');
  if (denial === undefined || denial.person === null) return null;
  return { person: denial.person, digest: denial.digest, reason: denial.reason };
}

function distinctApprovals(counted: readonly PlacedDecision[]): Tally['approvals'] {
  const first = new Map<string, Tally['approvals'][number]>();
  for (const { person, verdict, digest, decided_at } of counted) {
    if (verdict === 'approve' && person !== null && !first.has(person)) {
      first.set(person, { person, digest, decided_at });
    }
  }
  return [...first.values()];
}

function reasonsOf(
  decisions: readonly PlacedDecision[],
  approvals: Tally['approvals'],
  denial: Tally['denial'],
  needed: number,
): readonly string[] {
  const refused = decisions.filter((decision) => decision.code !== 'counts');
  return [
    `${approvals.length} of ${needed} approvals: ${approvals.map(({ person }) => person).join(', ') || 'none yet'}.`,
    ...(denial === null ? [] : [`Denied by ${denial.person}: ${denial.reason ?? 'no reason given'}.`]),
    ...refused.map(
      ({ person, verdict, code }) => `${person ?? 'An unknown person'}'s ${verdict} does not count: ${code}.`,
    ),
  ];
}
