/**
 * The timeline: when a request opens, reminds, escalates and expires, and which decisions have a place in it.
 *
 * Pure: time is read off the executor's preview and each decision's own `decided_at`, never off a timer.
 */
import type { Digest, Requirement, Timestamp, Verdict } from './types.ts';

/** A decision and its digest, as far as time and tally need it. */
export interface DatedDecision {
  readonly digest: Digest;
  readonly person: string | null;
  readonly verdict: Verdict;
  /** The gateway's word at the time: enough for a denial, needed but not enough for an approval. */
  readonly stood: boolean;
  /** Of a denial: so many people's end the request, by the rule that was answered. */
  readonly denials: number;
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
  | 'person_unknown'
  | 'deferred';

export interface PlacedDecision extends DatedDecision {
  readonly code: PlacedCode;
}

/** Moments are milliseconds since the epoch. */
export interface Timeline {
  /** When the preview was signed. */
  readonly opens: number;
  readonly deadline: number;
  /** Those that come before the deadline, in order; index into requirement.escalations. */
  readonly escalations: readonly { readonly at: number; readonly index: number }[];
  readonly reminds_at: number | null;
}

export function timelineOf(previewedAt: Timestamp, requirement: Requirement): Timeline {
  const opens = Date.parse(previewedAt);
  const deadline = opens + requirement.timeout_seconds * 1000;
  const escalations = requirement.escalations
    .map(({ after_seconds }, index) => ({ at: opens + after_seconds * 1000, index }))
    .filter(({ at }) => at < deadline)
    .toSorted((a, b) => a.at - b.at);
  const remind = requirement.remind_after_seconds;
  const reminds_at = remind === null ? null : opens + remind * 1000;
  const reminds = reminds_at !== null && reminds_at < deadline;
  return { opens, deadline, escalations, reminds_at: reminds ? reminds_at : null };
}

/** Who an escalation has added by a moment, whatever else they are. */
export function addedBy(moment: number, timeline: Timeline, requirement: Requirement): readonly string[] {
  return timeline.escalations
    .filter(({ at }) => at <= moment)
    .flatMap(({ index }) => requirement.escalations[index]?.add.people ?? []);
}

/**
 * Gives each decision its place, by itself: whether an approval also fills one is the tally's business. An
 * approval counts when its person may fill some place by the requirement as evaluated now, in time, and was not
 * refused then: a click that was answered by no does not become a yes when a group changes. A denial counts
 * when its person stood as eligible then. A deferral decides nothing.
 */
export function place(
  decisions: readonly DatedDecision[],
  timeline: Timeline,
  requirement: Requirement,
): readonly PlacedDecision[] {
  return decisions.map((decision) => ({ ...decision, code: placeOf(decision, timeline, requirement) }));
}

function placeOf(decision: DatedDecision, timeline: Timeline, requirement: Requirement): PlacedCode {
  const { person, verdict, stood } = decision;
  if (person === null) return 'person_unknown';
  // A denial is never lost to a clock or to a later directory: it can only stop something.
  if (verdict === 'deny') return stood ? 'counts' : 'not_eligible';
  if (verdict === 'defer') return stood ? 'deferred' : 'not_eligible';
  const moment = Date.parse(decision.decided_at);
  if (!(moment >= timeline.opens)) return 'before_preview';
  if (!(moment < timeline.deadline)) return 'after_deadline';
  if (requirement.excluded.some((exclusion) => exclusion.person === person)) return 'excluded';
  const listed = requirement.approvals.some((part) =>
    part.any_of.some(({ people }) => people.includes(person)),
  );
  if (listed || addedBy(moment, timeline, requirement).includes(person)) {
    return stood ? 'counts' : 'not_eligible';
  }
  const comes = requirement.escalations.some(({ add }) => add.people.includes(person));
  return comes ? 'not_asked_yet' : 'not_eligible';
}
