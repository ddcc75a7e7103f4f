/**
 * What else was said of a request, each in its own place on the card: what holds it, who released it alone, what a
 * person says of an unknown outcome, how long it is in force.
 */
import type { KnownBlock } from '@slack/types';
import { quote, richText, section } from './blocks.ts';
import type { CardInput } from './card-input.ts';
import { holdWords } from './hold-words.ts';
import { date, joined, persons, someone } from './markup.ts';
import { releasedAlone } from './outcome-words.ts';
import { plain } from './text.ts';

export function noticeBlocks(input: CardInput): readonly KnownBlock[] {
  return [...glassBlocks(input), ...holdBlocks(input), ...settlementBlocks(input), ...leaseBlocks(input)];
}

/** Markup, and under it somebody's own words, which are never markup. */
function said(markup: string, reason: string | null): readonly KnownBlock[] {
  if (reason === null) return [section(markup)];
  return [section(markup), richText(quote(plain(reason, { limit: 1200, rows: 12, lines: true }).text))];
}

function holdBlocks(input: CardInput): readonly KnownBlock[] {
  const hold = holdWords(input);
  return hold === null ? [] : said(joined([`:${hold.icon}:  ${hold.what}`, hold.until]), hold.reason);
}

function glassBlocks(input: CardInput): readonly KnownBlock[] {
  const { glass } = input.standings;
  if (glass === null) return [];
  const { person, reason, issued_at } = glass.broken.statement;
  const who = someone(input, person);
  const did = releasedAlone(input)
    ? `${who} released this *alone*, past everybody whom the rule asks`
    : `${who} meant to release this *alone*; it did not run on that`;
  const marked = `:rotating_light:  *Broken glass*  :rotating_light:  ${did}  ·  ${date(issued_at)}`;
  return [...said(marked, reason), ...reviewBlocks(input)];
}

function reviewBlocks(input: CardInput): readonly KnownBlock[] {
  const { glass } = input.standings;
  if (glass === null) return [];
  if (glass.review === null) {
    const reviewers = reviewersOf(input);
    const who = reviewers.length === 0 ? 'nobody is left to answer it' : persons(input, reviewers, 8);
    return [section(`:mag:  *Review open*: was that justified?  ·  ${who}`)];
  }
  const { person, reason, detail, issued_at } = glass.review.statement;
  const verdict = detail.justified ? '*justified*' : '*not justified*';
  return said(`:mag:  *Reviewed*: ${verdict}, says ${someone(input, person)}  ·  ${date(issued_at)}`, reason);
}

/** Who may answer the review; what one did alone is for others to judge. */
export function reviewersOf({ policy, standings: { glass } }: CardInput): readonly string[] {
  return policy.powers.review.filter((id) => id !== glass?.broken.statement.person);
}

/** The person's word, apart from the executor's. */
function settlementBlocks(input: CardInput): readonly KnownBlock[] {
  const { state, settlement } = input.standings;
  if (settlement === null || state !== 'settled') return [];
  const { person, detail, reason, issued_at } = settlement.statement;
  const what = detail.ran ? '*it ran*' : '*it did not run*';
  return said(`:memo:  ${someone(input, person)} says: ${what}  ·  ${date(issued_at)}`, reason);
}

function leaseBlocks(input: CardInput): readonly KnownBlock[] {
  const { lease } = input.standings;
  if (lease?.revoked == null) return [];
  const { person, reason, issued_at } = lease.revoked.statement;
  return said(`:octagonal_sign:  *Revoked* by ${someone(input, person)}  ·  ${date(issued_at)}`, reason);
}
