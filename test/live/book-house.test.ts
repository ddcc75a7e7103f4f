/** The page of the house and the limits, on a real Postgres: who writes and who relies on them never pass each other. */
import { type Kysely, sql } from 'kysely';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { Admission, Execution } from '../../approval/grant.ts';
import { appendStatements } from '../../book/append.ts';
import { createBook, type LockedPage } from '../../book/book.ts';
import { groupRoles } from '../../book/roles.ts';
import type { Database } from '../../book/schema.ts';
import { type Cluster, startCluster } from '../book/cluster.ts';
import {
  aBrokenGlass,
  aDelegation,
  aFreeze,
  anEndOf,
  anUnfreeze,
  aRefusal,
  aRequest,
  aRevocation,
  aSettlement,
  aStart,
  aWithdrawal,
} from '../book/statements.ts';

let cluster: Cluster;
let url: string;
/** The superuser's; it sees what others wait for. */
let db: Kysely<Database>;
let executor: Kysely<Database>;

beforeAll(async () => {
  cluster = await startCluster();
  ({ url, db } = await cluster.migrated('house'));
  await cluster.as('assent_executor', url);
  executor = cluster.open(cluster.urlAs(url, 'login_of_assent_executor', 'secret'), 16);
});

afterAll(() => cluster.stop());

const execution: Execution = { workflow_id: 'w', run_id: 'r', activity_id: '1' };
const idOf = (request = aRequest()) => request.statement.request_id;

/** Resolves when that many sessions wait for an advisory lock in this database. */
async function waitersAre(count: number): Promise<void> {
  for (;;) {
    const { rows } = await sql<{ waiting: number }>`
      select count(*)::int as waiting from pg_locks where locktype = 'advisory' and not granted
        and database = (select oid from pg_database where datname = current_database())`.execute(db);
    if (rows[0]?.waiting === count) return;
  }
}

/** A transaction that does its work and then stays open until it is let go. */
function holding<T>(begin: (work: (result: T) => Promise<T>) => Promise<T>) {
  const held = Promise.withResolvers<T>();
  const release = Promise.withResolvers<void>();
  const ended = begin(async (result) => {
    held.resolve(result);
    await release.promise;
    return result;
  });
  ended.catch(held.reject);
  return { held: held.promise, release: release.resolve, ended };
}

/** A transaction that appended this and has not committed. */
const appending = (statement: ReturnType<typeof aFreeze>) =>
  holding<unknown>((stay) =>
    db.transaction().execute(async (tx) => stay(await appendStatements(tx, [statement]))),
  );

describe('the page of the house', () => {
  test('holds what is said of the house, in order of booking, and nothing of any request', async () => {
    const book = createBook(db);
    const [freeze, delegation, request] = [aFreeze(), aDelegation(), aRequest()];
    const told = [freeze, delegation, anUnfreeze(freeze), anEndOf(delegation)];
    await book.append([request, aWithdrawal(request), aSettlement(request), aRevocation(request)]);
    for (const said of told) {
      await book.append([said]);
      await book.append([aRefusal()]);
      await book.append([aBrokenGlass(aRequest())]);
    }
    const page = await book.house();
    expect(page.map(({ digest }) => digest)).toEqual(told.map(({ digest }) => digest));
    expect(page.map(({ envelope }) => envelope)).toEqual(told.map(({ envelope }) => envelope));
    expect(page.every(({ kind, request_id }) => kind === 'instruction' && request_id === null)).toBe(true);
    expect(page.every(({ position }, at) => position > (page[at - 1]?.position ?? 0))).toBe(true);
    const within = await book.locked(idOf(request), (locked) => locked.house());
    expect(within).toEqual(page);
    for (const role of groupRoles) {
      expect(await createBook(await cluster.as(role, url)).house()).toEqual(page);
    }
  });

  test('is added to by nobody while an execution relies on it, until that has been consumed', async () => {
    const book = createBook(executor);
    const request = aRequest();
    const [start, freeze] = [aStart(request), aFreeze()];
    await book.append([request, start]);
    const consuming = holding<readonly string[]>((stay) =>
      book.locked(idOf(request), async (page) => {
        const seen = (await page.house()).map(({ digest }) => digest);
        await page.consume(start, execution);
        return stay(seen);
      }),
    );
    const seen = await consuming.held;
    let frozen = false;
    const freezing = book.append([freeze]).then(() => {
      frozen = true;
    });
    await waitersAre(1);
    expect([frozen, seen.includes(freeze.digest)]).toEqual([false, false]);
    // What is of no page waits for nobody.
    await book.append([aRefusal()]);
    expect((await book.house()).map(({ digest }) => digest)).toEqual(seen);
    consuming.release();
    await consuming.ended;
    await freezing;
    expect((await book.statements(idOf(request))).consumed).toBe(true);
    expect((await book.house()).at(-1)?.digest).toBe(freeze.digest);
  });

  test('is waited for by an execution while it is written, which then sees what was written', async () => {
    const book = createBook(executor);
    const freeze = aFreeze();
    const freezing = appending(freeze);
    await freezing.held;
    let read = false;
    const relying = book.locked(idOf(), async (page) => {
      const seen = await page.house();
      read = true;
      return seen;
    });
    await waitersAre(1);
    expect(read).toBe(false);
    // Who only looks waits for nobody, and sees what holds.
    expect((await book.house()).map(({ digest }) => digest)).not.toContain(freeze.digest);
    freezing.release();
    expect((await relying).at(-1)?.digest).toBe(freeze.digest);
    await freezing.ended;
  });

  test('lets any number of executions rely on it at once', async () => {
    const book = createBook(executor);
    const all = Array.from({ length: 5 }, () =>
      holding<number>((stay) => book.locked(idOf(), async (page) => stay((await page.house()).length))),
    );
    const lengths = await Promise.all(all.map(({ held }) => held));
    expect(new Set(lengths).size).toBe(1);
    for (const { release } of all) release();
    await Promise.all(all.map(({ ended }) => ended));
  });
});

describe('a limit', () => {
  let named = 0;
  const limit = (change: Partial<Admission> = {}): Admission => {
    named += 1;
    return { agent: 'exporter', rule: `rule-${named}`, count: 3, per_seconds: 600, ...change };
  };
  const admit = (request_id: string, admission: Admission) =>
    createBook(executor).locked(request_id, (page) => page.admit(admission));
  const counted = async ({ agent, rule }: Admission) =>
    (
      await db
        .selectFrom('admissions')
        .select(['request_id', 'admitted_at'])
        .where('agent', '=', agent)
        .where('rule', '=', rule)
        .orderBy('admitted_at')
        .execute()
    ).map(({ request_id, admitted_at }) => ({ request_id, at: admitted_at.getTime() }));
  /** One that was counted so many seconds ago; gives when, by Postgres's clock. */
  const countedBefore = async ({ agent, rule }: Admission, seconds: number): Promise<number> => {
    const { rows } = await sql<{ admitted_at: Date }>`
      insert into admissions (request_id, agent, rule, admitted_at)
      values (${idOf()}, ${agent}, ${rule}, clock_timestamp() - make_interval(secs => ${seconds}))
      returning admitted_at`.execute(db);
    return rows[0]?.admitted_at.getTime() ?? Number.NaN;
  };
  const moment = (milliseconds: number) => new Date(milliseconds).toISOString();

  test('lets through so many of those that ask at once, and tells the others when', async () => {
    const admission = limit();
    const ids = Array.from({ length: 12 }, () => idOf());
    const all = Promise.withResolvers<void>();
    let there = 0;
    const answers = await Promise.all(
      ids.map((id) =>
        createBook(executor).locked(id, async (page) => {
          // Each has begun before any is counted.
          there += 1;
          if (there === ids.length) all.resolve();
          await all.promise;
          return page.admit(admission);
        }),
      ),
    );
    const rows = await counted(admission);
    const through = ids.filter((_, index) => answers[index] === null);
    expect(through.toSorted()).toEqual(rows.map(({ request_id }) => request_id).toSorted());
    expect(through).toHaveLength(3);
    const free = moment((rows[0]?.at ?? 0) + 600_000);
    expect(new Set(answers)).toEqual(new Set([null, free]));
  });

  test('counts a request once, however often and by how many it is asked for', async () => {
    const admission = limit({ count: 2 });
    const [one, two, three] = [idOf(), idOf(), idOf()];
    const first = await Promise.all(Array.from({ length: 6 }, () => admit(one, admission)));
    expect(first).toEqual(Array.from({ length: 6 }, () => null));
    expect(await counted(admission)).toHaveLength(1);
    expect(await admit(two, admission)).toBeNull();
    const until = await admit(three, admission);
    expect(until).not.toBeNull();
    // Who is in stays in; who waits is not counted by waiting.
    expect([await admit(one, admission), await admit(two, admission)]).toEqual([null, null]);
    expect(await admit(three, admission)).toBe(until);
    expect((await counted(admission)).map(({ request_id }) => request_id)).toEqual([one, two]);
  });

  test('is of one agent and one rule', async () => {
    const admission = limit({ count: 1 });
    const id = idOf();
    expect(await admit(id, admission)).toBeNull();
    expect(await admit(idOf(), admission)).not.toBeNull();
    expect(await admit(idOf(), { ...admission, agent: 'another' })).toBeNull();
    // The same request under another rule is counted there, too.
    expect(await admit(id, limit({ count: 1 }))).toBeNull();
  });

  test('slides: what left the window makes room, at the moment that was told', async () => {
    const admission = limit();
    await countedBefore(admission, 601);
    await countedBefore(admission, 599);
    const second = await countedBefore(admission, 300);
    expect(await admit(idOf(), admission)).toBeNull();
    const [, oldest] = await counted(admission);
    expect(await admit(idOf(), admission)).toBe(moment((oldest?.at ?? 0) + 600_000));
    // With another window other moments count.
    expect(await admit(idOf(), { ...admission, per_seconds: 599 })).toBeNull();
    expect(await admit(idOf(), { ...admission, per_seconds: 599 })).toBe(moment(second + 599_000));
  });

  test('that was lowered has room when fewer than it are left', async () => {
    const admission = limit({ count: 2 });
    for (const seconds of [500, 400]) await countedBefore(admission, seconds);
    const [second] = [await countedBefore(admission, 100), await countedBefore(admission, 50)];
    expect(await admit(idOf(), admission)).toBe(moment(second + 600_000));
  });

  test('is asked in turn: who waits for it sees what the one before did, and nothing of what came to nothing', async () => {
    const book = createBook(executor);
    const admission = limit({ count: 1 });
    const undone = holding<unknown>((stay) =>
      book.locked(idOf(), async (page: LockedPage) => {
        await stay(await page.admit(admission));
        throw new RangeError('undone');
      }),
    );
    undone.ended.catch(() => undefined);
    expect(await undone.held).toBeNull();
    const next = idOf();
    const waiting = admit(next, admission);
    await waitersAre(1);
    undone.release();
    await expect(undone.ended).rejects.toThrow(RangeError);
    expect(await waiting).toBeNull();
    expect((await counted(admission)).map(({ request_id }) => request_id)).toEqual([next]);
    expect(await admit(idOf(), admission)).not.toBeNull();
  });

  test('is counted by the executor alone', async () => {
    for (const role of groupRoles.filter((group) => group !== 'assent_executor')) {
      const book = createBook(await cluster.as(role, url));
      const counting = book.locked(idOf(), (page) => page.admit(limit()));
      await expect(counting).rejects.toMatchObject({ code: '42501' });
    }
  });
});
