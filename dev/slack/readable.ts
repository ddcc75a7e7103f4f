/**
 * Blocks as the local Slack's page can show them: it knows neither rich text nor dates, so both become markup
 * that looks alike. For the development stack's eyes only: what is sent to Slack itself is never changed.
 */
import { z } from 'zod';

const block = z.looseObject({ type: z.string() });
const markup = z.looseObject({ type: z.literal('mrkdwn'), text: z.string() });
const leaf = z.looseObject({
  text: z.string().default(''),
  style: z.looseObject({ bold: z.boolean().optional() }).optional(),
});
const leaves = z.array(leaf);
const richText = z.looseObject({
  elements: z.array(z.looseObject({ type: z.string(), elements: z.array(z.unknown()) })),
});

export function readable(blocks: unknown): unknown[] {
  return z
    .array(block)
    .parse(blocks)
    .flatMap((each) => {
      if (each.type !== 'rich_text') return [withPlainMarkup(each)];
      return richText.parse(each).elements.map((element, index) => ({
        type: 'section',
        block_id: `${each.block_id ?? 'rich'}-${index}`,
        text: { type: 'mrkdwn', text: markupOf(element.type, element.elements) },
      }));
    });
}

function markupOf(type: string, elements: readonly unknown[]): string {
  if (type === 'rich_text_list') {
    return elements
      .map((item) => `•  ${inline(z.looseObject({ elements: z.unknown() }).parse(item).elements)}`)
      .join('\n');
  }
  if (type === 'rich_text_quote') return lines(inline(elements), (line) => `> ${line}`);
  if (type === 'rich_text_preformatted') return boxed(inline(elements));
  return inline(elements);
}

function inline(elements: unknown): string {
  return leaves
    .parse(elements)
    .map(({ text, style }) => (style?.bold ? `*${disarmed(text)}*` : disarmed(text)))
    .join('');
}

/** One line of code under the other, of one width. */
function boxed(text: string): string {
  const width = Math.min(60, Math.max(...text.split('\n').map((line) => line.length)));
  return lines(text, (line) => `\`${line.padEnd(width, '\u00a0')}\``);
}

function lines(text: string, change: (line: string) => string): string {
  return text.split('\n').map(change).join('\n');
}

/** The page formats whatever looks like markup and has no escape for it, so look-alikes stand in. */
function disarmed(text: string): string {
  const indented = text.replace(/^ +/gm, (spaces) => '\u00a0'.repeat(spaces.length));
  return indented.replaceAll('*', '∗').replaceAll('~', '∼').replaceAll('`', 'ˋ');
}

/** Dates as their fallback in every markup within a block, and the one entity that the page does not undo. */
function withPlainMarkup(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(withPlainMarkup);
  const { success, data } = markup.safeParse(value);
  if (success) return { ...data, text: withPlainDates(data.text) };
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([key, child]) => [key, withPlainMarkup(child)]));
}

export function withPlainDates(text: string): string {
  return text.replace(/<!date\^\d+\^[^|>]*\|([^>]*)>/g, '$1').replace(/&amp;(?!lt;|gt;|amp;)/g, '&');
}
