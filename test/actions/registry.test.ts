import { describe, expect, it } from 'vitest';
import { z } from 'zod';
import {
  type ActionTerms,
  createImplementations,
  createRegistry,
  defineAction,
  implement,
  sqlExport,
} from '../../actions/index.ts';
import { AssentError } from '../../approval/error.ts';
import type { JsonObject } from '../../approval/types.ts';

const grantInput = z.object({
  role: z.string(),
  minutes: z.int().max(60),
  secrets: z.record(z.string(), z.string()).optional(),
});
type GrantInput = z.infer<typeof grantInput>;

const terms: ActionTerms<GrantInput> = {
  name: 'access.grant',
  input: grantInput,
  resource: ({ role }) => ({ role }),
  title: ({ role }) => `Grant ${role}`,
  describe: ({ minutes }) => [`For ${minutes} minutes`],
  impact: (facts) => Object.keys(facts),
  sensitive: ['secrets.*'],
};

function refusal(work: () => unknown): AssentError {
  try {
    work();
  } catch (error) {
    if (error instanceof AssentError) return error;
    throw error;
  }
  throw new Error('Not refused');
}

describe('a definition', () => {
  it.each(['', 'grant', 'Access.grant', 'access.', 'access grant.x', 'a.b-c', '.a', 'a..b'])(
    'may not be named %j',
    (name) => {
      expect(refusal(() => defineAction({ ...terms, name })).code).toBe('action_malformed');
    },
  );

  it.each(['', '.', 'a..b', '/a', 'a.', 'a b'])('may not declare %j sensitive', (path) => {
    expect(refusal(() => defineAction({ ...terms, sensitive: [path] })).code).toBe('action_malformed');
  });

  it.each([0, -1, 1.5, Number.NaN])('may not take %d seconds', (maxSeconds) => {
    expect(refusal(() => defineAction({ ...terms, maxSeconds })).code).toBe('action_malformed');
  });

  it('runs once and within ten minutes, unless it says otherwise', () => {
    expect(defineAction(terms)).toMatchObject({ idempotent: false, maxSeconds: 600, taskQueue: null });
    const other = { idempotent: true, maxSeconds: 5, taskQueue: 'ops' };
    expect(defineAction({ ...terms, ...other })).toMatchObject(other);
  });
});

describe('the registry', () => {
  const registry = createRegistry([defineAction(terms), sqlExport]);
  const examine = (input: JsonObject, name = 'access.grant') => registry.examine(name, input);

  it('examines an input from itself alone', () => {
    const input = { role: 'reader', minutes: 5 };
    const examined = examine(input);
    expect(examined).toMatchObject({
      input,
      resource: { role: 'reader' },
      title: 'Grant reader',
      description: ['For 5 minutes'],
      maxSeconds: 600,
    });
    expect(examined.present({ rows: 1 })).toEqual({
      title: 'Grant reader',
      description: ['For 5 minutes'],
      impact: ['rows'],
      target: 'access.grant',
    });
  });

  it('names the actions that it knows', () => {
    const error = refusal(() => examine({}, 'rm.rf'));
    expect(error.code).toBe('action_unknown');
    expect(error.message).toContain('access.grant, sql.export');
    for (const name of ['constructor', '__proto__', 'toString']) {
      expect(refusal(() => examine({}, name)).code).toBe('action_unknown');
    }
  });

  it('names the place of what is wrong with an input', () => {
    const error = refusal(() => examine({ role: 1, minutes: 61 }));
    expect(error.code).toBe('input_invalid');
    expect(error.message).toContain('input.role');
    expect(error.message).toContain('input.minutes');
  });

  it('refuses what parsing would change', () => {
    const shapes: readonly (readonly [z.ZodType<object>, JsonObject])[] = [
      [z.object({ a: z.string().default('x') }), {}],
      [z.object({ a: z.string().trim() }), { a: ' x' }],
      [z.object({ a: z.coerce.number() }), { a: '1' }],
      [z.object({}), { a: 1 }],
      [z.object({ a: z.string().toLowerCase() }), { a: 'X' }],
    ];
    for (const [input, given] of shapes) {
      const action = defineAction({
        ...terms,
        input,
        resource: () => ({}),
        title: () => '',
        describe: () => [],
      });
      expect(refusal(() => createRegistry([action]).examine(action.name, given)).code).toBe(
        'input_not_canonical',
      );
    }
  });

  it('takes an input whatever the order of its keys', () => {
    expect(examine({ minutes: 5, role: 'r' }).resource).toEqual({ role: 'r' });
  });

  it('refuses a path that is declared sensitive, and says no value', () => {
    const error = refusal(() => examine({ role: 'r', minutes: 5, secrets: { password: 'hunter2' } }));
    expect(error.code).toBe('sensitive_unsupported');
    expect(error.message).toContain('input.secrets.password');
    expect(error.message).not.toContain('hunter2');
    expect(examine({ role: 'r', minutes: 5, secrets: {} }).title).toBe('Grant r');
  });

  it('refuses a sensitive path in lists and below, even where the value is null', () => {
    const input = z.object({ users: z.array(z.object({ key: z.string().nullable() })) });
    const action = defineAction({
      name: 'a.b',
      input,
      resource: () => ({}),
      title: () => '',
      describe: () => [],
      impact: () => [],
      sensitive: ['users.*.key'],
    });
    const error = refusal(() =>
      createRegistry([action]).examine('a.b', { users: [{ key: null }, { key: 'x' }] }),
    );
    expect(error.message).toContain('input.users.0.key, input.users.1.key');
  });

  it('refuses two of a name', () => {
    expect(refusal(() => createRegistry([defineAction(terms), defineAction(terms)])).code).toBe(
      'action_duplicate',
    );
  });
});

describe('implementations', () => {
  const action = defineAction(terms);
  const call = { input: { role: 'r', minutes: 5 }, resource: {}, signal: new AbortController().signal };
  const once = { ...call, approved: null, slack: 0, heartbeat: () => undefined, overdue: () => false };

  it('are called with the input that their definition types', async () => {
    const implementation = implement(action, {
      preview: async ({ input }) => ({ seen: input.role }),
      execute: async ({ input }) => ({ ran: input.minutes }),
    });
    expect(await implementation.preview?.(call)).toEqual({ seen: 'r' });
    expect(await implementation.execute(once)).toEqual({ ran: 5 });
  });

  it('are never called with an input that it does not admit', async () => {
    let calls = 0;
    const implementation = implement(action, {
      preview: async () => ({ calls: calls++ }),
      execute: async () => ({ calls: calls++ }),
    });
    const wrong = { role: 'r', minutes: 61 };
    await expect(implementation.execute({ ...once, input: wrong })).rejects.toMatchObject({
      code: 'input_invalid',
    });
    await expect(implementation.preview?.({ ...call, input: wrong })).rejects.toMatchObject({
      code: 'input_invalid',
    });
    expect(calls).toBe(0);
  });

  it('are found by name, each once', () => {
    const implementation = implement(action, { execute: async () => ({}) });
    expect(implementation.preview).toBeNull();
    const implementations = createImplementations([implementation]);
    expect(implementations.find('access.grant')).toBe(implementation);
    expect(refusal(() => implementations.find('sql.export')).code).toBe('action_not_implemented');
    expect(refusal(() => createImplementations([implementation, implementation])).code).toBe(
      'action_duplicate',
    );
  });
});

describe('sql.export', () => {
  const given = {
    database: 'target',
    statement: 'SELECT email FROM customers',
    parameters: [],
    file: 'out.csv',
  };
  const examine = (change: JsonObject) =>
    createRegistry([sqlExport]).examine('sql.export', { ...given, ...change });

  it('says what it reads and writes', () => {
    expect(examine({})).toMatchObject({
      resource: {
        database: 'target',
        kind: 'select',
        tables: ['customers'],
        columns: ['customers.email'],
        functions: [],
        file: 'out.csv',
      },
      title: 'Export customers from target',
    });
  });

  it.each([
    '../x.csv',
    '/x.csv',
    'a/b.csv',
    '.x.csv',
    'x',
    'x.CSV',
    'x.csv\n',
    'x\0.csv',
    '..csv',
    `${'x'.repeat(101)}.csv`,
    'a\\b.csv',
    '-x.csv',
  ])('takes no file named %j', (file) => {
    expect(refusal(() => examine({ file })).code).toBe('input_invalid');
  });

  it.each([
    { database: 'Prod' },
    { database: '' },
    { statement: '' },
    { statement: `SELECT '${'x'.repeat(10_000)}'` },
    { parameters: [{}] },
    { parameters: [[1]] },
    { parameters: ['\0'] },
    { parameters: Array.from({ length: 101 }, () => 1) },
    { target: 'staging' },
  ])('refuses %j', (change) => {
    expect(refusal(() => examine(change)).code).toBe('input_invalid');
  });

  it('refuses a statement before anybody is asked', () => {
    expect(refusal(() => examine({ statement: 'DROP TABLE customers' })).code).toBe('sql_not_select');
  });

  it('drifts by more rows than approved with their slack, and by other columns; not by fewer rows', () => {
    const server = { version: '18.4', role: 'r' };
    const facts = { rows: 100, estimate: false, columns: ['email'], personal_data: [], tables: [], server };
    const drift = (change: JsonObject, slack = 0) => examine({}).drift(facts, { ...facts, ...change }, slack);
    expect(drift({ rows: 3, estimate: true, server: { ...server, version: '18.5' } })).toEqual([]);
    expect(drift({ rows: 101 })).toEqual(['rows: at most 100 rows were approved, now there are 101']);
    expect(drift({ rows: 110 }, 10)).toEqual([]);
    expect(drift({ columns: ['email', 'phone'] })[0]).toMatch(/^columns:/);
  });

  it('says its facts in words', () => {
    const facts = {
      rows: 1204,
      estimate: false,
      columns: ['email'],
      personal_data: [],
      tables: ['customers'],
      server: { version: '18.4', role: 'r' },
    };
    const impactOf = (change: JsonObject) => examine({}).present({ ...facts, ...change }).impact;
    expect(impactOf({})[0]).toBe('1,204 rows would be exported');
    expect(impactOf({ rows: 1 })[0]).toBe('1 row would be exported');
    expect(impactOf({ estimate: true })[0]).toMatch(/^About 1,204 rows/);
    expect(impactOf({ personal_data: ['customers.email'] })[2]).toBe('Personal data: customers.email');
    expect(refusal(() => impactOf({ rows: -1 })).code).toBe('facts_malformed');
  });
});
