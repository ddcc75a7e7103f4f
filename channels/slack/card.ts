/** The card: one message for one request, rendered afresh from its whole state every time. */
import type { KnownBlock, SectionBlock } from '@slack/types';
import { context, fields, header, quote, richText, section, withIds } from './blocks.ts';
import { actionBlock, agentWords, changes, effects } from './card-body.ts';
import { buttonBlocks } from './card-buttons.ts';
import type { CardInput } from './card-input.ts';
import { code, duration, joined, person, short, words } from './markup.ts';
import { noticeBlocks } from './notices.ts';
import { outcomeLine, outcomeWords } from './outcome-words.ts';
import { requirementBlocks } from './requirement-words.ts';
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
  const { about, content } = input;
  const title = header(about.title);
  const changed = changes(content);
  const said = agentWords(about);
  const effect = effects(about);
  const action = actionBlock(about);
  const whole = [title, changed, said, effect, action].every((part) => part.whole);
  const blocks: KnownBlock[] = [
    ...title.blocks,
    section(outcomeLine(input)),
    ...reasonQuote(input),
    ...noticeBlocks(input),
    ...changed.blocks,
    facts(input),
    ...requirementBlocks(input),
    { type: 'divider' },
    ...said.blocks,
    ...effect.blocks,
    ...action.blocks,
    smallPrint(input),
    ...buttonBlocks(input, whole),
  ];
  return { text: fallback(input), blocks: withIds(blocks) };
}

function reasonQuote(input: CardInput): readonly KnownBlock[] {
  const { reason } = outcomeWords(input);
  return reason === null ? [] : [richText(quote(plain(reason, { limit: 2000, rows: 20, lines: true }).text))];
}

function facts(input: CardInput): SectionBlock {
  const { about, content } = input;
  const { on_behalf_of } = about.claims;
  const entries: readonly (readonly [string, string] | null)[] = [
    ['Agent', words(about.agent)],
    on_behalf_of === null ? null : ['On behalf of, it says', person(input, on_behalf_of)],
    ['Environment', words(about.audience)],
    content === null ? null : ['Risk', `${RISKS[content.risk]}  ·  rule ${code(content.rule)}`],
    content?.ends_after_seconds == null
      ? null
      : ['Ends by itself', `${duration(content.ends_after_seconds)} after it starts`],
  ];
  return fields(entries.filter((entry) => entry !== null).map(([label, text]) => `*${label}*\n${text}`));
}

const RISKS = { low: 'Low', medium: 'Medium', high: ':warning: High' } as const;

function smallPrint({ about, links }: CardInput) {
  const temporal = links.temporal === null ? null : `<${linkTarget(links.temporal)}|Temporal>`;
  const ids = [`Request \`${short(about.request_id)}\``, `Action \`${short(about.action_digest)}\``];
  return context([joined([...ids, temporal])]);
}

/** An address that can't end the markup that it stands in. */
export function linkTarget(url: string): string {
  return new URL(url).href.replace(/[|<>]/g, encodeURIComponent).replaceAll('&', '&amp;');
}

function fallback(input: CardInput): string {
  const { title, agent, audience } = input.about;
  const said = outcomeWords(input);
  const alone = input.standings.glass === null ? '' : 'Broken glass. ';
  return `${alone}${said.title}: ${words(title, 1000)} (${words(agent)}, ${words(audience)})`;
}
