/** A request's case: its dossier, what policy says of it now, and where it stands. */
import type { ExaminedAction } from '../actions/registry.ts';
import { type BookedStatement, openDossier } from '../approval/dossier.ts';
import { delegationsAt } from '../approval/house.ts';
import { type Situation, type Standings, standingsOf } from '../approval/state.ts';
import type { Verified } from '../approval/types.ts';
import { type CardContent, viewOf } from '../approval/view.ts';
import type { HouseJudge } from './judge.ts';

export interface Case extends Situation {
  readonly examined: ExaminedAction;
  /** Null where nothing was previewed, so that nobody was asked anything. */
  readonly preview: Verified<'preview'> | null;
  readonly standings: Standings;
  /** Null where policy, as it is now, asks nobody. */
  readonly content: CardContent | null;
}

/** What the book holds of a request, and of the house. */
export interface Pages {
  readonly booked: readonly BookedStatement[];
  readonly house: readonly BookedStatement[];
}

/**
 * Null where the book holds no such request.
 *
 * @throws AssentError `book_statement_invalid`, and what the action's definition refuses
 */
export function caseOf(
  requestId: string,
  { booked, house }: Pages,
  judge: HouseJudge,
  now: number,
): Case | null {
  const dossier = openDossier(requestId, booked, judge.ring);
  if (dossier === null) return null;
  const { request, preview, previews } = dossier;
  const examined = judge.examine(request.statement.action);
  const opened = judge.house(house);
  const policy = judge.evaluate({
    request: request.statement,
    resource: examined.resource,
    preview: preview?.statement.facts ?? null,
    delegations: delegationsAt(opened, now),
    now: new Date(now),
  });
  const situation = { dossier, house: opened, policy, examined, ring: judge.ring, now };
  const asks = policy.requirement !== null && preview !== null;
  return {
    ...situation,
    preview,
    standings: standingsOf(situation),
    content: asks ? viewOf({ request, previews, policy, examined }) : null,
  };
}
