/** The database's own refusals: what each role may do, and what nobody may, its owner and superusers included. */
import { type Kysely, type RawBuilder, sql, type Transaction } from 'kysely';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { createBook } from '../../book/book.ts';
import { writeLease } from '../../book/leases.ts';
import { migrate } from '../../book/migrate.ts';
import { migrations } from '../../book/migrations/index.ts';
import { ensureLogin, type GroupRole, groupRoles } from '../../book/roles.ts';
import type { Database } from '../../book/schema.ts';
import { type Cluster, startCluster } from '../book/cluster.ts';
import { aDecision, aDigest, aRequest, aStart } from '../book/statements.ts';

let cluster: Cluster;
let url: string;
let db: Kysely<Database>;
const request = aRequest();
const id = request.statement.request_id;
const start = aStart(request);
const unspent = aStart(aRequest());
const leased = unspent.statement.request_id;

beforeAll(async () => {
  cluster = await startCluster();
  ({ url, db } = await cluster.migrated('rights'));
  const book = createBook(db);
  await book.append([request, start]);
  await book.append([unspent]);
  await book.locked(id, (page) => page.consume(start, { workflow_id: 'w', run_id: 'r', activity_id: '1' }));
  for (const request_id of [id, leased]) {
    await writeLease(db, {
      request_id,
      start_digest: start.digest,
      action: 'access.grant',
      ends_at: new Date(),
    });
  }
  for (const insert of Object.values(inserts)) await insert('2').execute(db);
});

afterAll(() => cluster.stop());

type Table = keyof Database;

/** Each table with a valid new row; the salt makes it another row. */
const inserts: { readonly [T in Table]: (salt: string) => RawBuilder<unknown> } = {
  statements: () =>
    sql`insert into statements (digest, kind, request_id, envelope) values (${aDigest()}, 'refusal', null, '{}')`,
  consumptions: () =>
    sql`insert into consumptions (request_id, start_digest, workflow_id, run_id, activity_id)
      values (${aRequest().statement.request_id}, ${unspent.digest}, 'w', 'r', '1')`,
  forwarded: (salt) =>
    sql`insert into forwarded (digest, outcome)
      values (${salt === '2' ? start.digest : request.digest}, 'signalled')`,
  postings: (salt) =>
    sql`insert into postings (request_id, channel, key, place, reference) values (${id}, 'slack', ${salt}, 'C1', '1')`,
  records: (salt) =>
    sql`insert into records (namespace, workflow_id, run_id, event_id, kind, occurred_at, record)
      values ('default', 'w', 'r', ${salt}, 'closed', now(), '\\x7b7d')`,
  leases: () =>
    sql`insert into leases (request_id, start_digest, action, ends_at)
      values (${aRequest().statement.request_id}, ${start.digest}, 'access.grant', now())`,
  lease_ends: (salt) =>
    sql`insert into lease_ends (request_id, finish_digest)
      values (${salt === '2' ? id : leased}, ${start.digest})`,
  admissions: (salt) =>
    sql`insert into admissions (request_id, agent, rule) values (${id}, 'exporter', ${salt})`,
};

const tables = [
  'statements',
  'consumptions',
  'forwarded',
  'postings',
  'records',
  'leases',
  'lease_ends',
  'admissions',
] as const;

const verbs: { readonly [verb: string]: (table: Table) => RawBuilder<unknown> } = {
  SELECT: (table) => sql`select * from ${sql.table(table)}`,
  INSERT: (table) => inserts[table]('1'),
  UPDATE: (table) => sql`update ${sql.table(table)} set ${sql.id(firstColumn[table])} = default`,
  DELETE: (table) => sql`delete from ${sql.table(table)}`,
  TRUNCATE: (table) => sql`truncate ${sql.table(table)} cascade`,
  LOCK: (table) => sql`lock table ${sql.table(table)} in access exclusive mode`,
  DISABLE: (table) => sql`alter table ${sql.table(table)} disable trigger all`,
  DROP: (table) => sql`drop table ${sql.table(table)} cascade`,
};

const firstColumn: { readonly [T in Table]: string } = {
  statements: 'digest',
  consumptions: 'request_id',
  forwarded: 'digest',
  postings: 'request_id',
  records: 'namespace',
  leases: 'request_id',
  lease_ends: 'request_id',
  admissions: 'request_id',
};

/** What the role may do with each table; nothing where it is not named. */
const rights: { readonly [R in GroupRole]: { readonly [T in Table]?: readonly string[] } } = {
  assent_worker: {
    statements: ['SELECT'],
    consumptions: ['SELECT'],
    records: ['SELECT', 'INSERT'],
    leases: ['SELECT'],
    lease_ends: ['SELECT'],
    admissions: ['SELECT'],
  },
  assent_executor: {
    statements: ['SELECT', 'INSERT'],
    consumptions: ['SELECT', 'INSERT'],
    leases: ['SELECT', 'INSERT'],
    lease_ends: ['SELECT', 'INSERT'],
    admissions: ['SELECT', 'INSERT'],
  },
  assent_gateway: {
    statements: ['SELECT', 'INSERT'],
    consumptions: ['SELECT'],
    forwarded: ['SELECT', 'INSERT'],
    postings: ['SELECT', 'INSERT'],
    leases: ['SELECT'],
    lease_ends: ['SELECT'],
    admissions: ['SELECT'],
  },
  assent_reader: {
    statements: ['SELECT'],
    consumptions: ['SELECT'],
    forwarded: ['SELECT'],
    postings: ['SELECT'],
    records: ['SELECT'],
    leases: ['SELECT'],
    lease_ends: ['SELECT'],
    admissions: ['SELECT'],
  },
};

describe.each(groupRoles)('%s', (role) => {
  test('may do with each table what it needs, and nothing else', async () => {
    const as = await cluster.as(role, url);
    for (const table of tables) {
      const allowed: string[] = [];
      for (const [verb, statement] of Object.entries(verbs)) {
        const code = await codeOf(as, (tx) => statement(table).execute(tx));
        if (code === null) allowed.push(verb);
        else expect({ table, verb, code }).toEqual({ table, verb, code: '42501' });
      }
      expect({ table, allowed }).toEqual({ table, allowed: rights[role][table] ?? [] });
    }
  });

  test('may not become the owner, make a table or say when something was written', async () => {
    const as = await cluster.as(role, url);
    const refused = [
      sql`set role assent_owner`,
      sql`create table mine (a int)`,
      sql`create temporary table statements (a int)`,
      sql`set session_replication_role = replica`,
      sql`insert into statements (digest, kind, envelope, booked_at) values (${aDigest()}, 'decision', '{}', now())`,
      sql`insert into records (namespace, workflow_id, run_id, event_id, kind, occurred_at, record, appended_at)
        values ('d', 'w', 'r', 9, 'closed', now(), '', now())`,
      sql`insert into consumptions (request_id, start_digest, workflow_id, run_id, activity_id, consumed_at)
        values (${aRequest().statement.request_id}, ${unspent.digest}, 'w', 'r', '1', now())`,
      sql`insert into leases (request_id, start_digest, action, ends_at, leased_at)
        values (${aRequest().statement.request_id}, ${start.digest}, 'access.grant', now(), now())`,
      sql`insert into lease_ends (request_id, finish_digest, ended_at) values (${leased}, ${start.digest}, now())`,
      sql`insert into admissions (request_id, agent, rule, admitted_at) values (${leased}, 'exporter', 'r', now())`,
      sql`select nextval('statements_position_seq')`,
      sql`select setval('statements_position_seq', 1)`,
      sql`create function refuse_change() returns trigger language plpgsql as 'begin return new; end'`,
      sql`select * from kysely_migration`,
    ];
    for (const statement of refused) {
      expect(await codeOf(as, (tx) => statement.execute(tx))).toBe('42501');
    }
  });
});

test('the roles can do their work through the book', async () => {
  const [executor, gateway, worker] = await Promise.all([
    cluster.as('assent_executor', url),
    cluster.as('assent_gateway', url),
    cluster.as('assent_worker', url),
  ]);
  const asked = aRequest();
  const { request_id } = asked.statement;
  const [decision, begun] = [aDecision(asked), aStart(asked)];
  await createBook(gateway).append([asked, decision]);
  await createBook(executor).append([begun]);
  expect(await createBook(executor).append([asked])).toEqual([{ digest: asked.digest, outcome: 'present' }]);
  await createBook(executor).locked(request_id, (page) =>
    page.consume(begun, { workflow_id: 'w', run_id: 'r', activity_id: '1' }),
  );
  expect((await createBook(worker).statements(request_id)).consumed).toBe(true);
  const byGateway = createBook(gateway).locked(request_id, (page) =>
    page.consume(begun, { workflow_id: 'w', run_id: 'r', activity_id: '1' }),
  );
  await expect(byGateway).rejects.toMatchObject({ code: '42501' });
});

const changes: { readonly [name: string]: (table: Table) => RawBuilder<unknown> } = {
  UPDATE: (table) => sql`update ${sql.table(table)} set ${same(table)}`,
  'UPDATE of no row': (table) => sql`update ${sql.table(table)} set ${same(table)} where false`,
  DELETE: (table) => sql`delete from ${sql.table(table)}`,
  'DELETE of no row': (table) => sql`delete from ${sql.table(table)} where false`,
  TRUNCATE: (table) => sql`truncate ${sql.table(table)} cascade`,
  MERGE: (table) =>
    sql`merge into ${sql.table(table)} using (select 1) given on true when matched then delete`,
  'ON CONFLICT DO UPDATE': (table) => sql`${inserts[table]('3')} on conflict on constraint
    ${sql.id(`${table}_pkey`)} do update set ${same(table)}`,
};

function same(table: Table): RawBuilder<unknown> {
  return sql`${sql.id(firstColumn[table])} = ${sql.id(table, firstColumn[table])}`;
}

describe.each(['postgres', 'assent_owner'])('as %s', (role) => {
  test.each(tables)('%s refuses every change but an insert, in replica mode too', async (table) => {
    for (const mode of ['origin', 'replica']) {
      for (const [name, change] of Object.entries(changes)) {
        const code = await codeOf(db, async (tx) => {
          await sql`set local session_replication_role = ${sql.lit(mode)}`.execute(tx);
          await sql`set local role ${sql.id(role)}`.execute(tx);
          await change(table).execute(tx);
        });
        expect({ mode, name, code }).toEqual({ mode, name, code: '23001' });
      }
    }
  });

  test.each(tables)('%s gives way only where its trigger is disabled', async (table) => {
    const code = await codeOf(db, async (tx) => {
      await sql`set local role ${sql.id(role)}`.execute(tx);
      await sql`alter table ${sql.table(table)} disable trigger append_only`.execute(tx);
      await sql`update ${sql.table(table)} set ${same(table)} where false`.execute(tx);
    });
    expect(code).toBeNull();
  });
});

test('nobody logs in as the owner or as a group', async () => {
  const { rows } = await sql<{ rolname: string }>`
    select rolname from pg_roles where rolname like 'assent\\_%' and (rolcanlogin or rolsuper or rolcreaterole
      or rolcreatedb or rolbypassrls or rolreplication)`.execute(db);
  expect(rows).toEqual([]);
  const owners = await sql<{ owner: string }>`
    select distinct tableowner as owner from pg_tables where tablename in (${sql.join(tables)})`.execute(db);
  expect(owners.rows).toEqual([{ owner: 'assent_owner' }]);
});

test('a login of the cluster that is no member may not even connect', async () => {
  await sql`create role stranger login password 'secret'`.execute(db);
  const stranger = cluster.open(cluster.urlAs(url, 'stranger', 'secret'), 1);
  await expect(sql`select 1`.execute(stranger)).rejects.toMatchObject({ code: 'database_unreachable' });
});

test('a login is made once however often it is asked for, and moves to another group whole', async () => {
  const login = { user: 'Mr "Quote"', password: "it's \\ secret", role: 'assent_worker' } as const;
  await Promise.all(Array.from({ length: 5 }, () => ensureLogin(db, login)));
  await ensureLogin(db, { ...login, role: 'assent_reader' });
  const as = cluster.open(cluster.urlAs(url, login.user, login.password), 1);
  expect(await codeOf(as, (tx) => verbs.SELECT?.('postings').execute(tx))).toBeNull();
  expect(await codeOf(as, (tx) => inserts.records('7').execute(tx))).toBe('42501');
});

test('two that migrate one database at once, and two databases at once, end with one schema each', async () => {
  const urls = await Promise.all([cluster.create('twice'), cluster.create('beside')]);
  const racing = urls.flatMap((each) => [
    cluster.open(each, 1),
    cluster.open(each, 1),
    cluster.open(each, 1),
  ]);
  await Promise.all(racing.map((each) => migrate(each)));
  for (const each of racing) {
    await migrate(each);
    const { rows } = await sql<{ count: number }>`select count(*)::int from kysely_migration`.execute(each);
    expect(rows).toEqual([{ count: Object.keys(migrations).length }]);
    const { rows: limits } = await sql<{ limit: string }>`
      select current_setting('statement_timeout') as limit`.execute(each);
    expect(limits).toEqual([{ limit: '10s' }]);
  }
});

test('who owns the database and may create roles migrates without being superuser', async () => {
  const own = await cluster.create('managed');
  await sql`create role migrator login createrole password 'secret'`.execute(db);
  await sql`alter database managed owner to migrator`.execute(db);
  // In a cluster where another had made the roles, that one has to admit the migrator.
  await sql`grant assent_owner, assent_worker, assent_executor, assent_gateway, assent_reader
    to migrator with admin true, inherit false, set false`.execute(db);
  const migrator = cluster.open(cluster.urlAs(own, 'migrator', 'secret'), 1);
  await migrate(migrator);
  await ensureLogin(migrator, { user: 'by_migrator', password: 'secret', role: 'assent_gateway' });
  const gateway = cluster.open(cluster.urlAs(own, 'by_migrator', 'secret'), 1);
  expect(await createBook(gateway).append([request])).toEqual([
    { digest: request.digest, outcome: 'booked' },
  ]);
  expect(await codeOf(migrator, (tx) => sql`delete from statements`.execute(tx))).not.toBeNull();
});

test('a login that may not migrate is told what it takes', async () => {
  const reader = await cluster.as('assent_reader', url);
  await expect(migrate(reader)).rejects.toMatchObject({
    code: 'migration_failed',
    message: expect.stringContaining('CREATEROLE'),
  });
});

/** SQLSTATE of what a transaction throws, null when it throws nothing; either way nothing of it stays. */
async function codeOf(
  as: Kysely<Database>,
  work: (tx: Transaction<Database>) => Promise<unknown> | undefined,
): Promise<string | null> {
  const done = new Error('done');
  try {
    await as.transaction().execute(async (tx) => {
      await work(tx);
      throw done;
    });
  } catch (error) {
    if (error === done) return null;
    if (error instanceof Error && 'code' in error && typeof error.code === 'string') return error.code;
    throw error;
  }
  throw new Error('a transaction that should have been rolled back was not');
}
