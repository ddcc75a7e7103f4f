/** Whether one pattern covers another, against the actions that both match. */
import fc from 'fast-check';
import { expect, it } from 'vitest';
import { matchesPattern } from '../../approval/pattern.ts';
import { covers } from '../../policy/pattern.ts';

const words = ['a', 'b', 'x'];
const pattern = fc
  .tuple(fc.array(fc.constantFrom('a', 'b', '*'), { maxLength: 2 }), fc.constantFrom('a', 'b', '*', '**'))
  .map(([before, last]) => [...before, last].join('.'));
/** Every name of up to four words; `x` stands in no pattern, so only a star matches it. */
const ACTIONS = [1, 2, 3, 4].flatMap((length) =>
  Array.from({ length: words.length ** length }, (_, number) =>
    Array.from(
      { length },
      (_, place) => words[Math.floor(number / words.length ** place) % words.length],
    ).join('.'),
  ),
);

it('covers exactly where it matches all that the other matches', () => {
  let covered = 0;
  fc.assert(
    fc.property(pattern, pattern, (wide, narrow) => {
      const matched = ACTIONS.filter((action) => matchesPattern(narrow, action));
      const all = matched.every((action) => matchesPattern(wide, action));
      expect(covers(wide, narrow)).toBe(all);
      if (all) covered += 1;
    }),
    { numRuns: 500 },
  );
  expect(covered).toBeGreaterThan(50);
});
