/**
 * Text that somebody else wrote, made safe for a terminal: control, bidi and other invisible characters become
 * `⟦U+202E⟧`, and a literal `⟦` becomes `⟦U+27E6⟧`, so that no text can pretend to hold such a mark.
 */

const UNSEEN = [
  // Control, format, private, unassigned, lone surrogates; line and paragraph separators.
  '[\\p{C}\\p{Zl}\\p{Zp}]',
  // Blanks other than the space, and blank look-alikes.
  '[\\u00a0\\u1680\\u2000-\\u200a\\u202f\\u205f\\u3000\\u2800\\u3164\\uffa0\\u115f\\u1160]',
  // Joiners and selectors that Unicode files under marks.
  '[\\u034f\\u17b4\\u17b5\\u180b-\\u180f\\ufe00-\\ufe0f\\u{e0100}-\\u{e01ef}]',
  // More than three marks on one letter climb over the neighbouring lines.
  '(?<=\\p{M}{3})\\p{M}',
];
const INVISIBLE = new RegExp([...UNSEEN, '⟦'].join('|'), 'gu');
/** A JSON text's own line breaks stay; those in its strings are escaped already. */
const UNSEEN_IN_JSON = new RegExp(`(?!\\n)(?:${UNSEEN.join('|')})`, 'gu');

/** One line: a line break is shown as a character too. */
export function visible(text: string): string {
  return text.replaceAll(INVISIBLE, mark);
}

/** The same with line breaks kept. */
export function visibleLines(text: string): readonly string[] {
  return text.split('\n').map(visible);
}

/** A JSON text whose strings hold nothing invisible: the very same value, told in escapes. */
export function visibleJson(value: unknown): string {
  const text = JSON.stringify(value, null, 2) ?? 'null';
  return text.replaceAll(UNSEEN_IN_JSON, escaped);
}

function mark(character: string): string {
  const point = character.codePointAt(0) ?? 0;
  return `⟦U+${point.toString(16).toUpperCase().padStart(4, '0')}⟧`;
}

function escaped(character: string): string {
  return [...Array(character.length).keys()]
    .map((unit) => `\\u${character.charCodeAt(unit).toString(16).padStart(4, '0')}`)
    .join('');
}
