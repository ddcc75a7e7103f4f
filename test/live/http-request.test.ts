/** http.request against real servers: what it sends and gives back, and everything that should stop it. */
import { createHash } from 'node:crypto';
import { once } from 'node:events';
import type net from 'node:net';
import { gzipSync } from 'node:zlib';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import type { HttpRequestOptions } from '../../actions/http/implementation.ts';
import { createRegistry, type HostEntry, httpRequest, implementHttpRequest } from '../../actions/index.ts';
import { MAX_JSON_BYTES } from '../../approval/canonical-json.ts';
import { AssentError } from '../../approval/error.ts';
import type { JsonObject } from '../../approval/types.ts';
import { type Certificate, selfSigned } from './certificate.ts';
import { type RawTarget, startRaw, startSilent, startTarget, type Target } from './http-target.ts';

const SECRET = 'sk_live/h%nt"er\\2+x=';
const NAMES = ['api.example.com', 'cdn.example.com', 'localhost'];

let certificate: Certificate;
let api: Target;
let plain: Target;
const started: RawTarget[] = [];

beforeAll(async () => {
  certificate = selfSigned(NAMES);
  [api, plain] = await Promise.all([startTarget(certificate), startTarget(null)]);
});
afterAll(() => Promise.all([api.stop(), plain.stop()]));
beforeEach(() => {
  for (const target of [api, plain]) {
    target.received.length = 0;
    target.connections = 0;
    target.answer = (_, response) => response.end('ok');
  }
});
afterEach(async () => {
  await Promise.all(started.splice(0).map((target) => target.stop()));
});

function entry(change: Partial<HostEntry> = {}): HostEntry {
  const ports = [api.port, plain.port, ...started.map(({ port }) => port)];
  const secrets = { 'stripe-key': { header: 'authorization', prefix: 'Bearer ', value: SECRET } };
  const base: HostEntry = {
    methods: ['GET', 'HEAD', 'POST', 'PUT', 'PATCH', 'DELETE'],
    schemes: ['https'],
    ports,
    paths: null,
    private: true,
    secrets,
    ca: certificate.cert,
  };
  return { ...base, ...change };
}

const loopback = async () => ['127.0.0.1'];

function executor(options: Partial<HttpRequestOptions> = {}) {
  const hosts = { 'api.example.com': entry(), 'cdn.example.com': entry({ secrets: {} }) };
  return implementHttpRequest({ hosts, resolve: loopback, ...options });
}

const url = (path: string, { port = api.port, host = 'api.example.com', scheme = 'https' } = {}) =>
  `${scheme}://${host}:${port}${path}`;

const get = (change: JsonObject = {}): JsonObject => ({
  method: 'GET',
  url: url('/a'),
  headers: {},
  body: null,
  redirects: 0,
  ...change,
});

interface Doing {
  readonly options?: Partial<HttpRequestOptions>;
  readonly signal?: AbortSignal;
}

function callOf(input: JsonObject, signal = new AbortController().signal) {
  return { input, resource: httpRequest.read(input).resource, signal };
}

async function execute(input: JsonObject, { options, signal }: Doing = {}): Promise<JsonObject> {
  const call = {
    ...callOf(input, signal),
    approved: null,
    slack: 0,
    heartbeat: () => undefined,
    overdue: () => false,
  };
  return executor(options).execute(call);
}

async function preview(input: JsonObject, options?: Partial<HttpRequestOptions>): Promise<JsonObject> {
  const look = executor(options).preview;
  if (look === null) throw new Error('http.request has a preview');
  return look(callOf(input));
}

/** The error, after a look at whether it tells the secret anywhere. */
async function refusal(work: Promise<unknown>): Promise<AssentError> {
  const error: unknown = await work.then(
    () => new Error('Not refused'),
    (thrown: unknown) => thrown,
  );
  if (!(error instanceof AssentError)) throw error;
  expect(error.cause).toBeUndefined();
  expect(JSON.stringify([error.message, error.evidence, error.stack])).not.toContain('sk_live');
  return error;
}

async function raw(say: (socket: net.Socket) => void): Promise<string> {
  const target = await startRaw(certificate, say);
  started.push(target);
  return url('/raw', { port: target.port });
}

const sha256 = (bytes: Uint8Array | string) => `sha256:${createHash('sha256').update(bytes).digest('hex')}`;

describe('what is sent', () => {
  it('is the request as it was approved, and nothing that was not announced', async () => {
    const input = get({
      method: 'POST',
      url: url('/v1/refunds?expand=charge'),
      headers: { authorization: { secret: 'stripe-key' }, 'idempotency-key': 'r-1' },
      body: { json: { b: [1, 'ü'], a: null } },
    });
    const facts = await preview(input);
    expect(api.connections).toBe(0);
    const result = await execute(input);
    expect(api.received).toEqual([
      {
        method: 'POST',
        url: '/v1/refunds?expand=charge',
        headers: [
          ['user-agent', 'assent'],
          ['accept', '*/*'],
          ['content-type', 'application/json'],
          ['authorization', `Bearer ${SECRET}`],
          ['idempotency-key', 'r-1'],
          ['host', `api.example.com:${api.port}`],
          ['connection', 'close'],
          ['accept-encoding', 'identity'],
          ['content-length', '23'],
        ],
        body: '{"a":null,"b":[1,"ü"]}',
        serverName: 'api.example.com',
      },
    ]);
    const [sent] = api.received;
    expect(facts).toEqual({
      entry: {
        methods: entry().methods,
        schemes: ['https'],
        ports: entry().ports,
        paths: null,
        private: true,
      },
      reach: 'private',
      sends: {
        method: 'POST',
        url: input.url,
        headers: sent?.headers.map(([name]) => name).sort(),
        secrets: ['stripe-key'],
        body: {
          type: 'application/json',
          bytes: Buffer.byteLength(sent?.body ?? ''),
          sha256: sha256(sent?.body ?? ''),
        },
      },
    });
    expect(result).toMatchObject({ status: 200, url: input.url, hops: [], body: { text: 'ok' } });
    expect(JSON.stringify([facts, result])).not.toContain('sk_live');
  });

  it('is text where text is asked for, and a length of 0 where a POST has no body', async () => {
    await execute(get({ method: 'PUT', body: { text: 'a,b\r\n' }, headers: { 'content-type': 'text/csv' } }));
    await execute(get({ method: 'POST' }));
    const [put, post] = api.received;
    expect(put).toMatchObject({ method: 'PUT', body: 'a,b\r\n' });
    expect(put?.headers).toContainEqual(['content-type', 'text/csv']);
    expect(post?.headers).toContainEqual(['content-length', '0']);
  });

  it.each(['GET', 'HEAD', 'DELETE'])('has no body and no length for %s', async (method) => {
    await execute(get({ method }));
    expect(api.received).toMatchObject([{ method, body: '' }]);
    expect(api.received[0]?.headers.map(([name]) => name)).not.toContain('content-length');
  });

  it('may be in plain HTTP where the list says so', async () => {
    const hosts = { 'api.example.com': entry({ schemes: ['http'], secrets: {} }) };
    const input = get({ url: url('/', { scheme: 'http', port: plain.port }) });
    expect(await execute(input, { options: { hosts } })).toMatchObject({ status: 200 });
  });
});

describe('what is given back', () => {
  it('is the status, a few headers, and the body with its digest', async () => {
    api.answer = (_, response) =>
      response
        .writeHead(201, {
          'content-type': 'text/plain',
          etag: '"1"',
          'set-cookie': 'a=b',
          'x-powered-by': 'x',
        })
        .end('done ✓');
    expect(await execute(get())).toEqual({
      status: 201,
      url: url('/a'),
      hops: [],
      headers: { 'content-type': 'text/plain', etag: '"1"' },
      body: {
        bytes: 8,
        sha256: sha256('done ✓'),
        complete: true,
        text: 'done ✓',
        cut: false,
        withheld: false,
      },
    });
  });

  it('is cut between two characters, and says so', async () => {
    const whole = `x${'ü'.repeat(40_000)}`;
    api.answer = (_, response) => response.end(whole);
    const { body } = await execute(get());
    expect(body).toMatchObject({ bytes: 80_001, sha256: sha256(whole), complete: true, cut: true });
    expect(body).toHaveProperty('text', `x${'ü'.repeat(16_383)}`);
  });

  it('is read up to a limit where the body never ends', async () => {
    const chunk = Buffer.alloc(1024 * 1024, 'a');
    api.answer = (_, response) => {
      const pour = () => {
        while (!response.destroyed && response.write(chunk));
      };
      response.on('drain', pour);
      pour();
    };
    const { body } = await execute(get());
    expect(body).toMatchObject({ bytes: 8 * 1024 * 1024, complete: false, cut: true });
  });

  it('is never decompressed', async () => {
    const bomb = gzipSync(Buffer.alloc(20 * 1024 * 1024));
    api.answer = (_, response) => response.writeHead(200, { 'content-encoding': 'gzip' }).end(bomb);
    expect(await execute(get())).toMatchObject({
      headers: { 'content-encoding': 'gzip' },
      body: { bytes: bomb.byteLength, sha256: sha256(bomb), complete: true, text: null, cut: false },
    });
  });

  it('always fits into a result', async () => {
    api.answer = (_, response) =>
      response.writeHead(200, { etag: 'ÿ'.repeat(12_000) }).end(Buffer.alloc(64 * 1024, 1));
    const result = await execute(get());
    expect(result).toMatchObject({ body: { cut: true, text: '\u0001'.repeat(32 * 1024) } });
    expect(Buffer.byteLength(JSON.stringify(result))).toBeLessThan(MAX_JSON_BYTES);
  });

  it('is a failure with its status where the target refuses', async () => {
    for (const status of [400, 401, 404, 429, 500, 503]) {
      api.answer = (_, response) => response.writeHead(status).end(`Bearer ${SECRET}`.repeat(100_000));
      const input = get({ headers: { authorization: { secret: 'stripe-key' } } });
      const error = await refusal(execute(input));
      expect(error.code).toBe('http_status');
      expect(error.message).toContain(String(status));
      expect(error.evidence).toEqual({ status });
    }
  });
});

describe('a secret', () => {
  const headers = { authorization: { secret: 'stripe-key' } };

  it('goes to its own host only, in its own header only', async () => {
    const there = get({ url: url('/', { host: 'cdn.example.com' }), headers });
    const elsewhere = get({ headers: { 'x-debug': { secret: 'stripe-key' } } });
    for (const [input, code] of [
      [there, 'secret_unknown'],
      [elsewhere, 'secret_misplaced'],
      [get({ headers: { authorization: { secret: 'constructor' } } }), 'secret_unknown'],
    ] as const) {
      expect((await refusal(preview(input))).code).toBe(code);
      expect((await refusal(execute(input))).code).toBe(code);
    }
    expect(api.connections).toBe(0);
  });

  const spellings: readonly (readonly [string, string])[] = [
    ['as it is', `you sent Bearer ${SECRET}`],
    ['in JSON', JSON.stringify({ authorization: SECRET })],
    ['in JSON that escapes slashes', JSON.stringify(SECRET).replaceAll('/', '\\/')],
    ['in a URL', `https://x.example/?key=${encodeURIComponent(SECRET)}`],
  ];
  it.each(spellings)('that the answer repeats %s is withheld', async (_, text) => {
    api.answer = (__, response) => response.writeHead(200, { etag: `"${SECRET}"` }).end(text);
    const result = await execute(get({ headers }));
    expect(result).toMatchObject({ headers: {}, body: { text: null, withheld: true } });
    expect(JSON.stringify(result)).not.toContain('sk_live');
  });

  it('is withheld, too, where the limit would cut through it', async () => {
    for (const before of [32 * 1024 - SECRET.length, 32 * 1024 - 4, 32 * 1024 - 1]) {
      api.answer = (_, response) => response.end(`${'a'.repeat(before)}${SECRET}`);
      expect(await execute(get({ headers }))).toMatchObject({ body: { text: null, withheld: true } });
    }
  });

  it('stays behind when a redirect leads to another host, with every other header', async () => {
    api.answer = (request, response) => {
      if (request.headers.host?.startsWith('cdn.')) response.end('file');
      else response.writeHead(302, { location: url('/file', { host: 'cdn.example.com' }) }).end();
    };
    const input = get({ headers: { ...headers, accept: 'text/csv', 'x-tenant': 't1' }, redirects: 1 });
    expect(await execute(input)).toMatchObject({
      status: 200,
      url: url('/file', { host: 'cdn.example.com' }),
      hops: [{ status: 302, url: url('/a') }],
    });
    expect(api.received[0]?.headers).toContainEqual(['authorization', `Bearer ${SECRET}`]);
    expect(api.received[1]?.headers).toEqual([
      ['user-agent', 'assent'],
      ['accept', 'text/csv'],
      ['host', `cdn.example.com:${api.port}`],
      ['connection', 'close'],
      ['accept-encoding', 'identity'],
    ]);
  });

  it('does not come back where the way leads back', async () => {
    const hosts = [url('/2', { host: 'cdn.example.com' }), url('/3')];
    api.answer = (_, response) => {
      const location = hosts[api.received.length - 1];
      if (location === undefined) response.end();
      else response.writeHead(307, { location }).end();
    };
    await execute(get({ headers, redirects: 2 }));
    const holding = api.received.map((one) => one.headers.some(([name]) => name === 'authorization'));
    expect(holding).toEqual([true, false, false]);
  });

  it('goes along to another path of its own place', async () => {
    api.answer = (request, response) => {
      if (request.url === '/b') response.end();
      else response.writeHead(308, { location: '/b#there' }).end();
    };
    expect(await execute(get({ headers, redirects: 1 }))).toMatchObject({ url: url('/b') });
    expect(api.received[1]?.headers).toContainEqual(['authorization', `Bearer ${SECRET}`]);
  });

  it('is not told where a redirect repeats it', async () => {
    api.answer = (_, response) =>
      response.writeHead(302, { location: `/b?key=${encodeURIComponent(SECRET)}` }).end();
    expect((await refusal(execute(get({ headers, redirects: 1 })))).code).toBe('redirect_refused');
    const result = await execute(get({ headers }));
    expect(result).toMatchObject({ status: 302, headers: {} });
  });
});

describe('a redirect', () => {
  const away: Readonly<Record<string, () => string>> = {
    'the metadata service': () => 'http://169.254.169.254/latest/meta-data/',
    'the metadata service in other words': () => 'https://2852039166/latest/meta-data/',
    localhost: () => url('/a', { host: 'localhost' }),
    'the loopback': () => url('/a', { host: '127.0.0.1' }),
    'the loopback of version 6': () => url('/a', { host: '[::1]' }),
    'a mapped address': () => url('/a', { host: '[::ffff:127.0.0.1]' }),
    'another scheme': () => url('/a', { scheme: 'http', port: plain.port }),
    'a file': () => 'file:///etc/passwd',
    'a host off the list': () => url('/a', { host: 'evil.example' }),
    'a host off the list without its scheme': () => `//evil.example:${api.port}/`,
    'a dot after the host': () => url('/a', { host: 'api.example.com.' }),
    'a port off the list': () => url('/a', { port: 1 }),
    'a path off the list': () => url('/admin'),
    'a path off the list, by a step upwards': () => '/a/../admin',
    'a path off the list, in other words': () => '/a/..%2fadmin',
    'a user and a password': () => `https://user:hunter2@api.example.com:${api.port}/a`,
    'a method off the list': () => url('/a', { host: 'cdn.example.com' }),
    'a private address': () => url('/a', { host: 'rebound.example.com' }),
    nowhere: () => 'https://',
  };

  it.each(Object.entries(away))('to %s is refused, and nothing is asked there', async (name, locate) => {
    const location = locate();
    api.answer = (_, response) => response.writeHead(302, { location }).end();
    const hosts = {
      'api.example.com': entry({ paths: ['/a'], schemes: ['https', 'http'], secrets: {} }),
      'cdn.example.com': entry({ methods: ['POST'], secrets: {} }),
      'rebound.example.com': entry({ private: false, secrets: {} }),
    };
    const error = await refusal(execute(get({ redirects: 5 }), { options: { hosts } }));
    expect(error.code).toBe(name === 'a private address' ? 'address_refused' : 'redirect_refused');
    if (name === 'another scheme') expect(error.message).toContain('leaves https');
    expect(error.message).not.toContain('hunter2');
    expect([api.connections, plain.connections]).toEqual([1, 0]);
  });

  it('is followed as often as was approved, and not once more', async () => {
    api.answer = (_, response) => response.writeHead(303, { location: '/a' }).end();
    expect((await refusal(execute(get({ redirects: 3 })))).code).toBe('redirect_refused');
    expect(api.received).toHaveLength(4);
  });

  it.each([301, 302, 303, 307, 308])('of a POST, with %d, is its answer', async (status) => {
    api.answer = (_, response) => response.writeHead(status, { location: '/b' }).end();
    const result = await execute(get({ method: 'POST', body: { json: 1 } }));
    expect(result).toMatchObject({ status, headers: { location: '/b' } });
    expect(api.received).toHaveLength(1);
  });

  it('of HEAD is followed with HEAD', async () => {
    api.answer = (request, response) => {
      if (request.url === '/b') response.end();
      else response.writeHead(303, { location: '/b' }).end();
    };
    await execute(get({ method: 'HEAD', redirects: 1 }));
    expect(api.received.map(({ method }) => method)).toEqual(['HEAD', 'HEAD']);
  });
});

describe('the list', () => {
  const cases = (): readonly (readonly [string, JsonObject, Partial<HostEntry>])[] => [
    ['host_not_listed', get({ url: url('/', { host: 'evil.example' }) }), {}],
    ['host_not_listed', get({ url: url('/', { host: 'a.api.example.com' }) }), {}],
    ['method_not_listed', get({ method: 'DELETE' }), { methods: ['GET'] }],
    ['scheme_not_listed', get({ url: url('/', { scheme: 'http' }) }), {}],
    ['port_not_listed', get(), { ports: [1] }],
    ['port_not_listed', get(), { ports: null }],
    ['path_not_listed', get({ url: url('/ab') }), { paths: ['/a'] }],
    ['path_not_listed', get({ url: url('/A') }), { paths: ['/a', '/b/'] }],
    ['path_not_listed', get({ url: url('/b') }), { paths: ['/b/'] }],
  ];
  it('stops what is not on it before anything is asked', async () => {
    for (const [code, input, change] of cases()) {
      const options = {
        hosts: { 'api.example.com': entry(change) },
        resolve: () => Promise.reject(new Error('asked')),
      };
      expect((await refusal(preview(input, options))).code).toBe(code);
      expect((await refusal(execute(input, { options }))).code).toBe(code);
    }
    expect(api.connections).toBe(0);
  });

  it('covers what lies below a path', async () => {
    const hosts = { 'api.example.com': entry({ paths: ['/v1', '/b/'] }) };
    for (const path of ['/v1', '/v1/', '/v1/x', '/v1?a=1', '/b/x']) {
      expect(await execute(get({ url: url(path) }), { options: { hosts } })).toMatchObject({ status: 200 });
    }
  });
});

describe('a name', () => {
  it('that leads to a private address is refused where none is meant', async () => {
    const hosts = { 'api.example.com': entry({ private: false }) };
    for (const resolve of [
      loopback,
      async () => ['1.1.1.1', '127.0.0.1'],
      async () => ['::ffff:127.0.0.1'],
    ]) {
      const options = { hosts, resolve };
      expect((await refusal(preview(get(), options))).code).toBe('address_refused');
      expect((await refusal(execute(get(), { options }))).code).toBe('address_refused');
    }
    expect(api.connections).toBe(0);
  });

  it('that is rebound between preview and execution is refused', async () => {
    const answers = [['93.184.216.34'], ['127.0.0.1']];
    const resolve = async () => answers.shift() ?? [];
    const options = { hosts: { 'api.example.com': entry({ private: false }) }, resolve };
    expect(await preview(get(), options)).toMatchObject({ reach: 'public' });
    expect((await refusal(execute(get(), { options }))).code).toBe('address_refused');
    expect(api.connections).toBe(0);
  });

  it('that is rebound between the check and the connection leads to what was checked', async () => {
    let asked = 0;
    const resolve = async () => {
      asked += 1;
      // Nothing listens at the second one.
      return asked === 1 ? ['127.0.0.1'] : ['127.0.0.77'];
    };
    expect(await execute(get(), { options: { resolve } })).toMatchObject({ status: 200 });
    expect(asked).toBe(1);
  });

  it('with several addresses is reached at one that answers', async () => {
    const resolve = async () => ['127.0.0.77', '127.0.0.1'];
    expect(await execute(get(), { options: { resolve } })).toMatchObject({ status: 200 });
  });

  it('is resolved as the machine does it, unless told otherwise', async () => {
    const input = get({ url: url('/', { host: 'localhost' }) });
    const named = implementHttpRequest({ hosts: { localhost: entry({ secrets: {} }) } });
    const call = {
      ...callOf(input),
      approved: null,
      slack: 0,
      heartbeat: () => undefined,
      overdue: () => false,
    };
    expect(await named.execute(call)).toMatchObject({ status: 200 });
    const unnamed = implementHttpRequest({ hosts: { localhost: entry({ secrets: {}, private: false }) } });
    expect((await refusal(unnamed.execute(call))).code).toBe('address_refused');
  });

  it('that cannot be resolved is no failure of anything that was sent', async () => {
    const failing = Object.assign(new Error('sk_live'), { code: 'ENOTFOUND' });
    const error = await refusal(execute(get(), { options: { resolve: () => Promise.reject(failing) } }));
    expect(error).toMatchObject({ code: 'target_unreachable' });
    expect(error.message).toContain('ENOTFOUND');
  });
});

describe('a connection', () => {
  const limits = { connectMs: 200, totalMs: 5000 };

  it('is refused to a server with another name or from another authority, whatever the environment says', async () => {
    process.env.NODE_TLS_REJECT_UNAUTHORIZED = '0';
    try {
      const hosts = {
        'api.example.com': entry({ ca: null }),
        'www.example.com': entry(),
        'cdn.example.com': entry({ ca: selfSigned(NAMES).cert }),
      };
      for (const host of Object.keys(hosts)) {
        const input = get({ url: url('/', { host }), headers: { authorization: { secret: 'stripe-key' } } });
        expect((await refusal(execute(input, { options: { hosts } }))).code).toBe('target_unreachable');
      }
    } finally {
      delete process.env.NODE_TLS_REJECT_UNAUTHORIZED;
    }
    expect(api.received).toEqual([]);
  });

  it('that nobody takes, or nobody answers, fails before anything is sent', async () => {
    const silent = await startSilent();
    started.push(silent);
    const options = { limits, hosts: { 'api.example.com': entry({ ports: [1, silent.port] }) } };
    for (const port of [1, silent.port]) {
      const error = await refusal(execute(get({ url: url('/', { port }) }), { options }));
      expect(error.code).toBe('target_unreachable');
    }
  });

  it('is not waited for where the name is never resolved', async () => {
    const resolve = () => new Promise<never>(() => undefined);
    expect((await refusal(execute(get(), { options: { limits, resolve } }))).code).toBe('target_unreachable');
    expect((await refusal(preview(get(), { limits, resolve }))).code).toBe('target_unreachable');
  });

  it('is given up where the work is cancelled', async () => {
    const abort = new AbortController();
    const resolve = () => {
      abort.abort();
      return new Promise<never>(() => undefined);
    };
    const doing = { options: { resolve }, signal: abort.signal };
    expect((await refusal(execute(get(), doing))).code).toBe('cancelled');
    expect((await refusal(execute(get(), { signal: AbortSignal.abort() }))).code).toBe('cancelled');
    expect(api.connections).toBe(0);
  });
});

/** Writes a piece every 20 ms until the other side is gone. */
function drip(socket: net.Socket, piece: string, head = ''): void {
  socket.write(head);
  const dripping = setInterval(() => socket.write(piece), 20);
  socket.once('close', () => clearInterval(dripping));
}

const OK = 'HTTP/1.1 200 OK\r\n';

describe('an answer that is lost', () => {
  const lost: readonly (readonly [string, (socket: net.Socket) => void])[] = [
    ['by a connection that ends', (socket) => socket.end()],
    ['by a connection that breaks', (socket) => socket.destroy()],
    ['in its headers', (socket) => socket.end(`${OK}content-type: te`)],
    ['in its body', (socket) => socket.end(`${OK}content-length: 100\r\n\r\nhalf`)],
    ['in its chunks', (socket) => socket.end(`${OK}transfer-encoding: chunked\r\n\r\n4\r\nhalf\r\n`)],
    ['in what is no HTTP', (socket) => socket.end('SSH-2.0-OpenSSH_9.9\r\n')],
    ['between two lengths', (socket) => socket.end(`${OK}content-length: 1\r\ncontent-length: 2\r\n\r\nab`)],
    [
      'between a length and chunks',
      (socket) => socket.end(`${OK}content-length: 1\r\ntransfer-encoding: chunked\r\n\r\n0\r\n\r\n`),
    ],
    ['in headers that are too large', (socket) => socket.end(`${OK}a: ${'b'.repeat(20_000)}\r\n\r\n`)],
    ['in headers that never end', (socket) => drip(socket, 'a')],
    ['in a switch of protocols', (socket) => socket.write('HTTP/1.1 101 Switching\r\nupgrade: x\r\n\r\n')],
    ['in silence', () => undefined],
    ['in headers that drip', (socket) => drip(socket, 'a: b\r\n')],
    ['in interim answers without end', (socket) => drip(socket, 'HTTP/1.1 100 Continue\r\n\r\n')],
    ['in a body that drips', (socket) => drip(socket, 'a', `${OK}\r\n`)],
  ];

  it.each(lost)('%s leaves the outcome unknown, and is not asked for again', async (_, say) => {
    const input = get({ url: await raw(say), headers: { authorization: { secret: 'stripe-key' } } });
    const limits = { connectMs: 2000, totalMs: 500 };
    const error = await refusal(execute(input, { options: { limits } }));
    expect(error.code).toBe('outcome_unknown');
    expect(started.map(({ connections }) => connections)).toEqual([1]);
  });

  it('to whoever cancelled it is lost as well', async () => {
    const abort = new AbortController();
    api.answer = () => abort.abort();
    const error = await refusal(execute(get({ method: 'POST' }), { signal: abort.signal }));
    expect(error.code).toBe('outcome_unknown');
  });

  it('after the status of a refusal is a refusal', async () => {
    const input = get({
      url: await raw((socket) => socket.end('HTTP/1.1 422 No\r\ncontent-length: 9\r\n\r\na')),
    });
    expect((await refusal(execute(input))).code).toBe('http_status');
  });

  it('takes nothing from a second answer behind the first', async () => {
    const input = get({
      url: await raw((socket) =>
        socket.end(`${OK}content-length: 3\r\n\r\noneHTTP/1.1 500 No\r\ncontent-length: 3\r\n\r\ntwo`),
      ),
    });
    expect(await execute(input)).toMatchObject({ status: 200, body: { text: 'one', bytes: 3 } });
  });

  it('is not left to run on behind a refusal', async () => {
    let closed: Promise<unknown> = Promise.resolve();
    const input = get({
      url: await raw((socket) => {
        closed = once(socket, 'close');
        socket.write('HTTP/1.1 422 No\r\ncontent-length: 9\r\n\r\na');
      }),
    });
    expect((await refusal(execute(input))).code).toBe('http_status');
    await closed;
  });
});

describe('the preview', () => {
  const examined = () => createRegistry([httpRequest]).examine('http.request', get());

  it('is told in words', async () => {
    expect(examined().present(await preview(get())).impact).toEqual([
      'GET without a body would be sent',
      'The host is in a private network',
      'The list allows: GET, HEAD, POST, PUT, PATCH, DELETE on every path',
    ]);
  });

  it('drifts where the host moves into another network, and not where addresses or the list change', async () => {
    const before = await preview(get());
    const public_ = await preview(get(), { resolve: async () => ['1.1.1.1'] });
    const wider = await preview(get(), {
      hosts: { 'api.example.com': entry({ methods: ['GET'], paths: ['/'] }) },
      resolve: async () => ['10.0.0.1'],
    });
    expect(examined().drift(before, public_, 0)).toEqual([
      'reach: "private" was approved, now it is "public"',
    ]);
    expect(examined().drift(before, wider, 0)).toEqual([]);
  });
});

describe('a list that cannot be meant', () => {
  const secret = { header: 'authorization', prefix: '', value: 'hunter2hunter2' };
  const faults: readonly (readonly [string, string, Partial<HostEntry>])[] = [
    ['an address', '127.0.0.1', {}],
    ['a host with capitals', 'API.example.com', {}],
    ['a host with a port', 'api.example.com:443', {}],
    ['a pattern', '*.example.com', {}],
    ['no method', 'a.example', { methods: [] }],
    ['an empty path', 'a.example', { paths: [''] }],
    ['a path that steps upwards', 'a.example', { paths: ['/v1/../'] }],
    [
      'a secret that breaks the line',
      'a.example',
      { secrets: { k: { ...secret, value: 'hunter2\r\na: b' } } },
    ],
    ['a secret that is hardly one', 'a.example', { secrets: { k: { ...secret, value: 'hunter2' } } }],
    ['a secret as the host', 'a.example', { secrets: { k: { ...secret, header: 'host' } } }],
    ['a prefix that breaks the line', 'a.example', { secrets: { k: { ...secret, prefix: 'a\n' } } }],
    ['a secret in plain HTTP', 'a.example', { schemes: ['https', 'http'], secrets: { k: secret } }],
  ];

  it.each(faults)('(%s) is refused', (_, host, change) => {
    const make = () => implementHttpRequest({ hosts: { [host]: entry({ secrets: {}, ...change }) } });
    expect(make).toThrow(expect.objectContaining({ code: 'http_options_malformed' }));
    expect(make).not.toThrow(/hunter2/);
  });
});
