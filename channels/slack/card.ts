/** The card: one message for one request, rendered afresh from its whole state every time. */
import type { Button, ConfirmationDialog, KnownBlock, SectionBlock } from '@slack/types';
import { cardDigest } from '../../approval/view.ts';
import { actions, context, fields, header, LIMITS, quote, richText, section, withIds } from './blocks.ts';
import { actionBlock, agentWords, effects } from './card-body.ts';
import { type CardInput, date, person, short, words } from './card-input.ts';
import { BUTTONS, printButtonValue } from './card-reference.ts';
import { approvalsOf, approvers, askedNames, outcomeLine, outcomeWords } from './outcome-words.ts';
import { plain } from './text.ts';

export interface SlackMessage {
  /** What notifications and screen readers get: markup, without the blocks. */
  readonly text: string;
  readonly blocks: KnownBlock[];
}

/**
 * Every limit of Block Kit holds, whatever the content. Where anything of what is approved had to be cut, there
 * is no Approve: Review opens the whole of it.
 */
export function renderCard(input: CardInput): SlackMessage {
  const { content, standings } = input;
  const title = header(content.title);
  const said = agentWords(content);
  const effect = effects(content);
  const action = actionBlock(content);
  const whole = [title, said, effect, action].every((part) => part.whole);
  const blocks: KnownBlock[] = [
    ...title.blocks,
    section(outcomeLine(input)),
    ...reasonQuote(input),
    facts(input),
    { type: 'divider' },
    ...said.blocks,
    ...effect.blocks,
    ...action.blocks,
    smallPrint(input),
    ...(standings.state === 'pending' ? [actions(buttons(input, whole))] : []),
  ];
  return { text: fallback(input), blocks: withIds(blocks) };
}

function reasonQuote(input: CardInput): readonly KnownBlock[] {
  const { reason } = outcomeWords(input);
  return reason === null ? [] : [richText(quote(plain(reason, { limit: 2000, rows: 20, lines: true }).text))];
}

function facts(input: CardInput): SectionBlock {
  const { content, standings, now } = input;
  const { on_behalf_of } = content.claims;
  const pending = standings.state === 'pending';
  const entries: readonly (readonly [string, string] | null)[] = [
    ['Agent', words(content.agent)],
    on_behalf_of === null ? null : ['On behalf of, it says', person(input, on_behalf_of)],
    ['Environment', words(content.audience)],
    ['Risk', `${RISKS[content.risk]}  ·  rule \`${words(content.rule.replaceAll('`', "'"))}\``],
    ['Approvals', [approvalsOf(input), approvers(input)].filter((part) => part !== null).join('  ·  ')],
    pending ? ['May approve', asked(input, now)] : null,
  ];
  return fields(entries.filter((entry) => entry !== null).map(([label, text]) => `*${label}*\n${text}`));
}

const RISKS = { low: 'Low', medium: 'Medium', high: ':warning: High' } as const;

function asked(input: CardInput, now: Date): string {
  const stages = input.content.asked.map(({ from, at }, index) => {
    const begun = Date.parse(at) <= now.getTime();
    const when = begun ? (index === 0 ? '' : ', by now') : `, from ${date(at)}`;
    return `${askedNames(input, from)}${when}`;
  });
  // Twelve stages of twenty names would not fit; nobody reads so many either.
  const shown = stages.join('\n');
  return shown.length <= LIMITS.fieldText - 100 ? shown : `${input.content.asked.length} groups: see Details`;
}

function smallPrint({ content, links }: CardInput) {
  const entries = [
    `Request \`${short(content.request_id)}\``,
    `Action \`${short(content.action_digest)}\``,
    links.temporal === null ? null : `<${linkTarget(links.temporal)}|Temporal>`,
  ];
  return context([entries.filter((entry) => entry !== null).join('  ·  ')]);
}

/** An address that can't end the markup that it stands in. */
export function linkTarget(url: string): string {
  return new URL(url).href.replace(/[|<>]/g, encodeURIComponent).replaceAll('&', '&amp;');
}

function buttons({ content }: CardInput, whole: boolean): Button[] {
  const value = printButtonValue({ request_id: content.request_id, card_digest: cardDigest(content) });
  const button = (label: string, action_id: string): Button => ({
    type: 'button',
    text: { type: 'plain_text', text: label, emoji: false },
    action_id,
    value,
  });
  const approve = button('Approve', BUTTONS.approve);
  const confirmed = content.risk === 'high' ? { ...approve, confirm: confirmation(content) } : approve;
  // No style on any: none is offered as the better choice.
  return [
    whole ? confirmed : button('Review', BUTTONS.review),
    button('Deny', BUTTONS.deny),
    button('Details', BUTTONS.details),
  ];
}

function confirmation({ title, audience }: CardInput['content']): ConfirmationDialog {
  const text = plain(`${title}\nin ${audience}`, { limit: LIMITS.confirmText, lines: true }).text;
  return {
    title: { type: 'plain_text', text: 'Approve a high-risk action?', emoji: false },
    text: { type: 'plain_text', text, emoji: false },
    confirm: { type: 'plain_text', text: 'Approve', emoji: false },
    deny: { type: 'plain_text', text: 'Not now', emoji: false },
  };
}

function fallback(input: CardInput): string {
  const { title, agent, audience } = input.content;
  const said = outcomeWords(input);
  return `${said.title}: ${words(title, 1000)} (${words(agent)}, ${words(audience)})`;
}
