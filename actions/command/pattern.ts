/** A pattern for a whole argument, in RE2's syntax: it matches in linear time, whatever it is given. */
import { celEnv, isCelError, parse, plan } from '@bufbuild/cel';

// CEL's `matches` is RE2; a regular expression of JavaScript's could be made to run for ever.
const matches = plan(celEnv(), parse('text.matches(pattern)'));

/** Null where it is a pattern; else what is wrong. */
export function patternFault(pattern: string): string | null {
  // On its own first: `a)|(b` would close the group that makes it whole.
  const result = matches({ text: '', pattern });
  return isCelError(result) ? 'is no regular expression of RE2' : null;
}

export function matchesWhole(pattern: string, text: string): boolean {
  return matches({ text, pattern: `\\A(?:${pattern})\\z` }) === true;
}
