/** Whether a person may decide a request at this moment, and if not, why: what every click is answered by. */

import { isSettled, type Standings } from './state.ts';
import { askedAt } from './timeline.ts';
import type { PolicyDecision } from './types.ts';

export type StandingCode =
  | 'eligible'
  | 'person_unknown'
  | 'card_stale'
  | 'excluded'
  | 'not_eligible'
  | 'not_asked_yet'
  | 'already_approved'
  | `request_${string}`;

export interface StandingQuestion {
  readonly person: string | null;
  readonly verdict: 'approve' | 'deny';
  /** Does the card that was clicked say what stands now? */
  readonly cardCurrent: boolean;
  readonly standings: Standings;
  readonly policy: PolicyDecision;
  readonly now: number;
}

export function standingCode({
  person,
  verdict,
  cardCurrent,
  standings,
  policy,
  now,
}: StandingQuestion): StandingCode {
  const { requirement } = policy;
  const { timeline, tally } = standings;
  if (person === null) return 'person_unknown';
  if (requirement === null || timeline === null) return `request_${standings.state}`;
  if (requirement.excluded.some((exclusion) => exclusion.person === person)) return 'excluded';
  if (!requirement.stages.some(({ people }) => people.includes(person))) return 'not_eligible';
  if (!askedAt(now, timeline, requirement).has(person)) return 'not_asked_yet';
  // Between approval and execution a denial still counts; another approval has nothing left to do.
  const open = !isSettled(standings.state) || (standings.state === 'approved' && verdict === 'deny');
  if (!open) return `request_${standings.state}`;
  // A denial is of the request, whatever its card said.
  if (verdict === 'deny') return 'eligible';
  if (!cardCurrent) return 'card_stale';
  const approved = tally?.approvals.some((approval) => approval.person === person) ?? false;
  return approved ? 'already_approved' : 'eligible';
}
