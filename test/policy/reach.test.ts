/** Whether a requirement can be met, against trying every way of seating everybody. */
import fc from 'fast-check';
import { expect, it } from 'vitest';
import type { Part } from '../../approval/types.ts';
import { canBeMet, kept, type Reaching } from '../../policy/reach.ts';

const PEOPLE = ['a', 'b', 'c', 'd', 'e'] as const;
const people = fc.subarray([...PEOPLE]);
const quorum = fc.record({ from: fc.constant(['x']), people, count: fc.integer({ min: 1, max: 3 }) });
const part = fc.record({ any_of: fc.array(quorum, { minLength: 1, maxLength: 2 }) });
const deputy = fc
  .record({
    principal: fc.constantFrom(...PEOPLE),
    delegate: fc.constantFrom(...PEOPLE),
    delegation: fc.constant(null),
  })
  .filter(({ principal, delegate }) => principal !== delegate);
const reaching: fc.Arbitrary<Reaching> = fc.record({
  approvals: fc.array(part, { minLength: 1, maxLength: 3 }),
  escalations: fc.array(
    people.map((added) => ({
      after_seconds: 1,
      add: { from: ['y'], people: added },
      notify: { from: [], people: [] },
    })),
    { maxLength: 1 },
  ),
  deputies: fc.array(deputy, { maxLength: 3 }),
});

function bruteForce({ approvals, escalations, deputies }: Reaching): boolean {
  const added = escalations.flatMap(({ add }) => add.people);
  const seats = (parts: readonly Part[]): readonly (readonly (readonly string[])[])[] => {
    const [first, ...rest] = parts;
    if (first === undefined) return [[]];
    return first.any_of.flatMap(({ people: own, count }) =>
      seats(rest).map((others) => [...Array.from({ length: count }, () => [...own, ...added]), ...others]),
    );
  };
  const sit = (places: readonly (readonly string[])[], taken: ReadonlySet<string>): boolean => {
    const [place, ...rest] = places;
    if (place === undefined) {
      return deputies.every(({ principal, delegate }) => !taken.has(principal) || !taken.has(delegate));
    }
    return place.some((person) => !taken.has(person) && sit(rest, new Set([...taken, person])));
  };
  return seats(approvals).some((places) => sit(places, new Set()));
}

it('says what trying everything says', () => {
  let met = 0;
  fc.assert(
    fc.property(reaching, (given) => {
      const expected = bruteForce(given);
      if (expected) met += 1;
      expect(canBeMet(given)).toBe(expected);
    }),
    { numRuns: 1500 },
  );
  // Neither answer is rare, or this would say little.
  expect(met).toBeGreaterThan(150);
  expect(met).toBeLessThan(1350);
});

it('takes two who send the same deputy for two, and each with the deputy for one', () => {
  const deputies = ['a', 'c'].map((principal) => ({ principal, delegate: 'b', delegation: null }));
  const asking = (count: number, ...asked: string[]) => ({
    approvals: [{ any_of: [{ from: ['x'], people: asked, count }] }],
    escalations: [],
    deputies,
  });
  expect(canBeMet(asking(2, 'a', 'b'))).toBe(false);
  expect(canBeMet(asking(2, 'a', 'b', 'c'))).toBe(true);
  expect(canBeMet(asking(3, 'a', 'b', 'c'))).toBe(false);
});

it('leaves nobody in reach by leaving somebody out', () => {
  fc.assert(
    fc.property(reaching, fc.constantFrom(...PEOPLE), (given, gone) => {
      if (!canBeMet(given)) expect(canBeMet(kept(given, (person) => person !== gone))).toBe(false);
    }),
    { numRuns: 1000 },
  );
});
