/** What config.set makes of a file's text: exactly what was asked, and every other byte as it was. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { parse, stringify } from 'yaml';
import type { ConfigInput } from '../../actions/config/definition.ts';
import { edited } from '../../actions/config/edit.ts';
import type { Path } from '../../actions/config/path.ts';
import type { Json } from '../../approval/types.ts';

type Set = readonly (readonly [Path, Json])[];

function edit(file: string, text: string, set: Set, remove: readonly Path[] = []): string {
  const sets: ConfigInput['set'] = set.map(([path, value]) => ({ path, value }));
  return edited({ root: 'app', file, set: sets, remove }, text);
}

const lines = (...all: string[]) => `${all.join('\n')}\n`;

const YAML = lines(
  '# head',
  'a:   1   # one',
  '',
  '# about b',
  'b: # of b',
  '  c: "x"',
  '  d:   # empty',
  '  e: |',
  '    text',
  'l:',
  '- x: 1',
  '  y: 2',
  '- z',
  'm: {a: 1,  b: [1,2]} # flow',
  '# foot',
);

/** Each case: what is asked, the lines of YAML that go, and those that come in their place. */
const cases: readonly (readonly [string, Set, readonly Path[], readonly string[], readonly string[]])[] = [
  ['a scalar', [[['a'], 2]], [], ['a:   1   # one'], ['a: 2   # one']],
  ['a text that stays quoted', [[['b', 'c'], 'z']], [], ['  c: "x"'], ['  c: "z"']],
  ['an empty value', [[['b', 'd'], true]], [], ['  d:   # empty'], ['  d: true   # empty']],
  ['a text that YAML 1.1 takes for a boolean', [[['a'], 'no']], [], ['a:   1   # one'], ['a: "no"   # one']],
  [
    'a text that YAML 1.1 takes for a number',
    [[['a'], '1:30']],
    [],
    ['a:   1   # one'],
    ['a: "1:30"   # one'],
  ],
  ['a small number', [[['a'], 1e-7]], [], ['a:   1   # one'], ['a: 1.0e-7   # one']],
  ['a text with a line break', [[['a'], 'p\nq: 1']], [], ['a:   1   # one'], ['a: "p\\nq: 1"   # one']],
  ['a text that turns around', [[['a'], '\u202ex']], [], ['a:   1   # one'], ['a: "\\u202ex"   # one']],
  ['an item of a list', [[['l', 1], 'w']], [], ['- z'], ['- w']],
  ['a value in an item', [[['l', 0, 'y'], 3]], [], ['  y: 2'], ['  y: 3']],
  ['a new key of an item', [[['l', 0, 'n'], null]], [], ['  y: 2'], ['  y: 2', '  "n": null']],
  [
    'a map in the place of a scalar',
    [[['l', 0, 'y'], { k: [1, { j: {} }] }]],
    [],
    ['  y: 2'],
    ['  y:', '    k:', '      - 1', '      - j: {}'],
  ],
  ['a scalar for a block', [[['b', 'e'], 5]], [], ['  e: |', '    text'], ['  e: 5']],
  [
    'a list within brackets',
    [[['m', 'b', 0], [7]]],
    [],
    ['m: {a: 1,  b: [1,2]} # flow'],
    ['m: {a: 1,  b: [[7],2]} # flow'],
  ],
  [
    'a new key within braces',
    [[['m', 'c', 'd'], 1]],
    [],
    ['m: {a: 1,  b: [1,2]} # flow'],
    ['m: {a: 1,  b: [1,2], "c": {"d": 1}} # flow'],
  ],
  ['a removal', [], [['b', 'c']], ['  c: "x"'], []],
  ['the removal of a block', [], [['b', 'e']], ['  e: |', '    text'], []],
  ['the first key of an item removed', [], [['l', 0, 'x']], ['- x: 1', '  y: 2'], ['- y: 2']],
  ['a removal within braces', [], [['m', 'a']], ['m: {a: 1,  b: [1,2]} # flow'], ['m: {b: [1,2]} # flow']],
  ['new keys on the way', [[['new', 'deep'], 'v']], [], ['# foot'], ['new:', '  deep: v', '# foot']],
];

describe('YAML', () => {
  it.each(cases)('%s', (_, set, remove, gone, come) => {
    const old = lines(...gone);
    expect(YAML).toContain(old);
    const after = come.length === 0 ? '' : lines(...come);
    expect(edit('a.yaml', YAML, set, remove)).toBe(YAML.replace(old, after));
  });

  it('changes not a byte where the value is there already', () => {
    expect(
      edit('a.yaml', YAML, [
        [
          ['m', 'b'],
          [1, 2],
        ],
      ]),
    ).toBe(YAML);
  });

  it('keeps line breaks of CR LF, and the lack of a last one', () => {
    expect(edit('a.yaml', 'a: 1\r\nb:\r\n  c: 1\r\n', [[['b', 'd'], { x: 1 }]])).toBe(
      'a: 1\r\nb:\r\n  c: 1\r\n  d:\r\n    x: 1\r\n',
    );
    expect(edit('a.yaml', 'a: 1', [[['b'], 2]])).toBe('a: 1\nb: 2');
  });

  it('makes a file, and keeps one of comments', () => {
    expect(edit('a.yaml', '', [[['a', 'b'], 1]])).toBe('a:\n  b: 1\n');
    expect(edit('a.yaml', '# why\n', [[['a'], []]])).toBe('# why\na: []\n');
  });
});

describe('JSON', () => {
  const TABS = '{\n\t"b": {\n\t\t"a": [1, 2]\n\t},\n\t"1": {},\n\t"f": 1.50\n}\n';

  it('keeps order, indentation and spelling of all else', () => {
    const after = edit('a.json', TABS, [
      [['1', 'x'], { y: [] }],
      [['n'], 'é'],
    ]);
    expect(after).toBe(
      '{\n\t"b": {\n\t\t"a": [1, 2]\n\t},\n\t"1": {\n\t\t"x": {\n\t\t\t"y": []\n\t\t}\n\t},\n\t"f": 1.50,\n\t"n": "é"\n}\n',
    );
    expect(edit('a.json', TABS, [], [['b']])).toBe('{\n\t"1": {},\n\t"f": 1.50\n}\n');
    expect(edit('a.json', TABS, [], [['f']])).toBe('{\n\t"b": {\n\t\t"a": [1, 2]\n\t},\n\t"1": {}\n}\n');
  });

  it('stays on one line where it was', () => {
    expect(edit('a.json', '{"a":1,"b":{}}', [[['b', 'c'], [1]]], [['a']])).toBe('{"b":{"c": [1]}}');
  });

  it('makes a file', () => {
    expect(edit('a.json', '', [[['a', 'b'], 1]])).toBe('{\n  "a": {\n    "b": 1\n  }\n}\n');
  });
});

const refusals: readonly (readonly [string, string, string, Set, readonly Path[], string])[] = [
  ['an anchor', 'a.yaml', 'a: &x 1\nb: *x\n', [[['c'], 1]], [], 'config_unreadable'],
  ['a merge key', 'a.yaml', 'a: 1\n<<: {b: 1}\n', [[['c'], 1]], [], 'config_unreadable'],
  ['a duplicate key', 'a.yaml', 'a: 1\na: 2\n', [[['a'], 1]], [], 'config_unreadable'],
  ['a duplicate key in JSON', 'a.json', '{"a":1,"a":2}', [[['a'], 1]], [], 'config_unreadable'],
  ['a duplicate key by escape', 'a.json', '{"a":1,"\\u0061":2}', [[['a'], 1]], [], 'config_unreadable'],
  ['two documents', 'a.yaml', 'a: 1\n---\na: 2\n', [[['a'], 1]], [], 'config_unreadable'],
  ['a tag', 'a.yaml', 'a: !!str 1\n', [[['a'], 1]], [], 'config_unreadable'],
  ['a directive', 'a.yaml', '%YAML 1.1\n---\na: no\n', [[['a'], 1]], [], 'config_unreadable'],
  ['a key of JavaScript', 'a.yaml', '__proto__: {x: 1}\n', [[['a'], 1]], [], 'config_unreadable'],
  ['the same in JSON', 'a.json', '{"__proto__":{"x":1}}', [[['a'], 1]], [], 'config_unreadable'],
  ['YAML in a JSON file', 'a.json', '{a: 1}', [[['a'], 1]], [], 'config_unreadable'],
  ['a comment in JSON', 'a.json', '{"a": 1} # x', [[['a'], 1]], [], 'config_unreadable'],
  ['deep YAML', 'a.yaml', '['.repeat(200_000), [[['a'], 1]], [], 'config_unreadable'],
  ['deep YAML in blocks', 'a.yaml', '- '.repeat(100_000), [[['a'], 1]], [], 'config_unreadable'],
  ['deep JSON', 'a.json', `${'['.repeat(99)}${']'.repeat(99)}`, [[[0], 1]], [], 'config_unreadable'],
  [
    'a number that would be rounded',
    'a.json',
    '{"a":9007199254740993}',
    [[['b'], 1]],
    [],
    'config_unreadable',
  ],
  ['a byte order mark', 'a.yaml', '\ufeffa: 1\n', [[['b'], 1]], [], 'config_edit_unsure'],
  [
    'an item that is written as nothing',
    'a.yaml',
    'a:\n  -\n  - 3\n',
    [[['a', 0], { k: 1 }]],
    [],
    'config_edit_unsure',
  ],
  ['a key below a scalar', 'a.yaml', 'a: 1\n', [[['a', 'b'], 1]], [], 'config_path_refused'],
  ['an index beyond the list', 'a.yaml', 'a: [1]\n', [[['a', 1], 2]], [], 'config_path_refused'],
  ['an index of a map', 'a.yaml', 'a: {b: 1}\n', [[['a', 0], 2]], [], 'config_path_refused'],
  ['a list that is not there', 'a.yaml', 'a: 1\n', [[['b', 0], 2]], [], 'config_path_refused'],
  ['a length', 'a.yaml', 'a: [1]\n', [[['a', 'length'], 0]], [], 'config_path_refused'],
  ['a removal of nothing', 'a.yaml', 'a: 1\n', [], [['constructor']], 'config_path_refused'],
  ['the removal of an item', 'a.yaml', 'a: [1]\n', [], [['a', 0]], 'config_path_refused'],
];

it.each(refusals)('%s: refused', (_, file, text, set, remove, code) => {
  expect(() => edit(file, text, set, remove)).toThrow(expect.objectContaining({ code }));
});

it('sets keys that objects inherit as plain keys', () => {
  const after = edit('a.json', '{}', [[['constructor', 'toString'], 1]]);
  expect(after).toBe('{"constructor": {"toString": 1}}');
});

describe('on any file', () => {
  const key = fc.constantFrom('a', 'b', 'no', '1', 'x y', 'k:', '#', 'ü', '- l', '"q"', 'null');
  const leaf: fc.Arbitrary<Json> = fc.oneof(
    fc.string({ unit: 'binary', maxLength: 6 }).filter((text) => text.isWellFormed()),
    fc.constantFrom(
      '',
      'yes',
      '~',
      '1e3',
      '- a',
      'a: b',
      '# c',
      ' pad ',
      'p\n\nq\n',
      '\u2028',
      '\u0085',
      '0x1',
    ),
    fc.integer({ min: -1e6, max: 1e6 }),
    fc
      .double({ noNaN: true, noDefaultInfinity: true })
      .filter((value) => value !== 0 && (value % 1 !== 0 || Number.isSafeInteger(value))),
    fc.constantFrom(null, true, false),
  );
  const { tree } = fc.letrec<{ tree: Json }>((tie) => ({
    tree: fc.oneof(
      { maxDepth: 3 },
      leaf,
      fc.array(tie('tree'), { maxLength: 3 }),
      fc.dictionary(key, tie('tree'), { maxKeys: 4, noNullPrototype: true }),
    ),
  }));
  const top = fc.dictionary(key, tree, { maxKeys: 5, noNullPrototype: true });
  const print = fc.constantFrom<readonly [string, (value: Json) => string]>(
    ['a.json', (value) => JSON.stringify(value)],
    ['a.json', (value) => JSON.stringify(value, null, 4)],
    ['a.yaml', (value) => stringify(value)],
    ['a.yaml', (value) => stringify(value, { indentSeq: false, indent: 4 })],
    ['a.yaml', (value) => stringify(value, { collectionStyle: 'flow' })],
  );

  it('a value set at the top is what is read, and nothing else has changed', () => {
    fc.assert(
      fc.property(top, print, key, tree, (before, [file, text], name, value) => {
        const after = edit(file, text(before), [[[name], value]]);
        expect(parse(after)).toEqual({ ...before, [name]: value });
        if (file === 'a.json') expect(JSON.parse(after)).toEqual({ ...before, [name]: value });
      }),
      { numRuns: 200 },
    );
  });

  it('every key can be removed, down to none', () => {
    fc.assert(
      fc.property(top, print, (before, [file, text]) => {
        let current = text(before);
        const left: Record<string, Json> = { ...before };
        for (const name of Object.keys(before)) {
          current = edit(file, current, [], [[name]]);
          delete left[name];
          expect(parse(current)).toEqual(left);
        }
      }),
      { numRuns: 100 },
    );
  });
});
