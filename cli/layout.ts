/** Lines that fit the terminal: wrapped text, named fields and tables. */

/** Wraps at blanks, and within a word that is longer than a line; every line begins with the indent. */
export function wrap(text: string, columns: number, indent = 0): string[] {
  const width = Math.max(20, columns - indent);
  const lines: string[] = [];
  let line: string[] = [];
  for (const word of text.split(' ').flatMap((whole) => slices([...whole], width))) {
    if (line.length > 0 && line.length + 1 + word.length > width) {
      lines.push(line.join(''));
      line = [...word];
    } else {
      line = line.length === 0 && lines.length === 0 ? [...word] : [...line, ' ', ...word];
    }
  }
  return [...lines, line.join('')].map((text) => `${' '.repeat(indent)}${text}`.trimEnd());
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
    for (const [index, cell] of row.entries()) widths[index] = Math.max(widths[index] ?? 0, [...cell].length);
  }
  return rows.map((row) => cut(row.map((cell, index) => pad(cell, widths[index] ?? 0)).join('  '), columns));
}

function pad(cell: string, width: number): string {
  return cell + ' '.repeat(Math.max(0, width - [...cell].length));
}

function cut(line: string, columns: number): string {
  const characters = [...line.trimEnd()];
  return characters.length <= columns ? characters.join('') : `${characters.slice(0, columns - 1).join('')}…`;
}

function slices(word: readonly string[], width: number): (readonly string[])[] {
  const parts = [word.slice(0, width)];
  for (let at = width; at < word.length; at += width) parts.push(word.slice(at, at + width));
  return parts;
}
