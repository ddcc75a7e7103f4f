import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { stringify } from 'yaml';
import { AssentError } from '../../approval/error.ts';
import { readTargets } from '../../worker/targets.ts';

let directory: string;
beforeAll(async () => {
  directory = await mkdtemp(join(tmpdir(), 'assent-targets-'));
});
afterAll(() => rm(directory, { recursive: true }));

const crm = {
  preview: 'postgres://preview:hunter2@crm/crm',
  export: 'postgres://export:hunter2@crm/crm',
  personal_data: ['customers.email'],
};
const read = async (value: unknown) => {
  const file = join(directory, 'targets.yaml');
  await writeFile(file, typeof value === 'string' ? value : stringify(value));
  return readTargets(file);
};
const withCrm = (change: object) => ({
  sql: { exports: '/var/lib/assent', databases: { crm: { ...crm, ...change } } },
});

it('implements sql.export and sql.execute on the databases that it names', async () => {
  const implementations = await read(withCrm({}));
  expect(implementations.map(({ action }) => action.name)).toEqual(['sql.export', 'sql.execute']);
});

it('implements config.set where there are roots', async () => {
  const implementations = await read({ config: { roots: { app: '/etc/app' } } });
  expect(implementations.map(({ action }) => action.name)).toEqual(['config.set']);
});

const withAccess = (change: object) => ({
  access: {
    databases: {
      crm: { url: 'postgres://access:hunter2@crm/crm', roles: ['writer'], logins: ['a*'], ...change },
    },
  },
});

it('implements access.grant on the databases that it names', async () => {
  const implementations = await read(withAccess({}));
  expect(implementations.map(({ action }) => action.name)).toEqual(['access.grant']);
});

const faults: readonly (readonly [string, unknown, string, string])[] = [
  ['no database', { sql: { exports: '/var' } }, 'targets_invalid', 'databases'],
  ['no place for the files', { sql: { databases: { crm } } }, 'targets_invalid', 'exports'],
  ['an address that is none', withCrm({ preview: 'hunter2' }), 'targets_invalid', 'preview'],
  [
    'an address of something else',
    withCrm({ export: 'mysql://root:hunter2@crm' }),
    'targets_invalid',
    'export',
  ],
  ['an address to execute on that is none', withCrm({ execute: 'hunter2' }), 'targets_invalid', 'execute'],
  ['a field that nobody reads', withCrm({ password: 'hunter2' }), 'targets_invalid', 'password'],
  ['a column without its table', withCrm({ personal_data: ['email'] }), 'sql_options_malformed', 'email'],
  ['no section', {}, 'targets_invalid', 'sql'],
  [
    'a section that nobody knows',
    { sqll: {} },
    'targets_invalid',
    ':1:1: sqll: unknown key; known here: sql',
  ],
  [
    'a root that depends on where it runs',
    { config: { roots: { app: 'etc' } } },
    'targets_invalid',
    'roots.app',
  ],
  [
    'a root that no request can name',
    { config: { roots: { App: '/etc' } } },
    'targets_invalid',
    'lower case',
  ],
  ['roles that nobody lists', withAccess({ roles: [] }), 'targets_invalid', 'roles'],
  ['logins that nobody lists', withAccess({ logins: undefined }), 'targets_invalid', 'logins'],
  ["a login's address that is none", withAccess({ url: 'hunter2' }), 'targets_invalid', 'url'],
  ['no YAML', 'sql: [', 'targets_invalid', 'targets.yaml'],
];

it.each(faults)('%s: refused, naming the place and quoting no credential', async (_, value, code, place) => {
  const error: unknown = await read(value).catch((thrown: unknown) => thrown);
  expect(error).toBeInstanceOf(AssentError);
  expect(error).toMatchObject({ code, message: expect.stringContaining(place) });
  expect(`${error}`).not.toContain('hunter2');
});

it('names a file that is not there', async () => {
  await expect(readTargets(join(directory, 'nowhere.yaml'))).rejects.toMatchObject({
    code: 'file_unreadable',
  });
});
