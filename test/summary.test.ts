/** What the last line of a run counts. */
import { expect, test } from 'vitest';
import { summaryOf } from './setup/summary.ts';

const file = (status: string, ...tests: string[]) => ({
  name: 'test/x.test.ts',
  status,
  assertionResults: tests.map((one) => ({ title: 'x', status: one })),
});
const report = (...testResults: unknown[]) => ({ numTotalTests: 0, success: true, testResults });

test.for([
  ['nothing', report(), '0 passed, 0 failed'],
  ['passes', report(file('passed', 'passed', 'passed'), file('passed', 'passed')), '3 passed, 0 failed'],
  ['failures', report(file('failed', 'passed', 'failed')), '1 passed, 1 failed'],
  ['a file that did not load', report(file('passed', 'passed'), file('failed')), '1 passed, 1 failed'],
  ['a hook that threw', report(file('failed', 'passed', 'skipped')), '1 passed, 1 failed, 1 skipped'],
  [
    'whatever did not run',
    report(file('passed', 'skipped', 'todo', 'pending')),
    '0 passed, 0 failed, 3 skipped',
  ],
] as const)('%s', ([, input, line]) => {
  expect(summaryOf(input)).toBe(line);
});

test('a report of another shape is refused', () => {
  expect(() => summaryOf({ testResults: [{ status: 'fine', assertionResults: [] }] })).toThrow('testResults');
});
