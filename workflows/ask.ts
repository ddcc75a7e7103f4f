/** Asking people: the card goes out, signals come in, time passes, until there is one answer. */
import { isCancellation } from '@temporalio/workflow';
import { tally } from '../approval/tally.ts';
import { type DatedDecision, type PlacedDecision, place, timelineOf } from '../approval/timeline.ts';
import type { Digest, Envelope, Requirement, Resolution, Timestamp } from '../approval/types.ts';
import { hear } from './hear.ts';
import type { Inbox } from './inbox.ts';
import { stateByBook } from './look.ts';
import type { Notified, Ruling } from './messages.ts';
import type { Progress } from './progress.ts';
import { notify, notifyNext, notifyReminding } from './proxies.ts';

export interface Answer {
  readonly resolution: Resolution;
  readonly code: string;
  readonly reason: string | null;
}

/** One asking: of this preview, by this rule. */
export interface Round {
  readonly request: Envelope;
  readonly ruling: Ruling & { readonly requirement: Requirement };
  readonly preview: { readonly preview_digest: Digest; readonly previewed_at: Timestamp };
  /** What was decided so far and still binds. */
  readonly decided: readonly DatedDecision[];
  /** People were asked of this very preview before: what was said to them then is not said again. */
  readonly resumed: boolean;
}

export interface Asked {
  readonly answer: Answer;
  readonly decided: readonly DatedDecision[];
}

/** Timers are a little late on purpose, so that the gateway's clock has passed the moment too. */
const CLOCK_SLACK_MS = 250;

export async function askPeople(
  { request, ruling, preview, decided, resumed }: Round,
  inbox: Inbox,
  progress: Progress,
): Promise<Asked> {
  const { requirement, rule_digest } = ruling;
  const { preview_digest } = preview;
  const timeline = timelineOf(preview.previewed_at, requirement);
  const decisions = new Map(decided.map((decision) => [decision.digest, decision]));
  const answered = (answer: Answer): Asked => ({ answer, decided: [...decisions.values()] });
  const paint = () => notify({ request, statements: [], closing: null });
  const undelivered = await deliver(paint);
  if (undelivered !== null) return answered(undelivered);
  const count = () => {
    const placed = place([...decisions.values()], timeline, requirement);
    const counted = tally(placed, requirement, timeline);
    progress.counts(placed, counted);
    return { placed, counted };
  };
  progress.asks(ruling, timeline.deadline, count().counted);

  const moments = momentsOf(timeline).filter(({ at }) => !resumed || at > Date.now());
  while (true) {
    const next = moments[0] ?? { at: timeline.deadline, label: 'the request expires', paint: null };
    await inbox.arrives(Math.max(1, next.at - Date.now() + CLOCK_SLACK_MS), next.label);
    if (inbox.flooded()) return answered(FLOODED);

    const {
      decisions: heard,
      bindsOther,
      withdrawal,
      instructions,
    } = await hear({ request, inbox, preview_digest, rule_digest });
    if (withdrawal !== null) {
      return answered({ resolution: 'withdrawn', code: 'withdrawn', reason: withdrawal.reason });
    }
    for (const decision of heard) decisions.set(decision.digest, decision);
    let disputed = bindsOther;
    if (heard.length > 0) {
      const { placed, counted } = count();
      if (counted.verdict === 'denied') {
        return answered({ resolution: 'denied', code: 'denied', reason: counted.denial?.reason ?? null });
      }
      if (counted.verdict === 'approved') return answered(APPROVED);
      disputed ||= placed.some(isDisputed);
    }
    // Policy may have been read anew, or somebody be stood in for, since people were asked: the book knows.
    if (disputed && (await stateByBook(request)) === 'approved') return answered(APPROVED);
    if (instructions.some(({ verb }) => verb === 'break_glass')) return answered(RELEASED);

    const now = Date.now();
    if (now >= timeline.deadline) return answered(await atDeadline(paint));
    if (moments[0] !== undefined && now >= moments[0].at) {
      moments.shift();
      // Decisions don't wait for a channel that is away. A cancellation reaches the body by itself; thrown here
      // as well, where nobody waits for it, it would fail the workflow's task again and again.
      next.paint?.({ request, statements: [], closing: null }).catch(() => null);
    }
  }
}

/** The gateway let somebody approve, who may not by what policy said when people were asked. */
function isDisputed({ verdict, stood, code }: PlacedDecision): boolean {
  return verdict === 'approve' && stood && code !== 'counts';
}

const APPROVED: Answer = { resolution: 'approved', code: 'approved', reason: null };
/** One person released it alone; whether they may is the executor's to judge. */
const RELEASED: Answer = { resolution: 'approved', code: 'glass_broken', reason: null };
const FLOODED: Answer = {
  resolution: 'flooded',
  code: 'flooded',
  reason: 'More signals came than an honest request sees.',
};

/** When somebody is to be told something, and by which paint; the label tells an operator, and audit/derive.ts. */
function momentsOf({ escalations, reminds_at }: ReturnType<typeof timelineOf>) {
  return [
    ...escalations.map(({ at }) => ({ at, label: 'asks the next people', paint: notifyNext })),
    ...(reminds_at === null ? [] : [{ at: reminds_at, label: 'reminds', paint: notifyReminding }]),
  ].toSorted((left, right) => left.at - right.at);
}

/** Null when the card is out. */
async function deliver(paint: () => Promise<Notified>): Promise<Answer | null> {
  try {
    const { delivered, code } = await paint();
    return delivered
      ? null
      : { resolution: 'undeliverable', code, reason: 'The request could not be shown to anybody.' };
  } catch (error) {
    if (isCancellation(error)) throw error;
    return {
      resolution: 'undeliverable',
      code: 'delivery_failed',
      reason: 'The request reached nobody in time.',
    };
  }
}

/** A click in the last moment is in the book before its signal is here: the book's word counts. */
async function atDeadline(paint: () => Promise<Notified>): Promise<Answer> {
  const state = await paint().then(({ state }) => state, unpainted);
  if (state === 'approved') return APPROVED;
  if (state === 'denied') return { resolution: 'denied', code: 'denied', reason: null };
  return { resolution: 'expired', code: 'expired', reason: 'Nobody decided in time.' };
}

/** The gateway tends its cards from the book: a paint that failed comes later. */
function unpainted(error: unknown): null {
  if (isCancellation(error)) throw error;
  return null;
}
