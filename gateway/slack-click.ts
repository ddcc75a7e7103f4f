/** What a person did on a card in Slack, carried to the one gate; every click has an effect or a private answer. */
import type { Logger } from 'pino';
import { caseOf } from '../activities/case.ts';
import type { HouseJudge } from '../activities/judge.ts';
import type { SigningKey } from '../approval/keys.ts';
import type { Book } from '../book/book.ts';
import { checkAccount } from '../channels/slack/accounts.ts';
import type { Slack } from '../channels/slack/api.ts';
import type { Interaction } from '../channels/slack/interaction.ts';
import { whisper } from '../channels/slack/messages.ts';
import { denyModal, detailsModal, reasonRefused, reviewModal } from '../channels/slack/modals.ts';
import { renderRefusedClick } from '../channels/slack/refusal-words.ts';
import { openView } from '../channels/slack/views.ts';
import type { Background } from './background.ts';
import { type Click, codeOf, type Decided, decide } from './decide.ts';
import { type ForwardDeps, forward } from './forward.ts';

export interface SlackClickDeps extends ForwardDeps {
  readonly judge: HouseJudge;
  readonly book: Book;
  readonly key: SigningKey;
  readonly slack: Slack;
  /** Has the card show what stands. */
  paint(requestId: string): Promise<unknown>;
  readonly background: Background;
  readonly log: Logger;
  now(): number;
}

type Acted = Exclude<Interaction, { kind: 'ignored' }>;

/** Slack waits three seconds for an answer; asking who somebody is gets a part of that. */
const ACCOUNT_TIMEOUT_MS = 1500;

/** The body of the answer to Slack; null for an empty one. */
export async function actOn(interaction: Acted, deps: SlackClickDeps): Promise<object | null> {
  switch (interaction.kind) {
    case 'approve':
    case 'approve_submitted':
      return settle(interaction, { verdict: 'approve', reason: null }, deps);
    case 'deny_submitted':
      return settle(interaction, { verdict: 'deny', reason: interaction.reason }, deps);
    case 'deny':
    case 'details':
    case 'review':
      return show(interaction, interaction.kind, deps);
  }
}

/** Decides, and answers once what was decided stands in the book; the rest of the world hears of it after. */
async function settle(
  interaction: Acted,
  said: Pick<Click, 'verdict' | 'reason'>,
  deps: SlackClickDeps,
): Promise<object | null> {
  const { slack, judge, background } = deps;
  const { account, card } = interaction;
  const accountCode = await checkAccount(slack, account, { timeoutMs: ACCOUNT_TIMEOUT_MS });
  const decided = await decide(
    {
      ...card,
      ...said,
      person: personOf(account, judge),
      channel: { name: 'slack', account: `${account.team}/${account.user}` },
      accountFault: accountCode === 'account_active' ? null : accountCode,
    },
    deps,
  );
  if (decided === null) return answerPrivately(UNKNOWN, interaction, deps);
  const { decision, code } = decided;
  if (decision !== null) {
    const { digest, kind, envelope } = decision;
    const statement = { digest, kind, envelope, request_id: card.request_id };
    background.begin('forwarding a decision', () => forward(statement, deps));
    background.begin('painting after a click', () => deps.paint(card.request_id));
  }
  return code === 'eligible'
    ? null
    : answerPrivately(refusalWords(decided, said.verdict, deps, account), interaction, deps);
}

const UNKNOWN = 'This deployment knows no such request; nothing was decided.';

function personOf({ team, user }: Acted['account'], { guard }: HouseJudge): string | null {
  return guard.directory.personOfSlack(team, user)?.id ?? null;
}

function refusalWords(
  { code, subject }: Pick<Decided, 'code' | 'subject'>,
  verdict: Click['verdict'],
  { judge }: SlackClickDeps,
  account: Acted['account'],
): string {
  return renderRefusedClick({ verdict, code, policy: subject.policy, person: personOf(account, judge) });
}

/** In the modal where there is one, else where they clicked, for them alone. */
function answerPrivately(
  text: string,
  interaction: Acted,
  { slack, background }: SlackClickDeps,
): object | null {
  if (interaction.kind === 'deny_submitted') return reasonRefused(text);
  const { account, channel } = interaction;
  background.begin('a private answer', () => whisper(slack, { channel, user: account.user, text }));
  return null;
}

/** Opens a modal. Whoever could not deny anyway is told at once, and on the record, instead of asked for a reason. */
async function show(
  interaction: Extract<Acted, { trigger_id: string }>,
  kind: keyof typeof MODAL_OF,
  deps: SlackClickDeps,
): Promise<object | null> {
  const { card, account, channel, message_ts, trigger_id } = interaction;
  const { booked } = await deps.book.statements(card.request_id);
  const now = deps.now();
  const subject = caseOf(card.request_id, booked, deps.judge, new Date(now));
  if (subject === null) return answerPrivately(UNKNOWN, interaction, deps);
  if (subject.content === null) return answerPrivately(NOBODY_ASKED, interaction, deps);
  if (kind === 'deny') {
    const person = personOf(account, deps.judge);
    const code = codeOf({ person, verdict: 'deny', card_digest: card.card_digest }, subject, now);
    if (code !== 'eligible') return settle(interaction, { verdict: 'deny', reason: null }, deps);
  }
  const modal = MODAL_OF[kind](subject.content, { card, channel, message_ts });
  await openView(deps.slack, trigger_id, modal);
  return null;
}

const NOBODY_ASKED = 'Policy, as it is now, asks nobody about this request; nothing was decided.';

const MODAL_OF = { deny: denyModal, details: detailsModal, review: reviewModal } as const;
