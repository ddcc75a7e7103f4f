/** The part of a card that does not change: what is asked for, in whose words, and what it would do. */
import type { RichTextBlockElement } from '@slack/types';
import type { CardContent } from '../../approval/view.ts';
import { boxesOf, fitBoxes } from './action-text.ts';
import { bullets, heading, line, preformatted, quote, type Rendered, richText } from './blocks.ts';
import type { About } from './card-input.ts';
import { plain } from './text.ts';

const INTENT = { limit: 800, rows: 10, lines: true };
const ASIDE = { limit: 400, rows: 5, lines: true };
const LINE = { limit: 300, rows: 4 };
const MAX_LINES = 8;
const ACTION = { limit: 2400, rows: 36 };

/** Why it is asked again; no blocks at the first asking. */
export function changes(content: Pick<CardContent, 'revision' | 'changed'> | null): Rendered {
  if (content === null || content.revision < 2) return { blocks: [], whole: true };
  if (content.changed.length === 0) {
    return {
      blocks: [richText(heading('Asked again: it did not run in time, and nothing changed.'))],
      whole: true,
    };
  }
  const { texts, whole } = shownLines(content.changed);
  return { blocks: [richText(heading('Asked again because this changed'), bullets(texts))], whole };
}

/** The agent's words, marked as such; no blocks where it said nothing. */
export function agentWords({ claims }: About): Rendered {
  const { intent, reason, trigger } = claims;
  const said: { label: string; text: string; limits: typeof INTENT }[] = [];
  if (intent !== null) {
    const source = intent.source === null ? '' : `, in ${intent.source}`;
    said.push({ label: `It was asked${source}:`, text: intent.statement, limits: INTENT });
  }
  if (reason !== null) said.push({ label: 'It does this because:', text: reason, limits: ASIDE });
  if (trigger !== null) {
    const url = trigger.url === null ? '' : `\n${trigger.url}`;
    said.push({ label: 'It was set off by:', text: `${trigger.type} ${trigger.id}${url}`, limits: ASIDE });
  }
  if (said.length === 0) return { blocks: [], whole: true };
  let whole = true;
  const elements: RichTextBlockElement[] = [heading('In the agent’s words, which nobody has verified')];
  for (const { label, text, limits } of said) {
    const shownLabel = plain(label, { limit: 200 });
    const shown = plain(text, limits);
    whole &&= shown.whole && shownLabel.whole;
    elements.push(line(shownLabel.text), quote(shown.text));
  }
  return { blocks: [richText(...elements)], whole };
}

/** What it would do: the blast radius that the executor saw, then what the action's definition says of it. */
export function effects({ description, impact }: About): Rendered {
  const radius = shownLines(impact);
  const told = shownLines(description);
  // A block each: together they could be longer than one block may be.
  const blocks = [radius, told]
    .filter(({ texts }) => texts.length > 0)
    .map(({ texts }) => richText(bullets(texts)));
  const title = richText(heading('What it would do'));
  return { blocks: blocks.length === 0 ? [] : [title, ...blocks], whole: radius.whole && told.whole };
}

function shownLines(lines: readonly string[]): { texts: readonly string[]; whole: boolean } {
  const shown = lines.slice(0, MAX_LINES).map((text) => plain(text, LINE));
  const left = lines.length - shown.length;
  const texts = shown.map(({ text }) => text);
  return {
    texts: left > 0 ? [...texts, `⟦cut: ${left} more lines⟧`] : texts,
    whole: left <= 0 && shown.every(({ whole }) => whole),
  };
}

/** The canonical action: its name and exactly its input. */
export function actionBlock({ action }: About): Rendered {
  const name = plain(action.name, { limit: 200 });
  const { boxes, whole } = fitBoxes(boxesOf(action.input), ACTION);
  const elements: RichTextBlockElement[] = [
    {
      type: 'rich_text_section',
      elements: [
        { type: 'text', text: name.text, style: { bold: true } },
        {
          type: 'text',
          text: whole ? ' with exactly this input' : ' with this input, which is too long for a card',
        },
      ],
    },
  ];
  for (const { label, text } of boxes) {
    if (label !== null) elements.push(line(label));
    elements.push(preformatted(text));
  }
  return { blocks: [richText(...elements)], whole: whole && name.whole };
}
