/** What has an end is ended by the executor itself, by a real book and the clock alone, until nothing is left. */
import { type Kysely, sql } from 'kysely';
import { pino } from 'pino';
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { stringify } from 'yaml';
import type { EndCall } from '../../actions/implement.ts';
import { createExecute } from '../../activities/execute.ts';
import { createRevoke, endDueLeases, type LeasesDeps } from '../../activities/leases.ts';
import { createPreview } from '../../activities/preview.ts';
import { createRate } from '../../activities/rate.ts';
import { digestOfJson } from '../../approval/digest.ts';
import { AssentError } from '../../approval/error.ts';
import type { SigningKey } from '../../approval/keys.ts';
import { openStatement, signStatement } from '../../approval/statements.ts';
import type { Instruction, StartStatement, Verified } from '../../approval/types.ts';
import type { HouseJudge } from '../../audit/judge.ts';
import { createBook } from '../../book/book.ts';
import { endLease, leaseOf, openLeases, writeLease } from '../../book/leases.ts';
import type { Database } from '../../book/schema.ts';
import { type Acts, implementing } from '../activities/executor-at-work.ts';
import { inActivity } from '../activities/run.ts';
import { type Cluster, startCluster } from '../book/cluster.ts';
import { AUDIENCE, at, judgeOf, keys, OPENS, requestOf } from '../gateway/case-in-hand.ts';

const POLICY = stringify({
  version: 1,
  rules: [
    { id: 'unseen', match: { action: 'test.*', when: 'resource.rule == "unseen"' }, effect: 'allow' },
    { id: 'seen', match: { action: 'test.*', when: 'preview.role == "writer"' }, effect: 'allow' },
  ],
});
const never = new AbortController().signal;
const NOTHING = digestOfJson('nothing');
/** After its Start: an hour. */
const ENDS = 3600;
/** Of an execution: ten minutes. */
const DEADLINE = 600;

let cluster: Cluster;
let url: string;
/** The superuser's; it sees what others wait for. */
let db: Kysely<Database>;

beforeAll(async () => {
  cluster = await startCluster();
  ({ url, db } = await cluster.migrated('lent'));
  await cluster.as('assent_executor', url);
});
afterAll(() => cluster.stop());
// Each test's leases are its own.
afterEach(async () => {
  for (const { request_id, start_digest } of await openLeases(db))
    await endLease(db, request_id, start_digest);
});

/** An executor's process: pools of its own, and a clock and a judge that tests turn. */
function executor(acts: Acts = {}) {
  const open = () => cluster.open(cluster.urlAs(url, 'login_of_assent_executor', 'secret'), 4);
  const own = open();
  const ended: EndCall<object>[] = [];
  const logged: string[] = [];
  const state: { now: number; judge: HouseJudge } = { now: OPENS, judge: judgeOf(POLICY) };
  const end = async (call: EndCall<object>) => {
    await acts.end?.(call);
    ended.push(call);
  };
  const deps: LeasesDeps = {
    judge: () => state.judge,
    implementations: implementing({ preview: async () => ({ role: 'writer' }), ...acts, end }, []),
    book: createBook(own),
    lockBook: createBook(open()),
    db: own,
    key: keys.executor,
    log: pino({}, { write: (line) => logged.push(line) }),
    now: () => state.now,
  };
  const preview = createPreview({ ...deps, rate: createRate({ calls: 100, windowMs: 1 }) });
  const execute = createExecute({
    ...deps,
    lease: ({ digest, statement }, action, until) =>
      writeLease(own, {
        request_id: statement.request_id,
        start_digest: digest,
        action,
        ends_at: new Date(until),
      }),
  });
  const revoke = createRevoke(deps);
  return {
    deps,
    state,
    ended,
    logged,
    /** Lends by a request, previewed where its rule reads that. */
    lend: async (rule: 'seen' | 'unseen' = 'unseen') => {
      const request = requestOf({ action: { name: 'test.lend', input: { rule, id: 'a' } } });
      const { envelope } = request;
      if (rule === 'seen') await inActivity(() => preview({ request: envelope }));
      return { request, executed: await inActivity(() => execute({ request: envelope })) };
    },
    execute,
    /** Ends what is due so many seconds past the Start. */
    pass: async (seconds: number, signal = never) => {
      state.now = OPENS + seconds * 1000;
      await endDueLeases(deps, signal);
    },
    revoke: ({ envelope }: Verified<'request'>, alone?: 'alone') =>
      inActivity(() => revoke({ request: envelope }), alone),
  };
}

const idOf = ({ statement }: Verified<'request'>) => statement.request_id;

const revocation = (
  request: Verified<'request'>,
  key: SigningKey = keys.gateway,
  change: Partial<Instruction<'revoke'>> = {},
) =>
  signStatement(
    'instruction',
    {
      audience: AUDIENCE,
      verb: 'revoke',
      subject: idOf(request),
      detail: { of: 'lease' },
      person: 'ana',
      reason: 'Done.',
      issued_at: at(20),
      expires_at: at(320),
      ...change,
    },
    key,
  );

/** What the executor signed of the ends of a request, in order. */
async function finishes(request: Verified<'request'>): Promise<readonly string[]> {
  const { booked } = await createBook(db).statements(idOf(request));
  const trust = { keys: [keys.executor.verifier], audience: AUDIENCE };
  return booked
    .filter(({ kind }) => kind === 'finish')
    .map(({ envelope }) => {
      const { outcome, code } = openStatement('finish', envelope, trust).statement;
      return `${outcome} ${code}`;
    });
}

const endOf = async (request: Verified<'request'>) => (await leaseOf(db, idOf(request)))?.end ?? null;
const NOT_DUE = { ended: false, code: 'not_due', finish_digest: null };

describe('a lease', () => {
  test('ends when its time has come, and not before; by itself, and once', async () => {
    const { lend, pass, ended, revoke } = executor();
    const { request, executed } = await lend();
    expect(executed).toMatchObject({ outcome: 'succeeded', until: at(ENDS) });
    await pass(ENDS - 0.001);
    expect(await revoke(request)).toMatchObject(NOT_DUE);
    expect([ended, await endOf(request)]).toEqual([[], null]);
    await pass(ENDS);
    await pass(ENDS + 60);
    expect(ended).toMatchObject([{ input: { id: 'a' }, resource: { rule: 'unseen' } }]);
    expect(await finishes(request)).toEqual(['succeeded succeeded', 'succeeded ended']);
    const end = await endOf(request);
    expect(await revoke(request)).toEqual({
      request_id: idOf(request),
      ended: true,
      code: 'ended',
      finish_digest: end?.finish_digest,
    });
    expect(ended).toHaveLength(1);
  });

  test('ends for the workflow that asks, where its time has come', async () => {
    const { lend, state, ended, revoke } = executor();
    const { request } = await lend();
    state.now += ENDS * 1000;
    expect(await revoke(request)).toMatchObject({ ended: true, code: 'ended' });
    expect([ended.length, await finishes(request)]).toEqual([1, ['succeeded succeeded', 'succeeded ended']]);
  });

  test('ends early where somebody who may says so', async () => {
    const { lend, pass, ended, revoke } = executor();
    const { request } = await lend();
    const { request: other } = await lend();
    await createBook(db).append([revocation(request)]);
    await pass(60);
    expect(ended).toHaveLength(1);
    expect(await finishes(request)).toEqual(['succeeded succeeded', 'succeeded revoked']);
    expect(await finishes(other)).toEqual(['succeeded succeeded']);
    expect(await revoke(other)).toMatchObject(NOT_DUE);
  });

  test('does not end by the word of somebody whom nobody vouches for, which hinders no end either', async () => {
    const { lend, pass, ended, revoke } = executor();
    const { request } = await lend();
    await createBook(db).append([
      revocation(request, keys.ana),
      revocation(request, keys.impostor, { reason: 'Mine.' }),
    ]);
    await pass(60);
    expect(await revoke(request)).toMatchObject(NOT_DUE);
    await pass(ENDS);
    expect(ended).toHaveLength(1);
    expect(await finishes(request)).toEqual(['succeeded succeeded', 'succeeded ended']);
  });

  test('does not end while its execution may still run, which could give again what was taken', async () => {
    const begun = Promise.withResolvers<void>();
    const release = Promise.withResolvers<void>();
    const { execute, pass, ended } = executor({
      execute: async () => {
        begun.resolve();
        await release.promise;
        return {};
      },
    });
    const request = requestOf({ action: { name: 'test.lend', input: { rule: 'unseen', id: 'a' } } });
    const executing = inActivity(() => execute({ request: request.envelope }));
    await begun.promise;
    await createBook(db).append([revocation(request)]);
    await pass(60);
    expect(ended).toEqual([]);
    release.resolve();
    await executing;
    await pass(61);
    expect(ended).toHaveLength(1);
    expect(await finishes(request)).toEqual(['succeeded succeeded', 'succeeded revoked']);
  });

  test('ends after the deadline of an execution of which nobody knows how it ended', async () => {
    const { lend, pass, ended } = executor({ execute: throwing('outcome_unknown') });
    const { request, executed } = await lend();
    expect(executed).toMatchObject({ outcome: 'unknown', until: at(ENDS) });
    await createBook(db).append([revocation(request)]);
    await pass(DEADLINE - 0.001);
    expect(ended).toEqual([]);
    await pass(DEADLINE);
    expect(ended).toMatchObject([{ failed: false }]);
    expect(await finishes(request)).toEqual(['succeeded revoked']);
  });

  test('that cannot be ended is tried again until it can, signs no end before, and keeps no other from its own', async () => {
    const inTheWay = new Set(['sessions do not end', 'the database is away']);
    const { lend, pass, ended, logged } = executor({
      end: async ({ approved }) => {
        const [fault] = inTheWay;
        // The one with a preview is due first.
        if (approved === null || fault === undefined) return;
        inTheWay.delete(fault);
        throw new AssentError('not_ended', fault);
      },
    });
    const { request } = await lend('seen');
    const { request: other } = await lend();
    await pass(ENDS);
    expect([await endOf(request), await finishes(request)]).toEqual([null, ['succeeded succeeded']]);
    expect(await finishes(other)).toEqual(['succeeded succeeded', 'succeeded ended']);
    await pass(ENDS + 1);
    expect(await endOf(request)).toBeNull();
    expect(logged.join('')).toContain('sessions do not end');
    expect(logged.join('')).toContain('the database is away');
    await pass(ENDS + 2);
    expect(ended).toHaveLength(2);
    expect(await finishes(request)).toEqual(['succeeded succeeded', 'succeeded ended']);
  });

  test('ends once where two executors find it due', async () => {
    const begun = Promise.withResolvers<void>();
    const release = Promise.withResolvers<void>();
    let calls = 0;
    const acts: Acts = {
      end: async () => {
        calls += 1;
        begun.resolve();
        await release.promise;
      },
    };
    const [one, two] = [executor(acts), executor(acts)];
    const { request } = await one.lend();
    const both = [one.pass(ENDS), two.pass(ENDS)];
    await begun.promise;
    await waitersAre(1);
    release.resolve();
    await Promise.all(both);
    expect(calls).toBe(1);
    expect(await finishes(request)).toEqual(['succeeded succeeded', 'succeeded ended']);
    expect([...one.logged, ...two.logged]).toEqual([]);
  });

  test('is left alone by an executor that does not know its action, and by one that stops', async () => {
    const { lend, pass, ended, logged, deps } = executor();
    const { request, executed } = await lend();
    const foreign = requestOf();
    await createBook(db).append([foreign]);
    const start_digest = executed.start_digest ?? 'sha256:';
    const ends_at = new Date(OPENS);
    await writeLease(db, { request_id: idOf(foreign), start_digest, action: 'other.lend', ends_at });
    await pass(ENDS, AbortSignal.abort());
    expect(ended).toEqual([]);
    await endDueLeases(deps, never);
    expect(ended).toHaveLength(1);
    expect([await endOf(foreign), (await endOf(request)) !== null]).toEqual([null, true]);
    // Whoever should have ended it is gone: that is said once.
    await endDueLeases(deps, never);
    expect(logged).toEqual([expect.stringContaining('does not implement its action')]);
  });

  test('that is none ends nothing', async () => {
    const { revoke, ended } = executor();
    expect(await revoke(requestOf())).toMatchObject({ ended: false, code: 'no_lease', finish_digest: null });
    expect(ended).toEqual([]);
  });

  test('ends for nobody who started that by itself, which is on the record', async () => {
    const { lend, state, ended, revoke } = executor();
    const { request } = await lend();
    state.now += ENDS * 1000;
    await expect(revoke(request, 'alone')).rejects.toMatchObject({ type: 'standalone', nonRetryable: true });
    expect([ended, await finishes(request)]).toEqual([[], ['succeeded succeeded']]);
    const rows = await db.selectFrom('statements').select('envelope').where('kind', '=', 'refusal').execute();
    const trust = { keys: [keys.executor.verifier], audience: AUDIENCE };
    expect(
      rows.map(({ envelope }) => openStatement('refusal', JSON.parse(envelope), trust).statement),
    ).toMatchObject([{ activity: 'revoke', code: 'standalone', request_id: null }]);
  });
});

describe('the end is told', () => {
  test.each([
    ['seen', { role: 'writer' }],
    ['unseen', null],
  ] as const)('what was approved: %s', async (rule, approved) => {
    const { lend, pass, ended } = executor();
    await lend(rule);
    await pass(ENDS);
    expect(ended).toMatchObject([{ approved, failed: false }]);
  });

  test.each([
    ['its own refusal', throwing('already_member'), true],
    ['any other error', throwing(), true],
    ['an answer that is too large, though it ran', async () => ({ text: 'x'.repeat(300_000) }), false],
    ['an answer that is no JSON, though it ran', async () => ({ rows: Number.NaN }), false],
  ] as const)('whether it failed: %s', async (_, execute, failed) => {
    const { lend, pass, ended } = executor({ execute });
    expect((await lend()).executed).toMatchObject({ outcome: 'failed', until: at(ENDS) });
    await pass(ENDS - 1);
    expect(ended).toEqual([]);
    await pass(ENDS);
    expect(ended).toMatchObject([{ failed }]);
  });
});

describe('by the word of the executor alone', () => {
  test('what was lent to an agent ends, though the agent and its owners lost their keys', async () => {
    const { lend, pass, ended, state } = executor();
    const { request } = await lend('seen');
    const { judge } = state;
    state.judge = { ...judge, ring: { ...judge.ring, agents: [], people: [], gateway: [] } };
    await pass(ENDS);
    expect(ended).toMatchObject([{ approved: { role: 'writer' }, input: { id: 'a' } }]);
    expect(await finishes(request)).toEqual(['succeeded succeeded', 'succeeded ended']);
  });

  const forged: readonly (readonly [string, SigningKey, Partial<StartStatement>, string])[] = [
    ['a Start that it did not sign', keys.impostor, {}, 'book_statement_invalid'],
    ["a Start of another deployment's", keys.executor, { audience: 'elsewhere' }, 'book_statement_invalid'],
    ['a Start of a request that is not there', keys.executor, { request: NOTHING }, 'lease_unbacked'],
    ['a Start of a preview that is not there', keys.executor, { preview: NOTHING }, 'lease_unbacked'],
  ];

  test.each(forged)('a lease by %s ends nothing, loudly', async (_, key, change, code) => {
    const { pass, ended, logged } = executor();
    const request = requestOf({ action: { name: 'test.lend', input: { rule: 'unseen', id: 'a' } } });
    const request_id = idOf(request);
    const start = startOf(request, change, key);
    await createBook(db).append([request, start]);
    const lease = { request_id, start_digest: start.digest, action: 'test.lend', ends_at: new Date(OPENS) };
    await writeLease(db, lease);
    await pass(ENDS);
    expect([ended, await finishes(request), await endOf(request)]).toEqual([[], [], null]);
    expect(logged.join('')).toContain(code);
  });

  test("a lease by another request's Start ends nothing, loudly", async () => {
    const { lend, pass, ended, logged } = executor();
    const { executed } = await lend();
    const other = requestOf({ action: { name: 'test.lend', input: { rule: 'unseen', id: 'b' } } });
    await createBook(db).append([other]);
    const start_digest = executed.start_digest ?? 'sha256:';
    const ends_at = new Date(OPENS);
    await writeLease(db, { request_id: idOf(other), start_digest, action: 'test.lend', ends_at });
    await pass(60);
    expect([ended, await endOf(other)]).toEqual([[], null]);
    expect(logged.join('')).toContain('lease_unbacked');
  });

  test('what the book holds under the digest of the request must be its bytes', async () => {
    const { pass, ended, logged } = executor();
    const request = requestOf({ action: { name: 'test.lend', input: { rule: 'unseen', id: 'a' } } });
    const other = requestOf({ action: { name: 'test.lend', input: { rule: 'unseen', id: 'b' } } });
    const start = startOf(request, {}, keys.executor);
    await createBook(db).append([{ ...request, envelope: other.envelope }, start]);
    const { digest: start_digest } = start;
    const lease = { request_id: idOf(request), start_digest, action: 'test.lend', ends_at: new Date(OPENS) };
    await writeLease(db, lease);
    await pass(ENDS);
    expect(ended).toEqual([]);
    expect(logged.join('')).toContain('book_statement_invalid');
  });
});

function startOf(request: Verified<'request'>, change: Partial<StartStatement>, key: SigningKey) {
  return signStatement(
    'start',
    {
      audience: AUDIENCE,
      request_id: idOf(request),
      request: request.digest,
      preview: null,
      decisions: [],
      instructions: [],
      policy: NOTHING,
      directory: NOTHING,
      steps: [],
      started_at: at(0),
      deadline: at(DEADLINE),
      ...change,
    },
    key,
  );
}

function throwing(code?: string) {
  return async () => {
    throw code === undefined ? new TypeError('No.') : new AssentError(code, 'No.');
  };
}

/** Resolves when that many sessions wait for an advisory lock in this database. */
async function waitersAre(count: number): Promise<void> {
  for (;;) {
    const { rows } = await sql<{ waiting: number }>`
      select count(*)::int as waiting from pg_locks where locktype = 'advisory' and not granted
        and database = (select oid from pg_database where datname = current_database())`.execute(db);
    if (rows[0]?.waiting === count) return;
  }
}
