/**
 * Where a request stands: a pure function of its verified statements, policy and the clock.
 *
 * This is what cards show and clicks are judged by. It never reads Temporal.
 */

import { freezeOf, type House } from './house.ts';
import { saying, type VerifiedInstruction } from './instruction.ts';
import type { Keyring } from './keyring.ts';
import { type Tally, tally } from './tally.ts';
import { type DatedDecision, type PlacedDecision, place, type Timeline, timelineOf } from './timeline.ts';
import type { PolicyDecision, Requirement, Timestamp, Verified } from './types.ts';
import type { Examined } from './view.ts';
import { holdAt } from './windows.ts';

/** A request's statements as the book keeps them, each verified, in order of booking. */
export interface Dossier {
  readonly request: Verified<'request'>;
  /** In order of their revisions. */
  readonly previews: readonly Verified<'preview'>[];
  /** The last of them, which decisions bind and whose time counts. */
  readonly preview: Verified<'preview'> | null;
  readonly decisions: readonly Verified<'decision'>[];
  readonly instructions: readonly Verified<'instruction'>[];
  readonly starts: readonly Verified<'start'>[];
  readonly finishes: readonly Verified<'finish'>[];
  readonly refusals: readonly Verified<'refusal'>[];
}

/** Everything that says where a request stands. */
export interface Situation {
  readonly dossier: Dossier;
  readonly house: House;
  readonly policy: PolicyDecision;
  readonly examined: Examined;
  readonly ring: Keyring;
  /** Milliseconds since the epoch. */
  readonly now: number;
}

export type RequestState =
  | 'allowed'
  | 'refused'
  | 'pending'
  | 'approved'
  /** Approved, and not executed in time: it is about to be asked anew. */
  | 'lapsed'
  | 'denied'
  | 'expired'
  | 'withdrawn'
  | 'undeliverable'
  | 'flooded'
  | 'running'
  | 'succeeded'
  /** Executed, and in force until its end. */
  | 'active'
  | 'ended'
  | 'failed'
  | 'not_executed'
  | 'unknown'
  /** A person said what the target shows of an unknown outcome. */
  | 'settled';

/** What keeps an action from running now, though nothing has ended it. */
export interface Hold {
  readonly code: 'frozen' | 'not_before' | 'outside_window' | 'change_freeze';
  /** When it may run again by itself; null where only a person can lift it, or nobody knows. */
  readonly opens: Timestamp | null;
  readonly words: string;
}

export interface Standings {
  readonly state: RequestState;
  readonly timeline: Timeline | null;
  readonly placed: readonly PlacedDecision[];
  readonly tally: Tally | null;
  /** The run that stands: the Start that was not refused, or else the last refused one. */
  readonly start: Verified<'start'> | null;
  readonly finish: Verified<'finish'> | null;
  readonly withdrawal: VerifiedInstruction<'withdraw'> | null;
  /** The gateway's own word that nobody carries this request any further, and why. */
  readonly closed: Verified<'refusal'> | null;
  readonly hold: Hold | null;
  /** A release by one person alone, and what others said of it. */
  readonly glass: {
    readonly broken: VerifiedInstruction<'break_glass'>;
    readonly review: VerifiedInstruction<'review'> | null;
  } | null;
  readonly settlement: VerifiedInstruction<'settle'> | null;
  /** Of an action that has an end. */
  readonly lease: {
    readonly until: Timestamp;
    readonly revoked: VerifiedInstruction<'revoke'> | null;
    readonly ended: Verified<'finish'> | null;
  } | null;
}

/** The step of the gateway's Refusal that says why nothing came of a request. */
export const CLOSED_STEP = 'orchestration';

/** Codes of the executor's second Finish, which says that what had an end has ended. */
export const ENDED_CODES: ReadonlySet<string> = new Set(['ended', 'revoked']);

/** A decision as the timeline takes it. */
export function dated({ digest, statement }: Verified<'decision'>): DatedDecision {
  const { person, verdict, standing, reason, decided_at } = statement;
  return { digest, person, verdict, stood: standing.eligible, denials: standing.denials, reason, decided_at };
}

/** The decisions that bind exactly what stands now: this action, this preview, this rule, with all it asks for. */
export function boundDecisions({
  dossier: { request, preview, decisions },
  policy,
  examined,
  ring,
}: Omit<Situation, 'house' | 'now'>): readonly Verified<'decision'>[] {
  const target = preview === null ? null : examined.present(preview.statement.facts).target;
  return decisions.filter(
    (decision) =>
      // A denial is of the request, whatever was previewed or ruled since.
      decision.statement.verdict === 'deny' ||
      (decision.statement.action_digest === request.digest &&
        decision.statement.preview_digest === preview?.digest &&
        decision.statement.rule_digest === policy.rule_digest &&
        bringsAll(decision, policy, target, ring)),
  );
}

/** Whether an approval brings what the rule asks of approvers. */
function bringsAll(
  { statement, keyids }: Verified<'decision'>,
  { requirement }: PolicyDecision,
  target: string | null,
  { people }: Keyring,
): boolean {
  const { person, reason, typed } = statement;
  const brought: Readonly<Record<Requirement['require'][number], () => boolean>> = {
    reason: () => reason !== null && reason.trim() !== '',
    typed: () => typed !== null && typed === target,
    own_key: () => people.some(({ name, keyid }) => name === person && keyids.includes(keyid)),
  };
  return (requirement?.require ?? []).every((need) => brought[need]());
}

/** Whether so many people as one of them said it takes have denied; no later policy takes that back. */
export function isDenied(denials: readonly Verified<'decision'>[]): boolean {
  const people = new Set(denials.map(({ statement }) => statement.person));
  return denials.some(({ statement }) => statement.standing.denials <= people.size);
}

/** The denials of people who could deny when they did. */
export function denialsOf({ decisions }: Dossier): readonly Verified<'decision'>[] {
  return decisions.filter(({ statement }) => statement.verdict === 'deny' && statement.standing.eligible);
}

/** A broken glass that releases now: of this action and preview, by someone who may, not yet over. */
export function brokenGlassOf({
  dossier,
  policy,
  now,
}: Pick<Situation, 'dossier' | 'policy' | 'now'>): VerifiedInstruction<'break_glass'> | null {
  const { request, preview, instructions } = dossier;
  // What people are to be asked about is looked at first, whoever then releases it.
  if (policy.requirement !== null && preview === null) return null;
  return (
    saying(instructions, 'break_glass').find(
      ({ statement: { detail, person, expires_at } }) =>
        detail.action_digest === request.digest &&
        detail.preview_digest === (preview?.digest ?? null) &&
        person !== null &&
        policy.powers.break_glass.includes(person) &&
        now < Date.parse(expires_at),
    ) ?? null
  );
}

/** What keeps it from running at this moment; a broken glass lets it through what stood when it was broken. */
export function holdOf(situation: Situation): Hold | null {
  const { dossier, house, policy, examined, now } = situation;
  const broken = brokenGlassOf(situation)?.statement.issued_at ?? null;
  // Whoever freezes after it has a reason that the one who broke it did not know.
  const freezes = house.freezes.filter(({ statement }) => broken === null || statement.issued_at > broken);
  const freeze = freezeOf({ freezes }, dossier.request.statement, examined.resource);
  if (freeze !== null) {
    const { person, subject, reason } = freeze.statement;
    const words = `${person ?? 'Somebody'} froze ${subject}: ${reason ?? 'no reason given'}`;
    return { code: 'frozen', opens: null, words };
  }
  return policy.release === null || broken !== null ? null : holdAt(policy.release, now);
}

export function standingsOf(situation: Situation): Standings {
  const { dossier, policy, examined } = situation;
  const { requirement } = policy;
  const asked = requirement !== null && dossier.preview !== null;
  const timeline = asked ? timelineOf(dossier.preview.statement.previewed_at, requirement) : null;
  const placed =
    timeline && requirement ? place(boundDecisions(situation).map(dated), timeline, requirement) : [];
  const counted = requirement && timeline ? tally(placed, requirement, timeline) : null;
  const { start, finish } = lastRun(dossier);
  const facts = {
    timeline,
    placed,
    tally: counted,
    start,
    finish,
    withdrawal: saying(dossier.instructions, 'withdraw')[0] ?? null,
    closed: dossier.refusals.find(({ statement }) => statement.step === CLOSED_STEP) ?? null,
    hold: holdOf(situation),
    glass: glassOf(dossier),
    settlement: settlementOf(dossier, start),
    lease: leaseOf(dossier, start, examined),
  };
  return { state: stateOf(situation, facts), ...facts };
}

function glassOf({ instructions }: Dossier): Standings['glass'] {
  const broken = saying(instructions, 'break_glass').at(-1);
  if (broken === undefined) return null;
  const reviews = saying(instructions, 'review');
  return {
    broken,
    review: reviews.find(({ statement }) => statement.detail.break_glass === broken.digest) ?? null,
  };
}

function settlementOf({ instructions }: Dossier, start: Verified<'start'> | null): Standings['settlement'] {
  const settled = saying(instructions, 'settle');
  return settled.find(({ statement }) => statement.detail.start === start?.digest) ?? null;
}

function leaseOf(
  { instructions, finishes }: Dossier,
  start: Verified<'start'> | null,
  { endsAfter }: Examined,
): Standings['lease'] {
  if (endsAfter === null || start === null) return null;
  return {
    until: leaseEnd(start, endsAfter),
    revoked: saying(instructions, 'revoke')[0] ?? null,
    ended: finishes.find((finish) => finish.statement.start === start.digest && isEnd(finish)) ?? null,
  };
}

/** When what this Start began ends by itself. */
export function leaseEnd({ statement }: Verified<'start'>, endsAfter: number): Timestamp {
  return new Date(Date.parse(statement.started_at) + endsAfter * 1000).toISOString();
}

function isEnd({ statement }: Verified<'finish'>): boolean {
  // A run that failed may bear any code of its action's own.
  return statement.outcome === 'succeeded' && ENDED_CODES.has(statement.code);
}

function lastRun({ starts, finishes }: Dossier): Pick<Standings, 'start' | 'finish'> {
  const runs = starts.map((start) => ({
    start,
    finish: finishes.find((finish) => finish.statement.start === start.digest && !isEnd(finish)) ?? null,
  }));
  // A Start that never consumed may lack its Finish for ever; it can't hide the run that has one.
  const ran = runs.find(({ finish }) => finish !== null && finish.statement.outcome !== 'refused');
  const open = runs.find(({ finish }) => finish === null);
  return ran ?? open ?? runs.at(-1) ?? { start: null, finish: null };
}

function stateOf(
  situation: Situation,
  {
    timeline,
    tally: counted,
    start,
    finish,
    withdrawal,
    closed,
    settlement,
    lease,
  }: Omit<Standings, 'state'>,
): RequestState {
  const { dossier, policy, now } = situation;
  // What ran, ran: the executor's word on that comes before anybody's word on whether it should.
  if (start !== null && finish === null) {
    if (now < Date.parse(start.statement.deadline)) return 'running';
    return settlement === null ? 'unknown' : 'settled';
  }
  if (finish?.statement.outcome === 'succeeded') {
    if (lease === null) return 'succeeded';
    return lease.ended === null ? 'active' : 'ended';
  }
  if (finish?.statement.outcome === 'failed') return 'failed';
  if (isDenied(denialsOf(dossier))) return 'denied';
  if (withdrawal !== null) return 'withdrawn';
  if (closed !== null) return closedState(closed, policy);
  if (policy.needs_preview) return 'pending';
  if (policy.effect === 'deny') return 'refused';
  if (policy.effect === 'allow') return 'allowed';
  if (brokenGlassOf(situation) !== null) return 'approved';
  if (counted?.verdict === 'approved') return grantLives(counted, policy, now) ? 'approved' : 'lapsed';
  if (timeline !== null && now >= timeline.deadline) return 'expired';
  return 'pending';
}

function closedState({ statement }: Verified<'refusal'>, { effect }: PolicyDecision): RequestState {
  if (statement.code === 'flooded' || statement.code === 'undeliverable') return statement.code;
  if (statement.code === 'denied' && effect === 'deny') return 'refused';
  return 'not_executed';
}

function grantLives({ met_at }: Tally, { release }: PolicyDecision, now: number): boolean {
  if (met_at === null || release === null) return false;
  return now < Date.parse(met_at) + release.grant_ttl_seconds * 1000;
}

const OPEN: ReadonlySet<RequestState> = new Set(['pending', 'allowed', 'lapsed']);

/** States in which nobody's approval can change anything any more. */
export function isSettled(state: RequestState): boolean {
  return !OPEN.has(state);
}
