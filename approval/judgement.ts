/** Steps 4 to 8 of verifyGrant over one dossier: pure, and run again under the lock that consumes. */

import { saying } from './instruction.ts';
import { type Again, GrantRefused, type Step, steps } from './refusal.ts';
import { boundDecisions, brokenGlassOf, dated, holdOf, isDenied, type Situation } from './state.ts';
import { type Tally, tally } from './tally.ts';
import { type PlacedCode, type PlacedDecision, place, timelineOf } from './timeline.ts';
import type { Digest, Release, Verified } from './types.ts';
import { cardDigest, viewOf } from './view.ts';

/** How far `requested_at` may lie from the executor's clock, in milliseconds. */
export const FRESHNESS_MS = 5 * 60 * 1000;

export interface Judgeable extends Situation {
  readonly consumed: boolean;
  /** The Start that stands already, when judged again. */
  readonly start?: Verified<'start'>;
}

export interface Judged {
  readonly approvals: readonly Digest[];
  readonly steps: readonly { readonly step: Step; readonly code: string }[];
}

/** @throws GrantRefused */
export function judgeDossier(subject: Judgeable): Judged {
  const { requirement, release } = subject.policy;
  // What has ended says so, whatever else is wrong with it.
  notEnded(subject, 'requirement');
  if (requirement === null || release === null) {
    freshEnough(subject);
    notHeld(subject);
    return { approvals: [], steps: passed(['request', 'input', 'policy', 'requirement', 'time']) };
  }
  if (brokenGlassOf(subject) !== null) {
    notHeld(subject);
    const alone = ['request', 'input', 'policy', 'separation', 'requirement', 'time'] as const;
    return { approvals: [], steps: passed(alone) };
  }
  const timeline = timelineOf(previewOf(subject).statement.previewed_at, requirement);
  const placed = place(boundApprovals(subject).map(dated), timeline, requirement);
  sieve(subject, placed);
  // Where it takes more denials to end the request, one still overrides its own person's approval.
  const denied = denialsOf(subject).map((denial) => ({ ...dated(denial), stood: true }));
  const counted = tally([...placed, ...place(denied, timeline, requirement)], requirement, timeline);
  if (counted.met_at === null) {
    refuse(subject, 'requirement', 'requirement_not_met', counted.reasons.join(' '), askAgain(subject));
  }
  // Held first: what waits is asked anew when it may run, and not in the night before.
  notHeld(subject);
  inTime(subject, release, counted);
  return {
    approvals: counted.approvals.map(({ digest }) => digest),
    steps: passed(steps.slice(0, steps.indexOf('start'))),
  };
}

function previewOf(subject: Judgeable): Verified<'preview'> {
  const { preview } = subject.dossier;
  if (preview === null) {
    refuse(subject, 'decisions', 'preview_missing', 'The book holds no preview of this request.');
  }
  return preview;
}

/** People are asked anew of the preview that stands. */
function askAgain({ dossier: { preview } }: Judgeable): Again | null {
  if (preview === null) return null;
  const { digest, statement } = preview;
  return { how: 'ask', preview: { digest, previewed_at: statement.previewed_at } };
}

/** Step 4: only approvals of this action, preview, rule and card, with all that the rule asks for. */
function boundApprovals(subject: Judgeable): readonly Verified<'decision'>[] {
  const { dossier, policy, examined } = subject;
  const { request, previews } = dossier;
  const card = cardDigest(viewOf({ request, previews, policy, examined }));
  const approvals = dossier.decisions.filter(({ statement }) => statement.verdict === 'approve');
  const bound = boundDecisions({ ...subject, dossier: { ...dossier, decisions: approvals } }).filter(
    ({ statement }) => statement.card_digest === card,
  );
  if (approvals.length > 0 && bound.length === 0) {
    refuse(
      subject,
      'decisions',
      'decisions_bind_other',
      'Every approval is of another action, preview, rule or card, or lacks what the rule asks of approvers.',
      askAgain(subject),
    );
  }
  return bound;
}

/** Steps 4 to 6: each names itself when it is the one that leaves no approval standing. */
function sieve(subject: Judgeable, placed: readonly PlacedDecision[]): void {
  let left = placed;
  const layers: readonly { step: Step; code: string; codes: readonly PlacedCode[]; says: string }[] = [
    {
      step: 'decisions',
      code: 'decisions_out_of_time',
      codes: ['before_preview', 'after_deadline', 'not_asked_yet'],
      says: 'Every approval was given outside its time.',
    },
    {
      step: 'eligibility',
      code: 'approvers_not_eligible',
      codes: ['not_eligible', 'person_unknown'],
      says: 'Nobody who approved may approve this any more.',
    },
    {
      step: 'separation',
      code: 'approvers_excluded',
      codes: ['excluded'],
      says: 'Everybody who approved is excluded: nobody approves what they asked for.',
    },
  ];
  for (const { step, code, codes, says } of layers) {
    const kept = left.filter((decision) => !codes.includes(decision.code));
    if (left.length > 0 && kept.length === 0) refuse(subject, step, code, says, askAgain(subject));
    left = kept;
  }
}

/**
 * Codes of a denial that was put off only because a Start stood, or because orchestration had given the request
 * up, which closes nothing here. Until something is consumed nothing ran, so what the person said still holds.
 */
const PUT_OFF: ReadonlySet<string> = new Set([
  'request_running',
  'request_unknown',
  'request_not_executed',
  'request_flooded',
  'request_undeliverable',
]);

/** What was denied by someone who could, or would have been able to. */
function denialsOf({ dossier }: Judgeable): readonly Verified<'decision'>[] {
  return dossier.decisions.filter(
    ({ statement: { verdict, standing } }) =>
      verdict === 'deny' && (standing.eligible || PUT_OFF.has(standing.code)),
  );
}

/** Step 7: nothing anywhere has ended this request. */
function notEnded(subject: Judgeable, step: Step): void {
  const { dossier, consumed } = subject;
  const denials = denialsOf(subject);
  if (isDenied(denials)) {
    const who = denials.map(({ statement }) => statement.person ?? 'Somebody').join(' and ');
    refuse(subject, step, 'denied', `${who} denied this request.`);
  }
  if (saying(dossier.instructions, 'withdraw').length > 0) {
    refuse(subject, step, 'withdrawn', 'The request was withdrawn.');
  }
  const ran = dossier.finishes.some(({ statement }) => statement.outcome !== 'refused');
  if (consumed || ran) {
    refuse(subject, step, 'already_consumed', 'The request was executed already; it runs once.');
  }
  if (saying(dossier.instructions, 'settle').length > 0) {
    refuse(subject, step, 'settled', 'Somebody said what became of it; running it again is a new request.');
  }
}

/** Step 8 where nobody was asked. */
function freshEnough(subject: Judgeable): void {
  const age = Math.abs(subject.now - Date.parse(subject.dossier.request.statement.requested_at));
  if (!(age <= FRESHNESS_MS)) {
    refuse(subject, 'time', 'request_not_fresh', 'The request was not made within five minutes of now.');
  }
}

/** Step 8 where people were asked: the grant's age counts from when the requirement was first met. */
function inTime(subject: Judgeable, { grant_ttl_seconds }: Release, { met_at }: Tally): void {
  const age = subject.now - Date.parse(met_at ?? '');
  if (!(age < grant_ttl_seconds * 1000)) {
    // Under the lock nobody can be asked: another try finds the same, and asks.
    const until = subject.start?.statement.started_at;
    const again = until === undefined ? null : ({ how: 'hold', until } as const);
    refuse(subject, 'time', 'grant_expired', 'The approval was given too long ago; it is asked anew.', again);
  }
  // The gateway's clock and this one may differ a little, not much.
  if (age < -FRESHNESS_MS) refuse(subject, 'time', 'clock_skew', 'The approval lies in the future.');
}

/** Step 8: nothing holds it now, no freeze, and no hour or day in which it may not run. */
function notHeld(subject: Judgeable): void {
  const hold = holdOf(subject);
  if (hold === null) return;
  refuse(subject, 'time', hold.code, hold.words, { how: 'hold', until: hold.opens });
}

function passed(names: readonly Step[]): Judged['steps'] {
  return names.map((step) => ({ step, code: 'passed' }));
}

function refuse(
  { start }: Judgeable,
  step: Step,
  code: string,
  message: string,
  again: Again | null = null,
): never {
  throw new GrantRefused(start === undefined ? step : 'consume', code, message, {
    again,
    ...(start === undefined ? {} : { start }),
  });
}
