/** What http.request takes and what policy is told of it, from the input alone; and everything that is refused. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { readUrl } from '../../actions/http/url.ts';
import { createRegistry, httpRequest } from '../../actions/index.ts';
import { AssentError } from '../../approval/error.ts';
import type { JsonObject } from '../../approval/types.ts';

const get = { method: 'GET', url: 'https://api.example.com/v1/a', headers: {}, body: null, redirects: 0 };
const post = { ...get, method: 'POST', body: { json: { amount: 1200 } } };

const registry = createRegistry([httpRequest]);
const examine = (input: JsonObject) => registry.examine('http.request', input);

function refusal(work: () => unknown): AssentError {
  try {
    work();
  } catch (error) {
    if (error instanceof AssentError) return error;
    throw error;
  }
  throw new Error('Not refused');
}

describe('the resource', () => {
  it('is the whole of what policy may want to judge', () => {
    const input = {
      ...post,
      url: 'https://api.example.com:8443/v1/refunds?expand=charge&a=1&expand=x',
      headers: { authorization: { secret: 'stripe-key' }, 'x-b': { secret: 'a-key' }, accept: 'text/csv' },
    };
    expect(examine(input).resource).toEqual({
      host: 'api.example.com',
      method: 'POST',
      path: '/v1/refunds',
      scheme: 'https',
      port: 8443,
      query_keys: ['a', 'expand'],
      has_body: true,
      secrets: ['a-key', 'stripe-key'],
      redirects: 0,
    });
  });

  it('knows the ports that are left out', () => {
    expect(examine(get).resource).toMatchObject({ port: 443, has_body: false, secrets: [] });
    expect(examine({ ...get, url: 'http://api.example.com/' }).resource).toMatchObject({ port: 80 });
  });
});

it('names its target, and says in words what is sent', () => {
  const headers = { authorization: { secret: 'stripe-key' }, accept: 'text/csv' };
  const { title, target, description } = examine({ ...post, headers });
  expect(title).toBe('POST to api.example.com');
  expect(target).toBe('api.example.com');
  expect(description).toEqual([
    'Sends POST https://api.example.com/v1/a',
    "Sets authorization from the executor's secret stripe-key; accept: text/csv",
    'Its body: 15 bytes of application/json',
    'Follows no redirect',
  ]);
  expect(examine({ ...get, redirects: 2 }).description.slice(1)).toEqual([
    'Sets no header of its own',
    'Without a body',
    "Follows up to 2 redirects, within the executor's list",
  ]);
});

const refusedUrls: readonly (readonly [string, string])[] = [
  ['no URL', 'api.example.com/v1'],
  ['another scheme', 'ftp://api.example.com/'],
  ['a file', 'file:///etc/passwd'],
  ['data', 'data:text/plain,hi'],
  ['a user', 'https://api.example.com@evil.example/'],
  ['a user and a password', 'https://user:hunter2@api.example.com/'],
  ['an empty user', 'https://@api.example.com/'],
  ['a fragment', 'https://api.example.com/#a'],
  ['an empty fragment', 'https://api.example.com/#'],
  ['an empty query', 'https://api.example.com/?'],
  ['no path', 'https://api.example.com'],
  ['capitals in the host', 'https://API.example.com/'],
  ['capitals in the scheme', 'HTTPS://api.example.com/'],
  ['the port that goes without saying', 'https://api.example.com:443/'],
  ['a port with a zero before it', 'https://api.example.com:08443/'],
  ['a port that is none', 'https://api.example.com:65536/'],
  ['a dot after the host', 'https://api.example.com./'],
  ['a host in another alphabet', 'https://аpi.example.com/'],
  ['a full-width host', 'https://ａpi.example.com/'],
  ['a full-width dot', 'https://api。example.com/'],
  ['a soft hyphen in the host', 'https://api\u00ad.example.com/'],
  ['an encoded host', 'https://%61pi.example.com/'],
  ['an underscore in the host', 'https://a_pi.example.com/'],
  ['an empty label', 'https://api..example.com/'],
  ['an address', 'https://127.0.0.1/'],
  ['a hexadecimal address', 'https://0x7f.1/'],
  ['a decimal address', 'https://2130706433/'],
  ['an octal address', 'https://0177.0.0.1/'],
  ['a short address', 'https://127.1/'],
  ['a full-width address', 'https://１２７.0.0.1/'],
  ['an address of version 6', 'https://[::1]/'],
  ['an embedded address', 'https://[::ffff:169.254.169.254]/'],
  ['two slashes more', 'https:////api.example.com/'],
  ['backslashes', 'https:\\\\api.example.com\\v1'],
  ['a backslash before a host', 'https://api.example.com\\@evil.example/'],
  ['a step upwards', 'https://api.example.com/v1/../admin'],
  ['an encoded step upwards', 'https://api.example.com/v1/%2e%2e/admin'],
  ['a step upwards with an encoded slash', 'https://api.example.com/v1/..%2Fadmin'],
  ['the same, encoded twice', 'https://api.example.com/v1/..%252Fadmin'],
  ['a step upwards with a parameter', 'https://api.example.com/v1/..;/admin'],
  ['a step upwards with an encoded parameter', 'https://api.example.com/v1/..%3Ba=1/admin'],
  ['an encoded backslash', 'https://api.example.com/v1/..%5Cadmin'],
  ['an encoded letter', 'https://api.example.com/%61dmin'],
  ['an encoded digit', 'https://api.example.com/v%31'],
  ['an encoded tilde', 'https://api.example.com/%7Eroot'],
  ['small hexadecimal digits', 'https://api.example.com/a%2fb'],
  ['a percent sign alone', 'https://api.example.com/100%'],
  ['an encoded NUL', 'https://api.example.com/a%00.json'],
  ['an encoded line break', 'https://api.example.com/a%0D%0AHost:%20evil'],
  ['an empty step', 'https://api.example.com//admin'],
  ['a blank', 'https://api.example.com/a b'],
  ['a line break', 'https://api.example.com/\r\nHost: evil.example'],
  ['a tab that parsers drop', 'https://api.exa\tmple.com/'],
  ['a blank at the end', 'https://api.example.com/ '],
  ['letters that are encoded when they are sent', 'https://api.example.com/ü'],
  ['letters in the query', 'https://api.example.com/?q=ü'],
  ['a quote in the query', "https://api.example.com/?q='"],
];

describe('a URL', () => {
  it.each(refusedUrls)('with %s is refused', (_, url) => {
    expect(refusal(() => examine({ ...get, url })).code).toBe('url_refused');
  });

  it('is not quoted where it could hold a password', () => {
    expect(refusal(() => readUrl('https://user:hunter2@api.example.com/')).message).not.toContain('hunter2');
  });

  it('that is huge is refused before it is parsed', () => {
    const url = `https://api.example.com/${'a'.repeat(3_000_000)}`;
    expect(refusal(() => examine({ ...get, url })).code).toBe('input_invalid');
    expect(refusal(() => readUrl(url)).code).toBe('url_refused');
  });

  it.each([
    'https://api.example.com/',
    'https://localhost:8443/',
    'https://xn--bcher-kva.example/a',
    'https://api.example.com/a%2Fb/c;d=1/100%25/...',
    'https://api.example.com/?next=https://x.example/%2e%2e&q=%27',
    'https://4chan.example/',
  ])('like %s is sent as it stands', (url) => {
    const place = readUrl(url);
    expect(place.url).toBe(url);
    expect(url.endsWith(place.requestTarget)).toBe(true);
  });

  it('that is accepted reads the same to every parser: the platform prints it unchanged', () => {
    const piece = fc.stringMatching(/^[\x20-\x7e]{0,12}$/);
    const label = fc.oneof(piece, fc.stringMatching(/^[a-z0-9.:%@-]{1,8}$/));
    fc.assert(
      fc.property(label, piece, (host, rest) => {
        const text = `https://${host}/${rest}`;
        try {
          const { host: name, port, requestTarget } = readUrl(text);
          const authority = port === 443 ? name : `${name}:${port}`;
          expect(`https://${authority}${requestTarget}`).toBe(text);
          expect(new URL(text).href).toBe(text);
        } catch (error) {
          if (!(error instanceof AssentError)) throw error;
        }
      }),
      { numRuns: 2000 },
    );
  });
});

const refusedHeaders: readonly (readonly [string, Record<string, unknown>])[] = [
  ...[
    'host',
    'connection',
    'keep-alive',
    'te',
    'trailer',
    'transfer-encoding',
    'upgrade',
    'content-length',
    'content-encoding',
    'expect',
    'accept-encoding',
    'via',
    'forwarded',
    'x-forwarded-for',
    'x-forwarded-host',
    'proxy-authorization',
    'proxy-connection',
    'x-http-method-override',
    'x-original-url',
    'x-rewrite-url',
    'sec-fetch-site',
  ].map((name) => [name, { [name]: 'x' }] as const),
  ['a name in capitals', { Accept: 'x' }],
  ['two spellings of one name', { accept: 'x', Accept: 'y' }],
  ['an underscore', { x_forwarded_for: 'x' }],
  ['a blank after the name', { 'accept ': 'x' }],
  ['a colon in the name', { 'accept:': 'x' }],
  ['a line break in the name', { 'a\r\nhost': 'x' }],
  ['an empty name', { '': 'x' }],
  ['a pseudo header', { ':authority': 'x' }],
  ['CR LF in a value', { 'x-a': 'a\r\nHost: evil.example' }],
  ['LF in a value', { 'x-a': 'a\nb: c' }],
  ['CR in a value', { 'x-a': 'a\rb: c' }],
  ['NUL in a value', { 'x-a': 'a\0b' }],
  ['letters that end in a line break when they are cut to bytes', { 'x-a': 'a\u010d\u010ab: c' }],
  ['a blank before a value', { 'x-a': ' a' }],
  ['a blank after a value', { 'x-a': 'a ' }],
  ['an empty value', { 'x-a': '' }],
  ['a number', { 'x-a': 1 }],
  ['a list', { 'x-a': ['a', 'b'] }],
  ['a long value', { 'x-a': 'a'.repeat(1025) }],
  ['many headers', Object.fromEntries(Array.from({ length: 33 }, (_, index) => [`x-${index}`, 'a']))],
  ['a credential in plain', { authorization: 'Bearer hunter2' }],
  ['a cookie in plain', { cookie: 'session=hunter2' }],
  ['a key in plain', { 'x-api-key': 'hunter2' }],
  ['a secret beside something else', { authorization: { secret: 'a', prefix: 'Basic ' } }],
  ['a secret that has no name', { authorization: { secret: 'a\r\nb' } }],
];

describe('headers', () => {
  it.each(refusedHeaders)('%s: refused', (_, headers) => {
    const error = refusal(() => httpRequest.read(JSON.parse(JSON.stringify({ ...get, headers }))));
    expect(error.code).toBe('input_invalid');
    expect(error.message).toContain('headers');
    expect(error.message).not.toContain('hunter2');
  });
});

describe('a body', () => {
  it.each(['GET', 'HEAD', 'DELETE'])('is refused for %s', (method) => {
    expect(refusal(() => examine({ ...post, method })).message).toContain('has no body');
    expect(examine({ ...get, method }).resource).toMatchObject({ has_body: false });
  });

  it('has at most 64 KiB, counted as it is sent', () => {
    const text = (length: number) => ({ ...post, body: { text: 'ü'.repeat(length) } });
    expect(examine(text(32 * 1024)).resource).toMatchObject({ has_body: true });
    expect(refusal(() => examine(text(32 * 1024 + 1))).message).toContain('65536');
    const json = (length: number) => ({ ...post, body: { json: 'a'.repeat(length) } });
    expect(examine(json(64 * 1024 - 2)).resource).toMatchObject({ has_body: true });
    expect(refusal(() => examine(json(64 * 1024 - 1))).message).toContain('65536');
  });

  it('is JSON or text, not both and nothing else', () => {
    for (const body of ['{}', { json: 1, text: 'a' }, { file: '/etc/passwd' }, { text: 1 }, {}]) {
      expect(refusal(() => examine({ ...post, body })).code).toBe('input_invalid');
    }
  });
});

it('follows redirects of GET and HEAD only', () => {
  expect(examine({ ...get, redirects: 5 }).resource).toMatchObject({ redirects: 5 });
  expect(refusal(() => examine({ ...get, redirects: 6 })).code).toBe('input_invalid');
  for (const method of ['POST', 'PUT', 'PATCH', 'DELETE']) {
    expect(refusal(() => examine({ ...get, method, redirects: 1 })).message).toContain('redirects');
  }
});

it('knows no other method, and no other spelling of one', () => {
  for (const method of ['CONNECT', 'TRACE', 'OPTIONS', 'get', 'GET ', 'GET / HTTP/1.1\r\n', '']) {
    expect(refusal(() => examine({ ...get, method })).code).toBe('input_invalid');
  }
});
