/**
 * Paints a request's messages in Slack: card, thread and the requester's own, from the book and the clock alone.
 *
 * Anybody may ask for a paint at any time: it only ever shows what stands. Paints of one request come one after
 * the other, in all gateways together, and each begins with what stands then.
 */
import type { Kysely } from 'kysely';
import type { Logger } from 'pino';
import { AssentError } from '../approval/error.ts';
import { type Case, caseOf } from '../audit/case.ts';
import type { HouseJudge } from '../audit/judge.ts';
import type { Book } from '../book/book.ts';
import { keepAttempt, keepPosting, type Posting, postingsOf, wasTried } from '../book/postings.ts';
import type { Database } from '../book/schema.ts';
import type { Slack } from '../channels/slack/api.ts';
import { renderCard } from '../channels/slack/card.ts';
import type { CardInput, Face } from '../channels/slack/card-input.ts';
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

export interface PaintDeps {
  readonly judge: HouseJudge;
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

export const CHANNEL = 'slack';
export const CARD = 'card';
/** What tells that a state was painted: `painted:denied`. */
export const PAINTED = 'painted:';

/** The lock of a paint may stand still for so long: its last call to Slack included, a paint ends before. */
export const PAINT_LOCK_MS = 90_000;
/** After this nothing further is begun; what is left is painted later. */
const PAINT_MS = 30_000;

export function createPaint(deps: PaintDeps): Paint {
  return (requestId) =>
    deps.lockBook.locked(`paint:${requestId}`, async () => {
      const until = deps.now() + PAINT_MS;
      for (;;) {
        const { booked } = await deps.book.statements(requestId);
        const subject = caseOf(requestId, booked, deps.judge, new Date(deps.now()));
        const painted = await paintCase(subject, until, deps);
        // What was booked meanwhile may have come too late for this paint, and its own may have come before.
        const after = await deps.book.statements(requestId);
        if (after.booked.length === booked.length) return painted;
      }
    });
}

async function paintCase(subject: Case | null, until: number, deps: PaintDeps): Promise<Painted> {
  if (subject === null) return { delivered: false, code: 'preview_missing', state: 'unseen' };
  const { standings, content, dossier, policy } = subject;
  const { state } = standings;
  if (content === null) return { delivered: false, code: 'nobody_asked', state };
  const requestId = dossier.request.statement.request_id;
  const postings = await postingsOf(deps.db, requestId);
  const input = cardInput({ ...subject, content }, deps);
  const say = createSay(requestId, postings, until, subject, deps);

  try {
    const place = policy.requirement?.channel ?? deps.channel;
    const standing = postings.find(({ channel, key }) => channel === CHANNEL && key === CARD);
    // Nobody is asked about what has ended already; but a card whose posting got no answer may be what ended it.
    if (standing === undefined && state !== 'pending' && !(await isOut(place, subject, postings, deps)))
      return { delivered: false, code: `request_${state}`, state };
    const card = standing ?? (await postCard(place, input, say, deps));
    if (standing !== undefined) {
      await updateMessage(deps.slack, { channel: card.place, ts: card.reference, ...renderCard(input) });
    }
    for (const { key, text, blocks } of renderThread(input)) {
      await say({ key, channel: card.place, thread_ts: card.reference, text, blocks });
    }
    await tellRequester(input, card, say, deps);
    await keepPosting(deps.db, { ...card, key: `${PAINTED}${state}` });
    return { delivered: true, code: 'delivered', state };
  } catch (error) {
    if (!(error instanceof AssentError) || isTransient(error)) throw error;
    deps.log.error({ err: error, request_id: requestId }, 'a card could not be painted');
    return { delivered: false, code: error.code, state };
  }
}

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
  { preview }: Case,
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
      : await adoptOrPost(slack, post, since(preview));
    return keepPosting(db, { request_id, channel: CHANNEL, key, place: channel, reference: ts });
  };
}

/** Whether the card was tried before, and Slack has it. */
async function isOut(
  channel: string,
  { dossier, preview }: Case,
  postings: readonly Posting[],
  { slack }: PaintDeps,
): Promise<boolean> {
  if (!wasTried(postings, { channel: CHANNEL, key: CARD })) return false;
  const { request_id } = dossier.request.statement;
  return (await findPosted(slack, { channel, key: { request_id, key: CARD } }, since(preview))) !== null;
}

/** No earlier than this was anything posted. */
function since({ statement }: Case['preview']): Date {
  return new Date(Date.parse(statement.previewed_at) - 60_000);
}

async function postCard(channel: string, input: CardInput, say: Say, { slack }: PaintDeps): Promise<Posting> {
  await checkChannel(slack, channel);
  return say({ key: CARD, channel, ...renderCard(input) });
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

export function cardInput(
  { content, dossier, policy, standings }: Omit<Case, 'content'> & { readonly content: CardInput['content'] },
  { judge, temporalUi, now }: Pick<PaintDeps, 'judge' | 'temporalUi' | 'now'>,
): CardInput {
  const { directory } = judge.guard;
  const face = (id: string): Face => {
    const person = directory.person(id);
    return { name: person?.name ?? id, mention: person?.slack?.user ?? null };
  };
  return {
    content,
    dossier,
    policy,
    standings,
    now: new Date(now()),
    people: face,
    groups: (from) => directory.person(from)?.name ?? from,
    links: { temporal: temporalUi(content.request_id) },
  };
}
