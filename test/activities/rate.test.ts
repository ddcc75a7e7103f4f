import { expect, it } from 'vitest';
import { createRate } from '../../activities/rate.ts';

it('admits so many calls in any window, to each by itself', () => {
  const rate = createRate({ calls: 3, windowMs: 1000 });
  const calls = [0, 100, 200, 300, 999, 1000, 1001, 1100].map((now) => rate.admits('robot', now));
  expect(calls).toEqual([true, true, true, false, false, true, false, true]);
  expect(rate.admits('rival', 300)).toBe(true);
});

it('lets nobody wait longer by trying', () => {
  const rate = createRate({ calls: 1, windowMs: 1000 });
  expect(rate.admits('robot', 0)).toBe(true);
  for (let now = 1; now < 1000; now += 1) expect(rate.admits('robot', now)).toBe(false);
  expect(rate.admits('robot', 1000)).toBe(true);
});
