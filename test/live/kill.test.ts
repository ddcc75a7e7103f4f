/** Processes that are killed and parts that are away, at the worst moments: never twice, never unasked, never unseen. */
import pg from 'pg';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { digestOf } from '../../approval/digest.ts';
import { postingsOf } from '../../book/postings.ts';
import type { ProcessName } from '../../dev/environments.ts';
import { type AskedCard, type Rig, startRig } from '../rig/rig.ts';
import { until } from '../rig/until.ts';

/** Slack shows an error to whoever clicked after this. */
const SLACK_WAITS_MS = 3000;

let rig: Rig;
let superuser: pg.Client;
beforeAll(async () => {
  rig = await startRig('kill');
  superuser = new pg.Client({ connectionString: rig.stack.postgres.superuserUrl });
  await superuser.connect();
});
afterAll(async () => {
  await superuser?.end();
  await rig?.stop();
});

async function kill(name: ProcessName): Promise<void> {
  const running = rig.stack.process(name);
  process.kill(running.pid, 'SIGKILL');
  expect(await running.ended).toBe('SIGKILL');
}

const booked = async (requestId: string, kind: string) =>
  (await rig.book.statements(requestId)).booked.filter((statement) => statement.kind === kind);

const said = async (card: AskedCard, words: string) =>
  (await rig.messagesOf(card)).filter(({ text }) => text.includes(words));

const cardsOf = async (card: AskedCard) =>
  (await rig.messagesOf(card)).filter(({ thread_ts }) => thread_ts === undefined);

const forwarded = async (requestId: string) =>
  rig.db
    .selectFrom('forwarded')
    .innerJoin('statements', 'statements.digest', 'forwarded.digest')
    .select('outcome')
    .where('request_id', '=', requestId)
    .execute();

async function ranOnce(card: AskedCard): Promise<void> {
  expect(await rig.agent.wait(card)).toMatchObject({ outcome: 'succeeded', result: { id: card.id } });
  await rig.cardSays(card, 'Approved and done');
  expect(await rig.runs(card.id)).toBe(1);
  expect(await booked(card.requestId, 'start')).toHaveLength(1);
  expect(await booked(card.requestId, 'finish')).toHaveLength(1);
}

describe('kill -9', () => {
  test('of the worker, after an approval and before another: each runs once, one of them without a worker', async () => {
    const [scheduled, next] = [await rig.askCard(), await rig.askCard()];
    process.kill(rig.executor().pid, 'SIGSTOP');
    try {
      await rig.approve('ana', scheduled);
      const handle = rig.temporal.workflow.getHandle(scheduled.requestId);
      await until('the execution is scheduled', async () => {
        const { raw } = await handle.describe();
        return raw.pendingActivities?.some(({ activityType }) => activityType?.name === 'execute');
      });
      await kill('worker');
    } finally {
      process.kill(rig.executor().pid, 'SIGCONT');
    }
    expect((await rig.approve('ana', next)).status).toBe(200);
    await rig.cardSays(next, 'Approved');
    await rig.cardSays(scheduled, 'Approved and done');
    expect(await rig.runs(next.id)).toBe(0);
    await rig.stack.restart('worker');
    await ranOnce(scheduled);
    await ranOnce(next);
  });

  test('of the executor while it runs: unknown to everybody, and never run again', async () => {
    const card = await rig.askCard({ hold: true });
    await rig.approve('ana', card);
    await until('it runs', async () => (await rig.runs(card.id)) === 1);
    process.kill(rig.executor().pid, 'SIGKILL');
    await rig.executor().ended;
    await rig.startExecutor();
    await rig.release(card.id);
    await rig.cardSays(card, 'Outcome unknown');
    await rig.slack.until(async () => (await said(card, 'never said how it ended'))[0]);
    expect(await rig.agent.wait(card)).toMatchObject({ outcome: 'unknown', result: null });
    expect(await rig.runs(card.id)).toBe(1);
    expect(await booked(card.requestId, 'finish')).toEqual([]);
    expect((await rig.approve('ben', card)).status).toBe(200);
    expect((await rig.standing(card.requestId)).standings.state).toBe('unknown');
  });

  test('of the gateway between click and signal, and while it posts a card: the click is kept, and each card comes once', async () => {
    const clicked = await rig.askCard();
    rig.faults.faults.next('chat.postMessage', { kind: 'slow', ms: 2000 });
    // Slack has this card, and the gateway does not know it yet.
    const posted = await rig.askCard();
    process.kill(rig.temporalServer.pid, 'SIGSTOP');
    try {
      expect((await rig.approve('ana', clicked)).status).toBe(200);
      expect(await booked(clicked.requestId, 'decision')).toHaveLength(1);
      expect(await forwarded(clicked.requestId)).toEqual([]);
      await kill('gateway');
    } finally {
      process.kill(rig.temporalServer.pid, 'SIGCONT');
    }
    expect(await rig.runs(clicked.id)).toBe(0);
    await rig.stack.restart('gateway');
    await ranOnce(clicked);
    expect(await forwarded(clicked.requestId)).toEqual([{ outcome: 'signalled' }]);
    await rig.approve('ana', posted);
    await ranOnce(posted);
    expect(await cardsOf(posted)).toHaveLength(1);
  });

  test('of the gateway while it paints: one card, and each line once', async () => {
    const card = await rig.askCard({ rule: 'two' });
    rig.faults.faults.next('chat.postMessage', { kind: 'slow', ms: 2000 });
    await rig.approve('ana', card);
    // Slack has the line, and the gateway does not know it yet.
    await rig.slack.until(async () => (await said(card, '*approved* this'))[0]);
    await kill('gateway');
    await rig.stack.restart('gateway');
    await rig.approve('ben', card);
    await ranOnce(card);
    await rig.slack.until(async () => (await said(card, 'it ran once and succeeded'))[0]);
    const texts = (await rig.messagesOf(card)).map(({ text }) => text);
    expect(texts.toSorted()).toEqual([...new Set(texts)].toSorted());
    expect(await said(card, '*approved* this')).toHaveLength(2);
  });
});

test('SIGTERM to an executor at work: what has begun is let finish, and is in the book', async () => {
  // Counting reads past the lock of a row, which changing it waits for.
  const input = {
    database: 'crm',
    statement: "UPDATE orders SET status = 'paid' WHERE id = 1",
    parameters: [],
  };
  const asked = await rig.agent.request({ key: 'held', action: 'sql.execute', input, onBehalfOf: 'mia' });
  const card = await rig.card({ ...asked, id: 'held' });
  const locker = new pg.Client({ connectionString: rig.stack.target.superuserUrl });
  await locker.connect();
  const executor = rig.stack.process('executor');
  try {
    await locker.query('BEGIN; SELECT FROM orders WHERE id = 1 FOR UPDATE');
    await rig.approve('ana', card);
    await until('it has begun', async () => (await booked(card.requestId, 'start')).length === 1);
    process.kill(executor.pid, 'SIGTERM');
    await locker.query('COMMIT');
  } finally {
    await locker.end();
  }
  expect(await executor.ended).toBe('exit code 0');
  expect(await rig.agent.wait(card)).toMatchObject({ outcome: 'succeeded', result: { rows: 1 } });
  expect(await booked(card.requestId, 'finish')).toHaveLength(1);
  await rig.stack.restart('executor');
});

describe('away', () => {
  test('Temporal, while somebody clicks: the answer is yes, and it runs later', async () => {
    const card = await rig.askCard();
    process.kill(rig.temporalServer.pid, 'SIGSTOP');
    try {
      const clicked = Date.now();
      expect((await rig.approve('ana', card)).status).toBe(200);
      expect(Date.now() - clicked).toBeLessThan(SLACK_WAITS_MS);
      expect((await rig.standing(card.requestId)).standings.state).toBe('approved');
      expect((await fetch(`${rig.stack.gateway}/readyz`)).status).toBe(503);
      expect((await fetch(`${rig.stack.gateway}/healthz`)).status).toBe(200);
      expect(await rig.runs(card.id)).toBe(0);
    } finally {
      process.kill(rig.temporalServer.pid, 'SIGCONT');
    }
    await ranOnce(card);
  });

  test('Postgres, while somebody clicks: the answer is an error, nothing is lost and nothing runs', async () => {
    const card = await rig.askCard();
    await superuser.query('ALTER DATABASE assent ALLOW_CONNECTIONS false');
    try {
      await superuser.query(
        "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = 'assent'",
      );
      const response = await rig.approve('ana', card);
      expect([response.status, await response.json()]).toEqual([
        503,
        { code: 'database_unreachable', message: expect.stringContaining('Try again') },
      ]);
      const ready = await fetch(`${rig.stack.gateway}/readyz`);
      expect([ready.status, await ready.json()]).toMatchObject([503, { code: 'database_unreachable' }]);
    } finally {
      await superuser.query('ALTER DATABASE assent ALLOW_CONNECTIONS true');
    }
    expect(await booked(card.requestId, 'decision')).toEqual([]);
    expect(await rig.runs(card.id)).toBe(0);
    expect((await rig.approve('ana', card)).status).toBe(200);
    await ranOnce(card);
  });

  test('Slack, when somebody must be checked: the answer is an error, and nothing is decided', async () => {
    const card = await rig.askCard();
    rig.faults.faults.next('users.info', { kind: 'http', status: 500 });
    expect((await rig.approve('ana', card)).status).toBe(503);
    rig.faults.faults.next('users.info', { kind: 'slow', ms: SLACK_WAITS_MS });
    const clicked = Date.now();
    const response = await rig.approve('ana', card);
    expect(Date.now() - clicked).toBeLessThan(SLACK_WAITS_MS);
    expect([response.status, await response.json()]).toMatchObject([503, { code: 'account_unchecked' }]);
    expect(await booked(card.requestId, 'decision')).toEqual([]);
  });
});

describe('Slack, when a card is to be shown', () => {
  test('fails and comes back: one card', async () => {
    for (const method of ['conversations.info', 'chat.postMessage']) {
      rig.faults.faults.next(method, { kind: 'http', status: 500 });
    }
    const card = await rig.askCard();
    await rig.approve('ana', card);
    await ranOnce(card);
    expect(await cardsOf(card)).toHaveLength(1);
  });

  test('loses its answer after it has posted the card: one card', async () => {
    rig.faults.faults.next('chat.postMessage', { kind: 'lost_response' });
    const card = await rig.askCard();
    await rig.approve('ana', card);
    await ranOnce(card);
    expect(await cardsOf(card)).toHaveLength(1);
  });

  test('loses its answer after it has posted a line: one line, though an older card cannot be painted at all', async () => {
    const spoiled = await rig.askCard();
    const [request] = await booked(spoiled.requestId, 'request');
    const forged = {
      kind: 'decision',
      digest: digestOf('nobody'),
      envelope: JSON.stringify(request?.envelope),
    };
    await rig.db
      .insertInto('statements')
      .values({ ...forged, request_id: spoiled.requestId })
      .execute();
    expect((await rig.approve('ana', spoiled)).status).toBe(503);
    const card = await rig.askCard({ rule: 'two' });
    rig.faults.faults.next('chat.postMessage', { kind: 'lost_response' });
    await rig.approve('ana', card);
    const [decision] = await booked(card.requestId, 'decision');
    // Nothing but the tending of cards finds it.
    await until('the line is known to stand', async () =>
      (await postingsOf(rig.db, card.requestId)).some(({ key }) => key === decision?.digest),
    );
    expect(await said(card, '*approved* this')).toHaveLength(1);
    await rig.approve('ben', card);
    await ranOnce(card);
    await rig.slack.until(async () => (await said(card, 'it ran once and succeeded'))[0]);
    expect(await said(card, '*approved* this')).toHaveLength(2);
  });

  test('is so slow that a paint loses its lock: one line all the same', async () => {
    const card = await rig.askCard({ rule: 'two' });
    rig.faults.faults.next('chat.postMessage', { kind: 'slow', ms: 2500 });
    await rig.approve('ana', card);
    await rig.slack.until(async () => (await said(card, '*approved* this'))[0]);
    const { rows } = await superuser.query(
      `SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = 'assent'
       AND usename = 'assent_gateway_dev' AND state = 'idle in transaction'`,
    );
    expect(rows).not.toHaveLength(0);
    await rig.approve('ben', card);
    await ranOnce(card);
    await rig.slack.until(async () => (await said(card, 'it ran once and succeeded'))[0]);
    expect(await said(card, '*approved* this')).toHaveLength(2);
  });

  test('asks to be left alone for a while: one card, later', async () => {
    rig.faults.faults.next('chat.postMessage', { kind: 'rate_limited', retryAfterSeconds: 2 });
    const asked = Date.now();
    const card = await rig.askCard();
    expect(Date.now() - asked).toBeGreaterThanOrEqual(2000);
    expect(await cardsOf(card)).toHaveLength(1);
  });
});
