/** An execution that comes too late: what has an end may have been ended already, so nothing begins any more. */
import { expect, it } from 'vitest';
import { requestOf } from '../gateway/case-in-hand.ts';
import { executorAtWork } from './executor-at-work.ts';
import { inActivity } from './run.ts';

const policy = `version: 1
rules:
  - {id: free, match: {action: "test.*"}, effect: allow}
`;
const lent = () => requestOf({ action: { name: 'test.lend', input: { rule: 'free', id: 'a' } } });

it('begins nothing once the deadline of its Start has passed', async () => {
  // The process was stopped between the two, or the book was slow.
  const leased = () => {
    world.clock.now += 600_000;
  };
  const world = executorAtWork({ leased }, policy);
  const executed = await inActivity(() => world.execute({ request: lent().envelope }));
  expect(executed).toMatchObject({ outcome: 'failed', code: 'start_overdue' });
  expect([world.leased.length, world.ran]).toEqual([1, []]);
});

it('can be asked by the action at any later moment', async () => {
  const told: boolean[] = [];
  const world = executorAtWork(
    {
      execute: async ({ overdue }) => {
        told.push(overdue());
        world.clock.now += 599_999;
        told.push(overdue());
        world.clock.now += 1;
        told.push(overdue());
        return {};
      },
    },
    policy,
  );
  await inActivity(() => world.execute({ request: lent().envelope }));
  expect(told).toEqual([false, false, true]);
});
