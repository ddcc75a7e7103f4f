/** The section `http` of targets.yaml: what it admits, where its secrets come from, and what it refuses to load. */
import { chmod, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { stringify } from 'yaml';
import { httpRequest } from '../../actions/index.ts';
import { AssentError } from '../../approval/error.ts';
import type { JsonObject } from '../../approval/types.ts';
import { readTargets } from '../../worker/targets.ts';

let directory: string;
beforeAll(async () => {
  directory = await mkdtemp(join(tmpdir(), 'assent-targets-http-'));
});
afterAll(() => rm(directory, { recursive: true }));

const stripe = { header: 'authorization', prefix: 'Bearer ', env: 'STRIPE_KEY' };
const environment = { STRIPE_KEY: 'sk_live_hunter2', SHORT: 'hunter2', LINES: 'hunter2hunter2\nX-A: b' };

async function load(host: object, name = 'api.example.com') {
  const file = join(directory, 'targets.yaml');
  await writeFile(file, stringify({ http: { hosts: { [name]: host } } }));
  const [implementation, ...others] = await readTargets(file, environment);
  expect(others).toEqual([]);
  if (implementation === undefined || implementation.preview === null) throw new Error('no preview');
  expect(implementation.action.name).toBe('http.request');
  return implementation.preview;
}

/** The code with which the preview of a request is refused; every name is refused where no rule was before it. */
async function told(look: Awaited<ReturnType<typeof load>>, change: JsonObject = {}): Promise<unknown> {
  const url = 'https://api.example.com/';
  const input = { method: 'GET', url, headers: {}, body: null, redirects: 0, ...change };
  const signal = AbortSignal.abort();
  return look({ input, resource: httpRequest.read(input).resource, signal }).catch((error: unknown) => error);
}

const BEYOND_THE_LIST = { code: 'cancelled' };

it('admits the methods that it names, over https on its own port, on every path', async () => {
  const look = await load({ methods: ['GET'] });
  expect(await told(look)).toMatchObject(BEYOND_THE_LIST);
  expect(await told(look, { method: 'POST' })).toMatchObject({ code: 'method_not_listed' });
  expect(await told(look, { url: 'http://api.example.com/' })).toMatchObject({ code: 'scheme_not_listed' });
  expect(await told(look, { url: 'https://api.example.com:8443/' })).toMatchObject({
    code: 'port_not_listed',
  });
});

it('reads a secret from the environment or from a file that is its owner’s alone', async () => {
  const file = join(directory, 'stripe');
  await writeFile(file, 'sk_live_hunter2\n', { mode: 0o600 });
  const headers = { authorization: { secret: 'stripe-key' } };
  for (const secret of [stripe, { header: 'authorization', file }]) {
    const look = await load({ methods: ['GET'], secrets: { 'stripe-key': secret } });
    expect(await told(look, { headers })).toMatchObject(BEYOND_THE_LIST);
    expect(await told(look, { headers: { 'x-a': { secret: 'stripe-key' } } })).toMatchObject({
      code: 'secret_misplaced',
    });
  }
  await chmod(file, 0o640);
  const open = load({ methods: ['GET'], secrets: { k: { header: 'authorization', file } } });
  await expect(open).rejects.toMatchObject({ code: 'key_file_open' });
});

const secrets = (change: object) => ({ methods: ['GET'], secrets: { k: { ...stripe, ...change } } });
const faults: readonly (readonly [string, object, string, string])[] = [
  ['no method', {}, 'targets_invalid', 'methods: is missing'],
  ['a method that is none', { methods: ['CONNECT'] }, 'targets_invalid', 'methods[0]'],
  ['a scheme that is none', { methods: ['GET'], schemes: ['ftp'] }, 'targets_invalid', 'schemes[0]'],
  ['a port that is none', { methods: ['GET'], ports: [0] }, 'targets_invalid', 'ports[0]'],
  ['a path without its slash', { methods: ['GET'], paths: ['v1'] }, 'targets_invalid', 'paths[0]'],
  ['a field that nobody reads', { methods: ['GET'], redirect: true }, 'targets_invalid', 'redirect'],
  ['a secret in the file itself', secrets({ value: 'hunter2hunter2' }), 'targets_invalid', 'value'],
  ['a secret from two places', secrets({ file: '/a' }), 'targets_invalid', 'either a file or env'],
  ['a secret from nowhere', secrets({ env: undefined }), 'targets_invalid', 'either a file or env'],
  ['a secret in a header of the connection', secrets({ header: 'host' }), 'targets_invalid', 'header'],
  ['a variable that is not there', secrets({ env: 'NOTHING' }), 'secret_malformed', 'NOTHING'],
  ['a secret that is hardly one', secrets({ env: 'SHORT' }), 'secret_malformed', 'SHORT'],
  ['a secret of two lines', secrets({ env: 'LINES' }), 'secret_malformed', 'LINES'],
  [
    'a file that is not there',
    secrets({ env: undefined, file: '/nowhere' }),
    'key_file_unreadable',
    '/nowhere',
  ],
  ['a secret in plain HTTP', { ...secrets({}), schemes: ['http'] }, 'http_options_malformed', 'schemes'],
  ['no authority', { methods: ['GET'], ca: '/nowhere' }, 'file_unreadable', '/nowhere'],
  [
    'an authority that is none',
    { methods: ['GET'], ca: import.meta.filename },
    'ca_malformed',
    'certificate',
  ],
];

it.each(faults)('%s: refused, naming the place and quoting no secret', async (_, host, code, place) => {
  const error: unknown = await load(host).catch((thrown: unknown) => thrown);
  expect(error).toBeInstanceOf(AssentError);
  expect(error).toMatchObject({ code, message: expect.stringContaining(place) });
  expect(`${error}`).not.toContain('hunter2');
});

it.each(['*.example.com', '10.0.0.1', 'api.example.com:443', 'API.example.com', 'api.example.com.'])(
  'a host written %s: refused',
  async (name) => {
    await expect(load({ methods: ['GET'] }, name)).rejects.toMatchObject({
      code: 'targets_invalid',
      message: expect.stringContaining('must be a name in lower case'),
    });
  },
);
