/** sql.execute against a real Postgres: what it previews, what it changes, and everything that should stop it. */
import { chmod, mkdtemp, realpath, rm } from 'node:fs/promises';
import { createServer, connect as dial, type Server, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import pg from 'pg';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { createRegistry, type Implementation, implementSqlExecute, sqlExecute } from '../../actions/index.ts';
import { runExecution } from '../../actions/sql/execute.ts';
import { parseExecuteFacts } from '../../actions/sql/execute-facts.ts';
import { judgeWrite } from '../../actions/sql/judge-write.ts';
import { AssentError } from '../../approval/error.ts';
import type { JsonObject } from '../../approval/types.ts';
import { freePort } from '../../dev/port.ts';
import { type Postgres, startPostgres } from '../../dev/postgres.ts';
import { createTarget } from '../../dev/target.ts';
import { ACCEPTED_WRITES } from '../actions/accepted-writes.ts';

let home: string;
let postgres: Postgres;
let superuserUrl: string;
let admin: pg.Client;
let urls: { previewUrl: string; executeUrl: string };
let executor: Implementation;

const TABLES = `
CREATE TABLE accounts (id int PRIMARY KEY, name text NOT NULL, email text, country text NOT NULL DEFAULT 'DE',
  balance int NOT NULL DEFAULT 0, level int NOT NULL DEFAULT 1);
CREATE TABLE events (id int PRIMARY KEY, account_id int NOT NULL, kind text NOT NULL, amount int NOT NULL);
CREATE TABLE archive (id int, name text, note text DEFAULT 'none');
CREATE TABLE outbox (id int, line text);
GRANT SELECT ON accounts, events, archive, outbox TO assent_preview;
GRANT SELECT, INSERT, UPDATE, DELETE ON accounts, events, archive, outbox TO writing_role`;

const ROWS = `
INSERT INTO accounts SELECT n, 'name ' || n, CASE WHEN n % 5 > 0 THEN 'Person.' || n || '@example.com' END,
  (ARRAY['DE', 'FR', 'NL'])[1 + n % 3], (n * 37) % 200 - 60, n % 4 FROM generate_series(1, 120) AS n;
INSERT INTO events SELECT n, (n * 7) % 150, (ARRAY['paid', 'sent', 'lost'])[1 + n % 3], (n * 13) % 90 - 10
  FROM generate_series(1, 400) AS n;
INSERT INTO archive SELECT n, 'old ' || n, CASE WHEN n = 3 THEN 'kept' END FROM generate_series(1, 30) AS n`;

beforeAll(async () => {
  home = await realpath(await mkdtemp(join(tmpdir(), 'assent-execute-')));
  await chmod(home, 0o711);
  postgres = await startPostgres({ directory: join(home, 'postgres'), logFile: join(home, 'postgres.log') });
  const target = await createTarget(postgres);
  superuserUrl = target.superuserUrl;
  admin = new pg.Client({ connectionString: superuserUrl });
  await admin.connect();
  await admin.query(`CREATE ROLE writing_role LOGIN PASSWORD 'for this run' NOINHERIT;
    ALTER ROLE writing_role SET default_transaction_read_only = on;
    GRANT CONNECT ON DATABASE target TO writing_role; GRANT USAGE ON SCHEMA public TO writing_role`);
  await admin.query(TABLES);
  urls = {
    previewUrl: target.previewUrl,
    executeUrl: postgres.urlFor('writing_role', 'for this run', 'target'),
  };
  executor = at({});
});

afterAll(async () => {
  await admin.end();
  await postgres.stop();
  await rm(home, { recursive: true });
});

beforeEach(async () => {
  await admin.query(`TRUNCATE accounts, events, archive, outbox; ${ROWS}`);
});

function at(change: { previewUrl?: string; executeUrl?: string | null }): Implementation {
  const personalData = ['accounts.email', 'accounts.name'];
  return implementSqlExecute({
    targets: { target: { exportUrl: urls.previewUrl, ...urls, ...change, personalData } },
  });
}

type Parameters = readonly (string | number | boolean | null)[];

const inputOf = (statement: string, parameters: Parameters = [], database = 'target'): JsonObject => ({
  database,
  statement,
  parameters,
});

const registry = createRegistry([sqlExecute]);
const never = new AbortController().signal;

async function preview(input: JsonObject, by: Implementation = executor, signal = never) {
  if (by.preview === null) throw new Error('sql.execute has no preview');
  return by.preview({ input, resource: registry.examine('sql.execute', input).resource, signal });
}

interface Run {
  readonly by?: Implementation;
  readonly signal?: AbortSignal;
  readonly slack?: number;
}

async function run(
  input: JsonObject,
  approved: JsonObject | null,
  { by = executor, signal = never, slack = 0 }: Run = {},
) {
  const { resource } = registry.examine('sql.execute', input);
  return by.execute({
    input,
    resource,
    approved,
    slack,
    signal,
    heartbeat: () => undefined,
    overdue: () => false,
  });
}

async function refusal(work: Promise<unknown>): Promise<AssentError> {
  const error: unknown = await work.then(
    (value) => new Error(`Not refused: ${JSON.stringify(value)}`),
    (reason: unknown) => reason,
  );
  if (error instanceof AssentError) return error;
  throw error;
}

/** Runs statements as the superuser, and others to undo them at the end. */
async function having(statements: string, undo: string, test: () => Promise<void>): Promise<void> {
  try {
    await admin.query(statements);
    await test();
  } finally {
    await admin.query(undo);
  }
}

/** While another transaction has run `statement`; it is rolled back, unless the test commits. */
async function holding(
  statement: string,
  test: (commit: () => Promise<void>) => Promise<void>,
): Promise<void> {
  const other = new pg.Client({ connectionString: superuserUrl });
  await other.connect();
  try {
    await other.query('BEGIN');
    await other.query(statement);
    await test(async () => void (await other.query('COMMIT')));
  } finally {
    await other.end();
  }
}

/** Every row of every table, so that nothing can have changed unseen. */
async function everything(): Promise<string> {
  const { rows } = await admin.query(
    `SELECT md5(string_agg(line, '|' ORDER BY line)) AS all FROM (
      SELECT 'a' || a.* AS line FROM accounts a UNION ALL SELECT 'e' || e.* FROM events e
      UNION ALL SELECT 'r' || r.* FROM archive r UNION ALL SELECT 'o' || o.* FROM outbox o) AS lines`,
  );
  return rows[0].all;
}

async function unchanged(test: () => Promise<void>): Promise<void> {
  const before = await everything();
  await test();
  expect(await everything()).toBe(before);
}

const rowsOf = async (input: JsonObject) => parseExecuteFacts(await preview(input)).rows;
const negative = inputOf('DELETE FROM accounts WHERE balance < $1', [0]);

describe('the preview', () => {
  it.each(ACCEPTED_WRITES)('counts exactly, and changes nothing: $name', async ({ text, values, judged }) => {
    await admin.query('ALTER TABLE archive DROP CONSTRAINT IF EXISTS k');
    let counted = -1;
    await unchanged(async () => {
      counted = await rowsOf(inputOf(text, values));
    });
    await admin.query('BEGIN');
    const { rowCount } = await admin.query(text, [...values]);
    await admin.query('ROLLBACK');
    if (judged.atMost) expect(counted).toBeGreaterThanOrEqual(rowCount ?? -1);
    else expect(counted).toBe(rowCount);
  });

  it('tells counts, personal data and the role, and no value', async () => {
    const input = inputOf("UPDATE accounts SET level = 2 WHERE email LIKE '%.7@example.com'");
    const facts = await preview(input);
    expect(facts).toEqual({
      rows: 1,
      estimate: false,
      at_most: false,
      effects: ['update'],
      personal_data: ['accounts.email'],
      tables: ['accounts'],
      code: [],
      row_security: false,
      server: { version: expect.stringMatching(/^18/), role: 'assent_preview' },
    });
    expect(parseExecuteFacts(await preview(inputOf('DELETE FROM accounts'))).personal_data).toHaveLength(2);
  });

  it('never runs the statement: it takes no lock for writing and moves no sequence', async () => {
    await having(
      `CREATE TABLE numbered (id serial PRIMARY KEY, n int); INSERT INTO numbered (n) VALUES (1);
       GRANT SELECT ON numbered TO assent_preview`,
      'DROP TABLE numbered',
      async () => {
        await holding('LOCK TABLE numbered IN SHARE MODE', async () => {
          expect(await rowsOf(inputOf('INSERT INTO numbered (n) SELECT n FROM numbered'))).toBe(1);
        });
        const { rows } = await admin.query("SELECT nextval('numbered_id_seq')::int AS next");
        expect(rows[0].next).toBe(2);
      },
    );
  });

  it('estimates where counting takes too long, and says so', async () => {
    const slow = inputOf(
      'DELETE FROM accounts WHERE (SELECT count(*) FROM orders a CROSS JOIN orders b CROSS JOIN orders c) > id',
    );
    const facts = parseExecuteFacts(await preview(slow));
    expect(facts.estimate).toBe(true);
    expect(registry.examine('sql.execute', slow).present({ ...facts }).impact[0]).toMatch(/estimate/);
  }, 40_000);

  it('refuses a role that could write, and a database on which nothing is changed', async () => {
    const error = await refusal(preview(negative, at({ previewUrl: urls.executeUrl })));
    expect(error.code).toBe('role_too_powerful');
    expect(error.message).toContain('writes to a table');
    expect((await refusal(preview(negative, at({ executeUrl: null })))).code).toBe('execute_unconfigured');
    expect((await refusal(run(negative, null, { by: at({ executeUrl: null }) }))).code).toBe(
      'execute_unconfigured',
    );
    expect((await refusal(preview(inputOf('DELETE FROM accounts', [], 'prod')))).code).toBe(
      'database_unknown',
    );
  });
});

describe("Postgres's own check of privileges", () => {
  const WRITES = { delete: 'DELETE', insert: 'INSERT', update: 'UPDATE' } as const;

  beforeAll(async () => {
    await admin.query('CREATE ROLE writer; GRANT USAGE ON SCHEMA public TO writer');
    await admin.query('ALTER TABLE archive ADD CONSTRAINT k UNIQUE (id)');
  });
  afterAll(async () => {
    await admin.query(
      'ALTER TABLE archive DROP CONSTRAINT IF EXISTS k; DROP OWNED BY writer; DROP ROLE writer',
    );
  });

  async function permitted(text: string, values: Parameters, grants: readonly string[]): Promise<boolean> {
    await admin.query('BEGIN');
    try {
      for (const grant of grants) await admin.query(`GRANT ${grant} TO writer`);
      await admin.query('SET LOCAL ROLE writer');
      await admin.query(`EXPLAIN ${text}`, [...values]);
      return true;
    } catch (error) {
      if (error instanceof pg.DatabaseError && error.code === '42501') return false;
      throw error;
    } finally {
      await admin.query('ROLLBACK');
    }
  }

  it.each(ACCEPTED_WRITES)('finds the same columns read and written: $name', async ({ text, values }) => {
    const judgement = judgeWrite(text, values.length);
    const { table, effects, columns, columnsWritten, tablesRead, updated } = judgement;
    const names = (list: readonly string[]) => list.map((column) => column.split('.')[1] ?? '');
    const reads = columns.map((column) => {
      const [of, field] = column.split('.');
      return `SELECT ${field === '*' ? '' : `(${field})`} ON ${of}`;
    });
    const anyOf = tablesRead
      .filter((name) => !columns.some((column) => column.startsWith(`${name}.`)))
      .map((name) => `SELECT (id) ON ${name}`);
    const written = names(columnsWritten).filter((name) => name !== '*');
    const inserts = written.length === 0 ? ['INSERT ON'] : written.map((name) => `INSERT (${name}) ON`);
    const needed = effects.flatMap((effect) => {
      if (effect === 'delete') return [`${WRITES[effect]} ON ${table}`];
      if (effect === 'insert') return inserts.map((grant) => `${grant} ${table}`);
      return updated.map((name) => `UPDATE (${name}) ON ${table}`);
    });
    const all = [...reads, ...anyOf, ...needed];
    expect(await permitted(text, values, all)).toBe(true);
    // A MERGE that inserts some columns and updates others is given more than each of its branches needs.
    const apart = effects.includes('insert') && effects.includes('update');
    for (const left of [...reads, ...(apart ? [] : needed)]) {
      expect(
        await permitted(
          text,
          values,
          all.filter((grant) => grant !== left),
        ),
      ).toBe(false);
    }
  });
});

describe('the execution', () => {
  it('changes what was approved, once, and says how much', async () => {
    const approved = await preview(negative);
    const { rows } = parseExecuteFacts(approved);
    expect(rows).toBeGreaterThan(10);
    expect(await run(negative, approved)).toEqual({
      database: 'target',
      kind: 'delete',
      table: 'accounts',
      rows,
    });
    expect(await rowsOf(negative)).toBe(0);
    expect(await rowsOf(inputOf('DELETE FROM accounts'))).toBe(120 - rows);
  });

  it.each(ACCEPTED_WRITES)(
    'changes as many rows as were previewed: $name',
    async ({ text, values, judged }) => {
      const input = inputOf(text, values);
      const approved = await preview(input);
      const { rows } = await run(input, approved);
      if (judged.atMost) expect(rows).toBeLessThanOrEqual(Number(approved.rows));
      else expect(rows).toBe(approved.rows);
    },
  );

  it('binds values and never splices them', async () => {
    const evil = "x'); DELETE FROM accounts; --";
    const input = inputOf('UPDATE accounts SET name = $1, email = $2 WHERE id = $3', [evil, null, 7]);
    await run(input, await preview(input));
    const { rows } = await admin.query('SELECT name, email FROM accounts WHERE id = 7');
    expect(rows).toEqual([{ name: evil, email: null }]);
  });

  it('rolls back where rows came in since the approval, and says both numbers', async () => {
    const approved = await preview(negative);
    await admin.query(
      "INSERT INTO accounts (id, name, balance) VALUES (9001, 'late', -1), (9002, 'later', -1)",
    );
    await unchanged(async () => {
      const error = await refusal(run(negative, approved));
      expect(error.code).toBe('bound_exceeded');
      const { rows } = parseExecuteFacts(approved);
      expect(error.message).toContain(`${rows + 2} rows`);
      expect(error.message).toContain(`${rows} rows were approved`);
    });
  });

  it('lets slack pass, in percent, rounded down, and not a row more', async () => {
    const input = inputOf("DELETE FROM events WHERE kind = 'paid'");
    const approved = await preview(input);
    const rows = Number(approved.rows);
    const more = Math.floor(rows / 10);
    await admin.query(
      `INSERT INTO events SELECT 5000 + n, 1, 'paid', 1 FROM generate_series(1, ${more + 1}) AS n`,
    );
    await unchanged(async () => {
      expect((await refusal(run(input, approved, { slack: 10 }))).code).toBe('bound_exceeded');
    });
    await admin.query('DELETE FROM events WHERE id = 5001');
    expect(await run(input, approved, { slack: 10 })).toMatchObject({ rows: rows + more });
  });

  it('runs where fewer rows are left', async () => {
    const approved = await preview(negative);
    await admin.query('DELETE FROM accounts WHERE id % 2 = 0');
    const { rows } = await run(negative, approved);
    expect(Number(rows)).toBeLessThan(Number(approved.rows));
  });

  it('counts rows that another transaction changes while it waits for them', async () => {
    const input = inputOf('UPDATE accounts SET level = 9 WHERE level = 3');
    const approved = await preview(input);
    // Both are seen by the statement when it begins; one is in it no more when its lock is free.
    await holding('UPDATE accounts SET level = 0 WHERE id = 3', async (commit) => {
      const running = run(input, approved);
      await until(async () => (await waiting()) === 1);
      await commit();
      expect(await running).toMatchObject({ rows: Number(approved.rows) - 1 });
    });
  });

  it('counts what ON CONFLICT updates, and bounds it', async () => {
    const input = inputOf(
      "INSERT INTO accounts (id, name) SELECT e.id, 'e' FROM events e WHERE e.id <= $1 ON CONFLICT (id) DO UPDATE SET name = excluded.name",
      [200],
    );
    const approved = await preview(input);
    expect(approved).toMatchObject({ rows: 200, at_most: true });
    expect((await refusal(run(input, { ...approved, rows: 199 }))).code).toBe('bound_exceeded');
    expect(await run(input, approved)).toMatchObject({ rows: 200 });
    const { rows } = await admin.query("SELECT count(*)::int AS n FROM accounts WHERE name = 'e'");
    expect(rows[0].n).toBe(200);
  });

  it('takes an estimate for a bound, too', async () => {
    const approved = { ...(await preview(negative)), rows: 1, estimate: true };
    await unchanged(async () => {
      expect((await refusal(run(negative, approved))).code).toBe('bound_exceeded');
    });
  });

  it('runs without a preview only what tells its number itself, on a table without code', async () => {
    const one = inputOf("INSERT INTO outbox (id, line) VALUES (1, 'a'), (2, 'b')");
    expect(await run(one, null)).toMatchObject({ rows: 2 });
    await unchanged(async () => {
      expect((await refusal(run(negative, null))).code).toBe('bound_missing');
      const query = inputOf('INSERT INTO archive (id) SELECT id FROM accounts WHERE id = 1');
      expect((await refusal(run(query, null))).code).toBe('bound_missing');
    });
    await withTrigger('INSERT ON outbox', 'RETURN NEW', async () => {
      await unchanged(async () => {
        expect((await refusal(run(one, null))).code).toBe('target_changed');
      });
    });
  });

  it('refuses facts that no preview made', async () => {
    await unchanged(async () => {
      expect((await refusal(run(negative, { rows: 1e9 }))).code).toBe('facts_malformed');
    });
  });

  it('changes a table with a serial and an identity column, and one that others refer to', async () => {
    await having(
      `CREATE TABLE numbered (id serial PRIMARY KEY, other int GENERATED ALWAYS AS IDENTITY, body text, owner int REFERENCES accounts);
       CREATE TABLE child (numbered_id int REFERENCES numbered);
       GRANT SELECT ON numbered TO assent_preview; GRANT USAGE ON SEQUENCE numbered_id_seq TO writing_role;
       GRANT SELECT, INSERT, UPDATE, DELETE ON numbered TO writing_role;
       INSERT INTO numbered (body) SELECT string_agg(md5(n::text || m), '') FROM generate_series(1, 3) n, generate_series(1, 300) m GROUP BY n;
       INSERT INTO child VALUES (1)`,
      'DROP TABLE child, numbered',
      async () => {
        const insert = inputOf(
          'INSERT INTO numbered (body, owner) SELECT body, 1 FROM numbered WHERE id < 3',
        );
        expect(await run(insert, await preview(insert))).toMatchObject({ rows: 2 });
        const update = inputOf('UPDATE numbered SET body = body || body, owner = 2 WHERE id > 1');
        expect(await run(update, await preview(update))).toMatchObject({ rows: 4 });
        const free = inputOf('DELETE FROM numbered WHERE id > 1');
        expect(await run(free, await preview(free))).toMatchObject({ rows: 4 });
        const held = inputOf('DELETE FROM numbered WHERE id = 1');
        expect((await refusal(run(held, await preview(held)))).message).toContain('23503');
        const dangling = inputOf('UPDATE numbered SET owner = 77777');
        expect((await refusal(run(dangling, await preview(dangling)))).message).toContain('23503');
      },
    );
  });

  it('judges what is put off to the end of the transaction before it commits', async () => {
    await having(
      'ALTER TABLE events ADD CONSTRAINT later FOREIGN KEY (account_id) REFERENCES accounts DEFERRABLE INITIALLY DEFERRED NOT VALID',
      'ALTER TABLE events DROP CONSTRAINT later',
      async () => {
        const input = inputOf('UPDATE events SET account_id = 77777 WHERE id = 1');
        await unchanged(async () => {
          expect((await refusal(run(input, await preview(input)))).message).toContain('23503');
        });
      },
    );
  });

  it('changes a partitioned table, rows that move included', async () => {
    await having(
      `CREATE TABLE parted (id int, n int) PARTITION BY LIST (id); CREATE TABLE p1 PARTITION OF parted FOR VALUES IN (1);
       CREATE TABLE p2 PARTITION OF parted FOR VALUES IN (2); INSERT INTO parted SELECT 1 + n % 2, n FROM generate_series(1, 10) n;
       GRANT SELECT ON parted TO assent_preview; GRANT SELECT, INSERT, UPDATE, DELETE ON parted TO writing_role`,
      'DROP TABLE parted',
      async () => {
        const move = inputOf('UPDATE parted SET id = 2 WHERE n < 9');
        expect(await run(move, await preview(move))).toMatchObject({ rows: 8 });
        const gone = inputOf('DELETE FROM parted WHERE id = 2');
        expect(await run(gone, await preview(gone))).toMatchObject({ rows: 9 });
      },
    );
  });

  it('needs no more than rights on the columns that the statement names', async () => {
    await having(
      'REVOKE ALL ON accounts FROM writing_role; GRANT SELECT (id), UPDATE (level) ON accounts TO writing_role',
      'GRANT SELECT, INSERT, UPDATE, DELETE ON accounts TO writing_role',
      async () => {
        const input = inputOf('UPDATE accounts SET level = 5 WHERE id < 4');
        expect(await run(input, await preview(input))).toMatchObject({ rows: 3 });
        const other = inputOf('UPDATE accounts SET balance = 5 WHERE id < 4');
        await unchanged(async () => {
          expect((await refusal(run(other, await preview(other)))).message).toContain('42501');
        });
      },
    );
  });

  it('does not wait long for a row that another holds', async () => {
    const approved = await preview(negative);
    await holding('SELECT id FROM accounts FOR UPDATE', async () => {
      expect((await refusal(run(negative, approved))).message).toContain('55P03');
    });
  });
});

async function waiting(): Promise<number> {
  const { rows } = await admin.query(
    "SELECT count(*)::int AS n FROM pg_stat_activity WHERE usename = 'writing_role' AND wait_event_type = 'Lock'",
  );
  return rows[0].n;
}

async function sessions(): Promise<number> {
  const { rows } = await admin.query(
    "SELECT count(*)::int AS n FROM pg_stat_activity WHERE usename = 'writing_role'",
  );
  return rows[0].n;
}

async function until(holds: () => Promise<boolean>): Promise<void> {
  while (!(await holds())) await admin.query('SELECT pg_sleep(0.05)');
}

/** A trigger after each row (or as `timing` has it) that does `body`. */
async function withTrigger(
  on: string,
  body: string,
  test: () => Promise<void>,
  { timing = 'AFTER', definer = false } = {},
): Promise<void> {
  const table = on.split(' ').at(-1);
  await having(
    `CREATE FUNCTION fired() RETURNS trigger LANGUAGE plpgsql ${definer ? 'SECURITY DEFINER' : ''} AS $$ BEGIN ${body}; END $$;
     GRANT EXECUTE ON FUNCTION fired TO PUBLIC; CREATE TRIGGER own ${timing} ${on} FOR EACH ROW EXECUTE FUNCTION fired()`,
    `DROP TRIGGER own ON ${table}; DROP FUNCTION fired`,
    test,
  );
}

describe('what the text does not show', () => {
  const update = inputOf('UPDATE accounts SET level = 7 WHERE id <= 10');

  it('shows a trigger, and runs it once it was approved', async () => {
    await withTrigger(
      'UPDATE ON accounts',
      "NEW.name := 'stamped'; RETURN NEW",
      async () => {
        const approved = await preview(update);
        expect(registry.examine('sql.execute', update).present(approved).impact).toContain(
          'Runs code of the database: trigger own calls fired()',
        );
        expect(await run(update, approved)).toMatchObject({ rows: 10 });
        const other = parseExecuteFacts(await preview(inputOf('DELETE FROM accounts WHERE id = 1')));
        expect(other.code).toEqual([]);
      },
      { timing: 'BEFORE' },
    );
  });

  it('refuses a trigger that was not there, and one that does something else by now', async () => {
    const without = await preview(update);
    await withTrigger('UPDATE ON accounts', 'RETURN NULL', async () => {
      const approved = await preview(update);
      await unchanged(async () => {
        expect((await refusal(run(update, without))).code).toBe('target_changed');
      });
      await admin.query(
        'CREATE OR REPLACE FUNCTION fired() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RETURN NEW; END $$',
      );
      await unchanged(async () => {
        expect((await refusal(run(update, approved))).code).toBe('target_changed');
      });
      const now = await preview(update);
      expect(registry.examine('sql.execute', update).drift(approved, now, 0)[0]).toMatch(/^code:/);
      await admin.query('ALTER TABLE accounts DISABLE TRIGGER own');
      expect((await refusal(run(update, now))).code).toBe('target_changed');
    });
  });

  it.each([
    ['another table', 'INSERT INTO outbox VALUES (OLD.id, OLD.name); RETURN NULL', false],
    ['another table as its owner', 'DELETE FROM staff_notes; RETURN NULL', true],
    ['what another table holds', 'NEW.name := (SELECT max(note) FROM staff_notes); RETURN NULL', true],
  ])('rolls back where a trigger touches %s', async (_, body, definer) => {
    await withTrigger(
      'UPDATE ON accounts',
      body,
      async () => {
        const approved = await preview(update);
        await unchanged(async () => {
          expect((await refusal(run(update, approved))).code).toBe('table_refused');
        });
        const { rows } = await admin.query('SELECT count(*)::int AS n FROM staff_notes');
        expect(rows[0].n).toBe(30);
      },
      { definer },
    );
  });

  it('rolls back where a trigger that was put off touches another table', async () => {
    await having(
      `CREATE FUNCTION late() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN INSERT INTO outbox VALUES (1, 'late'); RETURN NULL; END $$;
       GRANT EXECUTE ON FUNCTION late TO PUBLIC;
       CREATE CONSTRAINT TRIGGER late AFTER UPDATE ON accounts DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION late()`,
      'DROP TRIGGER late ON accounts; DROP FUNCTION late',
      async () => {
        const approved = await preview(update);
        await unchanged(async () => {
          expect((await refusal(run(update, approved))).code).toBe('table_refused');
        });
      },
    );
  });

  it('counts the rows of its own table that a trigger changes', async () => {
    const body =
      'IF pg_trigger_depth() = 1 THEN UPDATE accounts SET balance = 0 WHERE id = OLD.id + 20; END IF; RETURN NULL';
    await withTrigger('UPDATE ON accounts', body, async () => {
      const approved = await preview(update);
      await unchanged(async () => {
        const error = await refusal(run(update, approved));
        expect(error.code).toBe('bound_exceeded');
        expect(error.message).toContain('20 rows');
      });
      expect(await run(update, approved, { slack: 100 })).toMatchObject({ rows: 20 });
    });
  });

  it('shows code behind a default, a check, an index and a policy', async () => {
    await having(
      `CREATE FUNCTION own(int) RETURNS int IMMUTABLE LANGUAGE sql AS 'SELECT $1'; GRANT EXECUTE ON FUNCTION own TO PUBLIC;
       CREATE DOMAIN small AS int CHECK (own(VALUE) < 100);
       CREATE TABLE coded (id int DEFAULT own(3), n small CONSTRAINT positive CHECK (own(n) > 0));
       CREATE INDEX coded_index ON coded (own(id)); ALTER TABLE coded ENABLE ROW LEVEL SECURITY;
       CREATE POLICY few ON coded USING (own(id) > 0);
       GRANT SELECT ON coded TO assent_preview; GRANT SELECT, INSERT ON coded TO writing_role`,
      'DROP TABLE coded; DROP DOMAIN small; DROP FUNCTION own',
      async () => {
        const input = inputOf('INSERT INTO coded (n) VALUES (1)');
        const approved = parseExecuteFacts(await preview(input));
        expect(approved.code.map(({ where }) => where)).toEqual([
          'constraint positive',
          'constraint small_check',
          'default of id',
          'index coded_index',
          'policy few',
        ]);
        expect(approved.row_security).toBe(true);
        expect(await run(input, { ...approved })).toMatchObject({ rows: 1 });
      },
    );
  });

  it('refuses views that can be written, with and without INSTEAD OF, and tables with rules', async () => {
    await having(
      `CREATE VIEW plain AS SELECT id, name FROM accounts;
       CREATE VIEW instead AS SELECT id, name FROM accounts;
       CREATE FUNCTION instead() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN DELETE FROM events; RETURN OLD; END $$;
       CREATE TRIGGER i INSTEAD OF DELETE ON instead FOR EACH ROW EXECUTE FUNCTION instead();
       CREATE TABLE ruled (id int); CREATE RULE r AS ON DELETE TO ruled DO ALSO DELETE FROM events;
       GRANT SELECT ON plain, instead, ruled TO assent_preview;
       GRANT SELECT, DELETE ON plain, instead, ruled TO writing_role`,
      'DROP VIEW plain, instead; DROP FUNCTION instead; DROP TABLE ruled',
      async () => {
        const facts = await preview(inputOf('DELETE FROM accounts'));
        for (const table of ['plain', 'instead', 'ruled']) {
          const input = inputOf(`DELETE FROM ${table}`);
          await unchanged(async () => {
            expect((await refusal(preview(input))).code).toBe('table_refused');
            expect((await refusal(run(input, facts))).code).toBe('table_refused');
          });
        }
      },
    );
  });

  it('refuses a rule that came after the approval', async () => {
    const input = inputOf('DELETE FROM archive WHERE id = 1');
    const approved = await preview(input);
    await having(
      'CREATE RULE r AS ON DELETE TO archive DO INSTEAD DELETE FROM events',
      'DROP RULE r ON archive',
      async () => {
        await unchanged(async () => {
          expect((await refusal(run(input, approved))).code).toBe('table_refused');
        });
      },
    );
  });

  it.each([
    ['deletes rows', 'ON DELETE CASCADE', 'DELETE FROM accounts WHERE id = 1'],
    ['empties columns', 'ON DELETE SET NULL', 'DELETE FROM accounts WHERE id = 1'],
    ['follows a key', 'ON UPDATE CASCADE', 'UPDATE accounts SET id = 5000 WHERE id = 1'],
    [
      'follows a key of a MERGE',
      'ON UPDATE CASCADE',
      'MERGE INTO accounts a USING archive r ON a.id = r.id WHEN MATCHED THEN UPDATE SET id = a.id + 5000',
    ],
  ])('refuses a foreign key that %s of another table', async (_, action, statement) => {
    const input = inputOf(statement);
    const approved = await preview(input);
    await having(
      `CREATE TABLE child (account_id int REFERENCES accounts ${action}); INSERT INTO child VALUES (1)`,
      'DROP TABLE child',
      async () => {
        await unchanged(async () => {
          expect((await refusal(preview(input))).code).toBe('table_refused');
          expect((await refusal(run(input, approved))).code).toBe('table_refused');
        });
        const elsewhere = inputOf('UPDATE accounts SET level = 2 WHERE id = 1');
        expect(await run(elsewhere, await preview(elsewhere))).toMatchObject({ rows: 1 });
      },
    );
  });

  it('refuses a table that others inherit from', async () => {
    await having(
      'CREATE TABLE heir () INHERITS (archive); INSERT INTO heir VALUES (1)',
      'DROP TABLE heir',
      async () => {
        expect((await refusal(preview(inputOf('DELETE FROM archive')))).code).toBe('table_refused');
      },
    );
  });

  it('tells row security, and changes no row that the role does not see', async () => {
    await having(
      `ALTER TABLE accounts ENABLE ROW LEVEL SECURITY; CREATE POLICY seen ON accounts TO assent_preview USING (id <= 20);
       CREATE POLICY own ON accounts TO writing_role USING (id <= 5)`,
      'DROP POLICY seen ON accounts; DROP POLICY own ON accounts; ALTER TABLE accounts DISABLE ROW LEVEL SECURITY',
      async () => {
        const approved = await preview(inputOf('DELETE FROM accounts'));
        expect(approved).toMatchObject({ rows: 20, row_security: true });
        expect(await run(inputOf('DELETE FROM accounts'), approved)).toMatchObject({ rows: 5 });
        await admin.query('ALTER POLICY own ON accounts USING (true)');
        const again = await preview(inputOf('DELETE FROM accounts'));
        await unchanged(async () => {
          expect((await refusal(run(inputOf('DELETE FROM accounts'), again))).code).toBe('bound_exceeded');
        });
      },
    );
  });

  it('refuses row security that came after the approval', async () => {
    const approved = await preview(update);
    await having(
      'ALTER TABLE accounts ENABLE ROW LEVEL SECURITY',
      'ALTER TABLE accounts DISABLE ROW LEVEL SECURITY',
      async () => {
        expect((await refusal(run(update, approved))).code).toBe('target_changed');
      },
    );
  });

  it('refuses columns that are none, and functions of public with a built-in name', async () => {
    for (const [statement, code] of [
      ['UPDATE accounts SET nothing = 1', 'column_unknown'],
      ['DELETE FROM accounts a WHERE a.row_to_json IS NULL', 'column_unknown'],
      [
        'INSERT INTO archive (id) VALUES (1) ON CONFLICT (id) DO UPDATE SET name = excluded.row_to_json',
        'column_unknown',
      ],
      ['INSERT INTO nothing (id) VALUES (1)', 'table_unknown'],
    ] as const) {
      expect((await refusal(preview(inputOf(statement)))).code).toBe(code);
    }
    await having(
      "CREATE FUNCTION upper(int) RETURNS text LANGUAGE sql AS 'SELECT ''x'''",
      'DROP FUNCTION upper(int)',
      async () => {
        const input = inputOf('DELETE FROM accounts WHERE upper(name) = name');
        expect((await refusal(preview(input))).code).toBe('function_shadowed');
      },
    );
  });

  it('writes the table of public, whatever the role was told to look at first', async () => {
    await having(
      `CREATE SCHEMA writing_role; CREATE TABLE writing_role.archive (id int, name text, note text);
       GRANT USAGE ON SCHEMA writing_role TO writing_role; GRANT ALL ON writing_role.archive TO writing_role;
       REVOKE TRUNCATE, TRIGGER ON writing_role.archive FROM writing_role;
       ALTER ROLE writing_role SET search_path = writing_role, public`,
      'ALTER ROLE writing_role RESET search_path; DROP SCHEMA writing_role CASCADE',
      async () => {
        const input = inputOf('DELETE FROM archive WHERE id <= 5');
        expect(await run(input, await preview(input))).toMatchObject({ rows: 5 });
      },
    );
  });
});

describe('a role that can do more than change rows', () => {
  it.each([
    ['is a superuser', 'ALTER ROLE writing_role SUPERUSER', 'ALTER ROLE writing_role NOSUPERUSER'],
    ['bypasses row security', 'ALTER ROLE writing_role BYPASSRLS', 'ALTER ROLE writing_role NOBYPASSRLS'],
    ['creates roles', 'ALTER ROLE writing_role CREATEROLE', 'ALTER ROLE writing_role NOCREATEROLE'],
    [
      'predefined role',
      'GRANT pg_execute_server_program TO writing_role',
      'REVOKE pg_execute_server_program FROM writing_role',
    ],
    ['owns something', 'ALTER TABLE archive OWNER TO writing_role', 'ALTER TABLE archive OWNER TO postgres'],
    [
      'creates in a schema',
      'GRANT CREATE ON SCHEMA public TO writing_role',
      'REVOKE CREATE ON SCHEMA public FROM writing_role',
    ],
    [
      'empties tables',
      'GRANT TRUNCATE ON events TO writing_role',
      'REVOKE TRUNCATE ON events FROM writing_role',
    ],
    [
      'puts triggers',
      'GRANT TRIGGER ON events TO writing_role',
      'REVOKE TRIGGER ON events FROM writing_role',
    ],
    [
      'files of the server',
      'GRANT EXECUTE ON FUNCTION pg_read_file(text) TO writing_role',
      'REVOKE EXECUTE ON FUNCTION pg_read_file(text) FROM writing_role',
    ],
    [
      'fires no triggers',
      'ALTER ROLE writing_role SET session_replication_role = replica',
      'ALTER ROLE writing_role RESET session_replication_role',
    ],
    [
      'acts as another role',
      'CREATE ROLE other; GRANT other TO writing_role; ALTER ROLE writing_role SET role = other',
      'ALTER ROLE writing_role RESET role; DROP ROLE other',
    ],
  ])('%s: refused before anything runs', async (power, grant, undo) => {
    const approved = await preview(negative);
    await having(grant, undo, async () => {
      await unchanged(async () => {
        const error = await refusal(run(negative, approved));
        expect(error.code).toBe('role_too_powerful');
        expect(error.message).toContain(power);
      });
    });
  });
});

describe('an execution that is interrupted', () => {
  const slow =
    'UPDATE accounts SET level = 1 WHERE (SELECT count(*) FROM events a CROSS JOIN events b CROSS JOIN events c) > 0';

  it('changes nothing where it is cancelled in mid-statement, and ends at the server', async () => {
    const controller = new AbortController();
    const facts = await preview(inputOf('UPDATE accounts SET level = 1'));
    await unchanged(async () => {
      const running = refusal(run(inputOf(slow), facts, { signal: controller.signal }));
      await until(async () => {
        const { rows } = await admin.query(
          "SELECT count(*)::int AS n FROM pg_stat_activity WHERE usename = 'writing_role' AND state = 'active' AND query LIKE 'UPDATE%'",
        );
        return rows[0].n === 1;
      });
      controller.abort();
      expect((await running).code).toBe('cancelled');
      await until(async () => (await sessions()) === 0);
    });
  });

  it('changes nothing where it is cancelled before it begins', async () => {
    await unchanged(async () => {
      const error = await refusal(run(negative, await preview(negative), { signal: AbortSignal.abort() }));
      expect(error.code).toBe('cancelled');
    });
  });

  it('changes nothing where its time is over', async () => {
    const judgement = judgeWrite(slow, 0);
    const approved = parseExecuteFacts(await preview(inputOf('UPDATE accounts SET level = 1')));
    await unchanged(async () => {
      const running = runExecution({
        target: { database: 'target', url: urls.executeUrl },
        statement: { text: slow, values: [], judgement },
        approved,
        slack: 0,
        seconds: 1,
        signal: never,
        heartbeat: () => undefined,
      });
      expect((await refusal(running)).code).toBe('sql_timeout');
    });
  });

  it('changes nothing where the server ends its session', async () => {
    const facts = await preview(inputOf('UPDATE accounts SET level = 1'));
    await unchanged(async () => {
      const running = refusal(run(inputOf(slow), facts));
      await until(async () => {
        const { rowCount } = await admin.query(
          "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE usename = 'writing_role' AND query LIKE 'UPDATE%'",
        );
        return rowCount === 1;
      });
      expect(['sql_failed', 'target_unreachable']).toContain((await running).code);
    });
  });
});

describe('a COMMIT whose answer is lost', () => {
  /** A way to the server that breaks at COMMIT: after it was passed on, or instead. */
  async function breaking(
    { passed, again }: { passed: boolean; again: boolean },
    test: (by: Implementation) => Promise<void>,
  ): Promise<void> {
    const port = await freePort();
    const open = new Set<Socket>();
    let broken = false;
    const server: Server = createServer((near) => {
      if (broken && !again) {
        near.destroy();
        return;
      }
      const far = dial(postgres.port, '127.0.0.1');
      for (const socket of [near, far]) {
        open.add(socket);
        socket.on('error', () => undefined).on('close', () => open.delete(socket));
      }
      far.pipe(near);
      near.on('data', (bytes: Buffer) => {
        if (!bytes.includes('COMMIT\0')) {
          far.write(bytes);
          return;
        }
        broken = true;
        far.unpipe(near);
        if (passed) {
          far.once('data', () => far.destroy()).resume();
          far.write(bytes);
          far.once('close', () => near.destroy());
        } else {
          far.destroy();
          near.destroy();
        }
      });
      near.on('close', () => far.end());
    });
    await new Promise<void>((resolve) => server.listen(port, '127.0.0.1', resolve));
    const url = new URL(urls.executeUrl);
    url.port = String(port);
    try {
      await test(at({ executeUrl: url.href }));
    } finally {
      for (const socket of open) socket.destroy();
      await new Promise<void>((resolve) => server.close(() => resolve()));
    }
  }

  it('is told as done where Postgres says that it is', async () => {
    const approved = await preview(negative);
    await breaking({ passed: true, again: true }, async (by) => {
      expect(await run(negative, approved, { by })).toMatchObject({ rows: approved.rows });
    });
    expect(await rowsOf(negative)).toBe(0);
  });

  it('is told as failed where Postgres says that it was not', async () => {
    const approved = await preview(negative);
    await unchanged(async () => {
      await breaking({ passed: false, again: true }, async (by) => {
        expect((await refusal(run(negative, approved, { by }))).code).toBe('target_unreachable');
      });
    });
  });

  it('is told as unknown where nobody can be asked, though it holds', async () => {
    const approved = await preview(negative);
    await breaking({ passed: true, again: false }, async (by) => {
      const error = await refusal(run(negative, approved, { by }));
      expect(error.code).toBe('outcome_unknown');
      const { rows } = await admin.query('SELECT pg_xact_status($1::xid8) AS status', [
        error.evidence.transaction,
      ]);
      expect(rows[0].status).toBe('committed');
    });
    expect(await rowsOf(negative)).toBe(0);
  }, 60_000);

  it('lets nobody cancel it halfway', async () => {
    const approved = await preview(negative);
    const controller = new AbortController();
    await breaking({ passed: true, again: true }, async (by) => {
      const running = run(negative, approved, { by, signal: controller.signal });
      await until(async () => (await rowsOf(negative)) === 0);
      controller.abort();
      expect(await running).toMatchObject({ rows: approved.rows });
    });
  });
});

describe('errors', () => {
  it("quote no value, though Postgres's own do", async () => {
    const input = inputOf('UPDATE accounts SET id = $1 WHERE id < 3', [1]);
    const error = await refusal(run(input, await preview(input)));
    expect(error.message).toBe('The database target refused the statement: SQLSTATE 23505.');
    const wrong = inputOf('UPDATE accounts SET level = $1', ['hunter2']);
    const typed = await refusal(run(wrong, await preview(wrong)));
    expect(JSON.stringify([typed, typed.message, typed.stack, typed.cause])).not.toContain('hunter2');
  });
});
