/** What a person did on a card in Slack, carried to the gates; every click has an effect or a private answer. */
import type { Logger } from 'pino';
import { readPages } from '../activities/paint.ts';
import { refuse } from '../activities/refuse.ts';
import type { Verified } from '../approval/types.ts';
import { type Case, caseOf } from '../audit/case.ts';
import { checkAccount } from '../channels/slack/accounts.ts';
import type { Slack } from '../channels/slack/api.ts';
import { asksMore } from '../channels/slack/forms.ts';
import { whisper } from '../channels/slack/messages.ts';
import { renderRefusedClick } from '../channels/slack/refusal-words.ts';
import { inputFor, inputRefused } from '../channels/slack/submission.ts';
import { openView } from '../channels/slack/views.ts';
import type { Background } from './background.ts';
import { codeOf, type DecideDeps, decide } from './decide.ts';
import { type ForwardDeps, forward } from './forward.ts';
import { instruct, instructionOf, codeOf as powerCodeOf } from './instruct.ts';
import { modalOf } from './slack-modal.ts';
import {
  type Clicking,
  type Deciding,
  type Did,
  type Instructing,
  isDeciding,
  orderOf,
  type Wish,
  wishOf,
} from './slack-wish.ts';

export interface SlackClickDeps extends ForwardDeps, DecideDeps {
  readonly slack: Slack;
  /** Has the card show what stands. */
  paint(requestId: string): Promise<unknown>;
  readonly background: Background;
  readonly log: Logger;
}

/** Slack waits three seconds for an answer; asking who somebody is gets a part of that. */
const ACCOUNT_TIMEOUT_MS = 1500;

/** The body of the answer to Slack; null for an empty one. */
export function actOn(did: Did, deps: SlackClickDeps): Promise<object | null> {
  return 'trigger_id' in did ? click(did, deps) : carryOut(did, wishOf(did), deps);
}

/** Whoever may not is told at once, and on the record, instead of asked for anything. */
async function click(did: Clicking, deps: SlackClickDeps): Promise<object | null> {
  const { kind, card } = did;
  const subject = await caseNow(card.request_id, deps);
  if (subject === null || subject.preview === null) return answerPrivately(UNKNOWN, did, deps);
  const wish = wishOf(did);
  if (kind === 'details') return show(did, kind, subject, deps);
  const code = codeBefore(wish, did, subject, deps);
  // Reading is everybody's right.
  if (kind === 'review') return show(did, code === 'eligible' ? kind : 'details', subject, deps);
  const enough = kind === 'approve' && subject.content !== null && !asksMore(subject.content);
  return enough || code !== 'eligible' ? carryOut(did, wish, deps) : show(did, kind, subject, deps);
}

/** What the gate would say of them, before they have said all. */
function codeBefore(wish: Wish, did: Did, subject: Case, deps: SlackClickDeps): string {
  const person = personOf(did, deps);
  if (!isDeciding(wish)) {
    const order = orderOf(wish, subject);
    return powerCodeOf(instructionOf(order, { person, reason: null }, deps.judge(), subject.now), subject);
  }
  const { act: verdict } = wish;
  const code = codeOf({ person, verdict, to: null, card_digest: did.card.card_digest }, subject, subject.now);
  if (verdict === 'defer' && code === 'other_not_eligible') return 'eligible';
  const ownKey = verdict === 'approve' && subject.policy.requirement?.require.includes('own_key');
  return code === 'eligible' && ownKey ? 'own_key_required' : code;
}

interface CarriedOut {
  readonly code: string;
  readonly subject: Case;
  /** What is new in the book. */
  readonly booked: Verified<'decision' | 'instruction'> | null;
}

/** Answers once what was said stands in the book; the rest of the world hears of it after. */
async function carryOut(did: Did, wish: Wish, deps: SlackClickDeps): Promise<object | null> {
  const { background } = deps;
  const { request_id } = did.card;
  const account = await checkAccount(deps.slack, did.account, { timeoutMs: ACCOUNT_TIMEOUT_MS });
  const fault = account === 'account_active' ? null : account;
  const done = await (isDeciding(wish) ? decideAs(did, wish, fault, deps) : sayAs(did, wish, fault, deps));
  if (done === null) return answerPrivately(UNKNOWN, did, deps);
  const { code, subject, booked } = done;
  if (booked !== null) {
    const { digest, kind, envelope } = booked;
    background.begin('forwarding what was said', () => forward({ digest, kind, envelope, request_id }, deps));
    background.begin('painting after a click', () => deps.paint(request_id));
  }
  if (code === 'eligible') return null;
  const person = personOf(did, deps);
  const words = renderRefusedClick({ act: wish.act, code, policy: subject.policy, person });
  return answerPrivately(words, did, deps, code);
}

async function decideAs(
  did: Did,
  wish: Deciding,
  accountFault: string | null,
  deps: SlackClickDeps,
): Promise<CarriedOut | null> {
  const { card, account } = did;
  const to = wish.act === 'defer' ? heir(wish, deps) : null;
  if (wish.act === 'defer' && to === null) return undeferred(did, wish, accountFault, deps);
  const decided = await decide(
    {
      ...card,
      verdict: wish.act,
      to,
      typed: wish.act === 'approve' ? wish.typed : null,
      reason: wish.reason,
      person: personOf(did, deps),
      channel: { name: 'slack', account: `${account.team}/${account.user}` },
      accountFault,
    },
    deps,
  );
  if (decided === null) return null;
  const { code, subject, decision, outcome } = decided;
  return { code, subject, booked: outcome === 'booked' ? decision : null };
}

/** A deferral to nobody is no decision that could be signed; that it was tried is on the record all the same. */
async function undeferred(
  did: Did,
  wish: Deciding,
  accountFault: string | null,
  deps: SlackClickDeps,
): Promise<CarriedOut | null> {
  const { request_id } = did.card;
  const subject = await caseNow(request_id, deps);
  if (subject === null) return null;
  const before = accountFault ?? codeBefore(wish, did, subject, deps);
  const code = before === 'eligible' ? 'other_not_eligible' : before;
  const refused = { activity: 'decide', request_id, step: 'defer', code };
  await refuse(refused, { ...deps, audience: subject.ring.audience });
  return { code, subject, booked: null };
}

function heir({ to }: Extract<Deciding, { act: 'defer' }>, { judge }: SlackClickDeps): string | null {
  return to === null ? null : (judge().guard.directory.personOfSlack(to.team, to.user)?.id ?? null);
}

async function sayAs(
  did: Did,
  wish: Instructing,
  accountFault: string | null,
  deps: SlackClickDeps,
): Promise<CarriedOut | null> {
  const subject = await caseNow(did.card.request_id, deps);
  if (subject === null) return null;
  const speaker = { person: personOf(did, deps), reason: wish.reason };
  const statement = instructionOf(orderOf(wish, subject), speaker, deps.judge(), subject.now);
  const instructed = await instruct({ statement, accountFault, own: null }, deps);
  if (instructed === null) return null;
  const { code, said } = instructed;
  return { code, subject, booked: said?.outcome === 'booked' ? said.instruction : null };
}

async function caseNow(requestId: string, { book, judge, now }: SlackClickDeps): Promise<Case | null> {
  return caseOf(requestId, await readPages(requestId, book), judge(), now());
}

/** Null where the account is bound to nobody. */
function personOf({ account: { team, user } }: Did, { judge }: SlackClickDeps): string | null {
  return judge().guard.directory.personOfSlack(team, user)?.id ?? null;
}

/** In the modal where there is one, else where they clicked, for them alone. */
function answerPrivately(
  text: string,
  did: Did,
  { slack, background }: SlackClickDeps,
  code = '',
): object | null {
  const input = 'trigger_id' in did ? null : inputFor(did, code);
  if (input !== null) return inputRefused(input, text);
  const { account, channel } = did;
  background.begin('a private answer', () => whisper(slack, { channel, user: account.user, text }));
  return null;
}

async function show(
  did: Clicking,
  kind: Clicking['kind'],
  subject: Case,
  deps: SlackClickDeps,
): Promise<object | null> {
  const modal = modalOf(kind, subject, did);
  if (modal === null) return answerPrivately(NOBODY_ASKED, did, deps);
  await openView(deps.slack, did.trigger_id, modal);
  return null;
}

const UNKNOWN = 'This deployment knows no such request; nothing was decided.';
const NOBODY_ASKED = 'Policy, as it is now, asks nobody about this request; nothing was decided.';
