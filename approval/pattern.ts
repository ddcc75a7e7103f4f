/**
 * Patterns of action names, which are dotted words.
 *
 * `sql.export` is that one action; `*` stands for exactly one whole word (`sql.*` is `sql.export` but not
 * `sql.export.csv`); `**`, at the end only, stands for one word or more (`sql.**` is both of them, but not `sql`).
 */

/** What a pattern looks like. */
export const PATTERN = /^(?:(?:\*|[A-Za-z0-9_-]+)\.)*(?:\*\*?|[A-Za-z0-9_-]+)$/u;

/** A name with an empty word matches nothing. */
export function matchesPattern(pattern: string, action: string): boolean {
  const wanted = pattern.split('.');
  const words = action.split('.');
  if (words.includes('')) return false;
  const open = wanted.at(-1) === '**';
  const fixed = open ? wanted.slice(0, -1) : wanted;
  const long = open ? words.length > fixed.length : words.length === fixed.length;
  return long && fixed.every((word, index) => word === '*' || word === words[index]);
}
