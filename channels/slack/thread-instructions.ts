/** What people said of a request beside deciding it, and what holds it. */
import type { CardInput } from './card-input.ts';
import { holdWords } from './hold-words.ts';
import { joined, persons, someone } from './markup.ts';
import { reviewersOf } from './notices.ts';
import { type DatedLine, told } from './thread-line.ts';

export function instructions(input: CardInput): readonly DatedLine[] {
  return [...held(input), ...glass(input), ...settlement(input), ...revocation(input)];
}

/** Once for each thing that holds what nothing else does; a request that still waits has it on its card alone. */
function held(input: CardInput): readonly DatedLine[] {
  const hold = input.standings.state === 'approved' ? holdWords(input) : null;
  if (hold === null) return [];
  const markup = joined([`:${hold.icon}:  ${hold.what}`, hold.until]);
  return [told(hold.key, input.now.toISOString(), markup, hold.reason)];
}

function glass(input: CardInput): readonly DatedLine[] {
  const { glass: said } = input.standings;
  if (said === null) return [];
  const { person, reason, issued_at } = said.broken.statement;
  const reviewers = reviewersOf(input);
  const asks = reviewers.length === 0 ? '' : ` *Please review*: ${persons(input, reviewers)}.`;
  const markup = `:rotating_light:  *Broken glass*: ${someone(input, person)} released this *alone*.${asks} The reason given`;
  const broken = told(said.broken.digest, issued_at, markup, reason ?? 'none');
  if (said.review === null) return [broken];
  const review = said.review.statement;
  const verdict = review.detail.justified ? '*justified*' : '*not justified*';
  const answer = `:mag:  ${someone(input, review.person)} reviewed the broken glass: ${verdict}`;
  return [broken, told(said.review.digest, review.issued_at, answer, review.reason)];
}

function settlement(input: CardInput): readonly DatedLine[] {
  const said = input.standings.settlement;
  if (said === null) return [];
  const { person, detail, reason, issued_at } = said.statement;
  const what = detail.ran ? '*it ran*' : '*it did not run*';
  return [told(said.digest, issued_at, `:memo:  ${someone(input, person)} says: ${what}`, reason)];
}

function revocation(input: CardInput): readonly DatedLine[] {
  const said = input.standings.lease?.revoked;
  if (said == null) return [];
  const { person, reason, issued_at } = said.statement;
  return [told(said.digest, issued_at, `:octagonal_sign:  ${someone(input, person)} *revoked* this`, reason)];
}
