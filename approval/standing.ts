/** Whether a person may decide a request at this moment, and if not, why: what every click is answered by. */

import { isSettled, type Standings } from './state.ts';
import { approvedAlready, askedAt } from './tally.ts';
import type { PolicyDecision, Requirement, Verdict } from './types.ts';

export type StandingCode =
  | 'eligible'
  | 'person_unknown'
  | 'card_stale'
  | 'excluded'
  | 'not_eligible'
  | 'not_asked_yet'
  | 'already_approved'
  | 'already_denied'
  /** Of a deferral: the one it names can't decide this. */
  | 'other_not_eligible'
  | `request_${string}`;

export interface StandingQuestion {
  readonly person: string | null;
  readonly verdict: Verdict;
  /** Whom a deferral names. */
  readonly to: string | null;
  /** Does the card that was clicked say what stands now? */
  readonly cardCurrent: boolean;
  readonly standings: Standings;
  readonly policy: PolicyDecision;
  readonly now: number;
}

export function standingCode(question: StandingQuestion): StandingCode {
  const { person, verdict, to, cardCurrent, standings, policy, now } = question;
  const { requirement } = policy;
  const { timeline, placed, state } = standings;
  if (person === null) return 'person_unknown';
  if (requirement === null || timeline === null) {
    // Where nobody is asked, nobody has a denial that could be put off until a run turns out to be none.
    return verdict === 'deny' ? 'not_eligible' : `request_${state}`;
  }
  const fault = personFault(person, requirement);
  if (fault !== null) return fault;
  const asked = askedAt(now, timeline, requirement, placed);
  if (!asked.has(person)) return 'not_asked_yet';
  // Between approval and execution a denial still counts; another approval has nothing left to do.
  const open = !isSettled(state) || (state === 'approved' && verdict === 'deny');
  if (!open) return `request_${state}`;
  // A denial is of the request, whatever its card said.
  if (verdict === 'deny') return 'eligible';
  // Nothing can be approved again before it is asked again.
  if (state === 'lapsed') return 'request_lapsed';
  if (verdict === 'defer')
    return to !== null && to !== person && asked.has(to) ? 'eligible' : 'other_not_eligible';
  if (!cardCurrent) return 'card_stale';
  return saidBefore(person, question) ?? 'eligible';
}

function personFault(person: string, requirement: Requirement): 'excluded' | 'not_eligible' | null {
  if (requirement.excluded.some((exclusion) => exclusion.person === person)) return 'excluded';
  const asked = [
    ...requirement.approvals.flatMap(({ any_of }) => any_of),
    ...requirement.escalations.map(({ add }) => add),
  ];
  return asked.some(({ people }) => people.includes(person)) ? null : 'not_eligible';
}

function saidBefore(
  person: string,
  { standings: { placed, timeline }, policy: { requirement }, now }: StandingQuestion,
): StandingCode | null {
  if (timeline === null || requirement === null) return null;
  const denied = placed.some(
    (decision) => decision.person === person && decision.verdict === 'deny' && decision.code === 'counts',
  );
  if (denied) return 'already_denied';
  return approvedAlready(person, now, timeline, requirement, placed) ? 'already_approved' : null;
}
