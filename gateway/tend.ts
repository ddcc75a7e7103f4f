/**
 * Tends the posted cards: paints those that show less than the book and the clock say.
 *
 * Clicks and workflows have cards painted at once; this is for what they can't: a gateway that was killed in
 * between, a workflow that was terminated, an executor's word that came late.
 */
import type { Kysely } from 'kysely';
import { caseOf } from '../activities/case.ts';
import {
  CARD,
  CHANNEL,
  cardInput,
  isTransient,
  PAINTED,
  type Paint,
  type PaintDeps,
} from '../activities/paint.ts';
import { AssentError } from '../approval/error.ts';
import type { RequestState } from '../approval/state.ts';
import { openPostings, postingsOf } from '../book/postings.ts';
import type { Database } from '../book/schema.ts';
import { renderThread } from '../channels/slack/thread.ts';

export interface TendDeps extends Pick<PaintDeps, 'judge' | 'book' | 'temporalUi' | 'log' | 'now'> {
  readonly db: Kysely<Database>;
  readonly paint: Paint;
}

/** States after which nothing more can happen to a request. */
const FINAL: readonly RequestState[] = [
  'denied',
  'expired',
  'withdrawn',
  'undeliverable',
  'flooded',
  'succeeded',
  'failed',
  'not_executed',
];

const DAYS = 7;

/** Gives how many cards were painted. */
export async function tendCards(deps: TendDeps): Promise<number> {
  const open = await openPostings(deps.db, {
    channel: CHANNEL,
    key: CARD,
    closing: FINAL.map((state) => `${PAINTED}${state}`),
    days: DAYS,
  });
  let painted = 0;
  for (const requestId of open) {
    painted += (await tendCard(requestId, deps)) ? 1 : 0;
  }
  return painted;
}

/** One card that can't be painted keeps no other from it; where Slack or the database is away, none can. */
export async function tendCard(requestId: string, deps: TendDeps): Promise<boolean> {
  try {
    if (!(await isDue(requestId, deps))) return false;
    await deps.paint(requestId);
    return true;
  } catch (error) {
    if (error instanceof AssentError && isTransient(error)) throw error;
    deps.log.error({ err: error, request_id: requestId }, 'a card could not be tended');
    return false;
  }
}

async function isDue(requestId: string, deps: TendDeps): Promise<boolean> {
  const { booked } = await deps.book.statements(requestId);
  const subject = caseOf(requestId, booked, deps.judge, new Date(deps.now()));
  if (subject === null || subject.content === null) return false;
  const kept = new Set((await postingsOf(deps.db, requestId)).map(({ key }) => key));
  const input = cardInput({ ...subject, content: subject.content }, deps);
  const lines = renderThread(input).map(({ key }) => key);
  return ![`${PAINTED}${subject.standings.state}`, ...lines].every((key) => kept.has(key));
}
