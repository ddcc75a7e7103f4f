/** Block Kit's pieces, each within its limit, and the note of whether anything had to be cut to get there. */
import type {
  ActionsBlock,
  Button,
  ContextBlock,
  HeaderBlock,
  KnownBlock,
  RichTextBlock,
  RichTextBlockElement,
  RichTextSection,
  SectionBlock,
} from '@slack/types';
import { digestOfJson } from '../../approval/digest.ts';
import { plain } from './text.ts';

/** https://docs.slack.dev/reference/block-kit; rich text has no published limit and takes a section's. */
export const LIMITS = {
  messageBlocks: 50,
  viewBlocks: 100,
  /** Slack refuses views over 250 kB. */
  viewBytes: 200_000,
  sectionText: 3000,
  fields: 10,
  fieldText: 2000,
  headerText: 150,
  contextElements: 10,
  contextText: 3000,
  buttonText: 75,
  buttonValue: 2000,
  confirmTitle: 100,
  confirmText: 300,
  confirmButton: 30,
  id: 255,
  modalTitle: 24,
  privateMetadata: 3000,
  messageText: 3900,
} as const;

/** Blocks, and whether they show all of what they were made from. */
export interface Rendered {
  readonly blocks: readonly KnownBlock[];
  readonly whole: boolean;
}

export function header(title: string): Rendered {
  const { text, whole } = plain(title, { limit: LIMITS.headerText });
  const block: HeaderBlock = { type: 'header', text: { type: 'plain_text', text, emoji: false } };
  return { blocks: [block], whole };
}

/** Markup that this code wrote; whatever it quotes is escaped and cut already. */
export function section(markup: string): SectionBlock {
  return { type: 'section', text: { type: 'mrkdwn', text: markup, verbatim: true }, expand: true };
}

/** Two columns; each entry is markup, as in {@link section}. */
export function fields(entries: readonly string[]): SectionBlock {
  return {
    type: 'section',
    fields: entries.map((text) => ({ type: 'mrkdwn', text, verbatim: true })),
    expand: true,
  };
}

/** Small print; each entry is markup, as in {@link section}. */
export function context(entries: readonly string[]): ContextBlock {
  return {
    type: 'context',
    elements: entries.map((text) => ({ type: 'mrkdwn', text, verbatim: true })),
  };
}

export function actions(elements: Button[]): ActionsBlock {
  return { type: 'actions', elements };
}

export function richText(...elements: RichTextBlockElement[]): RichTextBlock {
  return { type: 'rich_text', elements };
}

/** A line in bold; the text is this code's own or made visible already. */
export function heading(text: string): RichTextSection {
  return { type: 'rich_text_section', elements: [{ type: 'text', text, style: { bold: true } }] };
}

export function line(text: string): RichTextSection {
  return { type: 'rich_text_section', elements: [{ type: 'text', text }] };
}

export function quote(text: string): RichTextBlockElement {
  return { type: 'rich_text_quote', elements: [{ type: 'text', text }] };
}

export function preformatted(text: string): RichTextBlockElement {
  return { type: 'rich_text_preformatted', elements: [{ type: 'text', text }] };
}

export function bullets(texts: readonly string[]): RichTextBlockElement {
  return { type: 'rich_text_list', style: 'bullet', elements: texts.map(line) };
}

/**
 * Gives each block an id that changes with the rendering: Slack keeps what a person sees of a block whose id
 * stays, so an updated message takes new ones.
 */
export function withIds(blocks: readonly KnownBlock[]): KnownBlock[] {
  const stamp = digestOfJson(blocks).slice('sha256:'.length, 'sha256:'.length + 16);
  return blocks.map((block, index) => ({ ...block, block_id: `${stamp}-${index}` }));
}
