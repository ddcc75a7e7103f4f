/** What the built-in actions say that rules may read of them: exactly what their resource and facts have. */
import { expect, it } from 'vitest';
import type { JsonObject } from '../../approval/types.ts';
import { builtIn } from '../../audit/load-judge.ts';

const DIGEST = `sha256:${'0'.repeat(64)}`;
const server = { version: '18.1', role: 'assent' };

/** An input and the facts of a preview. */
const SAMPLES: Readonly<Record<string, readonly [JsonObject, JsonObject]>> = {
  'sql.export': [
    { database: 'crm', statement: 'SELECT id FROM orders', parameters: [], file: 'orders.csv' },
    { rows: 1, estimate: false, columns: ['id'], personal_data: [], tables: ['public.orders'], server },
  ],
  'sql.execute': [
    { database: 'crm', statement: 'DELETE FROM orders WHERE id = 1', parameters: [] },
    {
      rows: 1,
      estimate: false,
      at_most: false,
      effects: ['delete'],
      personal_data: [],
      tables: ['public.orders'],
      code: [],
      row_security: false,
      server,
    },
  ],
  'http.request': [
    { method: 'GET', url: 'https://example.org/', headers: {}, body: null, redirects: 0 },
    {
      entry: { methods: ['GET'], schemes: ['https'], ports: null, paths: null, private: false },
      reach: 'public',
      sends: { method: 'GET', url: 'https://example.org/', headers: [], secrets: [], body: null },
    },
  ],
  'config.set': [
    { root: 'api', file: 'a.yaml', set: [{ path: ['a'], value: 1 }], remove: [] },
    { before: null, after: DIGEST, exists: false, diff: ['+a: 1'], added: 1, removed: 0, cut: 0 },
  ],
  'command.run': [
    { command: 'reindex', args: {} },
    {
      argv: ['/bin/reindex'],
      cwd: null,
      env: [],
      timeout_seconds: 5,
      output_limit: 10,
      output: 'keep',
    },
  ],
  'access.grant': [
    { database: 'crm', role: 'support', login: 'ana', minutes: 5 },
    {
      memberships: [],
      reads: 0,
      writes: 0,
      tables: [],
      functions: [],
      role_oid: '1',
      login_oid: '2',
    },
  ],
};

/** Beside what every input has. */
const OPTIONAL: Readonly<Record<string, readonly string[]>> = { 'config.set': ['if_digest'] };

it.each(builtIn.map((action) => [action.name, action] as const))('%s', (name, { fields, read, impact }) => {
  const [input, facts] = SAMPLES[name] ?? [{}, {}];
  expect(fields.input?.toSorted()).toEqual([...Object.keys(input), ...(OPTIONAL[name] ?? [])].toSorted());
  expect(fields.resource?.toSorted()).toEqual(Object.keys(read(input).resource).toSorted());
  expect(fields.preview?.toSorted()).toEqual(Object.keys(facts).toSorted());
  expect(impact(facts).length).toBeGreaterThan(0);
  // The facts are held to exactly these names, so the sample has them all.
  expect(() => impact({ ...facts, other: 1 })).toThrow('facts of a preview');
  for (const field of Object.keys(facts)) {
    const { [field]: _, ...rest } = facts;
    expect(() => impact(rest)).toThrow(field);
  }
});
