/**
 * What is kept of a request's card in Slack, beside the card itself: what it showed last, and why nobody tends
 * it any more.
 *
 *     card              where it is
 *     shown:<n>:<hash>  the n-th rendering that differs from the one before
 *     over              it shows an end after which nothing more can happen
 *     gone              somebody deleted it
 */
import type { Kysely } from 'kysely';
import { digestOf } from '../approval/digest.ts';
import type { RequestState, Standings } from '../approval/state.ts';
import { keepPosting, openPostings, type Posting } from '../book/postings.ts';
import type { Database } from '../book/schema.ts';
import type { SlackMessage } from '../channels/slack/card.ts';

export const CHANNEL = 'slack';
export const CARD = 'card';
const SHOWN = 'shown:';
const OVER = 'over';
const GONE = 'gone';
const DAYS = 7;

/** Ids of the requests whose card may still have to show something else, oldest first. */
export function openCards(db: Kysely<Database>): Promise<readonly string[]> {
  return openPostings(db, { channel: CHANNEL, key: CARD, closing: [OVER, GONE], days: DAYS });
}

/** Null where none is out, by what was kept. */
export function cardAmong(postings: readonly Posting[]): Posting | null {
  return kept(postings, CARD) ?? null;
}

export function isGone(postings: readonly Posting[]): boolean {
  return kept(postings, GONE) !== undefined;
}

export async function keepGone(card: Posting, db: Kysely<Database>): Promise<void> {
  await keepPosting(db, { ...card, key: GONE });
}

/** Whether this very rendering is what the card showed last. */
export function isShown(message: SlackMessage, postings: readonly Posting[]): boolean {
  return (
    showings(postings)
      .at(-1)
      ?.endsWith(`:${hashOf(message)}`) ?? false
  );
}

/** Keeps what the card shows now; whoever paints is alone. */
export async function keepShown(
  card: Posting,
  { message, standings }: { readonly message: SlackMessage; readonly standings: Standings },
  postings: readonly Posting[],
  db: Kysely<Database>,
): Promise<void> {
  if (!isShown(message, postings)) {
    const ordinal = `${showings(postings).length + 1}`.padStart(6, '0');
    await keepPosting(db, { ...card, key: `${SHOWN}${ordinal}:${hashOf(message)}` });
  }
  if (isOver(standings)) await keepPosting(db, { ...card, key: OVER });
}

const FINAL: ReadonlySet<RequestState> = new Set([
  'denied',
  'expired',
  'withdrawn',
  'undeliverable',
  'flooded',
  'succeeded',
  'failed',
  'not_executed',
  'ended',
  'settled',
]);

/** Whether nothing more can happen to a request. A broken glass is open until others said what they think of it. */
export function isOver({ state, glass }: Pick<Standings, 'state' | 'glass'>): boolean {
  return FINAL.has(state) && (glass === null || glass.review !== null);
}

function showings(postings: readonly Posting[]): readonly string[] {
  return postings
    .filter(({ channel, key }) => channel === CHANNEL && key.startsWith(SHOWN))
    .map(({ key }) => key)
    .toSorted();
}

function kept(postings: readonly Posting[], key: string): Posting | undefined {
  return postings.find((posting) => posting.channel === CHANNEL && posting.key === key);
}

function hashOf(message: SlackMessage): string {
  return digestOf(Buffer.from(JSON.stringify(message))).slice(-32);
}
