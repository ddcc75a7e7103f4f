/**
 * Tends the posted cards: paints those that show less than the book, policy and the clock say.
 *
 * Clicks and workflows have cards painted at once; this is for what they can't: a gateway that was killed in
 * between, a workflow that was terminated, an executor's word that came late, a freeze, another policy.
 */
import type { Kysely } from 'kysely';
import { isShown, openCards } from '../activities/card-postings.ts';
import { isTransient, type Paint, type PaintDeps, readPages, wordingOf } from '../activities/paint.ts';
import { AssentError } from '../approval/error.ts';
import { type Case, caseOf } from '../audit/case.ts';
import { lastBooked } from '../book/last-booked.ts';
import { postingsOf } from '../book/postings.ts';
import type { Database } from '../book/schema.ts';
import { renderCard } from '../channels/slack/card.ts';
import { cardInputOf } from '../channels/slack/card-input.ts';
import { renderThread } from '../channels/slack/thread.ts';

export interface TendDeps extends Pick<PaintDeps, 'judge' | 'book' | 'temporalUi' | 'log' | 'now'> {
  readonly db: Kysely<Database>;
  readonly paint: Paint;
}

export interface Tending {
  /** Gives how many cards were painted. */
  all(): Promise<number>;
  one(requestId: string): Promise<boolean>;
}

/** What the clock alone may change without a moment of its own, such as somebody's return, shows after so long. */
const LOOK_AGAIN_MS = 60_000;

/** Why a card need not be looked at: nothing was booked since, by the same judge, and no moment has come. */
interface Rest {
  readonly booked: string;
  readonly judge: unknown;
  readonly until: number;
}

export function createTending(deps: TendDeps): Tending {
  const resting = new Map<string, Rest>();

  const one = async (requestId: string, booked?: string): Promise<boolean> => {
    try {
      const judge = deps.judge();
      const { due, until } = await look(requestId, deps);
      if (due) await deps.paint(requestId);
      // What could not be painted for good is not tried again at once either.
      if (booked !== undefined) resting.set(requestId, { booked, judge, until });
      return due;
    } catch (error) {
      // One card that can't be painted keeps no other from it; where Slack or the database is away, none can.
      if (error instanceof AssentError && isTransient(error)) throw error;
      deps.log.error({ err: error, request_id: requestId }, 'a card could not be tended');
      return false;
    }
  };

  const all = async (): Promise<number> => {
    const open = await openCards(deps.db);
    const last = await lastBooked(deps.db, open);
    for (const requestId of resting.keys()) if (!open.includes(requestId)) resting.delete(requestId);
    let painted = 0;
    for (const requestId of open) {
      const booked = `${last.house}/${last.requests.get(requestId)}`;
      const rest = resting.get(requestId);
      const rests = rest?.booked === booked && rest.judge === deps.judge() && deps.now() < rest.until;
      if (!rests) painted += (await one(requestId, booked)) ? 1 : 0;
    }
    return painted;
  };

  return { all, one: (requestId) => one(requestId) };
}

async function look(requestId: string, deps: TendDeps): Promise<{ due: boolean; until: number }> {
  const now = deps.now();
  const judge = deps.judge();
  const pages = await readPages(requestId, deps.book);
  const subject = caseOf(requestId, pages, judge, now);
  if (subject === null) return { due: false, until: now + LOOK_AGAIN_MS };
  const postings = await postingsOf(deps.db, requestId);
  const kept = new Set(postings.map(({ key }) => key));
  const input = cardInputOf(subject, wordingOf(subject, judge, deps));
  const shown = isShown(renderCard(input), postings) && renderThread(input).every(({ key }) => kept.has(key));
  return { due: !shown, until: Math.min(now + LOOK_AGAIN_MS, ...momentsOf(subject)) };
}

/** The moments still to come at which the card may show something else. */
function momentsOf({ standings, policy, now }: Case): readonly number[] {
  const { timeline, hold, tally, start, glass, lease } = standings;
  const ttl = (policy.release?.grant_ttl_seconds ?? 0) * 1000;
  const dated = [hold?.opens, start?.statement.deadline, glass?.broken.statement.expires_at, lease?.until];
  const moments = [
    timeline?.deadline,
    timeline?.reminds_at,
    ...(timeline?.escalations ?? []).map(({ at }) => at),
    tally?.met_at == null ? null : Date.parse(tally.met_at) + ttl,
    ...dated.map((moment) => (moment == null ? null : Date.parse(moment))),
  ];
  return moments.flatMap((moment) => (moment != null && moment > now ? [moment] : []));
}
