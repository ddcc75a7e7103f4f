/** Leases in a real book: written once, open until their end is written, and by the executor alone. */
import { type Kysely, sql } from 'kysely';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { createBook } from '../../book/book.ts';
import { endLease, type Lease, leaseOf, openLeases, writeLease } from '../../book/leases.ts';
import { groupRoles } from '../../book/roles.ts';
import type { Database } from '../../book/schema.ts';
import { type Cluster, startCluster } from '../book/cluster.ts';
import { aDigest, aFinish, aRequest, aStart } from '../book/statements.ts';

let cluster: Cluster;
let url: string;
let superuser: Kysely<Database>;
let executor: Kysely<Database>;

beforeAll(async () => {
  cluster = await startCluster();
  ({ url, db: superuser } = await cluster.migrated('leases'));
  executor = await cluster.as('assent_executor', url);
});

afterAll(() => cluster.stop());

/** A lease whose Start and Finish are in the book. */
async function begun(ends_at: string) {
  const request = aRequest('access.grant');
  const start = aStart(request);
  const finish = aFinish(start);
  await createBook(executor).append([request, start, finish]);
  const { request_id } = request.statement;
  const lease: Lease = {
    request_id,
    start_digest: start.digest,
    action: 'access.grant',
    ends_at: new Date(ends_at),
  };
  return { lease, request_id, finish: finish.digest };
}

const open = async (...among: readonly Lease[]) => {
  const ids = among.map(({ request_id }) => request_id);
  return (await openLeases(executor)).filter(({ request_id }) => ids.includes(request_id));
};

test('a lease is open, those due first first, until its end is written', async () => {
  const later = await begun('2026-03-01T10:30:00.001Z');
  const sooner = await begun('2026-03-01T10:30:00.000Z');
  await writeLease(executor, later.lease);
  await writeLease(executor, sooner.lease);
  expect(await open(later.lease, sooner.lease)).toEqual([sooner.lease, later.lease]);
  expect(await leaseOf(executor, sooner.request_id)).toEqual({
    ...sooner.lease,
    leased_at: expect.any(Date),
    end: null,
  });
  await endLease(executor, sooner.request_id, sooner.finish);
  expect(await open(later.lease, sooner.lease)).toEqual([later.lease]);
  expect(await leaseOf(executor, sooner.request_id)).toEqual({
    ...sooner.lease,
    leased_at: expect.any(Date),
    end: { finish_digest: sooner.finish, ended_at: expect.any(Date) },
  });
});

test('a request without a lease has none', async () => {
  expect(await leaseOf(executor, aRequest().statement.request_id)).toBeNull();
});

test('the very same lease may be written again, also after its end, and no other', async () => {
  const { lease, request_id, finish } = await begun('2026-03-01T10:30:00.000Z');
  const others = [
    { ...lease, ends_at: new Date('2026-03-01T10:30:00.001Z') },
    { ...lease, action: 'access.other' },
    { ...lease, start_digest: (await begun('2026-03-01T10:30:00.000Z')).lease.start_digest },
  ];
  await Promise.all(Array.from({ length: 5 }, () => writeLease(executor, lease)));
  for (const other of others) {
    await expect(writeLease(executor, other)).rejects.toMatchObject({ code: 'lease_conflict' });
  }
  await endLease(executor, request_id, finish);
  await writeLease(executor, lease);
  for (const other of others) {
    await expect(writeLease(executor, other)).rejects.toMatchObject({ code: 'lease_conflict' });
  }
  expect(await open(lease)).toEqual([]);
});

test('the first end stands', async () => {
  const { lease, request_id, finish } = await begun('2026-03-01T10:30:00.000Z');
  await writeLease(executor, lease);
  await endLease(executor, request_id, finish);
  await endLease(executor, request_id, lease.start_digest);
  expect((await leaseOf(executor, request_id))?.end?.finish_digest).toBe(finish);
});

test('a lease is written with what is done, or not at all', async () => {
  const { lease } = await begun('2026-03-01T10:30:00.000Z');
  const undone = executor.transaction().execute(async (tx) => {
    await writeLease(tx, lease);
    throw new Error('undone');
  });
  await expect(undone).rejects.toThrow('undone');
  expect(await open(lease)).toEqual([]);
});

test('what names no statement, no lease or no request is refused', async () => {
  const { lease, request_id, finish } = await begun('2026-03-01T10:30:00.000Z');
  const unbooked = aDigest();
  const foreign = { code: '23503' };
  await expect(writeLease(executor, { ...lease, start_digest: unbooked })).rejects.toMatchObject(foreign);
  await expect(writeLease(executor, { ...lease, request_id: 'x' })).rejects.toMatchObject({ code: '23514' });
  await expect(endLease(executor, request_id, finish)).rejects.toMatchObject(foreign);
  await writeLease(executor, lease);
  await expect(endLease(executor, request_id, unbooked)).rejects.toMatchObject(foreign);
  expect(await open(lease)).toEqual([lease]);
});

test('every group reads leases, and none but the executor writes them', async () => {
  const { lease, request_id, finish } = await begun('2026-03-01T10:30:00.000Z');
  const [other, third] = [await begun('2026-03-01T10:30:00.000Z'), await begun('2026-03-01T10:30:00.000Z')];
  await writeLease(executor, lease);
  await writeLease(executor, third.lease);
  await endLease(executor, third.request_id, third.finish);
  for (const role of groupRoles.filter((group) => group !== 'assent_executor')) {
    const as = await cluster.as(role, url);
    expect((await openLeases(as)).map((one) => one.request_id)).toContain(request_id);
    expect((await leaseOf(as, third.request_id))?.end?.finish_digest).toBe(third.finish);
    await expect(writeLease(as, other.lease)).rejects.toMatchObject({ code: '42501' });
    await expect(endLease(as, request_id, finish)).rejects.toMatchObject({ code: '42501' });
  }
  expect(await leaseOf(executor, other.request_id)).toBeNull();
  expect(await open(lease)).toEqual([lease]);
});

test('nobody moves or removes a lease or its end, superusers included', async () => {
  const { lease, request_id, finish } = await begun('2026-03-01T10:30:00.000Z');
  await writeLease(executor, lease);
  await endLease(executor, request_id, finish);
  for (const change of [
    sql`update leases set ends_at = ends_at + interval '1 year' where request_id = ${request_id}`,
    sql`delete from lease_ends where request_id = ${request_id}`,
    sql`delete from leases where request_id = ${request_id}`,
    sql`truncate leases cascade`,
  ]) {
    await expect(change.execute(superuser)).rejects.toMatchObject({ code: '23001' });
    await expect(change.execute(executor)).rejects.toMatchObject({ code: '42501' });
  }
});
