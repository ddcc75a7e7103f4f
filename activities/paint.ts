/**
 * Paints a request's messages in Slack: card, thread and the requester's own, from the book and the clock alone.
 *
 * Anybody may ask for a paint at any time: it only ever shows what stands. Paints of one request come one after
 * the other, in all gateways together, and each begins with what stands then.
 */
import type { Kysely } from 'kysely';
import type { Logger } from 'pino';
import { AssentError } from '../approval/error.ts';
import type { RequestState } from '../approval/state.ts';
import { type Case, caseOf, type Pages } from '../audit/case.ts';
import type { HouseJudge } from '../audit/judge.ts';
import type { Book } from '../book/book.ts';
import { keepAttempt, keepPosting, type Posting, postingsOf, wasTried } from '../book/postings.ts';
import type { Database } from '../book/schema.ts';
import type { Slack } from '../channels/slack/api.ts';
import { renderCard, type SlackMessage } from '../channels/slack/card.ts';
import { type CardInput, cardInputOf, type Wording } from '../channels/slack/card-input.ts';
import { checkChannel } from '../channels/slack/channel-check.ts';
import {
  adoptOrPost,
  findPosted,
  openDirect,
  type Post,
  postMessage,
  updateMessage,
} from '../channels/slack/messages.ts';
import { renderOutcome } from '../channels/slack/outcome.ts';
import { TRANSIENT_CODES } from '../channels/slack/slack-error.ts';
import { renderThread } from '../channels/slack/thread.ts';
import { CARD, CHANNEL, cardAmong, isGone, keepGone, keepShown } from './card-postings.ts';

export interface PaintDeps {
  /** The judge as of now. */
  judge(): HouseJudge;
  readonly book: Book;
  readonly db: Kysely<Database>;
  /** A book on a pool of its own: a paint holds its lock while it waits for Slack. */
  readonly lockBook: Book;
  readonly slack: Slack;
  /** Slack's id of the channel for rules that name none. */
  readonly channel: string;
  /** Temporal's UI of a workflow; null where none is configured. */
  temporalUi(workflowId: string): string | null;
  readonly log: Logger;
  now(): number;
}

export interface Painted {
  readonly delivered: boolean;
  /** `delivered`, or why not. */
  readonly code: string;
  /** Where the request stands by the book. */
  readonly state: string;
}

export type Paint = (requestId: string) => Promise<Painted>;

/** The lock of a paint may stand still for so long: its last call to Slack included, a paint ends before. */
export const PAINT_LOCK_MS = 90_000;
/** After this nothing further is begun; what is left is painted later. */
const PAINT_MS = 30_000;

export function createPaint(deps: PaintDeps): Paint {
  return (requestId) =>
    deps.lockBook.locked(`paint:${requestId}`, async () => {
      const until = deps.now() + PAINT_MS;
      for (;;) {
        const pages = await readPages(requestId, deps.book);
        const judge = deps.judge();
        const now = deps.now();
        const subject = caseOf(requestId, pages, judge, now);
        const painted = await paintCase({ subject, judge, until }, deps);
        // What was booked meanwhile may have come too late for this paint, and its own may have come before.
        const after = await readPages(requestId, deps.book);
        if (after.booked.length === pages.booked.length && after.house.length === pages.house.length) {
          return painted;
        }
      }
    });
}

export async function readPages(requestId: string, book: Pick<Book, 'statements' | 'house'>): Promise<Pages> {
  const [{ booked }, house] = await Promise.all([book.statements(requestId), book.house()]);
  return { booked, house };
}

interface Painting {
  readonly subject: Case | null;
  readonly judge: HouseJudge;
  readonly until: number;
}

async function paintCase({ subject, judge, until }: Painting, deps: PaintDeps): Promise<Painted> {
  if (subject === null) return { delivered: false, code: 'preview_missing', state: 'unseen' };
  const { standings, content, dossier, policy } = subject;
  const { state, glass } = standings;
  const requestId = dossier.request.statement.request_id;
  const postings = await postingsOf(deps.db, requestId);
  const standing = cardAmong(postings);
  const undelivered = (code: string): Painted => ({ delivered: false, code, state });
  if (standing === null && content === null) return undelivered('nobody_asked');
  if (isGone(postings)) return undelivered('card_gone');
  const say = createSay(requestId, postings, until, subject, deps);

  try {
    const place = policy.requirement?.channel ?? deps.channel;
    // Nobody is asked about what has ended already; but a card whose posting got no answer may be what ended it.
    const posts = standing !== null || DECIDABLE.has(state) || glass !== null;
    if (!posts && !(await isOut(place, subject, postings, deps))) return undelivered(`request_${state}`);
    const input = cardInputOf(subject, wordingOf(subject, judge, deps));
    const message = renderCard(input);
    const card = standing ?? (await postCard(place, message, say, deps));
    if (standing !== null) {
      await updateMessage(deps.slack, { channel: card.place, ts: card.reference, ...message });
    }
    for (const { key, text, blocks } of renderThread(input)) {
      await say({ key, channel: card.place, thread_ts: card.reference, text, blocks });
    }
    await tellRequester(input, card, say, deps);
    await keepShown(card, { message, standings }, postings, deps.db);
    return content === null ? undelivered('nobody_asked') : { delivered: true, code: 'delivered', state };
  } catch (error) {
    if (!(error instanceof AssentError) || isTransient(error)) throw error;
    deps.log.error({ err: error, request_id: requestId }, 'a card could not be painted');
    if (standing === null || error.evidence.error !== 'message_not_found') return undelivered(error.code);
    await keepGone(standing, deps.db);
    return undelivered('card_gone');
  }
}

/** Waiting for people, or decided by them already: whoever has a key of their own needs no card. */
const DECIDABLE: ReadonlySet<RequestState> = new Set(['pending', 'approved', 'lapsed', 'denied']);

/** Whether Slack or the database is away, and a later paint may succeed. */
export function isTransient({ code }: AssentError): boolean {
  return TRANSIENT_CODES.has(code) || code.startsWith('database_');
}

interface Saying extends Omit<Post, 'key'> {
  readonly key: string;
}

type Say = (saying: Saying) => Promise<Posting>;

/**
 * Says each thing once. What was tried before, by whomever and whatever came of it, is looked for in Slack first:
 * an answer may have been lost, or a gateway killed before it could keep it.
 */
function createSay(
  request_id: string,
  postings: readonly Posting[],
  until: number,
  subject: Case,
  { db, slack, now }: PaintDeps,
): Say {
  return async ({ key, ...message }) => {
    const kept = postings.find((posting) => posting.channel === CHANNEL && posting.key === key);
    if (kept !== undefined) return kept;
    if (now() > until) throw new AssentError('slack_unavailable', 'Slack is slow: the rest is said later.');
    const post = { ...message, key: { request_id, key } };
    const first = await keepAttempt(db, { request_id, channel: CHANNEL, key, place: message.channel });
    const { channel, ts } = first
      ? await postMessage(slack, post)
      : await adoptOrPost(slack, post, since(subject));
    return keepPosting(db, { request_id, channel: CHANNEL, key, place: channel, reference: ts });
  };
}

/** Whether the card was tried before, and Slack has it. */
async function isOut(
  channel: string,
  subject: Case,
  postings: readonly Posting[],
  { slack }: PaintDeps,
): Promise<boolean> {
  if (!wasTried(postings, { channel: CHANNEL, key: CARD })) return false;
  const { request_id } = subject.dossier.request.statement;
  return (await findPosted(slack, { channel, key: { request_id, key: CARD } }, since(subject))) !== null;
}

/** No earlier than this was anything posted: the first asking's preview, whatever came after. */
function since({ dossier: { request, previews } }: Case): Date {
  const first = previews[0]?.statement.previewed_at ?? request.statement.requested_at;
  return new Date(Date.parse(first) - 60_000);
}

async function postCard(
  channel: string,
  message: SlackMessage,
  say: Say,
  { slack }: PaintDeps,
): Promise<Posting> {
  await checkChannel(slack, channel);
  return say({ key: CARD, channel, ...message });
}

/** In a direct message; where Slack has none with that person, in the thread. */
async function tellRequester(
  input: CardInput,
  card: Posting,
  say: Say,
  { slack, log }: PaintDeps,
): Promise<void> {
  const outcome = renderOutcome(input);
  if (outcome === null) return;
  const { key, text, blocks, person } = outcome;
  const { mention } = input.people(person);
  try {
    if (mention !== null) {
      await say({ key, channel: await openDirect(slack, mention), text, blocks });
      return;
    }
  } catch (error) {
    if (!(error instanceof AssentError) || isTransient(error)) throw error;
    log.warn({ err: error, person }, 'the requester has no direct message');
  }
  await say({ key, channel: card.place, thread_ts: card.reference, text, blocks });
}

/** People as the directory has them now. */
export function wordingOf(
  { dossier }: Case,
  { guard }: HouseJudge,
  { temporalUi }: Pick<PaintDeps, 'temporalUi'>,
): Wording {
  const { directory } = guard;
  return {
    people: (id) => {
      const person = directory.person(id);
      return { name: person?.name ?? id, mention: person?.slack?.user ?? null };
    },
    groups: (from) => directory.person(from)?.name ?? from,
    links: { temporal: temporalUi(dossier.request.statement.request_id) },
  };
}
