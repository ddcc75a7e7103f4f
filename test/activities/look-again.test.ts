/** What is about to be touched is looked at once more: what is not as it was approved does not run, and asks anew. */
import { expect, it } from 'vitest';
import { stringify } from 'yaml';
import type { ExecuteCall } from '../../actions/implement.ts';
import { AssentError } from '../../approval/error.ts';
import type { JsonObject } from '../../approval/types.ts';
import { at, OPENS, requestOf } from '../gateway/case-in-hand.ts';
import { type Acts, executorAtWork } from './executor-at-work.ts';
import { inActivity } from './run.ts';

const POLICY = stringify({
  version: 1,
  rules: [
    { id: 'free', match: { action: 'test.*', when: 'resource.rule == "free"' }, effect: 'allow' },
    {
      id: 'one',
      match: { action: 'test.*' },
      effect: 'require_approval',
      approvals: [{ from: ['approvers'] }],
      timeout: '1h',
      grant_ttl: '15m',
      slack: 10,
    },
  ],
});

/** Previewed and approved; `world` is what the executor finds when it looks. */
async function approved(acts: Acts = {}) {
  const found = {
    facts: { rows: 10 } as JsonObject,
    missing: [] as readonly string[],
    away: false,
    looks: 0,
    meet: async (): Promise<void> => undefined,
  };
  const calls: ExecuteCall<object>[] = [];
  const reached = <T>(value: T): T => {
    if (found.away) throw new AssentError('target_unreachable', 'The database crm cannot be reached.');
    return value;
  };
  const world = executorAtWork(
    {
      preview: async () => {
        found.looks += 1;
        return reached(found.facts);
      },
      preconditions: async () => {
        await found.meet();
        return reached(found.missing);
      },
      execute: async (call) => {
        calls.push(call);
        return { done: true };
      },
      ...acts,
    },
    POLICY,
  );
  const request = requestOf();
  const { envelope } = request;
  await inActivity(() => world.preview({ request: envelope }));
  await world.approve(request);
  return {
    ...world,
    request,
    found,
    calls,
    run: () => inActivity(() => world.execute({ request: envelope })),
    kinds: () => world.book.rows.map(({ kind }) => kind),
    /** The preview that stands, as `again` names it. */
    asks: () => {
      const last = world.book.rows.findLast(({ kind }) => kind === 'preview');
      const previewed_at = world.opened('preview').at(-1)?.previewed_at;
      return { how: 'ask', preview_digest: last?.digest, previewed_at };
    },
  };
}

type World = Awaited<ReturnType<typeof approved>>;

/** Nothing of it ran or began. */
function nothingRan({ ran, kinds, refusals }: World, code: string): void {
  expect(ran).toEqual([]);
  expect(kinds()).not.toContain('start');
  expect(refusals()).toContainEqual(expect.objectContaining({ activity: 'execute', code }));
}

it('runs what is as it was approved, with the facts that were approved and the slack of its rule', async () => {
  const world = await approved();
  expect(await world.run()).toMatchObject({ outcome: 'succeeded', again: null });
  expect(world.calls).toMatchObject([{ approved: { rows: 10 }, slack: 10 }]);
  expect(world.opened('preview')).toHaveLength(1);
});

it('runs what is allowed without a preview, with no facts and no slack', async () => {
  const world = await approved();
  const { envelope } = requestOf({ rule: 'free' });
  const { looks } = world.found;
  expect(await inActivity(() => world.execute({ request: envelope }))).toMatchObject({
    outcome: 'succeeded',
  });
  expect(world.calls).toMatchObject([{ approved: null, slack: 0 }]);
  expect(world.found.looks).toBe(looks);
});

it('runs nothing whose preconditions fail, and says each', async () => {
  const world = await approved();
  world.found.missing = ['The file changed.', 'The branch is gone.'];
  expect(await world.run()).toMatchObject({
    outcome: 'refused',
    step: 'input',
    code: 'precondition_failed',
    reason: 'The file changed. The branch is gone.',
    again: null,
    start: null,
  });
  nothingRan(world, 'precondition_failed');
  expect(world.opened('preview')).toHaveLength(1);
});

it('runs nothing allowed whose preconditions fail', async () => {
  const world = executorAtWork({ preconditions: async () => ['The file changed.'] }, POLICY);
  const { envelope } = requestOf({ rule: 'free' });
  expect(await inActivity(() => world.execute({ request: envelope }))).toMatchObject({
    outcome: 'refused',
    code: 'precondition_failed',
  });
  expect(world.ran).toEqual([]);
});

it('asks anew of what drifted, and runs it once that was approved', async () => {
  const world = await approved();
  world.found.facts = { rows: 12 };
  world.clock.now += 1000;
  const drifted = await world.run();
  expect(drifted).toMatchObject({
    outcome: 'refused',
    step: 'input',
    code: 'drifted',
    reason: expect.stringContaining('rows: 10 was approved, now it is 12'),
    again: world.asks(),
    start: null,
  });
  nothingRan(world, 'drifted');
  expect(world.opened('preview')).toMatchObject([
    { revision: 1, facts: { rows: 10 } },
    { revision: 2, facts: { rows: 12 }, previewed_at: at(2) },
  ]);
  // The approval was of the other.
  expect(await world.run()).toMatchObject({
    outcome: 'refused',
    code: 'decisions_bind_other',
    again: world.asks(),
  });
  expect(world.opened('preview')).toHaveLength(2);
  await world.approve(world.request, 'ben');
  expect(await world.run()).toMatchObject({ outcome: 'succeeded' });
  expect(world.calls).toMatchObject([{ approved: { rows: 12 } }]);
});

it('books one new revision, however many find the drift at once', async () => {
  const world = await approved();
  world.found.facts = { rows: 12 };
  const everybody = Promise.withResolvers<void>();
  let there = 0;
  // Each has read the book before any looks.
  world.found.meet = async () => {
    there += 1;
    if (there === 3) everybody.resolve();
    await everybody.promise;
  };
  // Each would sign it at another moment.
  const { locked } = world.book;
  world.book.locked = (id, within) =>
    locked(id, (page) => {
      world.clock.now += 1;
      return within(page);
    });
  const all = await Promise.all([world.run(), world.run(), world.run()]);
  expect(world.opened('preview').map(({ revision }) => revision)).toEqual([1, 2]);
  for (const { code, again } of all) {
    expect(code).toBe('drifted');
    expect(again).toEqual(world.asks());
  }
});

it('asks five times and not more', async () => {
  const world = await approved();
  for (let revision = 2; revision <= 5; revision++) {
    world.found.facts = { rows: 10 + revision };
    expect(await world.run()).toMatchObject({ code: 'drifted', again: world.asks() });
    await world.approve(world.request);
  }
  world.found.facts = { rows: 99 };
  expect(await world.run()).toMatchObject({
    outcome: 'refused',
    step: 'input',
    code: 'asked_too_often',
    again: null,
  });
  nothingRan(world, 'asked_too_often');
  expect(world.opened('preview').map(({ revision }) => revision)).toEqual([1, 2, 3, 4, 5]);
  // What was approved last, and is so still, may run.
  world.found.facts = { rows: 15 };
  expect(await world.run()).toMatchObject({ outcome: 'succeeded' });
});

it('asks anew, of what there is by then, where the approval is too old', async () => {
  const world = await approved();
  world.found.facts = { rows: 7 };
  world.clock.now = OPENS + 901_000;
  expect(await world.run()).toMatchObject({
    outcome: 'refused',
    step: 'time',
    code: 'grant_expired',
    again: world.asks(),
    start: null,
  });
  nothingRan(world, 'grant_expired');
  expect(world.opened('preview')).toMatchObject([{ revision: 1 }, { revision: 2, facts: { rows: 7 } }]);
  await world.approve(world.request);
  expect(await world.run()).toMatchObject({ outcome: 'succeeded' });
});

it('asks no sixth time either where approvals grow too old', async () => {
  const world = await approved();
  for (let revision = 2; revision <= 5; revision++) {
    world.clock.now += 901_000;
    expect(await world.run()).toMatchObject({ code: 'grant_expired', again: world.asks() });
    await world.approve(world.request);
  }
  world.clock.now += 901_000;
  expect(await world.run()).toMatchObject({ code: 'asked_too_often', again: null });
});

it.each([
  ['the preconditions', 0],
  ['an approval that is too old', 901_000],
])('waits where the target is away for %s, and runs nothing', async (_, milliseconds) => {
  const world = await approved();
  world.found.away = true;
  world.clock.now += milliseconds;
  const until = new Date(world.clock.now + 15_000).toISOString();
  expect(await world.run()).toMatchObject({
    outcome: 'refused',
    step: 'input',
    code: 'target_unreachable',
    again: { how: 'hold', until },
  });
  nothingRan(world, 'target_unreachable');
  expect(world.opened('preview')).toHaveLength(1);
  world.found.away = false;
  const code = milliseconds === 0 ? 'succeeded' : 'grant_expired';
  expect(await world.run()).toMatchObject({ code });
});

it('is over where the look refuses: by its own code, and not tried again', async () => {
  const world = await approved({
    preconditions: async () => {
      throw new AssentError('branch_missing', 'There is no branch main.');
    },
  });
  expect(await world.run()).toMatchObject({ step: 'input', code: 'branch_missing', again: null });
  nothingRan(world, 'branch_missing');
});

it('runs nothing where the look breaks, and quotes nothing of it', async () => {
  const world = await approved({
    preconditions: async () => {
      throw new TypeError('password=hunter2');
    },
  });
  const executed = await world.run();
  expect(executed).toMatchObject({ outcome: 'refused', code: 'grant_unverifiable', again: null });
  expect(JSON.stringify(executed)).not.toContain('hunter2');
  expect(world.logged.join('')).toContain('hunter2');
  nothingRan(world, 'grant_unverifiable');
});
