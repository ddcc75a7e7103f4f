/**
 * Lines that fit the terminal: wrapped text, named fields and tables.
 *
 * A line that is too long goes on in the terminal's first column, where it could pass for a line of Assent's own: so
 * width is counted in the terminal's cells, and where that is not known, too many of them.
 */

/** Wraps at blanks, and within a word that is longer than a line; every line begins with the indent. */
export function wrap(text: string, columns: number, indent = 0): string[] {
  const width = Math.max(20, columns - indent);
  const lines: string[] = [];
  let line = '';
  for (const word of text.split(' ').flatMap((whole) => slices(whole, width))) {
    if (line !== '' && cellsOf(line) + 1 + cellsOf(word) > width) {
      lines.push(line);
      line = word;
    } else {
      line = line === '' && lines.length === 0 ? word : `${line} ${word}`;
    }
  }
  return (line === '' && lines.length > 0 ? lines : [...lines, line]).map((text) =>
    `${' '.repeat(indent)}${text}`.trimEnd(),
  );
}

/** Cuts where a line is full and nowhere else; what goes on begins with `» `, as no JSON does. */
export function fold(line: string, columns: number, indent = 0): string[] {
  const [first = '', ...rest] = slices(line, Math.max(20, columns - indent - 2));
  const margin = ' '.repeat(indent);
  return [`${margin}${first}`, ...rest.map((part) => `${margin}» ${part}`)];
}

/** `name` padded to a column, the value wrapped beside it. */
export function field(name: string, value: string, columns: number, nameWidth = 10): string[] {
  const [first = '', ...rest] = wrap(value, columns, nameWidth);
  return [`${name.padEnd(nameWidth)}${first.trimStart()}`.trimEnd(), ...rest];
}

/** Columns as wide as their widest cell; the last is cut with … where the terminal ends. */
export function table(rows: readonly (readonly string[])[], columns: number): string[] {
  const widths: number[] = [];
  for (const row of rows) {
    for (const [index, cell] of row.entries()) widths[index] = Math.max(widths[index] ?? 0, cellsOf(cell));
  }
  return rows.map((row) => cut(row.map((cell, index) => pad(cell, widths[index] ?? 0)).join('  '), columns));
}

function pad(cell: string, width: number): string {
  return cell + ' '.repeat(Math.max(0, width - cellsOf(cell)));
}

function cut(line: string, columns: number): string {
  const whole = line.trimEnd();
  if (cellsOf(whole) <= columns) return whole;
  const [first = ''] = slices(whole, columns - 1);
  return `${first}…`;
}

function slices(text: string, width: number): string[] {
  const parts: string[] = [];
  let part = '';
  let filled = 0;
  for (const character of text) {
    const cells = cellsOf(character);
    if (filled + cells > width) {
      parts.push(part);
      part = '';
      filled = 0;
    }
    part += character;
    filled += cells;
  }
  return [...parts, part];
}

/** What East Asian and emoji fonts draw across two cells. */
const WIDE =
  /[\u1100-\u115f\u2e80-\u303e\u3041-\u4dbf\u4e00-\ua4cf\ua960-\ua97f\uac00-\ud7a3\uf900-\ufaff\ufe10-\ufe19\ufe30-\ufe6f\uff00-\uff60\uffe0-\uffe6\u{16fe0}-\u{18fff}\u{1aff0}-\u{1b2ff}\u{1f000}-\u{1faff}\u{20000}-\u{3fffd}\p{Emoji_Presentation}]/u;

export function cellsOf(text: string): number {
  let cells = 0;
  for (const character of text) cells += WIDE.test(character) ? 2 : 1;
  return cells;
}
