import { describe, expect, it } from 'vitest';
import { stringify } from 'yaml';
import { AssentError } from '../../approval/error.ts';
import { openStatement } from '../../approval/statements.ts';
import type { JsonObject } from '../../approval/types.ts';
import { readOutcome } from '../../client/outcome.ts';
import { AUDIENCE, at, keys, requestOf } from '../gateway/case-in-hand.ts';
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
  const { request_id, result, until, start, finish } = executed;
  const ended = { outcome: 'succeeded', code: 'succeeded', reason: null, until, settlement: null };
  const told = { request_id, resolution: 'approved', ...ended };
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

it('runs nothing while the book is away, and is tried again', async () => {
  const { execute, ran, book } = executorAtWork();
  book.outage = new AssentError('database_unreachable', 'Postgres cannot be reached.');
  const { envelope } = requestOf({ rule: 'free' });
  expect(await inActivity(() => execute({ request: envelope }))).toMatchObject({
    outcome: 'refused',
    code: 'database_unreachable',
    again: { how: 'hold', until: at(15) },
  });
  expect(ran).toEqual([]);
  book.outage = null;
  expect(await inActivity(() => execute({ request: envelope }))).toMatchObject({ outcome: 'succeeded' });
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

it('signs no end where the action says that nobody knows it', async () => {
  const { execute, book, ran } = executorAtWork({
    execute: async () => {
      throw new AssentError('outcome_unknown', 'The answer was lost.');
    },
  });
  const { envelope } = requestOf({ rule: 'free' });
  const told = { outcome: 'unknown', code: 'outcome_unknown', finish: null, finish_digest: null, step: null };
  const executed = await inActivity(() => execute({ request: envelope }));
  expect(executed).toMatchObject({ ...told, reason: 'The answer was lost.', result: null });
  expect(executed.start_digest).toBe(book.rows.at(-1)?.digest);
  expect(book.rows.map(({ kind }) => kind)).toEqual(['request', 'start']);
  // And it is not tried again.
  expect(await inActivity(() => execute({ request: envelope }))).toMatchObject({ code: 'already_consumed' });
  expect(ran).toHaveLength(1);
});

describe('what has an end', () => {
  const lending = stringify({
    version: 1,
    rules: [{ id: 'free', match: { action: 'test.*' }, effect: 'allow' }],
  });
  const lent = () => requestOf({ action: { name: 'test.lend', input: { rule: 'free', id: 'a' } } });
  const ENDS_AT = at(3600);

  it('is leased before it begins, and says until when', async () => {
    const seen: unknown[] = [];
    const world = executorAtWork({ execute: async () => ({ leased: seen.push(...world.leased) }) }, lending);
    const executed = await inActivity(() => world.execute({ request: lent().envelope }));
    expect(executed).toMatchObject({ outcome: 'succeeded', until: ENDS_AT });
    expect(seen).toEqual([{ action: 'test.lend', until: ENDS_AT }]);
    expect(world.leased).toEqual(seen);
  });

  it('does not begin where its lease cannot be written', async () => {
    const { execute, book, ran, leased } = executorAtWork({}, lending);
    const { locked } = book;
    book.locked = async (...given) => {
      const done = await locked(...given);
      book.outage = new AssentError('database_unreachable', 'Postgres cannot be reached.');
      setTimeout(() => {
        book.outage = null;
      }, 500);
      return done;
    };
    expect(await inActivity(() => execute({ request: lent().envelope }))).toMatchObject({
      outcome: 'failed',
      code: 'database_unreachable',
    });
    expect([ran, leased]).toEqual([[], []]);
    expect(finishIn(book.rows)).toEqual([{ outcome: 'failed', code: 'database_unreachable', digest: false }]);
  });

  it('keeps its lease where it failed, and where nobody knows', async () => {
    for (const code of ['no_such_role', 'outcome_unknown']) {
      const { execute, leased } = executorAtWork(
        {
          execute: async () => {
            throw new AssentError(code, 'No.');
          },
        },
        lending,
      );
      const outcome = code === 'outcome_unknown' ? 'unknown' : 'failed';
      const executed = await inActivity(() => execute({ request: lent().envelope }));
      expect(executed).toMatchObject({ outcome, code, until: ENDS_AT });
      expect(leased).toHaveLength(1);
    }
  });

  it('is told from what has none', async () => {
    const { execute, leased } = executorAtWork({}, lending);
    const { envelope } = requestOf();
    expect(await inActivity(() => execute({ request: envelope }))).toMatchObject({
      outcome: 'succeeded',
      until: null,
    });
    expect(leased).toEqual([]);
  });
});
