/**
 * CSV as RFC 4180 has it, a line at a time: `id,name\r\n`, quotes where needed. NULL is an empty field, an empty
 * text is `""`, as Postgres's own COPY writes them.
 *
 * A text that a spreadsheet would run as a formula gets an apostrophe in front: an export is opened in one sooner
 * or later, and the values are strangers' words. Numbers and telephone numbers stay as they are.
 */
import type { Cell } from './session.ts';

export interface Line {
  readonly text: string;
  /** How many of its cells got an apostrophe. */
  readonly defused: number;
}

const FORMULA = /^[=@\t\r\n＝＠]|^[+\-＋－](?![\d\s().,eE+-]*$)/u;

export function csvLine(cells: readonly Cell[]): Line {
  const formulas = cells.filter((cell) => cell !== null && FORMULA.test(cell));
  return { text: `${cells.map(field).join(',')}\r\n`, defused: formulas.length };
}

function field(cell: Cell): string {
  if (cell === null) return '';
  const text = FORMULA.test(cell) ? `'${cell}` : cell;
  return text === '' || /[",\r\n]|^\s|\s$/u.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
}
