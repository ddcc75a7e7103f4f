/** sql.export against a real Postgres: what it previews, what it writes, and everything that should stop it. */
import { createHash } from 'node:crypto';
import {
  chmod,
  mkdir,
  mkdtemp,
  readdir,
  readFile,
  realpath,
  rm,
  stat,
  symlink,
  writeFile,
} from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import pg from 'pg';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { createRegistry, type Implementation, implementSqlExport, sqlExport } from '../../actions/index.ts';
import { openCursor } from '../../actions/sql/cursor.ts';
import { type Export, runExport } from '../../actions/sql/export.ts';
import { parseFacts } from '../../actions/sql/facts.ts';
import { judgeStatement } from '../../actions/sql/judge.ts';
import { readOnly, type Session } from '../../actions/sql/session.ts';
import { AssentError } from '../../approval/error.ts';
import type { JsonObject } from '../../approval/types.ts';
import { type Postgres, startPostgres } from '../../dev/postgres.ts';
import { createTarget, type TargetDatabase } from '../../dev/target.ts';
import { ACCEPTED } from '../actions/accepted-statements.ts';

let home: string;
let postgres: Postgres;
let target: TargetDatabase;
let admin: pg.Client;
let root: string;
let exporter: Implementation;
let roots = 0;

beforeAll(async () => {
  home = await realpath(await mkdtemp(join(tmpdir(), 'assent-sql-')));
  await chmod(home, 0o711);
  postgres = await startPostgres({ directory: join(home, 'postgres'), logFile: join(home, 'postgres.log') });
  target = await createTarget(postgres);
  admin = new pg.Client({ connectionString: target.superuserUrl });
  await admin.connect();
});

afterAll(async () => {
  await admin.end();
  await postgres.stop();
  await rm(home, { recursive: true });
});

beforeEach(async () => {
  root = join(home, `exports-${roots++}`);
  await mkdir(root, { mode: 0o700 });
  exporter = at(root);
});

afterEach(async () => {
  const left = await readdir(root).catch(() => []);
  expect(left.filter((name) => name.endsWith('.partial'))).toEqual([]);
});

function at(
  directory: string,
  urls: Partial<Record<'previewUrl' | 'exportUrl', string>> = {},
): Implementation {
  const { previewUrl, exportUrl } = target;
  const personalData = ['customers.email', 'customers.phone'];
  return implementSqlExport({
    targets: { target: { previewUrl, exportUrl, executeUrl: null, ...urls, personalData } },
    root: directory,
  });
}

interface Given {
  readonly parameters?: readonly (string | number | boolean | null)[];
  readonly file?: string;
  readonly database?: string;
}

function inputOf(
  statement: string,
  { parameters = [], file = 'out.csv', database = 'target' }: Given = {},
): JsonObject {
  return { database, statement, parameters, file };
}

const registry = createRegistry([sqlExport]);
const never = new AbortController().signal;

async function preview(
  input: JsonObject,
  by: Implementation = exporter,
  signal = never,
): Promise<JsonObject> {
  if (by.preview === null) throw new Error('sql.export has no preview');
  return by.preview({ input, resource: registry.examine('sql.export', input).resource, signal });
}

async function run(
  input: JsonObject,
  approved: JsonObject | null,
  {
    by = exporter,
    signal = never,
    heartbeat = () => undefined,
    slack = 0,
  }: { by?: Implementation; signal?: AbortSignal; heartbeat?: () => void; slack?: number } = {},
): Promise<JsonObject> {
  return by.execute({
    input,
    resource: registry.examine('sql.export', input).resource,
    approved,
    slack,
    signal,
    heartbeat,
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
  await admin.query(statements);
  try {
    await test();
  } finally {
    await admin.query(undo);
  }
}

const everyCustomer = 'SELECT id, name, email FROM customers ORDER BY id';

describe('the preview', () => {
  it('counts, names the columns and marks personal data, without a value', async () => {
    const facts = await preview(inputOf(everyCustomer));
    expect(facts).toEqual({
      rows: target.customers,
      estimate: false,
      columns: ['id', 'name', 'email'],
      personal_data: ['customers.email'],
      tables: ['customers'],
      server: { version: expect.stringMatching(/^18/), role: 'assent_preview' },
    });
    expect(registry.examine('sql.export', inputOf(everyCustomer)).present(facts)).toMatchObject({
      title: 'Export customers from target',
      impact: ['1,204 rows would be exported', 'Columns: id, name, email', 'Personal data: customers.email'],
    });
    expect(JSON.stringify(facts)).not.toContain('@example.com');
  });

  it('marks what a star and a condition read', async () => {
    const star = parseFacts(await preview(inputOf('SELECT * FROM customers')));
    expect(star.personal_data).toEqual(['customers.email', 'customers.phone']);
    const condition = inputOf('SELECT id FROM customers WHERE phone LIKE $1', { parameters: ['+49%'] });
    expect(parseFacts(await preview(condition)).personal_data).toEqual(['customers.phone']);
  });

  it('binds every kind of parameter', async () => {
    const input = inputOf(
      'SELECT id FROM customers WHERE id <= $1 AND country <> $2 AND $3::bool AND ($4::text IS NULL OR id = 0)',
      { parameters: [10, "x'); DROP TABLE customers --", true, null] },
    );
    expect(parseFacts(await preview(input)).rows).toBe(10);
  });

  it('counts what is grouped, combined, joined and read through WITH', async () => {
    const rowsOf = async (text: string) => parseFacts(await preview(inputOf(text))).rows;
    expect(await rowsOf('SELECT country, count(*) AS n FROM customers GROUP BY country ORDER BY n')).toBe(7);
    expect(await rowsOf('SELECT id FROM customers UNION SELECT id FROM orders')).toBe(3500);
    expect(await rowsOf('WITH c AS (SELECT id FROM customers WHERE id <= 5) SELECT c.id FROM c')).toBe(5);
    expect(await rowsOf('SELECT * FROM customers c JOIN orders o ON o.customer_id = c.id')).toBe(3500);
    expect(await rowsOf('SELECT 1')).toBe(1);
  });

  it('estimates where counting takes too long, and says so', async () => {
    const slow = inputOf(
      'SELECT a.id FROM orders a CROSS JOIN orders b CROSS JOIN orders c CROSS JOIN orders d',
    );
    const facts = parseFacts(await preview(slow));
    expect(facts.estimate).toBe(true);
    expect(facts.rows).toBeGreaterThan(1e12);
    expect(registry.examine('sql.export', slow).present({ ...facts }).impact[0]).toMatch(
      /^About .* \(an estimate/,
    );
  }, 40_000);

  it('refuses a file that is already there', async () => {
    await writeFile(join(root, 'out.csv'), 'mine');
    expect((await refusal(preview(inputOf(everyCustomer)))).code).toBe('file_exists');
  });

  it('leaves no trace in the database, whatever the statement', async () => {
    const before = await admin.query(
      "SELECT n_tup_ins + n_tup_upd + n_tup_del AS writes FROM pg_stat_user_tables WHERE relname = 'customers'",
    );
    await preview(inputOf(everyCustomer));
    const after = await admin.query(
      "SELECT n_tup_ins + n_tup_upd + n_tup_del AS writes FROM pg_stat_user_tables WHERE relname = 'customers'",
    );
    expect(after.rows).toEqual(before.rows);
    expect(await readdir(root)).toEqual([]);
  });
});

describe('the execution', () => {
  it('writes every row once, whole, private, with its count and digest', async () => {
    const input = inputOf(everyCustomer);
    let beats = 0;
    const result = await run(input, await preview(input), { heartbeat: () => void beats++ });
    const bytes = await readFile(join(root, 'out.csv'));
    expect(result).toEqual({
      file: 'out.csv',
      rows: target.customers,
      defused: 0,
      sha256: `sha256:${createHash('sha256').update(bytes).digest('hex')}`,
      bytes: bytes.byteLength,
    });
    const lines = bytes.toString().split('\r\n');
    expect(lines).toHaveLength(target.customers + 2);
    const { rows } = await admin.query('SELECT id, name, email FROM customers WHERE id = 1');
    expect(lines.slice(0, 2)).toEqual(['id,name,email', Object.values(rows[0]).join()]);
    expect((await stat(join(root, 'out.csv'))).mode & 0o777).toBe(0o600);
    expect(await readdir(root)).toEqual(['out.csv']);
    expect(beats).toBe(3);
  });

  it("writes Postgres's own text of every type, and nothing that a spreadsheet would run", async () => {
    const input = inputOf(
      `SELECT NULL AS "null", '' AS empty, 'a,"b"' AS quoted, true AS yes, 1.50 AS number, -2 AS negative,
        date '2026-02-03' AS day, timestamptz '2026-02-03 04:05:06.7+02' AS moment, '=1+1' AS formula,
        '+49 555 01' AS phone, '-1+cmd' AS command, E'two\\nlines' AS lines, $1 AS bound`,
      { parameters: ['@x'] },
    );
    expect(await run(input, null)).toMatchObject({ rows: 1, defused: 3 });
    expect(await readFile(join(root, 'out.csv'), 'utf8')).toBe(
      'null,empty,quoted,yes,number,negative,day,moment,formula,phone,command,lines,bound\r\n' +
        `,"","a,""b""",t,1.50,-2,2026-02-03,2026-02-03 02:05:06.7+00,'=1+1,+49 555 01,'-1+cmd,"two\nlines",'@x\r\n`,
    );
  });

  it('writes a header where there are no rows', async () => {
    const input = inputOf('SELECT id FROM customers WHERE id < 0');
    expect(await run(input, await preview(input))).toMatchObject({ rows: 0 });
    expect(await readFile(join(root, 'out.csv'), 'utf8')).toBe('id\r\n');
  });

  it('leaves nothing where rows came in since the approval', async () => {
    const input = inputOf(everyCustomer);
    const approved = await preview(input);
    await having(
      "INSERT INTO customers VALUES (9001, 'N', 'n@example.com', 'DE', '1', now())",
      'DELETE FROM customers WHERE id = 9001',
      async () => {
        expect((await refusal(run(input, approved))).code).toBe('bound_exceeded');
        expect(await readdir(root)).toEqual([]);
      },
    );
    expect(await run(input, approved)).toMatchObject({ rows: target.customers });
  });

  it('lets as many percent more through as the rule says', async () => {
    const input = inputOf('SELECT id FROM customers');
    const approved = { ...(await preview(input)), rows: target.customers - 4 };
    expect((await refusal(run(input, approved))).code).toBe('bound_exceeded');
    const result = await run({ ...input, file: 'slack.csv' }, approved, { slack: 1 });
    expect(result).toMatchObject({ rows: target.customers });
  });

  it('refuses columns that were not approved', async () => {
    const input = inputOf('SELECT * FROM customers');
    const approved = await preview(input);
    await having(
      'ALTER TABLE customers ADD COLUMN password text',
      'ALTER TABLE customers DROP COLUMN password',
      async () => {
        expect((await refusal(run(input, approved))).code).toBe('columns_changed');
      },
    );
    expect(await readdir(root)).toEqual([]);
  });

  it('refuses facts that no preview made', async () => {
    expect((await refusal(run(inputOf(everyCustomer), { rows: 1e9 }))).code).toBe('facts_malformed');
  });

  it('never replaces a file, nor follows a link in its place', async () => {
    await writeFile(join(home, 'precious'), 'mine');
    await symlink(join(home, 'precious'), join(root, 'link.csv'));
    await symlink(join(home, 'nowhere'), join(root, 'dangling.csv'));
    await writeFile(join(root, 'file.csv'), 'mine');
    for (const file of ['link.csv', 'dangling.csv', 'file.csv']) {
      expect((await refusal(run(inputOf(everyCustomer, { file }), null))).code).toBe('file_exists');
    }
    expect(await readFile(join(home, 'precious'), 'utf8')).toBe('mine');
    expect(await readFile(join(root, 'file.csv'), 'utf8')).toBe('mine');
  });

  it('never replaces a file that appears while it runs', async () => {
    const planted: Promise<void>[] = [];
    const heartbeat = () => {
      if (planted.length === 0) planted.push(writeFile(join(root, 'out.csv'), 'mine'));
    };
    expect((await refusal(run(inputOf(everyCustomer), null, { heartbeat }))).code).toBe('file_exists');
    await Promise.all(planted);
    expect(await readFile(join(root, 'out.csv'), 'utf8')).toBe('mine');
  });

  it('lets one of two that want the same name have it', async () => {
    const ended = await Promise.allSettled([
      run(inputOf(everyCustomer), null),
      run(inputOf(everyCustomer), null),
    ]);
    expect(ended.map(({ status }) => status).sort()).toEqual(['fulfilled', 'rejected']);
  });

  it('refuses a root that leads elsewhere, that others can write to, or that is none', async () => {
    const link = join(home, `link-${roots}`);
    await symlink(root, link);
    const open = join(home, `open-${roots}`);
    await mkdir(open);
    await chmod(open, 0o777);
    await writeFile(join(home, `file-${roots}`), '');
    for (const wrong of [link, join(link, '.'), open, join(home, `file-${roots}`)]) {
      expect((await refusal(run(inputOf(everyCustomer), null, { by: at(wrong) }))).code).toBe(
        'export_root_refused',
      );
    }
    const missing = await refusal(run(inputOf(everyCustomer), null, { by: at(join(home, 'missing')) }));
    expect(missing.code).toBe('export_write_failed');
    expect(missing.message).toContain('ENOENT');
    expect(await readdir(root)).toEqual([]);
  });

  it('stops when it is cancelled, at the server, too', async () => {
    const controller = new AbortController();
    const slow = inputOf('SELECT count(*) AS n FROM orders a CROSS JOIN orders b CROSS JOIN orders c');
    const running = refusal(run(slow, null, { signal: controller.signal }));
    await until(async () => (await busy()) === 1);
    controller.abort();
    expect((await running).code).toBe('cancelled');
    await until(async () => (await busy()) === 0);
    expect(await readdir(root)).toEqual([]);
  });

  it('stops when its time is over', async () => {
    const text = 'SELECT count(*) AS n FROM orders a CROSS JOIN orders b CROSS JOIN orders c';
    const job: Export = {
      target: { database: 'target', url: target.exportUrl },
      statement: { text, values: [], judgement: judgeStatement(text, 0) },
      approved: null,
      slack: 0,
      root,
      file: 'out.csv',
      seconds: 1,
      signal: never,
      heartbeat: () => undefined,
    };
    expect((await refusal(runExport(job))).code).toBe('sql_timeout');
    expect(await readdir(root)).toEqual([]);
  });

  it('does not wait long for a lock', async () => {
    await having('BEGIN; LOCK TABLE customers IN ACCESS EXCLUSIVE MODE', 'ROLLBACK', async () => {
      expect((await refusal(preview(inputOf(everyCustomer)))).message).toContain('55P03');
    });
  });

  it('does nothing where it is cancelled before it begins', async () => {
    expect((await refusal(run(inputOf(everyCustomer), null, { signal: AbortSignal.abort() }))).code).toBe(
      'cancelled',
    );
  });

  it('survives the loss of its connection', async () => {
    const kill = "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE usename = 'assent_export'";
    const killed: Promise<unknown>[] = [];
    const heartbeat = () => {
      if (killed.length === 0) killed.push(admin.query(kill));
    };
    const long = inputOf('SELECT a.id FROM orders a CROSS JOIN orders b');
    const error = await refusal(run(long, null, { heartbeat }));
    await Promise.all(killed);
    expect(['sql_failed', 'target_unreachable']).toContain(error.code);
    expect(await readdir(root)).toEqual([]);
  });
});

/** How many exports are waiting for rows. */
async function busy(): Promise<number> {
  const { rows } = await admin.query(
    "SELECT count(*)::int AS n FROM pg_stat_activity WHERE usename = 'assent_export' AND state = 'active' AND query LIKE 'FETCH 500%'",
  );
  return rows[0].n;
}

async function until(holds: () => Promise<boolean>): Promise<void> {
  while (!(await holds())) await admin.query('SELECT pg_sleep(0.05)');
}

describe("Postgres's own check of privileges", () => {
  beforeAll(async () => {
    await admin.query(`CREATE SCHEMA oracle; CREATE ROLE reader; GRANT USAGE ON SCHEMA oracle TO reader;
      SET search_path = oracle;
      CREATE TABLE customers (id int, email text, country text, created timestamptz, a int, b int);
      CREATE TABLE orders (id int, customer_id int, total numeric, note text);
      CREATE TABLE "Customers" ("Email" text);
      CREATE TABLE b (email text)`);
  });

  afterAll(async () => {
    await admin.query('RESET search_path; DROP SCHEMA oracle CASCADE; DROP ROLE reader');
  });

  /** Whether the statement runs with SELECT on these columns and nothing else. */
  async function runsWith(
    text: string,
    tables: readonly string[],
    columns: readonly string[],
  ): Promise<boolean> {
    await admin.query('REVOKE ALL ON ALL TABLES IN SCHEMA oracle FROM reader');
    for (const column of columns) {
      const [table = '', field = ''] = column.split('.').map((name) => pg.escapeIdentifier(name));
      await admin.query(`GRANT SELECT ${field === '"*"' ? '' : `(${field})`} ON ${table} TO reader`);
    }
    // A table of which no column is read wants a privilege on any.
    for (const table of tables.filter((name) => !columns.some((column) => column.startsWith(`${name}.`)))) {
      await admin.query(`GRANT SELECT (${table === 'b' ? 'email' : 'id'}) ON ${table} TO reader`);
    }
    await admin.query('SET ROLE reader');
    try {
      await admin.query(text, text.includes('$1') ? [1, 2] : []);
      return true;
    } catch (error) {
      if (error instanceof pg.DatabaseError && error.code === '42501') return false;
      throw error;
    } finally {
      await admin.query('RESET ROLE');
    }
  }

  it.each(ACCEPTED.map(([name, text, , parameters]) => ({ name, text, parameters })))(
    'finds the same columns read: $name',
    async ({ text, parameters }) => {
      const bare = text.replaceAll('public.', 'oracle.');
      const { tables, columns } = judgeStatement(text, parameters ?? 0);
      expect(await runsWith(bare, tables, columns)).toBe(true);
      for (const left of columns) {
        const others = columns.filter((column) => column !== left);
        const stillNamed = tables.filter((table) => table !== left.split('.')[0]);
        expect(await runsWith(bare, stillNamed, others)).toBe(false);
      }
    },
  );
});

describe('what the catalogue shows', () => {
  const refusedBoth = async (statement: string, code: string): Promise<void> => {
    expect((await refusal(preview(inputOf(statement)))).code).toBe(code);
    expect((await refusal(run(inputOf(statement), null))).code).toBe(code);
    expect(await readdir(root)).toEqual([]);
  };

  it('refuses a view over a table that the role may not read', async () => {
    await having(
      'CREATE VIEW newsletter AS SELECT note FROM staff_notes; GRANT SELECT ON newsletter TO assent_preview, assent_export',
      'DROP VIEW newsletter',
      async () => refusedBoth('SELECT note FROM newsletter', 'table_refused'),
    );
  });

  it('refuses a materialized view, a sequence, a foreign table and a foreign partition', async () => {
    const roles = 'assent_preview, assent_export';
    await having(
      `CREATE MATERIALIZED VIEW m AS SELECT note FROM staff_notes; GRANT SELECT ON m TO ${roles};
       CREATE SEQUENCE s; GRANT SELECT ON s TO ${roles};
       CREATE FOREIGN DATA WRAPPER w; CREATE SERVER elsewhere FOREIGN DATA WRAPPER w;
       CREATE FOREIGN TABLE f (id int) SERVER elsewhere; GRANT SELECT ON f TO ${roles};
       CREATE TABLE p (id int) PARTITION BY LIST (id); GRANT SELECT ON p TO ${roles};
       CREATE FOREIGN TABLE p1 PARTITION OF p FOR VALUES IN (1) SERVER elsewhere`,
      'DROP MATERIALIZED VIEW m; DROP SEQUENCE s; DROP FOREIGN TABLE f; DROP TABLE p; DROP SERVER elsewhere; DROP FOREIGN DATA WRAPPER w',
      async () => {
        await refusedBoth('SELECT note FROM m', 'table_refused');
        await refusedBoth('SELECT last_value FROM s', 'table_refused');
        await refusedBoth('SELECT id FROM f', 'table_refused');
        await refusedBoth('SELECT id FROM p', 'table_refused');
      },
    );
  });

  it('exports a partitioned table of plain partitions', async () => {
    await having(
      `CREATE TABLE p (id int) PARTITION BY LIST (id); CREATE TABLE p1 PARTITION OF p FOR VALUES IN (1);
       INSERT INTO p VALUES (1); GRANT SELECT ON p TO assent_preview, assent_export`,
      'DROP TABLE p',
      async () => {
        expect(
          await run(inputOf('SELECT id FROM p'), await preview(inputOf('SELECT id FROM p'))),
        ).toMatchObject({ rows: 1 });
      },
    );
  });

  it('refuses a table with rules', async () => {
    await having(
      `CREATE TABLE ruled (id int); CREATE RULE r AS ON INSERT TO ruled DO ALSO NOTHING; GRANT SELECT ON ruled TO assent_preview, assent_export`,
      'DROP TABLE ruled',
      async () => refusedBoth('SELECT id FROM ruled', 'table_refused'),
    );
  });

  it('refuses a function that is written as a column', async () => {
    await refusedBoth('SELECT c.row_to_json FROM customers c', 'column_unknown');
    await refusedBoth('SELECT row_to_json FROM customers c', 'column_unknown');
    await having(
      "CREATE FUNCTION everything(customers) RETURNS text LANGUAGE sql AS 'SELECT $1::text'; GRANT EXECUTE ON FUNCTION everything TO PUBLIC",
      'DROP FUNCTION everything',
      async () => refusedBoth('SELECT c.everything FROM customers c', 'column_unknown'),
    );
  });

  it('refuses a function and an operator of the schema public that answer to a built-in name', async () => {
    await having(
      `CREATE FUNCTION lower(char) RETURNS text LANGUAGE sql AS 'SELECT ''stolen'''`,
      'DROP FUNCTION lower(char)',
      async () => refusedBoth('SELECT lower(country) FROM customers', 'function_shadowed'),
    );
    await having(
      `CREATE FUNCTION same(char, char) RETURNS bool LANGUAGE sql AS 'SELECT true';
       CREATE OPERATOR public.= (LEFTARG = char, RIGHTARG = char, FUNCTION = same)`,
      'DROP OPERATOR public.= (char, char); DROP FUNCTION same',
      async () => refusedBoth("SELECT id FROM customers WHERE country = 'DE'", 'function_shadowed'),
    );
  });

  it('refuses a view that took the place of the table after the first look', async () => {
    const text = 'SELECT id FROM moving';
    const statement = { text, values: [], judgement: judgeStatement(text, 0) };
    const swap = `ALTER TABLE moving RENAME TO moved; CREATE VIEW moving AS SELECT id FROM staff_notes;
      GRANT SELECT ON moving TO assent_export`;
    await having(
      'CREATE TABLE moving (id int); GRANT SELECT ON moving TO assent_export',
      'DROP VIEW moving; DROP TABLE moved',
      async () => {
        const place = { database: 'target', url: target.exportUrl };
        const opening = readOnly(place, 5, never, async (session) => {
          const swapping: Session = {
            query: async (query) => {
              if (query.before?.startsWith('DECLARE') === true) await admin.query(swap);
              return session.query(query);
            },
          };
          return openCursor(swapping, 'moving', statement);
        });
        expect((await refusal(opening)).code).toBe('table_refused');
      },
    );
  });

  it('refuses a table that took the name of another after the first look', async () => {
    const text = 'SELECT a.id FROM first a CROSS JOIN second b';
    const statement = { text, values: [], judgement: judgeStatement(text, 0) };
    const swap =
      'ALTER TABLE first RENAME TO third; ALTER TABLE second RENAME TO first; ALTER TABLE third RENAME TO second';
    await having(
      'CREATE TABLE first (id int); CREATE TABLE second (id int); GRANT SELECT ON first, second TO assent_export',
      'DROP TABLE first, second',
      async () => {
        const opening = readOnly({ database: 'target', url: target.exportUrl }, 5, never, async (session) => {
          const swapping: Session = {
            query: async (query) => {
              if (query.before?.startsWith('DECLARE') === true) await admin.query(swap);
              return session.query(query);
            },
          };
          return openCursor(swapping, 'moving', statement);
        });
        expect((await refusal(opening)).code).toBe('table_refused');
      },
    );
  });

  it('notices a table that only a function reads, even where the walk let the function through', async () => {
    const hidden = "SELECT table_to_xml('staff_notes', true, false, '')";
    const statement = { text: hidden, values: [], judgement: judgeStatement('SELECT 1', 0) };
    await having(
      'GRANT SELECT ON staff_notes TO assent_export',
      'REVOKE SELECT ON staff_notes FROM assent_export',
      async () => {
        const job: Export = {
          target: { database: 'target', url: target.exportUrl },
          statement,
          approved: null,
          slack: 0,
          root,
          file: 'out.csv',
          seconds: 5,
          signal: never,
          heartbeat: () => undefined,
        };
        expect((await refusal(runExport(job))).code).toBe('table_refused');
        expect(await readdir(root)).toEqual([]);
      },
    );
  });

  it('exports values that are stored out of line, through every index', async () => {
    await having(
      `CREATE TABLE large (id int PRIMARY KEY, body text); GRANT SELECT ON large TO assent_preview, assent_export;
       INSERT INTO large SELECT n, string_agg(md5((n * m)::text), '') FROM generate_series(1, 300) n, generate_series(1, 300) m GROUP BY n;
       ANALYZE large`,
      'DROP TABLE large',
      async () => {
        const input = inputOf('SELECT id, body FROM large WHERE id > 200 ORDER BY id');
        const result = await run(input, await preview(input));
        expect(result).toMatchObject({ rows: 100 });
        expect(Number(result.bytes)).toBeGreaterThan(960_000);
      },
    );
  });

  it('refuses what is not there, and what the role may not read', async () => {
    await refusedBoth('SELECT id FROM nothing', 'table_unknown');
    await refusedBoth('SELECT nothing FROM customers', 'column_unknown');
    await refusedBoth('SELECT note FROM staff_notes', 'sql_failed');
  });

  it('reads the table of public, whatever other schemas hold', async () => {
    await having(
      `CREATE SCHEMA assent_export; CREATE TABLE assent_export.customers (id int); GRANT USAGE ON SCHEMA assent_export TO PUBLIC;
       GRANT SELECT ON assent_export.customers TO PUBLIC; ALTER ROLE assent_export SET search_path = assent_export, public`,
      'DROP SCHEMA assent_export CASCADE; ALTER ROLE assent_export SET search_path = public',
      async () => {
        expect(await run(inputOf('SELECT id FROM customers'), null)).toMatchObject({
          rows: target.customers,
        });
      },
    );
  });

  it('works where the role may read some columns only', async () => {
    await having(
      'CREATE TABLE partly (id int, secret text); INSERT INTO partly VALUES (1); GRANT SELECT (id) ON partly TO assent_preview, assent_export',
      'DROP TABLE partly',
      async () => {
        expect(
          await run(inputOf('SELECT id FROM partly'), await preview(inputOf('SELECT id FROM partly'))),
        ).toMatchObject({ rows: 1 });
        expect(
          (await refusal(preview(inputOf('SELECT secret FROM partly', { file: 'b.csv' })))).message,
        ).toContain('42501');
      },
    );
  });

  it('sees what row security lets the role see', async () => {
    await having(
      `ALTER TABLE customers ENABLE ROW LEVEL SECURITY; CREATE POLICY few ON customers TO assent_preview, assent_export USING (id <= 3)`,
      'DROP POLICY few ON customers; ALTER TABLE customers DISABLE ROW LEVEL SECURITY',
      async () => {
        expect(await run(inputOf(everyCustomer), await preview(inputOf(everyCustomer)))).toMatchObject({
          rows: 3,
        });
      },
    );
  });
});

describe('a role that can do more than read', () => {
  const grants: readonly (readonly [power: string, grant: string, undo: string])[] = [
    ['is a superuser', 'ALTER ROLE assent_export SUPERUSER', 'ALTER ROLE assent_export NOSUPERUSER'],
    ['bypasses row security', 'ALTER ROLE assent_export BYPASSRLS', 'ALTER ROLE assent_export NOBYPASSRLS'],
    ['creates roles', 'ALTER ROLE assent_export CREATEROLE', 'ALTER ROLE assent_export NOCREATEROLE'],
    ['creates databases', 'ALTER ROLE assent_export CREATEDB', 'ALTER ROLE assent_export NOCREATEDB'],
    ['replicates', 'ALTER ROLE assent_export REPLICATION', 'ALTER ROLE assent_export NOREPLICATION'],
    ...[
      'pg_read_server_files',
      'pg_write_server_files',
      'pg_execute_server_program',
      'pg_write_all_data',
      'pg_signal_backend',
    ].map(
      (role) =>
        [
          'is a member of a predefined role',
          `GRANT ${role} TO assent_export`,
          `REVOKE ${role} FROM assent_export`,
        ] as const,
    ),
    ['owns something', 'CREATE TABLE own (); ALTER TABLE own OWNER TO assent_export', 'DROP TABLE own'],
    [
      'writes to a table',
      'GRANT DELETE ON staff_notes TO assent_export',
      'REVOKE DELETE ON staff_notes FROM assent_export',
    ],
    [
      'writes to a table',
      'GRANT UPDATE (name) ON customers TO assent_export',
      'REVOKE UPDATE (name) ON customers FROM assent_export',
    ],
    [
      'creates in a schema',
      'GRANT CREATE ON SCHEMA public TO assent_export',
      'REVOKE CREATE ON SCHEMA public FROM assent_export',
    ],
    ['creates roles', 'CREATE ROLE between CREATEROLE; GRANT between TO assent_export', 'DROP ROLE between'],
    [
      'acts as another role',
      'CREATE ROLE other; GRANT other TO assent_export; ALTER ROLE assent_export SET role = other',
      'ALTER ROLE assent_export RESET role; DROP ROLE other',
    ],
  ];

  it.each(grants)('%s: %s', async (power, grant, undo) => {
    await having(grant, undo, async () => {
      const error = await refusal(run(inputOf('SELECT id FROM customers'), null));
      expect(error.code).toBe('role_too_powerful');
      expect(error.message).toContain(power);
      expect(await readdir(root)).toEqual([]);
    });
  });

  it('may not preview either', async () => {
    const by = at(root, { previewUrl: target.superuserUrl });
    expect((await refusal(preview(inputOf(everyCustomer), by))).code).toBe('role_too_powerful');
  });
});

describe('errors', () => {
  it('tell the code and the place, never a value', async () => {
    const input = inputOf('SELECT email::int4 FROM customers WHERE id = $1', { parameters: [1] });
    const error = await refusal(run(input, null));
    expect(error.message).toBe('The database target refused the statement: SQLSTATE 22P02.');
    const bound = await refusal(
      run(inputOf('SELECT id FROM customers WHERE id = $1', { parameters: ['hunter2'] }), null),
    );
    expect(JSON.stringify([bound, bound.message, bound.stack, bound.cause])).not.toContain('hunter2');
    const typed = await refusal(preview(inputOf("SELECT id FROM customers WHERE id < 'hunter2'")));
    expect(typed.message).toContain('22P02 at character 37');
    expect(typed.message).not.toContain('hunter2');
  });

  it('name a database that is not configured, and one that is away', async () => {
    expect((await refusal(preview(inputOf('SELECT 1', { database: 'prod' })))).code).toBe('database_unknown');
    const url = new URL(target.exportUrl);
    url.password = 'hunter2';
    const wrong = await refusal(run(inputOf('SELECT 1'), null, { by: at(root, { exportUrl: url.href }) }));
    expect(wrong.code).toBe('target_unreachable');
    expect(wrong.message).not.toContain('hunter2');
    url.port = '1';
    expect(
      (await refusal(run(inputOf('SELECT 1'), null, { by: at(root, { exportUrl: url.href }) }))).code,
    ).toBe('target_unreachable');
  });
});
