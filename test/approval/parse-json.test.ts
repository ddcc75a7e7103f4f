import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { canonicalize, MAX_JSON_BYTES, parseJson } from '../../approval/canonical-json.ts';

const code = (expected: string) => expect.objectContaining({ name: 'AssentError', code: expected });

describe('numbers', () => {
  it.each([
    ['0', '0'],
    ['0.0', '0'],
    ['0e5', '0'],
    ['1.0', '1'],
    ['1.50', '1.5'],
    ['-1', '-1'],
    ['1e5', '100000'],
    ['1E+5', '100000'],
    ['1e-7', '1e-7'],
    ['5e-324', '5e-324'],
    ['9007199254740991', '9007199254740991'],
    ['-9007199254740991', '-9007199254740991'],
    ['1.5e300', null],
    ['9007199254740992', null],
    ['9007199254740993.0', null],
    ['9007199254740993e0', null],
    ['1e16', null],
    ['1e400', null],
    ['-1e400', null],
    ['-0.0', null],
    ['-0e0', null],
  ])('%s', (text, canonical) => {
    if (canonical === null) expect(() => parseJson(text)).toThrow(code('canonical_json_refused'));
    else expect(canonicalize(parseJson(text))).toBe(canonical);
  });

  it.each(['9007199254740993', '12345678901234567890123', '1'.repeat(400), '-0'])(
    '%s is not an integer that is held exactly',
    (text) => expect(() => parseJson(text)).toThrow(code('json_malformed')),
  );

  it.each(['01', '+1', '.5', '5.', '1.e1', '1e', '1e+', '-', '--1', '0x1', '1_0', 'NaN', 'Infinity', '１'])(
    '%s is no number',
    (text) => {
      expect(() => parseJson(text)).toThrow(code('json_malformed'));
      expect(() => parseJson(`[${text}]`)).toThrow(code('json_malformed'));
    },
  );
});

describe('malformed texts', () => {
  it.each<[string, string]>([
    ['nothing', ''],
    ['blanks', ' \t\r\n'],
    ['a byte order mark', '\ufeff1'],
    ['a no-break space', '\u00a01'],
    ['a vertical tab', '[\v1]'],
    ['two values', '1 2'],
    ['a value and a comma', '1,'],
    ['a value and a bracket', '[1]]'],
    ['a value and a comment', '{}//'],
    ['a comment', '/**/1'],
    ['a comma too many in a list', '[1,]'],
    ['a comma too early in a list', '[,1]'],
    ['a comma too many in an object', '{"a":1,}'],
    ['a comma alone', '{,}'],
    ['no comma', '{"a":1 "b":2}'],
    ['no colon', '{"a" 1}'],
    ['no value', '{"a":}'],
    ['no key', '{:1}'],
    ['a key without quotes', '{a:1}'],
    ['single quotes', "{'a':1}"],
    ['a number as key', '{1:1}'],
    ['brackets crossed', '[{]}'],
    ['an open list', '[true'],
    ['an open object', '{"a":1'],
    ['an open string', '"a'],
    ['an open string that ends in an escape', '"a\\"'],
    ['half a word', 'tru'],
    ['a word and more', 'true1'],
    ['a word in capitals', 'True'],
    ['undefined', 'undefined'],
    ['an unknown escape', '"\\x"'],
    ['a short escape', '"\\u12"'],
    ['an escape that is no hex', '"\\u00zz"'],
    ['a newline in a string', '"\n"'],
    ['a tab in a string', '"\t"'],
    ['a NUL in a string', '"\u0000"'],
    ['a control character in a key', '{"\u001f":1}'],
  ])('%s', (_, text) => {
    expect(() => parseJson(text)).toThrow(code('json_malformed'));
    expect(() => JSON.parse(text)).toThrow();
  });

  it('refuses whatever JSON.parse refuses, and never by another error', () => {
    const fragment = fc.constantFrom(
      ...'{}[],:"\\ \n-+.eE019tfn',
      'true',
      'null',
      '"a"',
      '\\u00',
      '1e5',
      '\ud800',
    );
    fc.assert(
      fc.property(fc.array(fragment, { maxLength: 12 }), (fragments) => {
        const text = fragments.join('');
        const plain = attempt(() => JSON.parse(text));
        const strict = attempt(() => parseJson(text));
        if (strict.error === null) expect(strict.value).toEqual(plain.value);
        else expect(strict.error).toMatchObject({ name: 'AssentError' });
        if (plain.error !== null) expect(strict.error).not.toBeNull();
      }),
      { numRuns: 2000 },
    );
  });
});

describe('duplicate keys', () => {
  it.each([
    '{"a":1,"a":1}',
    '{"a":1,"b":2,"\\u0061":3}',
    '[{"x":{"é":1,"\\u00e9":2}}]',
    '{"":1,"":2}',
    '{"\\/":1,"/":2}',
    '{"__proto__":1,"__proto__":2}',
    '{"😀":1,"\\ud83d\\ude00":2}',
  ])('%s', (text) => expect(() => parseJson(text)).toThrow(code('json_duplicate_key')));

  it('are told apart where Unicode tells them apart', () => {
    expect(parseJson('{"\u00e9":1,"e\u0301":2}')).toEqual({ '\u00e9': 1, 'e\u0301': 2 });
  });

  it('are named in few words', () => {
    const key = JSON.stringify('k'.repeat(50_000));
    const { error } = attempt(() => parseJson(`{${key}:1,${key}:2}`));
    expect(String(error).length).toBeLessThan(300);
  });
});

it.each(['{"__proto__":1}', '{"\\u005f_proto__":{"a":1}}', '"\\ud800"', '{"\\udc00":1}'])(
  '%s is JSON, yet nothing that is signed',
  (text) => expect(() => parseJson(text)).toThrow(code('canonical_json_refused')),
);

describe('bounds', () => {
  it('takes 256 KiB of UTF-8 and not a byte more', () => {
    expect(parseJson(`"${'é'.repeat(MAX_JSON_BYTES / 2 - 1)}"`)).toHaveLength(MAX_JSON_BYTES / 2 - 1);
    expect(() => parseJson(`"${'é'.repeat(MAX_JSON_BYTES / 2 - 1)}a"`)).toThrow(code('json_too_large'));
  });

  it('takes 64 levels and not one more', () => {
    const nested = (levels: number) => `${'[{"a":'.repeat(levels / 2)}1${'}]'.repeat(levels / 2)}`;
    expect(parseJson(nested(64))).toBeDefined();
    expect(() => parseJson(`[${nested(64)}]`)).toThrow(code('json_too_deep'));
    expect(() => parseJson('['.repeat(MAX_JSON_BYTES))).toThrow(code('json_too_deep'));
  });

  const fill = (unit: string, size: number) => unit.repeat(Math.floor(size / unit.length));
  const keys = (size: number) =>
    fill('-----------', size).replace(/-{11}/g, (_, at: number) => `"${String(at).padStart(6, '0')}":1,`);
  it.each<[string, (size: number) => string]>([
    ['one string', (size) => `"${fill('é', size / 2)}"`],
    ['one open string', (size) => `"${fill('a', size)}`],
    ['escapes', (size) => `"${fill('\\\\', size)}"`],
    ['open escapes', (size) => `"${fill('\\\\', size)}`],
    ['blanks', (size) => `${fill(' ', size)}1`],
    ['digits', (size) => `0.${fill('1', size)}`],
    ['many values', (size) => `[${fill('1,', size)}1]`],
    ['many objects', (size) => `[${fill('{"a":1},', size)}1]`],
    ['many keys', (size) => `{${keys(size)}"z":1}`],
    [
      'long keys, each in the other',
      (size) => `${`{"${fill('k', size / 60)}":`.repeat(60)}1${'}'.repeat(60)}`,
    ],
  ])('reads %s in linear time', (_, shaped) => {
    const [small, large] = [shaped(30_000), shaped(240_000)];
    expect(Buffer.byteLength(large)).toBeLessThanOrEqual(MAX_JSON_BYTES);
    const best = (text: string) => Math.min(...Array.from({ length: 5 }, () => timed(text)));
    // Eight times as much text: quadratic work would take 64 times as long. Five milliseconds are noise.
    expect(best(large)).toBeLessThan(32 * best(small) + 5);
  });
});

function timed(text: string): number {
  const begun = process.cpuUsage();
  attempt(() => parseJson(text));
  const { user, system } = process.cpuUsage(begun);
  return (user + system) / 1000;
}

function attempt(run: () => unknown): { readonly value: unknown; readonly error: unknown } {
  try {
    return { value: run(), error: null };
  } catch (error) {
    return { value: undefined, error };
  }
}
