/** A request's case: its dossier, what policy says of it now, and where it stands. */
import type { ExaminedAction } from '../actions/registry.ts';
import { type BookedStatement, openDossier } from '../approval/dossier.ts';
import { type Dossier, type Standings, standingsOf } from '../approval/state.ts';
import type { PolicyDecision, Verified } from '../approval/types.ts';
import { type CardContent, viewOf } from '../approval/view.ts';
import type { HouseJudge } from './judge.ts';

export interface Case {
  readonly dossier: Dossier;
  readonly preview: Verified<'preview'>;
  readonly examined: ExaminedAction;
  readonly policy: PolicyDecision;
  readonly standings: Standings;
  /** Null where policy, as it is now, asks nobody any more. */
  readonly content: CardContent | null;
}

/**
 * Null where nothing was previewed under that id, so nobody was asked anything.
 *
 * @throws AssentError `book_statement_invalid`, and what the action's definition refuses
 */
export function caseOf(
  requestId: string,
  booked: readonly BookedStatement[],
  judge: HouseJudge,
  now: Date,
): Case | null {
  const dossier = openDossier(requestId, booked, judge.ring);
  if (dossier === null || dossier.preview === null) return null;
  const { request, preview } = dossier;
  const examined = judge.examine(request.statement.action);
  const policy = judge.evaluate(request.statement, examined.resource, now);
  const standings = standingsOf(dossier, policy, now.getTime());
  const presentation = examined.present(preview.statement.facts);
  const content = policy.requirement === null ? null : viewOf({ request, preview, policy, presentation });
  return { dossier, preview, examined, policy, standings, content };
}
