/**
 * The timeline: which decisions have a place in a request's time, and when which people are asked.
 *
 * Pure: time is read off the executor's first preview and each decision's own `decided_at`, never off a timer.
 */
import type { DecisionStatement, Digest, Requirement, Timestamp } from './types.ts';

/** A decision and its digest, as far as time and tally need it. */
export interface DatedDecision {
  readonly digest: Digest;
  readonly person: string | null;
  readonly verdict: DecisionStatement['verdict'];
  /** The gateway's word at the time: enough for a denial, needed but not enough for an approval. */
  readonly stood: boolean;
  readonly reason: string | null;
  readonly decided_at: Timestamp;
}

export type PlacedCode =
  | 'counts'
  | 'before_preview'
  | 'after_deadline'
  | 'not_asked_yet'
  | 'not_eligible'
  | 'excluded'
  | 'person_unknown';

export interface PlacedDecision extends DatedDecision {
  readonly code: PlacedCode;
}

export interface Timeline {
  /** Milliseconds since the epoch of the first preview. */
  readonly opens: number;
  readonly deadline: number;
  /** The moments at which further people are asked, in order; index into requirement.stages. */
  readonly escalations: readonly { readonly at: number; readonly stage: number }[];
}

/** When a request opens, escalates and expires. */
export function timelineOf(previewedAt: Timestamp, requirement: Requirement): Timeline {
  const opens = Date.parse(previewedAt);
  const deadline = opens + requirement.timeout_seconds * 1000;
  const escalations = requirement.stages
    .map((stage, index) => ({ at: opens + stage.after_seconds * 1000, stage: index }))
    .filter(({ at, stage }) => stage > 0 && at < deadline);
  return { opens, deadline, escalations };
}

/** Who may decide at a moment: the people of every stage that has begun. */
export function askedAt(moment: number, timeline: Timeline, requirement: Requirement): ReadonlySet<string> {
  const begun = requirement.stages.filter((stage) => timeline.opens + stage.after_seconds * 1000 <= moment);
  return new Set(begun.flatMap((stage) => stage.people));
}

/**
 * Gives each decision its place. An approval counts when its person is eligible by the requirement as
 * evaluated now, was asked when they decided, and was not refused then: a click that was answered by no
 * does not become a yes when a group changes. A denial counts when its person stood as eligible then.
 */
export function place(
  decisions: readonly DatedDecision[],
  timeline: Timeline,
  requirement: Requirement,
): readonly PlacedDecision[] {
  return decisions.map((decision) => ({ ...decision, code: placeOf(decision, timeline, requirement) }));
}

function placeOf(decision: DatedDecision, timeline: Timeline, requirement: Requirement): PlacedCode {
  const moment = Date.parse(decision.decided_at);
  if (decision.person === null) return 'person_unknown';
  // A denial is never lost to a clock or to a later directory: it can only stop something.
  if (decision.verdict === 'deny') return decision.stood ? 'counts' : 'not_eligible';
  if (!(moment >= timeline.opens)) return 'before_preview';
  if (!(moment < timeline.deadline)) return 'after_deadline';
  const person = decision.person;
  if (requirement.excluded.some((exclusion) => exclusion.person === person)) return 'excluded';
  if (askedAt(moment, timeline, requirement).has(person)) return decision.stood ? 'counts' : 'not_eligible';
  return requirement.stages.some((stage) => stage.people.includes(person)) ? 'not_asked_yet' : 'not_eligible';
}
