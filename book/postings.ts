/** What was posted where: the card and each line of its thread, once. */
import { type Kysely, sql } from 'kysely';
import { AssentError } from '../approval/error.ts';
import type { Database } from './schema.ts';

export interface Posting {
  /** 64 hex. */
  readonly request_id: string;
  /** The channel's kind, such as `slack`. */
  readonly channel: string;
  /** What was posted, the same in every retry. */
  readonly key: string;
  /** Where, in the channel's own words: Slack's channel id. */
  readonly place: string;
  /** Which message, in the channel's own words: Slack's ts. */
  readonly reference: string;
}

const columns = ['request_id', 'channel', 'key', 'place', 'reference'] as const;

/**
 * Keeps a posting and returns the one that stands: another's where two posted the same at once.
 * One round trip; two where it stood already.
 */
export async function keepPosting(db: Kysely<Database>, posting: Posting): Promise<Posting> {
  const { request_id, channel, key } = posting;
  const kept = await insert(db, posting);
  if (kept !== undefined) return kept;
  const standing = await db
    .selectFrom('postings')
    .select(columns)
    .where('request_id', '=', request_id)
    .where('channel', '=', channel)
    .where('key', '=', key)
    .executeTakeFirst();
  if (standing !== undefined) return standing;
  throw new AssentError(
    'posting_lost',
    `The posting ${key} of ${request_id} was neither kept nor found: somebody removes rows from postings.`,
  );
}

/** Keeps that a posting is about to be tried; false where it was tried before. One round trip. */
export async function keepAttempt(
  db: Kysely<Database>,
  { key, ...message }: Omit<Posting, 'reference'>,
): Promise<boolean> {
  const attempt = { ...message, key: `${TRIED}${key}`, reference: '' };
  return (await insert(db, attempt)) !== undefined;
}

/** Whether a posting stands among these as tried, whatever came of it. */
export function wasTried(
  postings: readonly Posting[],
  { channel, key }: Pick<Posting, 'channel' | 'key'>,
): boolean {
  return postings.some((posting) => posting.channel === channel && posting.key === `${TRIED}${key}`);
}

const TRIED = 'tried:';

function insert(db: Kysely<Database>, { request_id, channel, key, place, reference }: Posting) {
  return db
    .insertInto('postings')
    .values({ request_id, channel, key, place, reference })
    .onConflict((conflict) => conflict.columns(['request_id', 'channel', 'key']).doNothing())
    .returning(columns)
    .executeTakeFirst();
}

/** Everything that was posted for a request, oldest first. One round trip. */
export async function postingsOf(db: Kysely<Database>, requestId: string): Promise<readonly Posting[]> {
  return db
    .selectFrom('postings')
    .select(columns)
    .where('request_id', '=', requestId)
    .orderBy('posted_at')
    .orderBy('key')
    .execute();
}

export interface OpenPostings {
  readonly channel: string;
  /** What must have been posted. */
  readonly key: string;
  /** A request of which any of these was kept is not open. */
  readonly closing: readonly string[];
  /** How far back to look, in days. */
  readonly days: number;
}

/** Ids of the requests whose posting has nothing yet that closes it, oldest first. One round trip. */
export async function openPostings(
  db: Kysely<Database>,
  { channel, key, closing, days }: OpenPostings,
): Promise<readonly string[]> {
  const rows = await db
    .selectFrom('postings as p')
    .select('p.request_id')
    .where('p.channel', '=', channel)
    .where('p.key', '=', key)
    .where('p.posted_at', '>', sql<Date>`clock_timestamp() - make_interval(days => ${days})`)
    .where(({ not, exists, selectFrom }) =>
      not(
        exists(
          selectFrom('postings as c')
            .select('c.key')
            .whereRef('c.request_id', '=', 'p.request_id')
            .where('c.channel', '=', channel)
            .where('c.key', 'in', closing),
        ),
      ),
    )
    .orderBy('p.posted_at')
    .execute();
  return rows.map(({ request_id }) => request_id);
}
