import { ApplicationFailure, Context } from '@temporalio/activity';
import { WorkflowFailedError } from '@temporalio/client';
import { CancelledFailure, TerminatedFailure } from '@temporalio/common';
import { historyFromJSON, historyToJSON } from '@temporalio/common/lib/proto-utils.js';
import type { TestWorkflowEnvironment } from '@temporalio/testing';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { derive } from '../../audit/derive.ts';
import type { NotifyInput } from '../../workflows/messages.ts';
import { aWithdrawal } from '../book/statements.ts';
import { readHistory } from '../histories/read.ts';
import { timeSkippingEnvironment } from '../setup/temporal.ts';
import { ended, paths } from './paths.ts';
import {
  allowed,
  aNotice,
  anExecution,
  aRefusedExecution,
  aRequirement,
  aRuling,
  defaultScript,
  escalation,
  HOUR,
  part,
} from './script.ts';
import { openStage, type Played, type Stage } from './stage.ts';

const where = { namespace: 'default', workflow_id: 'w', run_id: 'r' };
let environment: TestWorkflowEnvironment;
let stage: Stage;

beforeAll(async () => {
  environment = await timeSkippingEnvironment();
  stage = await openStage(environment);
}, 60_000);

afterAll(async () => {
  await stage.close();
  await environment.teardown();
});

describe('every path', () => {
  test.each(paths)('$name', { timeout: 40_000 }, async ({ ends, play }) => {
    const played = await play(stage);
    const result = await ended(played);
    const wire = await played.handle.fetchHistory();
    const stored = historyFromJSON(JSON.parse(historyToJSON(wire)));
    expect(derive(stored, where)).toEqual(derive(wire, where));
    if (typeof ends === 'object') return expect(result).toMatchObject(ends);
    const { cause } = result instanceof WorkflowFailedError ? result : {};
    expect(cause).toBeInstanceOf(ends === 'cancelled' ? CancelledFailure : TerminatedFailure);
  });
});

test.each([
  ['approved', { events: 45, tasks: 7 }],
  ['allowed', { events: 16, tasks: 3 }],
])('%s keeps to its budget', (name, budget) => {
  const events = readHistory(name).events ?? [];
  expect(events.length).toBeLessThanOrEqual(budget.events);
  const tasks = events.filter((event) => event.workflowTaskCompletedEventAttributes);
  expect(tasks.length).toBeLessThanOrEqual(budget.tasks);
});

describe('time', () => {
  test.each([
    ['the last millisecond counts', -1, 'approved'],
    ['the deadline itself is too late', 0, 'expired'],
  ])('%s', async (_, offset, resolution) => {
    const { moment, played } = await previewedNow();
    await decideAt(played, moment + HOUR * 1000 + offset);
    expect(await ended(played)).toMatchObject({ resolution });
  });

  test.each([
    ['who is asked later does not count before', -1, 'expired'],
    ['and counts from then on', 0, 'approved'],
  ])('%s', async (_, offset, resolution) => {
    const { moment, played } = await previewedNow();
    await decideAt(played, moment + (HOUR / 2) * 1000 + offset, 'carla');
    expect(await ended(played)).toMatchObject({ resolution });
  });

  test.each(['approved', 'denied', 'expired'])('at the deadline the book says %s', async (state) => {
    const played = await stage.play((request) => ({ notify: async () => aNotice(request, { state }) }));
    expect(await ended(played)).toMatchObject({ resolution: state });
  });

  test('the next people are asked in order and in time', async () => {
    const escalations = [600, 1200].map((after_seconds) => escalation(after_seconds, ['carla']));
    const played = await stage.play((request) => ({
      evaluatePolicy: async () => aRuling(request, { requirement: aRequirement({ escalations }) }),
    }));
    await ended(played);
    const { events } = await played.handle.fetchHistory();
    const paints = (events ?? []).filter(
      (event) => event.activityTaskScheduledEventAttributes?.activityType?.name === 'notify',
    );
    const labels = paints.map(({ userMetadata }) =>
      JSON.parse(Buffer.from(userMetadata?.summary?.data ?? []).toString()),
    );
    const again = 'ask the next people';
    expect(labels).toEqual(['paint the card', again, again, 'paint the card', 'paint the card']);
    const seconds = paints.map(({ eventTime }) => Number(eventTime?.seconds));
    const apart = seconds.map((second) => Math.round((second - (seconds[0] ?? 0)) / 600));
    expect(apart).toEqual([0, 1, 2, 6, 6]);
  });
});

describe('in one batch', () => {
  test('a withdrawal goes before an approval, and is told to the gateway', async () => {
    const { told, played, open } = await heldPreview();
    const withdrawal = aWithdrawal(played.request).envelope;
    await played.decide((await played.decision()).envelope);
    await played.withdraw(withdrawal);
    open();
    expect(await ended(played)).toMatchObject({ resolution: 'withdrawn', outcome: 'not_executed' });
    expect(told.flatMap(({ statements }) => statements)).toEqual([withdrawal]);
  });

  test('a denial goes before an approval', async () => {
    const { played, open } = await heldPreview();
    await played.decide((await played.decision()).envelope);
    await played.decide((await played.decision({ person: 'ben', verdict: 'deny', reason: 'No.' })).envelope);
    open();
    expect(await ended(played)).toMatchObject({ resolution: 'denied', reason: 'No.' });
  });

  test('one person counts once', async () => {
    const requirement = aRequirement({ approvals: [part(2, ['ana', 'ben'])] });
    const played = await stage.play((request) => ({
      evaluatePolicy: async () => aRuling(request, { requirement }),
    }));
    await played.pending();
    for (let click = 0; click < 3; click++) await played.decide((await played.decision()).envelope);
    expect(await ended(played)).toMatchObject({ resolution: 'expired' });
  });
});

describe('when a part fails', () => {
  test('a card that cannot be painted is undeliverable', async () => {
    const played = await stage.play(() => ({
      notify: async () => {
        throw new Error('Slack is away');
      },
    }));
    expect(await ended(played)).toMatchObject({ resolution: 'undeliverable', code: 'delivery_failed' });
  });

  test('a preview that fails for good is undeliverable', async () => {
    const played = await stage.play(() => ({
      preview: async () => {
        throw ApplicationFailure.nonRetryable('no', 'broken');
      },
    }));
    expect(await ended(played)).toMatchObject({ resolution: 'undeliverable', code: 'preview_failed' });
  });

  test('a request that the executor refuses to look at is denied', async () => {
    const played = await stage.play(() => ({
      preview: async () => ({
        ok: false,
        step: 'request',
        code: 'request_not_fresh',
        reason: 'Ask again.',
        until: null,
      }),
    }));
    expect(await ended(played)).toMatchObject({ resolution: 'denied', code: 'request_not_fresh' });
  });

  test("an execution without the executor's word is unknown", async () => {
    const played = await stage.play((request) => ({
      ...allowed(request),
      execute: async () => {
        throw ApplicationFailure.nonRetryable('The worker goes.', 'WorkerShutdown');
      },
    }));
    expect(await ended(played)).toMatchObject({ outcome: 'unknown', code: 'executor_silent' });
  });

  test('what another run has executed before is not told as never executed', async () => {
    const played = await stage.play((request) => ({
      ...allowed(request),
      execute: async () => ({ ...aRefusedExecution(request), code: 'already_consumed' }),
    }));
    expect(await ended(played)).toMatchObject({ outcome: 'unknown', code: 'already_consumed' });
  });

  test('an executor that fails says so', async () => {
    const failed = { outcome: 'failed', code: 'target_unreachable', result: null } as const;
    const played = await stage.play((request) => ({
      ...allowed(request),
      execute: async () => anExecution(request, failed),
    }));
    expect(await ended(played)).toMatchObject({ resolution: 'approved', ...failed });
  });

  test('records that cannot be written do not hold the answer back', async () => {
    const played = await stage.play((request) => ({
      ...allowed(request),
      recordHistory: async () => {
        throw ApplicationFailure.nonRetryable('no database', 'database_unreachable');
      },
    }));
    expect(await ended(played)).toMatchObject({ outcome: 'succeeded' });
  });
});

describe('while the action runs', () => {
  test('a withdrawal still gets to the gateway, and every word is judged', async () => {
    const told: NotifyInput[] = [];
    const running = Promise.withResolvers<void>();
    const gate = Promise.withResolvers<void>();
    const booked = Promise.withResolvers<void>();
    let judged = 0;
    const played = await stage.play((request) => ({
      ...allowed(request),
      execute: async () => {
        running.resolve();
        await gate.promise;
        return anExecution(request);
      },
      admitDecisions: async (input) => {
        judged += input.messages.length;
        return defaultScript(request).admitDecisions(input);
      },
      notify: async (input) => {
        told.push(input);
        booked.resolve();
        return aNotice(request);
      },
    }));
    await running.promise;
    await played.handle.signal('junk', 1);
    await played.withdraw(aWithdrawal(played.request).envelope);
    await booked.promise;
    gate.resolve();
    expect(await ended(played)).toMatchObject({ outcome: 'succeeded' });
    expect(judged).toBe(2);
    expect(told.flatMap(({ statements }) => statements)).toHaveLength(1);
  });

  test("a cancellation waits for the executor's word", async () => {
    const running = Promise.withResolvers<void>();
    const played = await stage.play((request) => ({
      ...allowed(request),
      execute: async () => {
        running.resolve();
        const context = Context.current();
        const beating = setInterval(() => context.heartbeat(), 200);
        await context.cancelled.catch(() => clearInterval(beating));
        return anExecution(request, { outcome: 'failed', code: 'aborted', result: null });
      },
    }));
    await running.promise;
    await played.handle.cancel();
    expect(await ended(played)).toMatchObject({ outcome: 'failed', code: 'aborted' });
  });
});

test('a cancellation ends a request whose next people are just being asked', async () => {
  const asking = Promise.withResolvers<void>();
  const gate = Promise.withResolvers<void>();
  let paints = 0;
  const played = await stage.play((request) => ({
    notify: async () => {
      paints += 1;
      if (paints === 2) {
        asking.resolve();
        await gate.promise;
      }
      return aNotice(request);
    },
  }));
  const result = ended(played);
  await asking.promise;
  await played.handle.cancel();
  const end = await result;
  gate.resolve();
  expect(end instanceof WorkflowFailedError && end.cause).toBeInstanceOf(CancelledFailure);
});

test('the status tells where a request stands', async () => {
  const played = await stage.play();
  await played.pending();
  expect(await played.handle.query('status')).toMatchObject({
    phase: 'pending',
    needed: 1,
    resolution: null,
  });
  await played.decide((await played.decision()).envelope);
  await ended(played);
  expect(await played.handle.query('status')).toMatchObject({ phase: 'closed', approvals: ['ana'] });
});

/** A request that waits for people, and when its preview was made. */
async function previewedNow() {
  let moment = 0;
  const played = await stage.play(({ digest }) => ({
    preview: async () => {
      moment = Context.current().info.currentAttemptScheduledTimestampMs;
      return { ok: true, preview_digest: digest, previewed_at: new Date(moment).toISOString() };
    },
  }));
  await played.pending();
  return { moment, played };
}

async function decideAt(played: Played, at: number, person = 'ana'): Promise<void> {
  const decision = await played.decision({ person, decided_at: new Date(at).toISOString() });
  await played.decide(decision.envelope);
}

/** A request whose preview ends when `open` is called: what is said before comes in one batch. */
async function heldPreview() {
  const told: NotifyInput[] = [];
  const gate = Promise.withResolvers<void>();
  const looking = Promise.withResolvers<void>();
  const played = await stage.play((request) => ({
    preview: async () => {
      const previewed_at = new Date(Context.current().info.currentAttemptScheduledTimestampMs).toISOString();
      looking.resolve();
      await gate.promise;
      return { ok: true, preview_digest: request.digest, previewed_at };
    },
    notify: async (input) => {
      told.push(input);
      return aNotice(request);
    },
  }));
  await looking.promise;
  return { told, played, open: () => gate.resolve() };
}
