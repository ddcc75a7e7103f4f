import { readFileSync } from 'node:fs';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { canonicalize, MAX_JSON_DEPTH, parseJson } from '../../approval/canonical-json.ts';

const fixture = (name: string) =>
  readFileSync(new URL(`../fixtures/rfc8785/${name}`, import.meta.url), 'utf8');
const refused = expect.objectContaining({ name: 'AssentError', code: 'canonical_json_refused' });

describe('RFC 8785, published data', () => {
  it.each(['arrays', 'french', 'structures', 'unicode', 'weird'])('%s', (name) => {
    const canonical = canonicalize(parseJson(fixture(`${name}.input.json`)));
    expect(Buffer.from(canonical).toString('hex')).toBe(fixture(`${name}.outhex.txt`).replace(/\s/g, ''));
  });

  it('values, where 1E30 is an integer that no double holds exactly', () => {
    const input = fixture('values.input.json');
    expect(() => parseJson(input)).toThrow(refused);
    const expected = Buffer.from(fixture('values.outhex.txt').replace(/\s/g, ''), 'hex').toString();
    expect(canonicalize(parseJson(input.replace('1E30, ', '')))).toBe(expected.replace('1e+30,', ''));
  });

  it.each(
    fixture('numbers.csv')
      .trim()
      .split('\n')
      .map((line) => line.split(',')),
  )('%s is %s, or refused', (bits, text) => {
    const value = Buffer.from(bits ?? '', 'hex').readDoubleBE();
    const exact = !Object.is(value, -0) && (!Number.isInteger(value) || Number.isSafeInteger(value));
    if (exact) expect(canonicalize(value)).toBe(text);
    else expect(() => canonicalize(value)).toThrow(refused);
  });
});

describe('what has no exact JSON form is refused', () => {
  const cycle: unknown[] = [];
  cycle.push(cycle);
  const loop: Record<string, unknown> = {};
  loop.self = { loop };
  class Amount {
    value = 1;
  }
  const nested = (levels: number) => {
    let value: unknown = [];
    for (let level = 1; level < levels; level++) value = [value];
    return value;
  };

  it.each<[string, unknown]>([
    ['undefined', undefined],
    ['undefined in an array', [1, undefined]],
    ['undefined in an object', { a: undefined }],
    ['a hole', new Array(2)],
    ['a hole at the end', Object.assign([1], { length: 2 })],
    ['an array with more than elements', Object.assign([1], { more: 2 })],
    ['an array with toJSON', Object.assign([1], { toJSON: () => [2] })],
    ['an array of a class of its own', new (class extends Array {})()],
    ['NaN', Number.NaN],
    ['Infinity', { a: Number.POSITIVE_INFINITY }],
    ['-Infinity', Number.NEGATIVE_INFINITY],
    ['-0', [-0]],
    ['2^53', 2 ** 53],
    ['-2^53', -(2 ** 53)],
    ['1e21', 1e21],
    ['a bigint', 1n],
    ['a symbol', Symbol.iterator],
    ['a function', () => 1],
    ['a lone high surrogate', '\ud800'],
    ['a lone low surrogate', ['a\udc00']],
    ['a lone surrogate in a key', { '\ud800': 1 }],
    ['a Date', new Date(0)],
    ['a Map', new Map()],
    ['a Set', new Set()],
    ['a class instance', new Amount()],
    ['a boxed number', Object(1)],
    ['a boxed string', Object('a')],
    ['bytes', Buffer.from('a')],
    ['an error', new Error('a')],
    ['a promise', Promise.resolve()],
    ['a regular expression', /a/],
    ['toJSON of its own', { toJSON: () => 1 }],
    ['an inherited toJSON', Object.create({ toJSON: () => 1 })],
    [
      'a getter',
      {
        get a() {
          return 1;
        },
      },
    ],
    ['a hidden property', Object.defineProperty({}, 'a', { value: 1 })],
    ['a symbol as key', { [Symbol.iterator]: 1 }],
    ['__proto__ as key', JSON.parse('{"__proto__":1}')],
    ['an array in itself', cycle],
    ['an object in itself', loop],
    ['a level too many', nested(MAX_JSON_DEPTH + 1)],
  ])('%s', (_, value) => {
    expect(() => canonicalize(value)).toThrow(refused);
  });

  it('a getter is not even asked', () => {
    let asked = 0;
    const value = Object.defineProperty({}, 'a', { enumerable: true, get: () => ++asked });
    expect(() => canonicalize(value)).toThrow(refused);
    expect(asked).toBe(0);
  });

  it.each([
    ['every array', Array.prototype, [1]],
    ['every object', Object.prototype, { a: 1 }],
  ])('toJSON that somebody gave to %s', (_, prototype, value) => {
    Object.defineProperty(prototype, 'toJSON', { configurable: true, value: () => 2 });
    try {
      expect(() => canonicalize(value)).toThrow(refused);
    } finally {
      Reflect.deleteProperty(prototype, 'toJSON');
    }
  });

  it('names the place', () => {
    expect(() => canonicalize({ a: [{ b: 1 }, { c: Number.NaN }] })).toThrow('$.a[1].c is NaN.');
  });

  it('names a far place in few words', () => {
    const error = (() => {
      try {
        return canonicalize({ ['k'.repeat(100_000)]: Number.NaN });
      } catch (caught) {
        return String(caught);
      }
    })();
    expect(error.length).toBeLessThan(400);
  });

  it.each<[string, unknown, string]>([
    ['no prototype', Object.assign(Object.create(null), { a: 1 }), '{"a":1}'],
    ['a key named toJSON that is data', { toJSON: 1 }, '{"toJSON":1}'],
    ['a key named constructor', { constructor: null }, '{"constructor":null}'],
    ['the same object twice', ((one) => [one, one])({ a: 1 }), '[{"a":1},{"a":1}]'],
    ['the largest integer', Number.MAX_SAFE_INTEGER, '9007199254740991'],
    ['a paired surrogate', '\ud83d\ude00', '"😀"'],
    ['as deep as may be', nested(MAX_JSON_DEPTH), '['.repeat(64) + ']'.repeat(64)],
  ])('but not %s', (_, value, text) => {
    expect(canonicalize(value)).toBe(text);
    expect(canonicalize(parseJson(text))).toBe(text);
  });
});

describe('laws', () => {
  const safe = (value: number) =>
    !Object.is(value, -0) && (!Number.isInteger(value) || Number.isSafeInteger(value));
  const { value } = fc.letrec<{ value: unknown; object: Record<string, unknown> }>((tie) => ({
    value: fc.oneof(
      { maxDepth: 5 },
      fc.constant(null),
      fc.boolean(),
      fc.string({ unit: 'binary' }),
      fc.double({ noNaN: true, noDefaultInfinity: true }).filter(safe),
      fc.maxSafeInteger().filter(safe),
      fc.array(tie('value'), { maxLength: 6 }),
      tie('object'),
    ),
    object: fc.dictionary(
      fc.string({ unit: 'binary' }).filter((key) => key !== '__proto__'),
      tie('value'),
      { maxKeys: 6, noNullPrototype: true },
    ),
  }));

  it('what is written is read back as it was', () => {
    fc.assert(
      fc.property(value, (one) => {
        expect(parseJson(canonicalize(one))).toEqual(one);
      }),
    );
  });

  it('reads what JSON.parse reads, in every spelling', () => {
    fc.assert(
      fc.property(value, fc.nat(3), (one, indent) => {
        const text = JSON.stringify(one, null, indent);
        expect(parseJson(text)).toEqual(JSON.parse(text));
      }),
    );
  });

  it('writing is idempotent and blind to the order of keys', () => {
    const turn = (one: unknown): unknown => {
      if (Array.isArray(one)) return one.map(turn);
      if (typeof one !== 'object' || one === null) return one;
      return Object.fromEntries(
        Object.entries(one)
          .reverse()
          .map(([key, child]) => [key, turn(child)]),
      );
    };
    fc.assert(
      fc.property(value, (one) => {
        const text = canonicalize(one);
        expect(canonicalize(parseJson(text))).toBe(text);
        expect(canonicalize(turn(one))).toBe(text);
      }),
    );
  });
});
