/**
 * An action's input as people read it, with nothing left out: one line an argument as JSON, and a text of
 * several lines in a box of its own, where its line breaks can't pass for another argument.
 */
import { canonicalize } from '../../approval/canonical-json.ts';
import type { Json, JsonObject } from '../../approval/types.ts';
import { escapedLength, plain } from './text.ts';

export interface Box {
  /** Null for the box of all one-line arguments. */
  readonly label: string | null;
  readonly text: string;
}

/** The one-line arguments first; in each box the order is the canonical form's. */
export function boxesOf(input: JsonObject): readonly Box[] {
  const entries = Object.entries(input).toSorted(([a], [b]) => (a < b ? -1 : 1));
  const lines: string[] = [];
  const texts: Box[] = [];
  for (const [key, value] of entries) {
    const name = /^[\w.-]+$/.test(key) ? key : JSON.stringify(key);
    if (typeof value === 'string' && isText(value)) texts.push({ label: `${name} (text):`, text: value });
    else lines.push(`${name}: ${pretty(value)}`);
  }
  if (entries.length === 0) return [{ label: null, text: '(no input)' }];
  return lines.length === 0 ? texts : [{ label: null, text: lines.join('\n') }, ...texts];
}

/** JSON over several lines, its keys in canonical order. */
export function pretty(value: Json): string {
  return JSON.stringify(JSON.parse(canonicalize(value)), null, 2);
}

/** Several lines whose ends nothing hides: blanks at either end would be lost in a box. */
function isText(value: string): boolean {
  return value.includes('\n') && value === value.trim();
}

export interface FittedBoxes {
  readonly boxes: readonly Box[];
  readonly whole: boolean;
}

/** The boxes within a budget of characters and rows; whatever has no room left is cut, and says so. */
export function fitBoxes(boxes: readonly Box[], budget: { limit: number; rows: number }): FittedBoxes {
  const fitted: Box[] = [];
  let { limit, rows } = budget;
  let whole = true;
  for (const box of boxes) {
    // Room for the note that says so, at the least.
    if (limit < MIN_BOX || rows < 1) return { boxes: fitted, whole: false };
    const label = box.label === null ? null : plain(box.label, { limit: MAX_LABEL });
    const text = plain(box.text, { limit, rows, lines: true });
    fitted.push({ label: label?.text ?? null, text: text.text });
    limit -= escapedLength(text.text) + escapedLength(label?.text ?? '');
    rows -= text.rows + (label === null ? 0 : 1);
    whole &&= text.whole && (label?.whole ?? true);
  }
  return { boxes: fitted, whole };
}

const MIN_BOX = 120;
const MAX_LABEL = 100;
