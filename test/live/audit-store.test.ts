/** The audit records on a real Postgres: appended once, conflicts told, backing looked up when read. */
import { randomUUID } from 'node:crypto';
import type { Kysely } from 'kysely';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { canonicalize } from '../../approval/canonical-json.ts';
import type { StatementKind, Verified } from '../../approval/types.ts';
import { listRequests } from '../../audit/listing.ts';
import { type AuditRecord, bytesOfRecord } from '../../audit/records.ts';
import { appendRecords, recordsOf } from '../../audit/store.ts';
import { type Book, createBook } from '../../book/book.ts';
import type { Database } from '../../book/schema.ts';
import { type Cluster, startCluster } from '../book/cluster.ts';
import { aDecision, aDigest, aFinish, aPreview, aRequest, aStart, aWithdrawal } from '../book/statements.ts';

let cluster: Cluster;
let url: string;
let db: Kysely<Database>;
let worker: Kysely<Database>;
let reader: Kysely<Database>;
let book: Book;

beforeAll(async () => {
  cluster = await startCluster();
  ({ url, db } = await cluster.migrated('audit'));
  worker = await cluster.as('assent_worker', url);
  reader = await cluster.as('assent_reader', url);
  book = createBook(db);
});

afterAll(() => cluster.stop());

type Sketch = Pick<AuditRecord, 'kind'> & Partial<AuditRecord>;

/** The records of one run, a second and an event apart. */
function aRun(request_id: string | null, sketches: readonly Sketch[], from = Date.UTC(2026, 2, 1)) {
  const run = { namespace: 'default', workflow_id: `w-${randomUUID()}`, run_id: randomUUID() };
  return sketches.map(
    (sketch, index): AuditRecord => ({
      ...run,
      event_id: `${index + 1}`,
      at: new Date(from + index * 1000).toISOString(),
      request_id,
      digest: null,
      detail: {},
      ...sketch,
    }),
  );
}

test('stores the exact canonical bytes and gives them back in order, whatever they say', async () => {
  const id = aRequest().statement.request_id;
  const hostile = { words: '\u0000 \u202e {"}', deep: [[[1]]], empty: {} };
  const records = aRun(id, [
    { kind: 'requested', detail: hostile },
    { kind: 'denied', event_id: '9007199254740993' },
  ]);
  expect(await appendRecords(worker, records.toReversed())).toEqual({ appended: 2 });
  const stored = await recordsOf(reader, id);
  expect(stored.map(({ bytes }) => bytes.toString())).toEqual(records.map((record) => canonicalize(record)));
  expect(stored.map(({ key }) => key)).toEqual(
    records.map(({ namespace, workflow_id, run_id, event_id, kind }) => ({
      namespace,
      workflow_id,
      run_id,
      event_id,
      kind,
    })),
  );
  const times = await db
    .selectFrom('records')
    .select('occurred_at')
    .where('request_id', '=', id)
    .orderBy('occurred_at')
    .execute();
  expect(times.map(({ occurred_at }) => occurred_at.toISOString())).toEqual(records.map(({ at }) => at));
});

test('appending again changes nothing, also when ten do so at once', async () => {
  const id = aRequest().statement.request_id;
  const records = aRun(
    id,
    Array.from({ length: 300 }, () => ({ kind: 'reminded' as const })),
  );
  const counts = await Promise.all(
    Array.from({ length: 10 }, (_, index) =>
      appendRecords(db, index % 2 === 0 ? records : records.toReversed()),
    ),
  );
  expect(counts.reduce((sum, { appended }) => sum + appended, 0)).toBe(300);
  expect(await appendRecords(worker, records)).toEqual({ appended: 0 });
  expect(await recordsOf(db, id)).toHaveLength(300);
  expect(await appendRecords(worker, [])).toEqual({ appended: 0 });
});

test('other bytes under a key are an alarm that names it; what stands stays, and the others are appended', async () => {
  const id = aRequest().statement.request_id;
  const [first, second, third, fourth] = aRun(id, [
    { kind: 'requested' },
    { kind: 'previewed' },
    { kind: 'approved' },
    { kind: 'closed' },
  ]);
  if (!first || !second || !third || !fourth) throw new Error('four records were made');
  await appendRecords(worker, [first, second, third]);
  const altered = { ...second, detail: { rows: '1' } };
  const moved = { ...third, request_id: aRequest().statement.request_id };
  await expect(appendRecords(worker, [first, altered, moved, fourth])).rejects.toMatchObject({
    code: 'record_conflict',
    evidence: {
      keys: [
        { event_id: '2', kind: 'previewed' },
        { event_id: '3', kind: 'approved' },
      ],
    },
  });
  const stored = await recordsOf(reader, id);
  expect(stored.map(({ bytes }) => bytes)).toEqual([first, second, third, fourth].map(bytesOfRecord));

  const fresh = aRun(id, [{ kind: 'requested' }]);
  const contradicting = fresh.map((record) => ({ ...record, detail: { other: true } }));
  await expect(appendRecords(worker, [...fresh, ...contradicting])).rejects.toMatchObject({
    code: 'record_conflict',
  });
});

test('a name that Postgres cannot hold is refused with its key, and nothing is stored', async () => {
  const id = aRequest().statement.request_id;
  const [good] = aRun(id, [{ kind: 'requested' }]);
  if (!good) throw new Error('one record was made');
  const bad = { ...good, workflow_id: 'a\u0000b' };
  await expect(appendRecords(worker, [good, bad])).rejects.toMatchObject({ code: 'record_unstorable' });
  expect(await recordsOf(reader, id)).toEqual([]);
});

test('a record is backed by a statement of a fitting kind and the same request, looked up when it is read', async () => {
  const request = aRequest();
  const id = request.statement.request_id;
  const [decision, other] = [aDecision(request), aRequest()];
  const records = aRun(id, [
    { kind: 'requested', digest: request.digest },
    { kind: 'decision_received', digest: decision.digest },
    { kind: 'execution_started', digest: decision.digest },
    { kind: 'requested', digest: other.digest },
    { kind: 'approved', digest: aDigest() },
    { kind: 'expired', digest: request.digest },
    { kind: 'closed' },
  ]);
  await appendRecords(worker, records);
  const seen = async () => (await recordsOf(reader, id)).map(({ backing }) => backing);
  expect(await seen()).toEqual(Array.from({ length: 7 }, () => 'claimed'));
  await book.append([request, decision]);
  await book.append([other]);
  expect(await seen()).toEqual(['backed', 'backed', 'claimed', 'claimed', 'claimed', 'claimed', 'claimed']);
});

test.each([
  ['open', () => [], []],
  ['denied', aDenial, [{ kind: 'denied' }]],
  ['withdrawn', (request: Verified<'request'>) => [aWithdrawal(request)], [{ kind: 'withdrawn' }]],
  ['expired', () => [], [{ kind: 'escalated' }, { kind: 'expired' }, { kind: 'closed' }]],
  ['running', (request: Verified<'request'>) => [aStart(request)], [{ kind: 'execution_started' }]],
  ['succeeded', (request: Verified<'request'>) => [aFinish(aStart(request))], [finished('succeeded')]],
  ['not_executed', (request: Verified<'request'>) => [aFinish(aStart(request))], [finished('refused')]],
] as const)('lists a request as %s by its newest record', async (state, statementsOf, sketches) => {
  const request = aRequest(`action.${randomUUID()}`);
  const id = request.statement.request_id;
  const statements: readonly Verified<StatementKind>[] = statementsOf(request);
  await book.append([request, aPreview(request), ...statements]);
  const digest = statements[0]?.digest ?? null;
  await appendRecords(worker, aRun(id, [{ kind: 'requested' }, { kind: 'previewed' }]));
  await appendRecords(
    worker,
    aRun(
      id,
      sketches.map((sketch) => ({ ...sketch, digest })),
      Date.UTC(2026, 2, 2),
    ),
  );
  const [listed, ...rest] = await listRequests(reader, {
    state,
    action: request.statement.action.name,
    limit: 9,
  });
  expect(rest).toEqual([]);
  expect(listed).toMatchObject({ request_id: id, backing: 'backed', agent: 'exporter' });
  expect(listed?.latest?.state ?? 'open').toBe(state);
  expect(listed?.latest?.backing).toBe(
    digest === null ? (state === 'open' ? undefined : 'claimed') : 'backed',
  );
  expect(listed?.backed?.state).toBe(digest === null ? undefined : state);
});

function aDenial(request: Verified<'request'>) {
  return [aDecision(request, { verdict: 'deny', reason: 'no' })];
}

function finished(outcome: string) {
  return { kind: 'execution_finished' as const, detail: { outcome } };
}

test('a forged end is shown as claimed beside what is backed', async () => {
  const request = aRequest();
  const id = request.statement.request_id;
  const finish = aFinish(aStart(request));
  await book.append([request, finish]);
  await appendRecords(
    worker,
    aRun(id, [{ kind: 'requested' }, { ...finished('succeeded'), digest: finish.digest }]),
  );
  const forged = aRun(
    id,
    [{ kind: 'requested' }, { kind: 'denied', digest: request.digest }],
    Date.UTC(2026, 5, 1),
  );
  await appendRecords(worker, forged);
  const listed = (await listRequests(reader, { limit: 1000 })).filter(({ request_id }) => request_id === id);
  expect(listed).toMatchObject([
    { latest: { state: 'denied', backing: 'claimed' }, backed: { state: 'succeeded' } },
  ]);
});

test('a request that was never booked is listed once, as its history claims it', async () => {
  const id = aRequest().statement.request_id;
  const detail = { agent: 'ghost', action: 'sql.export' };
  await appendRecords(worker, [
    ...aRun(id, [{ kind: 'requested', detail }, { kind: 'denied' }]),
    ...aRun(id, [{ kind: 'requested', detail: { agent: ['odd'], action: '\u0000' } }], Date.UTC(2026, 3, 1)),
    ...aRun(null, [{ kind: 'requested', detail }]),
  ]);
  const listed = await listRequests(reader, { limit: 1000 });
  expect(listed.filter(({ request_id }) => request_id === id)).toMatchObject([
    {
      request_id: id,
      backing: 'claimed',
      agent: 'ghost',
      action: 'sql.export',
      asked_at: '2026-03-01T00:00:00.000Z',
      latest: { state: 'denied', backing: 'claimed' },
      backed: null,
    },
  ]);
});

test('pages through more requests than one query reads, newest first, none twice', async () => {
  const { url: ownUrl, db: own } = await cluster.migrated('many');
  const many = createBook(own);
  const requests = Array.from({ length: 230 }, (_, index) => aRequest(index % 100 === 0 ? 'rare' : 'common'));
  for (const request of requests) await many.append([request]);
  await appendRecords(
    own,
    Array.from({ length: 40 }, () => aRun(aRequest().statement.request_id, [{ kind: 'requested' }])).flat(),
  );
  const expected = requests.map(({ statement }) => statement.request_id).toReversed();

  const rare = await listRequests(own, { action: 'rare', limit: 10 });
  expect(rare.map(({ request_id }) => request_id)).toEqual([expected[29], expected[129], expected[229]]);
  const all: string[] = [];
  for (let before: string | undefined; ; ) {
    const page = await listRequests(own, { limit: 50, ...(before === undefined ? {} : { before }) });
    if (page.length === 0) break;
    all.push(...page.map(({ request_id }) => request_id));
    before = page.at(-1)?.cursor;
  }
  expect(all.slice(0, 230)).toEqual(expected);
  expect(new Set(all).size).toBe(270);
  await expect(listRequests(cluster.open(ownUrl), { limit: 1, before: 'x' })).rejects.toMatchObject({
    code: 'cursor_malformed',
  });
});
