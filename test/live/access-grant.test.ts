/** access.grant against a real Postgres: what it lends, that it ends, and everything that should stop it. */
import { chmod, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import pg from 'pg';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { accessGrant } from '../../actions/access/definition.ts';
import { implementAccessGrant } from '../../actions/access/implementation.ts';
import { createRegistry } from '../../actions/registry.ts';
import { AssentError } from '../../approval/error.ts';
import type { JsonObject } from '../../approval/types.ts';
import { createDatabase, type Postgres, startPostgres } from '../../dev/postgres.ts';

let home: string;
let postgres: Postgres;
let superuserUrl: string;
let admin: pg.Client;
const opened = new Set<pg.Client>();

const oddRole = `Writer "of" 'notes'; DROP TABLE notes --`;
const oddLogin = `it's "me"`;
const roles = ['writer', 'reader', oddRole, 'pg_write_all_data', 'alice', 'away', 'unlent'];
const logins = ['alice', 'bob', oddLogin, 'app_*', 'assent_access', 'postgres', 'group', 'writer'];

beforeAll(async () => {
  home = await mkdtemp(join(tmpdir(), 'assent-access-'));
  await chmod(home, 0o711);
  postgres = await startPostgres({ directory: join(home, 'postgres'), logFile: join(home, 'postgres.log') });
  superuserUrl = await createDatabase(postgres.superuserUrl, 'crm');
  admin = await open(superuserUrl);
  opened.delete(admin);
  const quotedRole = admin.escapeIdentifier(oddRole);
  const quotedLogin = admin.escapeIdentifier(oddLogin);
  await admin.query(`
    REVOKE ALL ON SCHEMA public FROM PUBLIC;
    GRANT USAGE ON SCHEMA public TO PUBLIC;
    CREATE TABLE notes (id int PRIMARY KEY, body text);
    INSERT INTO notes VALUES (1, 'one'), (2, 'two');
    CREATE TABLE plans (id int PRIMARY KEY);
    CREATE FUNCTION forget(id int) RETURNS void LANGUAGE sql AS 'DELETE FROM notes WHERE notes.id = forget.id';
    REVOKE ALL ON FUNCTION forget FROM PUBLIC;
    CREATE ROLE reader NOLOGIN;
    CREATE ROLE writer NOLOGIN;
    CREATE ROLE unlent NOLOGIN;
    CREATE ROLE "group" NOLOGIN;
    CREATE ROLE ${quotedRole} NOLOGIN;
    GRANT SELECT ON plans TO reader;
    GRANT reader TO writer;
    GRANT SELECT, INSERT, UPDATE, DELETE ON notes TO writer, ${quotedRole};
    GRANT EXECUTE ON FUNCTION forget TO writer;
    CREATE ROLE alice LOGIN PASSWORD 'secret';
    CREATE ROLE bob LOGIN PASSWORD 'secret' NOINHERIT;
    CREATE ROLE ${quotedLogin} LOGIN PASSWORD 'secret';
    GRANT CONNECT ON DATABASE crm TO alice, bob, ${quotedLogin};
    GRANT CREATE, TEMPORARY ON DATABASE crm TO alice;

    -- As docs/actions.md says:
    CREATE ROLE assent_access LOGIN PASSWORD 'secret' NOINHERIT CONNECTION LIMIT 20;
    GRANT CONNECT ON DATABASE crm TO assent_access;
    GRANT reader, writer, ${quotedRole} TO assent_access WITH ADMIN TRUE, INHERIT FALSE, SET FALSE;
    GRANT pg_signal_backend TO assent_access WITH INHERIT TRUE, SET FALSE;
  `);
});

beforeEach(async () => {
  await admin.query("UPDATE notes SET body = 'one' WHERE id = 1");
});

afterAll(async () => {
  await admin.end();
  await postgres.stop();
  await rm(home, { recursive: true });
});

afterEach(async () => {
  await Promise.all([...opened].map((client) => client.end()));
  opened.clear();
  const { rows } = await admin.query<{ undo: string }>(
    `SELECT format('REVOKE %s FROM %s GRANTED BY assent_access CASCADE', roleid::regrole, member::regrole) AS undo
     FROM pg_auth_members WHERE grantor = 'assent_access'::regrole`,
  );
  for (const { undo } of rows) await admin.query(undo);
  expect(rows).toEqual([]);
});

async function open(url: string): Promise<pg.Client> {
  const client = new pg.Client({ connectionString: url });
  client.on('error', () => undefined);
  await client.connect();
  opened.add(client);
  return client;
}

/** Resolves when the connection is closed, by whomever. */
const endOf = (client: pg.Client) => new Promise<void>((resolve) => client.once('end', resolve));

const as = (login: string) => open(postgres.urlFor(login, 'secret', 'crm'));

const implementationAt = (url: string) => implementAccessGrant({ targets: { crm: { url, roles, logins } } });
const own = () => implementationAt(postgres.urlFor('assent_access', 'secret', 'crm'));
const registry = createRegistry([accessGrant]);
const never = new AbortController().signal;

interface Given {
  readonly role?: string;
  readonly login?: string;
  readonly by?: ReturnType<typeof implementAccessGrant>;
}

function callOf({ role = 'writer', login = 'alice', by = own() }: Given) {
  const input = { database: 'crm', role, login, minutes: 30 };
  const { resource } = registry.examine('access.grant', input);
  return { by, call: { input, resource, signal: never } };
}

async function preview(given: Given = {}): Promise<JsonObject> {
  const { by, call } = callOf(given);
  if (by.preview === null) throw new Error('access.grant has no preview');
  return by.preview(call);
}

async function unmet(given: Given = {}): Promise<readonly string[]> {
  const { by, call } = callOf(given);
  return by.preconditions(call);
}

async function grant(given: Given = {}, approved: JsonObject | null = null): Promise<JsonObject> {
  const { by, call } = callOf(given);
  return by.execute({ ...call, approved, slack: 0, heartbeat: () => undefined, overdue: () => false });
}

/** By the numbers of role and login, which the grant's answer holds as the facts of its preview do; null: by names. */
async function end(approved: JsonObject | null, given: Given = {}, failed = false): Promise<void> {
  const { by, call } = callOf(given);
  if (by.end === null) throw new Error('access.grant has no end');
  return by.end({ ...call, approved, failed });
}

const oidOf = async (name: string) =>
  (await admin.query('SELECT oid::text FROM pg_roles WHERE rolname = $1', [name])).rows[0]?.oid;

async function refusal(work: Promise<unknown>): Promise<AssentError> {
  const error: unknown = await work.then(
    (value) => new Error(`Not refused: ${JSON.stringify(value)}`),
    (reason: unknown) => reason,
  );
  if (error instanceof AssentError) return error;
  throw error;
}

/** Refused before anyone is asked, before a Start, and in the transaction that grants. */
async function refusedThrice(code: string, words: string, given: Given = {}): Promise<void> {
  for (const error of [await refusal(preview(given)), await refusal(grant(given))]) {
    expect({ code: error.code, message: error.message }).toEqual({
      code,
      message: expect.stringContaining(words),
    });
  }
  expect(await unmet(given)).toContainEqual(expect.stringContaining(words));
}

/** Runs statements as the superuser, and others to undo them at the end. */
async function having(statements: string, undo: string, test: () => Promise<void>): Promise<void> {
  await admin.query(statements);
  try {
    await test();
  } finally {
    await admin.query(undo);
  }
}

/** SQLSTATE of a statement that fails, null where it succeeds. */
async function codeOf(client: pg.Client, text: string): Promise<string | null> {
  try {
    await client.query(text);
    return null;
  } catch (error) {
    if (error instanceof pg.DatabaseError && error.code !== undefined) return error.code;
    if (error instanceof Error) return 'gone';
    throw error;
  }
}

const WRITE = "UPDATE notes SET body = 'mine' WHERE id = 1";
const DENIED = '42501';
const bodyOf = async () => (await admin.query('SELECT body FROM notes WHERE id = 1')).rows[0]?.body;

describe('the preview', () => {
  it('says what the role may do, and changes nothing', async () => {
    const facts = await preview();
    expect(facts).toEqual({
      role_oid: await oidOf('writer'),
      login_oid: await oidOf('alice'),
      memberships: ['reader'],
      reads: 2,
      writes: 1,
      tables: ['public.notes: SELECT, INSERT, UPDATE, DELETE', 'public.plans: SELECT'],
      functions: ['public.forget(id integer)'],
    });
    const shown = registry.examine('access.grant', callOf({}).call.input);
    expect(shown.present(facts)).toMatchObject({
      title: 'Grant writer to alice on crm for 30 minutes',
      impact: [
        'The role may read 2 tables and write 1 table',
        'Tables: public.notes: SELECT, INSERT, UPDATE, DELETE; public.plans: SELECT',
        'Functions: public.forget(id integer)',
        'It has the rights of: reader',
      ],
    });
    expect(await unmet()).toEqual([]);
    expect(await codeOf(await as('alice'), WRITE)).toBe(DENIED);
  });

  it('counts a right on columns only', async () => {
    await having(
      'GRANT UPDATE (id) ON plans TO reader',
      'REVOKE UPDATE (id) ON plans FROM reader',
      async () => {
        expect(await preview({ role: 'reader' })).toMatchObject({
          writes: 1,
          tables: ['public.plans: SELECT, UPDATE'],
        });
      },
    );
  });
});

describe('the grant', () => {
  it('works at once, also in a session that is open, and is one membership of ours', async () => {
    const open = await as('alice');
    const result = await grant({}, await preview());
    const { rows } = await admin.query(
      `SELECT roleid::text AS role_oid, member::text AS login_oid, grantor::regrole::text, inherit_option, set_option, admin_option
       FROM pg_auth_members WHERE member = 'alice'::regrole`,
    );
    expect(rows).toEqual([
      {
        role_oid: result.role_oid,
        login_oid: result.login_oid,
        grantor: 'assent_access',
        inherit_option: true,
        set_option: false,
        admin_option: false,
      },
    ]);
    expect(result).toMatchObject({ granted: true, database: 'crm', role: 'writer', login: 'alice' });
    expect(await codeOf(open, WRITE)).toBeNull();
    expect(await codeOf(open, 'SELECT * FROM plans')).toBeNull();
    await end(result);
  });

  it('works for a login that inherits nothing of itself', async () => {
    const result = await grant({ login: 'bob' });
    expect(await codeOf(await as('bob'), WRITE)).toBeNull();
    await end(result, { login: 'bob' });
  });

  it("lets the login neither become the role, nor pass it on, nor make anything that is the role's", async () => {
    const result = await grant();
    const alice = await as('alice');
    for (const text of [
      'SET ROLE writer',
      'SET ROLE reader',
      'SET SESSION AUTHORIZATION writer',
      'GRANT writer TO bob',
      "ALTER ROLE writer PASSWORD 'mine' LOGIN",
      'CREATE TRIGGER mine AFTER INSERT ON notes EXECUTE FUNCTION suppress_redundant_updates_trigger()',
      'CREATE SCHEMA mine AUTHORIZATION writer',
      'CREATE TABLE public.mine ()',
    ]) {
      const code = await codeOf(alice, text);
      expect({ text, code }).toEqual({ text, code: code === '0LP01' ? '0LP01' : DENIED });
    }
    const url = new URL(postgres.urlFor('alice', 'secret', 'crm'));
    url.searchParams.set('options', '-c role=writer');
    await expect(open(url.href)).rejects.toMatchObject({ code: DENIED });
    // Postgres warns and grants nothing.
    await alice.query('GRANT ALL ON notes TO alice');
    await end(result);
    expect(await codeOf(await as('alice'), 'SELECT * FROM notes')).toBe(DENIED);
  });

  it('holds for names that need quoting, and runs none of what they say', async () => {
    const odd = { role: oddRole, login: oddLogin };
    const result = await grant(odd, await preview(odd));
    const client = await as(oddLogin);
    expect(await codeOf(client, WRITE)).toBeNull();
    expect((await refusal(grant(odd))).code).toBe('already_member');
    await end(result, odd);
    expect(await codeOf(await as(oddLogin), WRITE)).toBe(DENIED);
    expect((await admin.query('SELECT count(*)::int AS n FROM notes')).rows).toEqual([{ n: 2 }]);
  });

  it('is refused while there is one, and one end leaves what was there before', async () => {
    const result = await grant();
    await refusedThrice('already_member', 'already');
    await end(result);
    await having('GRANT writer TO alice', 'REVOKE writer FROM alice', async () => {
      await refusedThrice('already_member', 'already');
      await end(null);
      expect(await codeOf(await as('alice'), WRITE)).toBeNull();
    });
    await having(
      'CREATE ROLE between; GRANT writer TO between; GRANT between TO alice WITH INHERIT FALSE',
      'DROP ROLE between',
      () => refusedThrice('already_member', 'already'),
    );
  });

  it('is given to one of several that ask at once', async () => {
    const asked = await Promise.allSettled(Array.from({ length: 4 }, () => grant()));
    const given = asked.flatMap((one) => (one.status === 'fulfilled' ? [one.value] : []));
    expect(given).toHaveLength(1);
    for (const one of asked) {
      if (one.status === 'rejected') expect(one.reason).toMatchObject({ code: 'already_member' });
    }
    await end(given[0] ?? null);
  });

  it('is not given where the role may do something else than was approved', async () => {
    const approved = await preview();
    await having('GRANT DELETE ON plans TO writer', 'REVOKE DELETE ON plans FROM writer', async () => {
      const error = await refusal(grant({}, approved));
      expect(error).toMatchObject({ code: 'bound_exceeded', message: expect.stringContaining('DELETE') });
    });
  });

  const ADMITS = 'TO assent_access WITH ADMIN TRUE, INHERIT FALSE, SET FALSE';
  const replaced: readonly (readonly [side: string, given: string, undo: string])[] = [
    [
      'role',
      `ALTER ROLE writer RENAME TO former; REVOKE former FROM assent_access; CREATE ROLE writer; GRANT writer ${ADMITS}`,
      `DROP ROLE writer; ALTER ROLE former RENAME TO writer; GRANT writer ${ADMITS}`,
    ],
    [
      'login',
      'ALTER ROLE alice RENAME TO former; CREATE ROLE alice LOGIN',
      'DROP ROLE alice; ALTER ROLE former RENAME TO alice',
    ],
  ];

  it.each(replaced)(
    'is drift, and is not given, where the %s is by now another of that name',
    async (side, given, undo) => {
      const approved = await preview();
      const { drift } = registry.examine('access.grant', callOf({}).call.input);
      await having(given, undo, async () => {
        expect(drift(approved, await preview(), 100)).toContainEqual(expect.stringContaining(`${side}_oid`));
        const error = await refusal(grant({}, approved));
        expect(error).toMatchObject({
          code: 'bound_exceeded',
          message: expect.stringContaining(`${side}_oid`),
        });
      });
    },
  );

  it('is given in one piece, or not at all', async () => {
    const blocker = await open(superuserUrl);
    await blocker.query('BEGIN; GRANT writer TO bob');
    expect((await refusal(grant())).message).toMatch(/55P03/);
    await blocker.query('ROLLBACK');
    expect(await codeOf(await as('alice'), WRITE)).toBe(DENIED);
  });
});

describe('a role that would leave something behind', () => {
  const undoOf = (grants: string) => `REVOKE ${grants} FROM writer CASCADE`;
  const powers: readonly (readonly [words: string, given: string, undo: string])[] = [
    ...(
      [
        ['is a superuser', 'SUPERUSER'],
        ['creates roles', 'CREATEROLE'],
        ['creates databases', 'CREATEDB'],
        ['replicates', 'REPLICATION'],
        ['bypasses row security', 'BYPASSRLS'],
        ['can log in', 'LOGIN'],
      ] as const
    ).flatMap(([words, attribute]) => [
      [words, `ALTER ROLE writer ${attribute}`, `ALTER ROLE writer NO${attribute}`] as const,
      [
        words,
        `CREATE ROLE above ${attribute}; GRANT above TO reader WITH INHERIT FALSE`,
        'DROP ROLE above',
      ] as const,
    ]),
    ['predefined', 'GRANT pg_read_all_data TO writer', undoOf('pg_read_all_data')],
    [
      'predefined',
      'GRANT pg_execute_server_program TO reader',
      'REVOKE pg_execute_server_program FROM reader',
    ],
    ['owns something', 'CREATE TABLE theirs (); ALTER TABLE theirs OWNER TO writer', 'DROP TABLE theirs'],
    ['owns something', 'CREATE DATABASE theirs OWNER writer', 'DROP DATABASE theirs'],
    [
      'creates in a schema',
      'GRANT CREATE ON SCHEMA public TO reader',
      'REVOKE CREATE ON SCHEMA public FROM reader',
    ],
    [
      'creates in a schema',
      'GRANT CREATE ON SCHEMA public TO PUBLIC',
      'REVOKE CREATE ON SCHEMA public FROM PUBLIC',
    ],
    ['creates in a database', 'GRANT CREATE ON DATABASE crm TO writer', undoOf('CREATE ON DATABASE crm')],
    [
      'creates in a database',
      'GRANT CREATE ON DATABASE postgres TO writer',
      undoOf('CREATE ON DATABASE postgres'),
    ],
    [
      'creates in a tablespace',
      'GRANT CREATE ON TABLESPACE pg_default TO writer',
      undoOf('CREATE ON TABLESPACE pg_default'),
    ],
    ['admits members', 'GRANT unlent TO writer WITH ADMIN TRUE', undoOf('unlent')],
    ['may grant on', 'GRANT SELECT ON plans TO writer WITH GRANT OPTION', undoOf('SELECT ON plans')],
    [
      'may grant on',
      'GRANT SELECT (id) ON plans TO writer WITH GRANT OPTION',
      undoOf('SELECT (id) ON plans'),
    ],
    [
      'may grant on',
      'ALTER DEFAULT PRIVILEGES GRANT SELECT ON TABLES TO writer WITH GRANT OPTION',
      'ALTER DEFAULT PRIVILEGES REVOKE SELECT ON TABLES FROM writer',
    ],
    ['triggers or foreign keys', 'GRANT TRIGGER ON plans TO writer', undoOf('TRIGGER ON plans')],
    [
      'triggers or foreign keys',
      'GRANT REFERENCES (id) ON plans TO writer',
      undoOf('REFERENCES (id) ON plans'),
    ],
    [
      'triggers or foreign keys',
      `CREATE FUNCTION fires() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER AS 'BEGIN RETURN NEW; END';
       REVOKE ALL ON FUNCTION fires FROM PUBLIC; GRANT EXECUTE ON FUNCTION fires TO writer`,
      'DROP FUNCTION fires',
    ],
    [
      'foreign servers',
      'CREATE FOREIGN DATA WRAPPER far; GRANT USAGE ON FOREIGN DATA WRAPPER far TO writer',
      'DROP FOREIGN DATA WRAPPER far',
    ],
    [
      'parameters',
      'GRANT SET ON PARAMETER log_statement TO writer',
      undoOf('SET ON PARAMETER log_statement'),
    ],
    ['system catalogue', 'GRANT SELECT ON pg_authid TO writer', undoOf('SELECT ON pg_authid')],
    [
      'system catalogue',
      'GRANT EXECUTE ON FUNCTION pg_read_file(text) TO writer',
      undoOf('EXECUTE ON FUNCTION pg_read_file(text)'),
    ],
  ];

  it.each(powers)('is refused: %s (%s)', async (words, given, undo) => {
    await having(given, undo, () => refusedThrice('role_too_powerful', words));
  });

  it('is refused where its rights are out of sight, in another database', async () => {
    const other = await open(postgres.superuserUrl);
    await other.query('CREATE TABLE elsewhere (); GRANT SELECT ON elsewhere TO reader');
    try {
      await refusedThrice('role_too_powerful', 'another database');
    } finally {
      await other.query('DROP TABLE elsewhere');
    }
  });

  it('is refused by name: a predefined role, a login', async () => {
    await refusedThrice('role_too_powerful', 'predefined', { role: 'pg_write_all_data' });
    await refusedThrice('role_too_powerful', 'can log in', { role: 'alice', login: 'bob' });
  });
});

describe('refused', () => {
  it('are roles, logins and databases that are not listed', async () => {
    for (const [given, code] of [
      [{ role: 'group' }, 'role_not_listed'],
      [{ role: 'READER' }, 'role_not_listed'],
      [{ login: 'carol' }, 'login_not_listed'],
      [{ login: 'appcarol' }, 'login_not_listed'],
      [{ login: 'app_*' }, 'login_unknown'],
      [{ role: 'away' }, 'role_unknown'],
    ] as const) {
      expect((await refusal(preview(given))).code).toBe(code);
      expect((await refusal(grant(given))).code).toBe(code);
    }
    const by = implementAccessGrant({ targets: {} });
    expect((await refusal(preview({ by }))).code).toBe('database_unknown');
  });

  it("are logins that could not be ended, or that are not one person's", async () => {
    await refusedThrice('login_refused', 'is a superuser', { login: 'postgres' });
    await refusedThrice('login_refused', 'cannot log in', { login: 'group' });
    await refusedThrice('login_refused', 'of the executor', { login: 'assent_access' });
    expect((await refusal(preview({ login: 'writer' }))).code).toBe('login_refused');
    await having('GRANT alice TO bob', 'REVOKE alice FROM bob', () =>
      refusedThrice('login_refused', 'members'),
    );
  });

  it('is a server on which a transaction may outlive its session', async () => {
    const other = await startPostgres({
      directory: join(home, 'prepared'),
      logFile: join(home, 'prepared.log'),
      settings: { max_prepared_transactions: '1' },
    });
    try {
      const client = await open(other.superuserUrl);
      await client.query(`
        CREATE ROLE writer; CREATE ROLE alice LOGIN; CREATE ROLE assent_access LOGIN PASSWORD 'secret';
        GRANT CONNECT ON DATABASE postgres TO assent_access;
        GRANT writer TO assent_access WITH ADMIN TRUE; GRANT pg_signal_backend TO assent_access`);
      const by = implementationAt(other.urlFor('assent_access', 'secret', 'postgres'));
      await refusedThrice('prepared_transactions', 'max_prepared_transactions', { by });
      opened.delete(client);
      await client.end();
    } finally {
      await other.stop();
    }
  });

  it('is work as a login that can do too much or too little', async () => {
    const unfit: readonly (readonly [words: string, given: string, undo: string])[] = [
      ['superuser', 'ALTER ROLE assent_access SUPERUSER', 'ALTER ROLE assent_access NOSUPERUSER'],
      ['creates roles', 'ALTER ROLE assent_access CREATEROLE', 'ALTER ROLE assent_access NOCREATEROLE'],
      ['not listed', 'GRANT "group" TO assent_access WITH ADMIN TRUE', 'REVOKE "group" FROM assent_access'],
      [
        'ADMIN OPTION',
        'REVOKE ADMIN OPTION FOR writer FROM assent_access',
        'GRANT writer TO assent_access WITH ADMIN TRUE',
      ],
      [
        'pg_signal_backend',
        'REVOKE pg_signal_backend FROM assent_access',
        'GRANT pg_signal_backend TO assent_access WITH INHERIT TRUE, SET FALSE',
      ],
      [
        'another role',
        'GRANT "group" TO assent_access; ALTER ROLE assent_access SET role = "group"',
        'ALTER ROLE assent_access RESET role; REVOKE "group" FROM assent_access',
      ],
    ];
    for (const [words, given, undo] of unfit) {
      await having(given, undo, () => refusedThrice('access_login_unfit', words));
    }
  });
});

describe('the end', () => {
  it('leaves no session that could write: idle, in a transaction, with a cursor, in a statement', async () => {
    const result = await grant();
    const sessions = await Promise.all(Array.from({ length: 5 }, () => as('alice')));
    const [idle, within, reading, running, prepared] = sessions;
    if (!idle || !within || !reading || !running || !prepared) throw new Error('no sessions');
    await within.query(`BEGIN; ${WRITE}`);
    await reading.query('BEGIN; DECLARE c CURSOR WITH HOLD FOR SELECT * FROM notes; COMMIT');
    await prepared.query(`PREPARE w AS ${WRITE.replace('id = 1', 'id = 2')}; EXECUTE w`);
    const ended = codeOf(running, 'SELECT pg_sleep(600) FROM notes');
    const gone = Promise.all(sessions.map(endOf));
    await end(result);
    expect(await ended).toBe('57P01');
    await gone;
    for (const session of sessions) {
      for (const text of ['COMMIT', 'FETCH c', 'EXECUTE w', WRITE])
        expect(await codeOf(session, text)).toBe('gone');
    }
    const again = await as('alice');
    for (const text of [WRITE, 'SELECT * FROM plans', 'SELECT forget(1)', 'SET ROLE writer']) {
      expect(await codeOf(again, text)).toBe(DENIED);
    }
    expect(await bodyOf()).toBe('one');
  });

  it('ends what had SET ROLE, should somebody have let it', async () => {
    const result = await grant();
    await having('GRANT writer TO alice WITH SET TRUE GRANTED BY assent_access', 'SELECT', async () => {
      const alice = await as('alice');
      await alice.query('SET ROLE writer; BEGIN; SELECT 1');
      const gone = endOf(alice);
      await end(result);
      await gone;
      expect(await codeOf(alice, WRITE)).toBe('gone');
      expect(await codeOf(await as('alice'), 'SET ROLE writer')).toBe(DENIED);
    });
  });

  it("leaves rights to nobody where the login sets what the role's own tables would have", async () => {
    const result = await grant();
    await (await as('alice')).query(
      'ALTER DEFAULT PRIVILEGES FOR ROLE writer GRANT SELECT ON TABLES TO alice',
    );
    await end(result);
    await refusedThrice('role_too_powerful', 'default privileges');
    await admin.query('ALTER DEFAULT PRIVILEGES FOR ROLE writer REVOKE SELECT ON TABLES FROM alice');
    expect(await unmet()).toEqual([]);
  });

  it('takes what the login passed on, should somebody have let it', async () => {
    const result = await grant();
    await admin.query('GRANT writer TO alice WITH ADMIN TRUE GRANTED BY assent_access');
    await (await as('alice')).query('GRANT writer TO bob');
    await end(result);
    expect(await codeOf(await as('bob'), WRITE)).toBe(DENIED);
  });

  it('leaves nothing usable of what the login made meanwhile', async () => {
    const result = await grant();
    const alice = await as('alice');
    await alice.query(`
      CREATE SCHEMA alices;
      CREATE VIEW alices.seen AS SELECT * FROM public.notes;
      CREATE FUNCTION alices.write() RETURNS void LANGUAGE sql SECURITY DEFINER AS $$ ${WRITE} $$;
      CREATE FUNCTION alices.read() RETURNS SETOF public.notes LANGUAGE sql SECURITY DEFINER AS 'SELECT * FROM public.notes';
      GRANT USAGE ON SCHEMA alices TO PUBLIC;
      GRANT SELECT ON alices.seen TO PUBLIC`);
    expect(await codeOf(alice, 'SELECT alices.read()')).toBeNull();
    await end(result);
    for (const login of ['alice', 'bob']) {
      const client = await as(login);
      for (const text of ['SELECT * FROM alices.seen', 'SELECT alices.write()', 'SELECT alices.read()']) {
        expect({ login, text, code: await codeOf(client, text) }).toEqual({ login, text, code: DENIED });
      }
    }
    await admin.query('DROP SCHEMA alices CASCADE');
  });

  it('may be called again, after a grant that never was, and by names alone', async () => {
    await end(null);
    const result = await grant();
    await end(null);
    expect(await codeOf(await as('alice'), WRITE)).toBe(DENIED);
    await end(result);
    await end(null);
  });

  it('leaves what another was granted, where its own grant failed', async () => {
    const result = await grant();
    const alice = await as('alice');
    expect((await refusal(grant())).code).toBe('already_member');
    await end(null, {}, true);
    expect(await codeOf(alice, WRITE)).toBeNull();
    await end(result);
    expect(await codeOf(alice, WRITE)).toBe('gone');
  });

  it('ends the sessions also where the membership is gone already', async () => {
    const result = await grant();
    const alice = await as('alice');
    await alice.query(`BEGIN; ${WRITE}`);
    await admin.query('REVOKE writer FROM alice GRANTED BY assent_access');
    await end(result);
    expect(await codeOf(alice, 'COMMIT')).toBe('gone');
    expect(await bodyOf()).toBe('one');
  });

  it('leaves the sessions and grants of others', async () => {
    const [result, other] = [await grant(), await grant({ login: 'bob' })];
    const [reader, bob] = [await grant({ role: 'reader', login: oddLogin }), await as('bob')];
    await end(result);
    expect(await codeOf(bob, 'SELECT * FROM plans')).toBeNull();
    expect(await codeOf(await as(oddLogin), 'SELECT * FROM plans')).toBeNull();
    await end(other, { login: 'bob' });
    await end(reader, { role: 'reader', login: oddLogin });
  });

  it('holds against a login that connects again and again', async () => {
    const result = await grant();
    let stop = false;
    const storm = Promise.all(
      Array.from({ length: 3 }, async () => {
        while (!stop) {
          const client = await as('alice').catch(() => null);
          if (client === null) continue;
          await client.query('SELECT * FROM plans').catch(() => undefined);
          opened.delete(client);
          await client.end();
        }
      }),
    );
    await end(result);
    stop = true;
    await storm;
    expect(await codeOf(await as('alice'), 'SELECT * FROM plans')).toBe(DENIED);
  });

  it('ends what was granted where the lists have changed since', async () => {
    const result = await grant();
    const url = postgres.urlFor('assent_access', 'secret', 'crm');
    await end(result, { by: implementAccessGrant({ targets: { crm: { url, roles: [], logins: [] } } }) });
    expect(await codeOf(await as('alice'), WRITE)).toBe(DENIED);
  });

  it('finds a role and a login that were renamed, by the numbers that were approved', async () => {
    const approved = await preview();
    await grant({}, approved);
    await having(
      'ALTER ROLE alice RENAME TO eve; ALTER ROLE writer RENAME TO author; CREATE ROLE writer; CREATE ROLE alice',
      'DROP ROLE writer, alice; ALTER ROLE eve RENAME TO alice; ALTER ROLE author RENAME TO writer',
      async () => {
        const eve = await as('eve');
        expect(await codeOf(eve, 'SELECT * FROM plans')).toBeNull();
        await end(approved);
        expect(await codeOf(eve, 'SELECT 1')).toBe('gone');
      },
    );
  });

  it('does not resolve where no preview told whom and a name was lost since, while anything is left that may be meant', async () => {
    const result = await grant();
    await having('ALTER ROLE alice RENAME TO eve', 'ALTER ROLE eve RENAME TO alice', async () => {
      expect(await refusal(end(null))).toMatchObject({
        code: 'access_not_ended',
        message: expect.stringContaining('writer of eve'),
      });
    });
    await end(result);
  });

  it('ends where login or role was dropped, the sessions of the dropped login, too', async () => {
    for (const byName of [false, true]) {
      await admin.query(`CREATE ROLE app_1 LOGIN PASSWORD 'secret'; GRANT app_1 TO "group";
        GRANT CONNECT ON DATABASE crm TO app_1; REVOKE app_1 FROM "group"`);
      const result = await grant({ login: 'app_1' });
      const client = await as('app_1');
      await client.query('BEGIN; DECLARE c CURSOR FOR SELECT * FROM notes');
      await admin.query('DROP OWNED BY app_1; DROP ROLE app_1');
      expect(await codeOf(client, 'FETCH c')).toBeNull();
      await end(byName ? null : result, { login: 'app_1' });
      expect(await codeOf(client, 'FETCH c')).toBe('gone');
    }
    for (const byName of [false, true]) {
      await admin.query(`CREATE ROLE away; GRANT SELECT ON notes TO away;
        GRANT away TO assent_access WITH ADMIN TRUE, INHERIT FALSE, SET FALSE`);
      const result = await grant({ role: 'away' });
      const client = await as('alice');
      await client.query('BEGIN; DECLARE c CURSOR FOR SELECT * FROM notes');
      await admin.query('DROP OWNED BY away; DROP ROLE away');
      await end(byName ? null : result, { role: 'away' });
      expect(await codeOf(client, 'FETCH c')).toBe('gone');
    }
  });

  it('rejects where a session cannot be ended, and resolves once it can', async () => {
    const result = await grant();
    const alice = await as('alice');
    await having('ALTER ROLE alice SUPERUSER', 'ALTER ROLE alice NOSUPERUSER', async () => {
      expect((await refusal(end(result))).code).toBe('sql_failed');
    });
    expect(await codeOf(alice, WRITE)).toBe(DENIED);
    await end(result);
    expect(await codeOf(alice, 'SELECT 1')).toBe('gone');
  });

  it('rejects while the database is away, at every step, and ends when it is called again', async () => {
    const result = await grant();
    const alice = await as('alice');
    const away = implementationAt('postgres://assent_access:hunter2@127.0.0.1:1/crm');
    const unreachable = await refusal(end(result, { by: away }));
    expect(unreachable.code).toBe('target_unreachable');
    expect(unreachable.message).not.toContain('hunter2');
    const wrong = implementationAt(postgres.urlFor('assent_access', 'hunter2', 'crm'));
    expect((await refusal(end(result, { by: wrong }))).code).toBe('target_unreachable');
    // The executor's own session is cut while it waits to revoke.
    const blocker = await open(superuserUrl);
    await blocker.query('BEGIN; LOCK TABLE pg_auth_members IN ACCESS EXCLUSIVE MODE');
    const cut = refusal(end(result));
    await waiting();
    await admin.query(
      "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE usename = 'assent_access'",
    );
    expect((await cut).code).toMatch(/^(target_unreachable|sql_failed)$/);
    await blocker.query('ROLLBACK');
    expect(await codeOf(alice, WRITE)).toBeNull();
    await end(result);
    expect(await codeOf(alice, WRITE)).toBe('gone');
  });

  it('ends nobody by facts that say not whom', async () => {
    expect((await refusal(end({ reads: 1 }))).code).toBe('facts_malformed');
  });
});

/** Resolves when the executor's login waits for a lock. */
async function waiting(): Promise<void> {
  const text = "SELECT FROM pg_stat_activity WHERE usename = 'assent_access' AND wait_event_type = 'Lock'";
  const looking = await open(superuserUrl);
  while ((await looking.query(text)).rowCount === 0);
}
