/** The code and the words of every end that a guarded action can come to. */
import { expect, test } from 'vitest';
import { z } from 'zod';
import { defineAction } from '../../actions/define.ts';
import type { Ask } from '../../client/ask.ts';
import { guard } from '../../client/guard.ts';
import type { Outcome } from '../../client/outcome.ts';
import { MADE, RESULT } from './world.ts';

const exportRows = defineAction({
  name: 'crm.export',
  input: z.strictObject({ table: z.string() }),
  resource: ({ table }) => ({ table }),
  title: ({ table }) => `Export ${table}`,
  describe: () => [],
  impact: () => [],
});

const evidence = { ...MADE, start: null, finish: null };

/** A client whose requests all come out so. */
function ending(change: Partial<Outcome>) {
  const asked: Ask[] = [];
  const outcome: Outcome = {
    resolution: 'approved',
    outcome: 'succeeded',
    code: 'succeeded',
    reason: null,
    result: RESULT,
    until: null,
    settlement: null,
    evidence,
    ...change,
  };
  const run = async (ask: Ask) => {
    asked.push(ask);
    return outcome;
  };
  return { client: { run }, asked };
}

test('gives the result, and asks with the defaults and the claims of the call', async () => {
  const { client, asked } = ending({});
  const guarded = guard(exportRows, { client, onBehalfOf: 'kari', reason: 'default' });
  await expect(guarded({ table: 'orders' }, { key: 'k1', reason: 'call' })).resolves.toEqual(RESULT);
  expect(asked).toEqual([
    { key: 'k1', action: 'crm.export', input: { table: 'orders' }, onBehalfOf: 'kari', reason: 'call' },
  ]);
});

test('each call without a key is a request of its own', async () => {
  const { client, asked } = ending({});
  const guarded = guard(exportRows, { client });
  await Promise.all([guarded({ table: 'orders' }), guarded({ table: 'orders' })]);
  expect(new Set(asked.map(({ key }) => key)).size).toBe(2);
});

test('input that the action does not take is asked of nobody', async () => {
  const { client, asked } = ending({});
  const input = JSON.parse('{"table": 7}');
  await expect(guard(exportRows, { client })(input)).rejects.toMatchObject({ code: 'input_invalid' });
  expect(asked).toEqual([]);
});

const not = { outcome: 'not_executed', result: null } as const;
test.for<[Partial<Outcome>, string, string]>([
  [
    { ...not, resolution: 'denied', code: 'denied', reason: 'Not today' },
    'denied',
    'crm.export did not run: denied (Not today).',
  ],
  [
    { ...not, resolution: 'denied', code: 'denied_by_default', reason: 'No rule allows it' },
    'denied',
    'crm.export did not run: denied (denied_by_default: No rule allows it).',
  ],
  [{ ...not, resolution: 'expired', code: 'expired' }, 'expired', 'crm.export did not run: expired.'],
  [{ ...not, resolution: 'withdrawn', code: 'withdrawn' }, 'withdrawn', 'crm.export did not run: withdrawn.'],
  [
    { ...not, resolution: 'undeliverable', code: 'channel_gone' },
    'undeliverable',
    'crm.export did not run: undeliverable (channel_gone).',
  ],
  [{ ...not, resolution: 'flooded', code: 'flooded' }, 'flooded', 'crm.export did not run: flooded.'],
  [
    { ...not, code: 'grant_expired' },
    'not_executed',
    'crm.export was approved, but did not run (grant_expired).',
  ],
  [
    { outcome: 'failed', result: null, code: 'target_unreachable', reason: 'gone' },
    'failed',
    'crm.export ran and failed (target_unreachable: gone).',
  ],
  [
    { outcome: 'unknown', result: null, code: 'executor_silent' },
    'unknown',
    'crm.export may have run: nobody knows how it ended; look at the target before you ask again (executor_silent).',
  ],
])('%j', async ([change, code, message]) => {
  const { client } = ending(change);
  await expect(guard(exportRows, { client })({ table: 'orders' })).rejects.toMatchObject({
    name: 'AssentError',
    code,
    message,
    evidence: { ...evidence, code: change.code, outcome: change.outcome },
  });
});
