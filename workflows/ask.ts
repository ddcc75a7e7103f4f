/** Asking people: the card goes out, signals come in, time passes, until there is one answer. */
import { isCancellation } from '@temporalio/workflow';
import { tally } from '../approval/tally.ts';
import { type DatedDecision, place, timelineOf } from '../approval/timeline.ts';
import type { Envelope, Resolution } from '../approval/types.ts';
import { withdrawalsAmong } from './hear.ts';
import type { Inbox } from './inbox.ts';
import type { Admitted, Notified, Previewed, Ruling } from './messages.ts';
import type { Progress } from './progress.ts';
import { admitDecisions, notify, notifyFirmly, notifyNext } from './proxies.ts';

export interface Answer {
  readonly resolution: Resolution;
  readonly code: string;
  readonly reason: string | null;
}

export interface Question {
  readonly request: Envelope;
  readonly ruling: Ruling;
  readonly preview: Extract<Previewed, { ok: true }>;
  readonly inbox: Inbox;
  readonly progress: Progress;
}

/** Timers are a little late on purpose, so that the gateway's clock has passed the moment too. */
const CLOCK_SLACK_MS = 250;

export async function askPeople({ request, ruling, preview, inbox, progress }: Question): Promise<Answer> {
  const { requirement } = ruling;
  if (requirement === null) return { resolution: 'denied', code: 'requirement_missing', reason: null };
  const timeline = timelineOf(preview.previewed_at, requirement);
  const decisions = new Map<string, DatedDecision>();
  const moments = timeline.escalations.map(({ at }) => at);

  const paint = () => notify({ request, statements: [], closing: null });
  const undelivered = await deliver(paint);
  if (undelivered !== null) return undelivered;
  progress.asks(ruling, timeline.deadline);

  while (true) {
    const next = moments[0] ?? timeline.deadline;
    const label = moments.length > 0 ? 'asks the next people' : 'the request expires';
    await inbox.arrives(Math.max(1, next - Date.now() + CLOCK_SLACK_MS), label);
    if (inbox.flooded()) {
      return {
        resolution: 'flooded',
        code: 'flooded',
        reason: 'More signals came than an honest request sees.',
      };
    }

    const messages = inbox.take();
    if (messages.length > 0) {
      const admitted = await admitDecisions({
        request,
        preview_digest: preview.preview_digest,
        rule_digest: ruling.rule_digest,
        messages,
      });
      const [withdrawal] = withdrawalsAmong(admitted);
      if (withdrawal !== undefined) {
        await notifyFirmly({ request, statements: [withdrawal.envelope], closing: null });
        return { resolution: 'withdrawn', code: 'withdrawn', reason: withdrawal.reason };
      }
      for (const decision of decisionsAmong(admitted)) decisions.set(decision.digest, decision);
      const placed = place([...decisions.values()], timeline, requirement);
      const counted = tally(placed, requirement);
      progress.counts(placed, counted);
      if (counted.denial !== null)
        return { resolution: 'denied', code: 'denied', reason: counted.denial.reason };
      if (counted.verdict === 'approved') return APPROVED;
    }

    const now = Date.now();
    if (now >= timeline.deadline) return atDeadline(paint);
    if (moments[0] !== undefined && now >= moments[0]) {
      moments.shift();
      // Decisions don't wait for a channel that is away. A cancellation reaches the body by itself; thrown here
      // as well, where nobody waits for it, it would fail the workflow's task again and again.
      notifyNext({ request, statements: [], closing: null }).catch(() => null);
    }
  }
}

const APPROVED: Answer = { resolution: 'approved', code: 'approved', reason: null };

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

function decisionsAmong(admitted: readonly Admitted[]): readonly DatedDecision[] {
  return admitted.flatMap((entry) => (entry.kind === 'decision' && entry.admitted ? [entry] : []));
}
