/**
 * Text that somebody else wrote, made safe to show: what is invisible is made visible, what is markup is
 * escaped, and what is too long is cut by code point, saying so.
 *
 * Bidi, zero-width, control and blank look-alike characters become `⟦U+202E⟧`. A literal `⟦` becomes
 * `⟦U+27E6⟧`, so no text can pretend to hold such a mark, or the note that it was cut.
 */

export interface Shown {
  readonly text: string;
  /** False where something had to be cut. */
  readonly whole: boolean;
  /** Lines that it takes on a screen of {@link COLUMNS}. */
  readonly rows: number;
}

export interface ShowOptions {
  /** UTF-16 units after escaping. Slack counts escaped text in plain text too, so it is measured so for both. */
  readonly limit: number;
  /** Line breaks stay line breaks; elsewhere they are shown as characters. */
  readonly lines?: boolean;
  /** The most rows, so that padding can't push what matters out of sight. */
  readonly rows?: number;
}

/** How wide a message is, in monospaced characters, on a common desktop. */
export const COLUMNS = 90;

/** For `plain_text` and rich text, which take no markup. Never empty: Slack refuses empty text. */
export function plain(source: string, options: ShowOptions): Shown {
  return show(source, options, (character) => character);
}

/** For `mrkdwn`: stops mentions, links and dates. It can't stop formatting, so agents' text is shown as plain. */
export function mrkdwn(source: string, options: ShowOptions): Shown {
  return show(source, options, entity);
}

/** How long a text is to Slack after it has escaped it. */
export function escapedLength(text: string): number {
  let length = text.length;
  for (const character of text) length += weight(character) - character.length;
  return length;
}

/** Runs of marks longer than this climb over the neighbouring lines. */
const MAX_MARKS = 3;
const INVISIBLE = new RegExp(
  [
    // Control, format, private, unassigned; line and paragraph separators.
    '\\p{C}|\\p{Zl}|\\p{Zp}',
    // Blanks other than the space.
    '[\\u00a0\\u1680\\u2000-\\u200a\\u202f\\u205f\\u3000\\u2800\\u3164\\uffa0\\u115f\\u1160]',
    // Joiners and selectors that Unicode files under marks.
    '\\u034f|\\u17b4|\\u17b5|[\\u180b-\\u180f]|[\\ufe00-\\ufe0f]|[\\u{e0100}-\\u{e01ef}]',
    // What these marks themselves begin with.
    '⟦',
  ].join('|'),
  'u',
);

function show(source: string, options: ShowOptions, print: (character: string) => string): Shown {
  const { limit, lines = false, rows = Number.POSITIVE_INFINITY } = options;
  const pieces = visiblePieces(source, lines);
  const all = fitting(pieces, limit, rows);
  if (all.kept === pieces.length) return { text: pieces.map(print).join(''), whole: true, rows: all.rows };
  const cut = fitting(pieces, limit - cutNote(pieces.length).length, rows);
  const text = pieces.slice(0, cut.kept).map(print).join('') + cutNote(pieces.length - cut.kept);
  return { text, whole: false, rows: cut.rows };
}

/** How many of the pieces fit, and the rows that those take. */
function fitting(pieces: readonly string[], limit: number, maxRows: number): { kept: number; rows: number } {
  let used = 0;
  let rows = 1;
  let column = 0;
  for (const [kept, piece] of pieces.entries()) {
    const breaks = piece === '\n' || column + piece.length > COLUMNS;
    const nextRows = breaks ? rows + 1 : rows;
    used += weight(piece);
    if (used > limit || nextRows > maxRows) return { kept, rows };
    rows = nextRows;
    column = piece === '\n' ? 0 : (breaks ? 0 : column) + piece.length;
  }
  return { kept: pieces.length, rows };
}

/** The whole text in parts of at most `limit` each (as in {@link ShowOptions}), broken at line ends where it can. */
export function plainParts(source: string, limit: number, lines = true): string[] {
  const parts: string[] = [];
  let part = '';
  let used = 0;
  for (const piece of visiblePieces(source, lines)) {
    const length = weight(piece);
    while (used + length > limit && part !== '') {
      const lineEnd = part.lastIndexOf('\n');
      // A part that is mostly one line is broken within it.
      const at = lineEnd > part.length / 2 ? lineEnd + 1 : part.length;
      parts.push(part.slice(0, at));
      part = part.slice(at);
      used = escapedLength(part);
    }
    part += piece;
    used += length;
  }
  return [...parts, part];
}

function cutNote(characters: number): string {
  return ` ⟦cut: ${characters} more⟧`;
}

/** One piece a code point. */
function visiblePieces(source: string, lines: boolean): string[] {
  if (source === '') return [...'(empty)'];
  const pieces: string[] = [];
  // Nothing but blanks would look like nothing at all, and Slack refuses it.
  const blank = source.trim() === '';
  let marks = 0;
  for (const character of source) {
    // Nearly all there is; the rest of the loop is fifty times as slow.
    if (character >= '!' && character <= '~') {
      pieces.push(character);
      marks = 0;
      continue;
    }
    marks = /^\p{M}$/u.test(character) ? marks + 1 : 0;
    const breaksLine = lines && character === '\n' && !blank;
    const hidden = blank || marks > MAX_MARKS || (INVISIBLE.test(character) && !breaksLine);
    pieces.push(hidden ? mark(character) : character);
  }
  return pieces;
}

function mark(character: string): string {
  const point = character.codePointAt(0) ?? 0;
  return `⟦U+${point.toString(16).toUpperCase().padStart(4, '0')}⟧`;
}

/** One piece as `mrkdwn` writes it; marks hold nothing to escape. */
function entity(piece: string): string {
  return ENTITIES[piece] ?? piece;
}

function weight(piece: string): number {
  return entity(piece).length;
}

const ENTITIES: Readonly<Record<string, string>> = { '&': '&amp;', '<': '&lt;', '>': '&gt;' };
