/**
 * Where a request stands: a pure function of its verified statements, policy and the clock.
 *
 * This is what cards show and clicks are judged by. It never reads Temporal.
 */

import { type Tally, tally } from './tally.ts';
import { type DatedDecision, type PlacedDecision, place, type Timeline, timelineOf } from './timeline.ts';
import type { PolicyDecision, Requirement, Verified } from './types.ts';

/** A request's statements as the book keeps them, each verified, in order of booking. */
export interface Dossier {
  readonly request: Verified<'request'>;
  /** The first preview; it opens the timeline. */
  readonly preview: Verified<'preview'> | null;
  readonly decisions: readonly Verified<'decision'>[];
  readonly instructions: readonly Verified<'instruction'>[];
  readonly starts: readonly Verified<'start'>[];
  readonly finishes: readonly Verified<'finish'>[];
  readonly refusals: readonly Verified<'refusal'>[];
}

export type RequestState =
  | 'allowed'
  | 'refused'
  | 'pending'
  | 'approved'
  | 'denied'
  | 'expired'
  | 'withdrawn'
  | 'undeliverable'
  | 'flooded'
  | 'running'
  | 'succeeded'
  | 'failed'
  | 'not_executed'
  | 'unknown';

export interface Standings {
  readonly state: RequestState;
  readonly timeline: Timeline | null;
  readonly placed: readonly PlacedDecision[];
  readonly tally: Tally | null;
  /** The run that stands: the Start that was not refused, or else the last refused one. */
  readonly start: Verified<'start'> | null;
  readonly finish: Verified<'finish'> | null;
  readonly withdrawal: Verified<'instruction'> | null;
  /** The gateway's own word that nobody carries this request any further, and why. */
  readonly closed: Verified<'refusal'> | null;
}

/** The step of the gateway's Refusal that says why nothing came of a request. */
export const CLOSED_STEP = 'orchestration';

/** A decision as the timeline takes it. */
export function dated({ digest, statement }: Verified<'decision'>): DatedDecision {
  const { person, verdict, standing, reason, decided_at } = statement;
  return { digest, person, verdict, stood: standing.eligible, reason, decided_at };
}

/** The decisions that bind exactly what stands now: this action, this preview, this rule. */
export function boundDecisions(
  { request, preview, decisions }: Dossier,
  policy: PolicyDecision,
): readonly Verified<'decision'>[] {
  return decisions.filter(
    ({ statement }) =>
      // A denial is of the request, whatever was previewed or ruled since.
      statement.verdict === 'deny' ||
      (statement.action_digest === request.digest &&
        statement.preview_digest === preview?.digest &&
        statement.rule_digest === policy.rule_digest),
  );
}

export function standingsOf(dossier: Dossier, policy: PolicyDecision, now: number): Standings {
  const { requirement } = policy;
  const asked = requirement !== null && dossier.preview !== null;
  const timeline = asked ? timelineOf(dossier.preview.statement.previewed_at, requirement) : null;
  const placed = timeline && requirement ? placeAll(dossier, policy, timeline, requirement) : [];
  const counted = requirement ? tally(placed, requirement) : null;
  const { start, finish } = lastRun(dossier);
  const withdrawal = dossier.instructions.find(({ statement }) => statement.verb === 'withdraw') ?? null;
  const closed = dossier.refusals.find(({ statement }) => statement.step === CLOSED_STEP) ?? null;
  const facts = { timeline, placed, tally: counted, start, finish, withdrawal, closed };
  return { state: stateOf(dossier, facts, policy, now), ...facts };
}

function placeAll(dossier: Dossier, policy: PolicyDecision, timeline: Timeline, requirement: Requirement) {
  return place(boundDecisions(dossier, policy).map(dated), timeline, requirement);
}

function lastRun({ starts, finishes }: Dossier): Pick<Standings, 'start' | 'finish'> {
  const runs = starts.map((start) => ({
    start,
    finish: finishes.find(({ statement }) => statement.start === start.digest) ?? null,
  }));
  // A Start that never consumed may lack its Finish for ever; it can't hide the run that has one.
  const ran = runs.find(({ finish }) => finish !== null && finish.statement.outcome !== 'refused');
  const open = runs.find(({ finish }) => finish === null);
  return ran ?? open ?? runs.at(-1) ?? { start: null, finish: null };
}

function stateOf(
  dossier: Dossier,
  { timeline, tally: counted, start, finish, withdrawal, closed }: Omit<Standings, 'state'>,
  policy: PolicyDecision,
  now: number,
): RequestState {
  // What ran, ran: the executor's word on that comes before anybody's word on whether it should.
  if (start !== null && finish === null)
    return now < Date.parse(start.statement.deadline) ? 'running' : 'unknown';
  if (finish?.statement.outcome === 'succeeded') return 'succeeded';
  if (finish?.statement.outcome === 'failed') return 'failed';
  if (
    dossier.decisions.some(({ statement }) => statement.verdict === 'deny' && statement.standing.eligible)
  ) {
    return 'denied';
  }
  if (withdrawal !== null) return 'withdrawn';
  if (closed !== null) return closedState(closed);
  if (finish !== null) return 'not_executed';
  if (policy.effect === 'deny') return 'refused';
  if (policy.effect === 'allow') return 'allowed';
  if (counted?.verdict === 'approved') return grantLives(counted, policy, now) ? 'approved' : 'not_executed';
  if (timeline !== null && now >= timeline.deadline) return 'expired';
  return 'pending';
}

function closedState({ statement }: Verified<'refusal'>): RequestState {
  if (statement.code === 'flooded' || statement.code === 'undeliverable') return statement.code;
  return 'not_executed';
}

function grantLives({ met_at }: Tally, { requirement }: PolicyDecision, now: number): boolean {
  if (met_at === null || requirement === null) return false;
  return now < Date.parse(met_at) + requirement.grant_ttl_seconds * 1000;
}

/** States in which nobody's decision can change anything any more. */
export function isSettled(state: RequestState): boolean {
  return state !== 'pending' && state !== 'allowed';
}
