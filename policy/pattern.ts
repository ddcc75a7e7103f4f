/** Patterns of action names as they stand in policy.yaml. */
import { z } from 'zod';
import { PATTERN } from '../approval/pattern.ts';

export const patternSchema = z
  .string()
  .regex(PATTERN, 'is no pattern; write dotted words, * for one whole word, ** at the end for the rest');

/** Whether every action that `narrow` matches is matched by `wide` too. */
export function covers(wide: string, narrow: string): boolean {
  const [wanted, words] = [wide.split('.'), narrow.split('.')];
  const open = wanted.at(-1) === '**';
  const fixed = open ? wanted.slice(0, -1) : wanted;
  // `a.**` stands for two words at least, and for any number of them.
  const endless = words.at(-1) === '**';
  if (open ? words.length <= fixed.length : endless || words.length !== fixed.length) return false;
  return fixed.every((word, index) => word === '*' || word === words[index]);
}
