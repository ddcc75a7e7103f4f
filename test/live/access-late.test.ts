/** access.grant where it is late: an end and a grant that meet on a real Postgres leave nothing behind. */
import { chmod, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import pg from 'pg';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { implementAccessGrant } from '../../actions/access/implementation.ts';
import type { JsonObject } from '../../approval/types.ts';
import { createDatabase, type Postgres, startPostgres } from '../../dev/postgres.ts';

let home: string;
let postgres: Postgres;
let admin: pg.Client;
let granting: pg.Client;

beforeAll(async () => {
  home = await mkdtemp(join(tmpdir(), 'assent-late-'));
  await chmod(home, 0o711);
  postgres = await startPostgres({ directory: join(home, 'postgres'), logFile: join(home, 'postgres.log') });
  admin = await open(await createDatabase(postgres.superuserUrl, 'crm'));
  await admin.query(`
    REVOKE ALL ON SCHEMA public FROM PUBLIC;
    CREATE ROLE writer NOLOGIN;
    CREATE ROLE alice LOGIN;
    CREATE ROLE assent_access LOGIN PASSWORD 'secret' NOINHERIT;
    GRANT CONNECT ON DATABASE crm TO assent_access;
    GRANT writer TO assent_access WITH ADMIN TRUE, INHERIT FALSE, SET FALSE;
    GRANT pg_signal_backend TO assent_access WITH INHERIT TRUE, SET FALSE;
  `);
  granting = await open(postgres.urlFor('assent_access', 'secret', 'crm'));
});

afterAll(async () => {
  await Promise.all([admin.end(), granting.end()]);
  await postgres.stop();
  await rm(home, { recursive: true });
});

async function open(connectionString: string): Promise<pg.Client> {
  const client = new pg.Client({ connectionString });
  await client.connect();
  return client;
}

const access = () => {
  const target = {
    url: postgres.urlFor('assent_access', 'secret', 'crm'),
    roles: ['writer'],
    logins: ['alice'],
  };
  return implementAccessGrant({ targets: { crm: target } });
};
const input = { database: 'crm', role: 'writer', login: 'alice', minutes: 1 };
const call = { input, resource: input, signal: new AbortController().signal };
const seen = async (): Promise<JsonObject> => (await access().preview?.(call)) ?? {};
const memberships = async (): Promise<number> => {
  const { rowCount } = await admin.query(
    "SELECT FROM pg_auth_members WHERE roleid = 'writer'::regrole AND member = 'alice'::regrole",
  );
  return rowCount ?? 0;
};

it('does not end while what is to be ended is about to be given', async () => {
  const end = { ...call, approved: await seen(), failed: false };
  await granting.query('BEGIN');
  await granting.query('GRANT writer TO alice WITH SET FALSE GRANTED BY CURRENT_USER');
  await expect(access().end?.(end)).rejects.toMatchObject({ evidence: { sqlstate: '55P03' } });
  await granting.query('COMMIT');
  expect(await memberships()).toBe(1);
  await access().end?.(end);
  expect(await memberships()).toBe(0);
});

it('ends what never was, however often', async () => {
  const approved = await seen();
  for (const failed of [false, false]) await access().end?.({ ...call, approved, failed });
  await access().end?.({ ...call, approved: null, failed: false });
  expect(await memberships()).toBe(0);
});

it('gives nothing once its end may have come', async () => {
  const given = access().execute({
    ...call,
    approved: await seen(),
    slack: 0,
    heartbeat: () => undefined,
    overdue: () => true,
  });
  await expect(given).rejects.toMatchObject({ code: 'start_overdue' });
  expect(await memberships()).toBe(0);
});
