/** The book on a real Postgres: what is booked stays, consumption is once, the lock excludes. */
import { type Kysely, sql } from 'kysely';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { canonicalize } from '../../approval/canonical-json.ts';
import type { Execution } from '../../approval/grant.ts';
import { createBook } from '../../book/book.ts';
import { markForwarded, unforwarded } from '../../book/forwarding.ts';
import { keepPosting, postingsOf } from '../../book/postings.ts';
import type { Database } from '../../book/schema.ts';
import { type Cluster, startCluster } from '../book/cluster.ts';
import {
  aDecision,
  aDigest,
  aFinish,
  aPreview,
  aRefusal,
  aRequest,
  aStart,
  aWithdrawal,
  otherGateway,
} from '../book/statements.ts';

let cluster: Cluster;
let url: string;
let db: Kysely<Database>;

beforeAll(async () => {
  cluster = await startCluster();
  ({ url, db } = await cluster.migrated('book'));
});

afterAll(() => cluster.stop());

const execution: Execution = { workflow_id: 'w', run_id: 'r', activity_id: '1' };

test('keeps statements in order of booking, with the exact canonical envelope', async () => {
  const book = createBook(db);
  const request = aRequest();
  const id = request.statement.request_id;
  const all = [request, aPreview(request), aDecision(request), aWithdrawal(request), aStart(request)];
  await book.append([request, aPreview(request)]);
  for (const statement of all.slice(2)) await book.append([statement]);
  await book.append([aFinish(aStart(request))]);

  const { booked, consumed, consumption } = await book.statements(id);
  expect(booked.map(({ kind }) => kind)).toEqual([
    'request',
    'preview',
    'decision',
    'instruction',
    'start',
    'finish',
  ]);
  expect(booked.slice(0, 5).map(({ digest }) => digest)).toEqual(all.map(({ digest }) => digest));
  expect(booked.map(({ envelope }) => envelope).slice(0, 5)).toEqual(all.map(({ envelope }) => envelope));
  expect(booked.every((entry, index) => entry.position > (booked[index - 1]?.position ?? 0))).toBe(true);
  expect({ consumed, consumption }).toEqual({ consumed: false, consumption: null });
  const row = await db
    .selectFrom('statements')
    .select('envelope')
    .where('digest', '=', request.digest)
    .executeTakeFirstOrThrow();
  expect(row.envelope).toBe(canonicalize(request.envelope));
});

test('gives what it holds by digest, nothing for what it does not', async () => {
  const book = createBook(db);
  const refusal = aRefusal();
  await book.append([refusal]);
  expect(await book.byDigest(refusal.digest)).toMatchObject({
    digest: refusal.digest,
    kind: 'refusal',
    request_id: null,
    envelope: refusal.envelope,
  });
  expect(await book.byDigest(aDigest())).toBeNull();
  expect((await book.statements('0'.repeat(64))).booked).toEqual([]);
});

test('books many at once in the order given', async () => {
  const book = createBook(db);
  const request = aRequest();
  const decisions = Array.from({ length: 200 }, (_, index) => aDecision(request, { person: `p${index}` }));
  await book.append(decisions);
  const { booked } = await book.statements(request.statement.request_id);
  expect(booked.map(({ digest }) => digest)).toEqual(decisions.map(({ digest }) => digest));
});

test('the same statement again is present, also when twenty book it at once', async () => {
  const book = createBook(db);
  const request = aRequest();
  const decision = aDecision(request);
  const outcomes = (await Promise.all(Array.from({ length: 20 }, () => book.append([decision])))).flat();
  expect(outcomes.filter(({ outcome }) => outcome === 'booked')).toHaveLength(1);
  expect(outcomes.filter(({ outcome }) => outcome === 'present')).toHaveLength(19);
  expect(await book.append([request, decision])).toEqual([
    { digest: request.digest, outcome: 'booked' },
    { digest: decision.digest, outcome: 'present' },
  ]);
});

test('other bytes under a digest that stands are an alarm, and what stands stays', async () => {
  const book = createBook(db);
  const decision = aDecision(aRequest());
  await book.append([decision]);
  const resigned = { ...decision, envelope: aDecision(aRequest(), {}, otherGateway).envelope };
  await expect(book.append([resigned])).rejects.toMatchObject({
    code: 'book_conflict',
    evidence: { digest: decision.digest },
  });
  await expect(book.append([{ ...decision, kind: 'preview' }])).rejects.toMatchObject({
    code: 'book_conflict',
  });
  const twice = aDecision(aRequest());
  const atOnce = [twice, { ...twice, envelope: resigned.envelope }];
  await expect(book.append(atOnce)).rejects.toMatchObject({ code: 'book_conflict' });
  expect((await book.byDigest(decision.digest))?.envelope).toEqual(decision.envelope);
});

test('statements of two requests are never booked under one lock', async () => {
  const book = createBook(db);
  const [one, two] = [aRequest(), aRequest()];
  await expect(book.append([one, two])).rejects.toMatchObject({ code: 'book_other_request' });
  const within = book.locked(one.statement.request_id, (page) => page.append([two]));
  await expect(within).rejects.toMatchObject({ code: 'book_other_request' });
  const consuming = book.locked(one.statement.request_id, (page) => page.consume(aStart(two), execution));
  await expect(consuming).rejects.toMatchObject({ code: 'book_other_request' });
  expect(await book.byDigest(two.digest)).toBeNull();
});

test('fifty consume one request at once: one wins', async () => {
  const book = createBook(db);
  const request = aRequest();
  const id = request.statement.request_id;
  const starts = Array.from({ length: 50 }, (_, ms) =>
    aStart(request, new Date(Date.UTC(2026, 2, 1) + ms).toISOString()),
  );
  await book.append(starts);
  const ends = await Promise.allSettled(
    starts.map((start, index) =>
      book.locked(id, (page) => page.consume(start, { ...execution, activity_id: `${index}` })),
    ),
  );
  const refusals = ends.flatMap((end) => (end.status === 'rejected' ? [end.reason] : []));
  expect(refusals).toHaveLength(49);
  expect(refusals.every(({ code }) => code === 'already_consumed')).toBe(true);
  const winner = ends.findIndex(({ status }) => status === 'fulfilled');
  const { consumed, consumption } = await book.statements(id);
  expect(consumed).toBe(true);
  expect(consumption).toMatchObject({
    request_id: id,
    start_digest: starts[winner]?.digest,
    workflow_id: 'w',
    run_id: 'r',
    activity_id: `${winner}`,
  });
  expect(await book.locked(id, (page) => page.consumed())).toBe(starts[winner]?.digest);
});

test('consumes only by a Start that stands in the book', async () => {
  const request = aRequest();
  const consuming = createBook(db).locked(request.statement.request_id, (page) =>
    page.consume(aStart(request), execution),
  );
  await expect(consuming).rejects.toMatchObject({ code: '23503' });
});

test('nothing is booked beside who holds the lock, and who waited sees what was booked before', async () => {
  const book = createBook(db);
  const request = aRequest();
  const id = request.statement.request_id;
  const [start, denial] = [aStart(request), aDecision(request, { verdict: 'deny' })];
  await book.append([request, start]);

  const held = Promise.withResolvers<void>();
  const release = Promise.withResolvers<void>();
  const holding = book.locked(id, async (page) => {
    held.resolve();
    await release.promise;
    await page.append([denial]);
    return (await page.statements()).length;
  });
  await held.promise;
  const waiting = [
    book.append([aDecision(request, { person: 'ben' })]),
    book.locked(id, async (page) => (await page.statements()).map(({ digest }) => digest)),
  ] as const;
  await waitersAre(2);
  const other = aRequest();
  expect(await book.append([other])).toEqual([{ digest: other.digest, outcome: 'booked' }]);
  expect((await book.statements(id)).booked).toHaveLength(2);

  release.resolve();
  expect(await holding).toBe(2);
  const [, seen] = await Promise.all(waiting);
  expect(seen).toContain(denial.digest);
});

/** Resolves when that many sessions wait for an advisory lock in this database. */
async function waitersAre(count: number): Promise<void> {
  for (;;) {
    const { rows } = await sql<{ waiting: number }>`
      select count(*)::int as waiting from pg_locks where locktype = 'advisory' and not granted
        and database = (select oid from pg_database where datname = current_database())`.execute(db);
    if (rows[0]?.waiting === count) return;
  }
}

test('what throws under the lock leaves nothing behind', async () => {
  const book = createBook(db);
  const request = aRequest();
  const start = aStart(request);
  const id = request.statement.request_id;
  await book.append([start]);
  const working = book.locked(id, async (page) => {
    await page.append([aDecision(request)]);
    await page.consume(start, execution);
    throw new RangeError('no');
  });
  await expect(working).rejects.toThrow(RangeError);
  const { booked, consumed } = await book.statements(id);
  expect({ kinds: booked.map(({ kind }) => kind), consumed }).toEqual({ kinds: ['start'], consumed: false });
});

test('a kind that this version does not know is never passed over', async () => {
  const request = aRequest();
  const id = request.statement.request_id;
  await createBook(db).append([request]);
  await db
    .insertInto('statements')
    .values({ digest: aDigest(), kind: 'edict', request_id: id, envelope: '{}' })
    .execute();
  await expect(createBook(db).statements(id)).rejects.toMatchObject({ code: 'book_unreadable' });
});

test('knows what was not yet said to Temporal, oldest first', async () => {
  const book = createBook(db);
  const query = { days: 1, olderThanSeconds: 0, limit: 1000 };
  for (const { digest } of await unforwarded(db, query)) await markForwarded(db, digest, 'no_workflow');
  const request = aRequest();
  const [first, second] = [aDecision(request), aWithdrawal(request)];
  await book.append([request]);
  await book.append([first]);
  await book.append([second]);
  const waiting = await unforwarded(db, query);
  expect(waiting.map(({ digest }) => digest)).toEqual([first.digest, second.digest]);
  expect(await unforwarded(db, { ...query, limit: 1 })).toHaveLength(1);
  expect(await unforwarded(db, { ...query, olderThanSeconds: 60 })).toEqual([]);
  expect(await unforwarded(db, { ...query, days: 0 })).toEqual([]);

  await Promise.all([1, 2, 3].map(() => markForwarded(db, first.digest, 'signalled')));
  await markForwarded(db, first.digest, 'no_workflow');
  expect((await unforwarded(db, query)).map(({ digest }) => digest)).toEqual([second.digest]);
  const row = await db
    .selectFrom('forwarded')
    .select('outcome')
    .where('digest', '=', first.digest)
    .executeTakeFirst();
  expect(row?.outcome).toBe('signalled');
});

test('a card is posted once: who comes second learns of the first', async () => {
  const { request_id } = aRequest().statement;
  const card = { request_id, channel: 'slack', key: 'card', place: 'C1' };
  const kept = await Promise.all(
    Array.from({ length: 10 }, (_, index) => keepPosting(db, { ...card, reference: `${index}` })),
  );
  expect(new Set(kept.map(({ reference }) => reference)).size).toBe(1);
  const line = await keepPosting(db, { ...card, key: 'line/1', reference: 'x' });
  expect(await postingsOf(db, request_id)).toEqual([kept[0], line]);
});

test('a database that is not there is an error with its place and without its password', async () => {
  const gone = cluster.open('postgres://someone:hunter2@127.0.0.1:1/book');
  const error = await createBook(gone)
    .statements('0'.repeat(64))
    .catch((reason: unknown) => reason);
  expect(error).toMatchObject({
    code: 'database_unreachable',
    message: expect.stringContaining('127.0.0.1:1/book'),
  });
  expect(String(error)).not.toContain('hunter2');
});

test('a connection that breaks under the lock is an error, and the next use opens another', async () => {
  const one = cluster.open(url, 1);
  const book = createBook(one);
  const request = aRequest();
  const id = request.statement.request_id;
  const broken = book.locked(id, async (page) => {
    const { rows } = await sql<{ ended: boolean }>`
      select pg_terminate_backend(pid, 5000) as ended from pg_locks
      where locktype = 'advisory' and granted
        and database = (select oid from pg_database where datname = current_database())`.execute(db);
    expect(rows).toEqual([{ ended: true }]);
    await page.append([request]);
  });
  await expect(broken).rejects.toMatchObject({ code: 'database_unreachable' });
  expect((await book.statements(id)).booked).toEqual([]);
});

test('who waits for a lock for too long gives up with a code of its own', async () => {
  const impatient = cluster.open(`${url}?lock_timeout=50`);
  const id = aRequest().statement.request_id;
  await createBook(db).locked(id, async () => {
    const waiting = createBook(impatient).locked(id, async () => 'in');
    await expect(waiting).rejects.toMatchObject({ code: 'database_timeout' });
  });
  expect(await createBook(impatient).locked(id, async () => 'in')).toBe('in');
});
