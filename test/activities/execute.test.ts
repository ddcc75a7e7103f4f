import { expect, it } from 'vitest';
import { AssentError } from '../../approval/error.ts';
import { openStatement } from '../../approval/statements.ts';
import type { JsonObject } from '../../approval/types.ts';
import { readOutcome } from '../../client/outcome.ts';
import { AUDIENCE, keys, requestOf } from '../gateway/case-in-hand.ts';
import { executorAtWork } from './executor-at-work.ts';
import { inActivity } from './run.ts';

const finishIn = (rows: readonly { readonly kind: string; readonly envelope: unknown }[]) =>
  rows
    .filter(({ kind }) => kind === 'finish')
    .map(({ envelope }) => {
      const trust = { keys: [keys.executor.verifier], audience: AUDIENCE };
      const { outcome, code, result_digest } = openStatement('finish', envelope, trust).statement;
      return { outcome, code, digest: result_digest !== null };
    });

it('runs what is allowed, and signs that it started and how it ended', async () => {
  const { execute, book, ran } = executorAtWork();
  const request = requestOf({ rule: 'free' });
  const executed = await inActivity(() => execute({ request: request.envelope }));
  expect(executed).toMatchObject({ outcome: 'succeeded', code: 'succeeded', result: { done: true } });
  expect(book.rows.map(({ kind }) => kind)).toEqual(['request', 'start', 'finish']);
  expect(ran).toHaveLength(1);
  // What an agent is told is what the executor signed.
  const { request_id, result, start, finish } = executed;
  const told = { request_id, resolution: 'approved', outcome: 'succeeded', code: 'succeeded', reason: null };
  const trust = { audience: AUDIENCE, gateway: [keys.gateway.verifier], executor: [keys.executor.verifier] };
  const asked = { requestId: request.statement.request_id, actionDigest: request.digest };
  expect(readOutcome({ ...told, result, start, finish }, asked, trust).result).toEqual({ done: true });
});

it('runs once, however often and by how many it is started', async () => {
  const { execute, ran, book } = executorAtWork();
  const { envelope } = requestOf({ rule: 'free' });
  const all = await Promise.all(
    Array.from({ length: 8 }, () => inActivity(() => execute({ request: envelope }))),
  );
  expect(all.filter(({ outcome }) => outcome === 'succeeded')).toHaveLength(1);
  expect(all.filter(({ code }) => code === 'already_consumed')).toHaveLength(7);
  expect([ran.length, book.consumptions.length]).toEqual([1, 1]);
});

it('runs nothing that nobody approved, and says so on the record once', async () => {
  const { execute, preview, ran, refusals } = executorAtWork();
  const { envelope, statement } = requestOf();
  await inActivity(() => preview({ request: envelope }));
  for (let time = 0; time < 3; time++) {
    expect(await inActivity(() => execute({ request: envelope }))).toMatchObject({
      outcome: 'refused',
      step: 'requirement',
      code: 'requirement_not_met',
      start: null,
      finish: null,
    });
  }
  expect(ran).toEqual([]);
  expect(refusals()).toEqual([
    {
      activity: 'execute',
      step: 'requirement',
      code: 'requirement_not_met',
      request_id: statement.request_id,
    },
  ]);
});

it('runs nothing for whoever started it by itself', async () => {
  const { execute, ran, refusals } = executorAtWork();
  const { envelope } = requestOf({ rule: 'free' });
  await expect(inActivity(() => execute({ request: envelope }), 'alone')).rejects.toMatchObject({
    type: 'standalone',
    nonRetryable: true,
  });
  expect(ran).toEqual([]);
  expect(refusals()).toMatchObject([{ activity: 'execute', code: 'standalone' }]);
});

it('runs nothing while the book is away', async () => {
  const { execute, ran, book } = executorAtWork();
  book.outage = new AssentError('database_unreachable', 'Postgres cannot be reached.');
  const { envelope } = requestOf({ rule: 'free' });
  expect(await inActivity(() => execute({ request: envelope }))).toMatchObject({
    outcome: 'refused',
    code: 'database_unreachable',
  });
  expect(ran).toEqual([]);
});

it('waits with the Finish for a book that went away while it ran', async () => {
  const away = new AssentError('database_unreachable', 'Postgres cannot be reached.');
  const { execute, book } = executorAtWork({
    execute: async () => {
      book.outage = away;
      setTimeout(() => {
        book.outage = null;
      }, 500);
      return { done: true };
    },
  });
  const { envelope } = requestOf({ rule: 'free' });
  expect(await inActivity(() => execute({ request: envelope }))).toMatchObject({ outcome: 'succeeded' });
  expect(finishIn(book.rows)).toEqual([{ outcome: 'succeeded', code: 'succeeded', digest: true }]);
});

it('leaves no Finish where the book stays away past the deadline: nobody knows how it ended', async () => {
  const { execute, book, clock } = executorAtWork({
    execute: async () => {
      book.outage = new AssentError('database_unreachable', 'Postgres cannot be reached.');
      clock.now += 3_600_000;
      return { done: true };
    },
  });
  const { envelope } = requestOf({ rule: 'free' });
  await expect(inActivity(() => execute({ request: envelope }))).rejects.toMatchObject({
    code: 'database_unreachable',
  });
  expect(finishIn(book.rows)).toEqual([]);
  expect(book.consumptions).toHaveLength(1);
});

const failures: readonly (readonly [string, () => Promise<JsonObject>, string, string])[] = [
  [
    'its own refusal is told',
    async () => {
      throw new AssentError('bound_exceeded', 'There are more rows than were approved.');
    },
    'bound_exceeded',
    'There are more rows than were approved.',
  ],
  [
    'any other error is told by its kind alone',
    async () => {
      throw new RangeError('password=hunter2');
    },
    'action_failed',
    'The action failed with RangeError',
  ],
  [
    'a thrown text is not told',
    async () => {
      throw 'password=hunter2';
    },
    'action_failed',
    'The action failed with string',
  ],
  ['a result that is no JSON', async () => ({ rows: Number.NaN }), 'canonical_json_refused', 'rows'],
  [
    'a result that Temporal would not carry',
    async () => ({ text: 'x'.repeat(300_000) }),
    'result_too_large',
    'ran to its end',
  ],
];

it.each(failures)('%s, and the Finish says that it failed', async (_, act, code, reason) => {
  const { execute, book } = executorAtWork({ execute: act });
  const { envelope } = requestOf({ rule: 'free' });
  const executed = await inActivity(() => execute({ request: envelope }));
  expect(executed).toMatchObject({ outcome: 'failed', code, result: null });
  expect(executed.reason).toContain(reason);
  expect(JSON.stringify(executed)).not.toContain('hunter2');
  expect(finishIn(book.rows)).toEqual([{ outcome: 'failed', code, digest: false }]);
});
