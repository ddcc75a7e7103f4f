/** The arrows between the rooms of the house, held against the real imports of every file. */
import { globSync, readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { faultsOf } from './house/arrows.ts';

const root = new URL('..', import.meta.url);

function everyFile(): ReadonlyMap<string, string> {
  const exclude = ['node_modules', 'dist', '.assent', '.git'];
  const files = globSync('**/*.ts', { cwd: root, exclude });
  return new Map(files.map((file) => [file, readFileSync(new URL(file, root), 'utf8')]));
}

test('every file of the repository keeps to the arrows', () => {
  const files = everyFile();
  expect(files.has('approval/types.ts')).toBe(true);
  expect(faultsOf(files)).toEqual([]);
});

/** A house in which every import is allowed; each case below changes one line of it. */
const sound = {
  'approval/types.ts': 'export type T = 1;',
  'approval/tally.ts': "import type { T } from './types.ts'; export const tally = (t: T) => t;",
  'approval/schemas.ts': "import { z } from 'zod'; export const schema = z.string();",
  'book/book.ts': "import { schema } from '../approval/schemas.ts'; export const book = schema;",
  'activities/types.ts': 'export interface A { run(): Promise<void> }',
  'workflows/messages.ts':
    "import { defineSignal } from '@temporalio/workflow'; export const s = defineSignal('s');",
  'workflows/main.ts':
    "import type { A } from '../activities/types.ts'; import { tally } from '../approval/tally.ts'; export type B = A; export const t = tally;",
  'client/index.ts': "import { s } from '../workflows/messages.ts'; export const signal = s;",
  'cli/main.ts': "import '../client/index.ts'; process.exit(0);",
  'dev/main.ts': "import '../book/book.ts'; process.exit(0);",
  'test/x.test.ts': "import '../dev/main.ts';",
};

const mutations: readonly [name: string, file: string, text: string, fault: string][] = [
  [
    'approval imports a room',
    'approval/types.ts',
    "import '../book/book.ts';",
    'approval/types.ts:1 imports book/book.ts',
  ],
  [
    'a room imports against its arrow',
    'book/book.ts',
    "\nimport '../client/index.ts';",
    'book/book.ts:2 imports client/index.ts',
  ],
  [
    'a type goes against the arrow',
    'book/book.ts',
    "import type { A } from '../activities/types.ts';",
    'imports activities/types.ts',
  ],
  ['a re-export', 'book/book.ts', "export * from '../client/index.ts';", 'imports client/index.ts'],
  [
    'a named re-export',
    'book/book.ts',
    "export { signal } from '../client/index.ts';",
    'imports client/index.ts',
  ],
  ['an import at run time', 'book/book.ts', "await import('../client/index.ts');", 'imports client/index.ts'],
  [
    'a type by import()',
    'book/book.ts',
    "export type X = import('../activities/types.ts').A;",
    'imports activities/types.ts',
  ],
  ['a computed import', 'book/book.ts', "const x = './y.ts'; await import(x);", 'computes what it imports'],
  ['its own package by name', 'book/book.ts', "import 'assent/client';", 'imports assent/client'],
  ['a file that is not there', 'book/book.ts', "import './nothing.ts';", 'no such file'],
  ['a specifier without its extension', 'book/book.ts', "import '../approval/types';", 'no such file'],
  [
    'a workflow imports activities',
    'workflows/main.ts',
    "import { A } from '../activities/types.ts';",
    'imports activities/types.ts',
  ],
  [
    'a type marked inline still runs the file',
    'workflows/main.ts',
    "import { type A } from '../activities/types.ts';",
    'imports activities/types.ts',
  ],
  [
    'a workflow imports the schemas',
    'workflows/main.ts',
    "import '../approval/schemas.ts';",
    'imports approval/schemas.ts',
  ],
  [
    'a workflow imports a package',
    'workflows/main.ts',
    "import { z } from 'zod';",
    'brings zod into the workflow sandbox',
  ],
  [
    'a package comes in by the back door',
    'approval/tally.ts',
    "import './schemas.ts';",
    'approval/schemas.ts:1 brings zod',
  ],
  [
    'client imports the workflow itself',
    'client/index.ts',
    "import '../workflows/main.ts';",
    'imports workflows/main.ts',
  ],
  ['the house imports its surroundings', 'cli/main.ts', "import '../dev/main.ts';", 'imports dev/main.ts'],
  ['the stack imports a test', 'dev/main.ts', "import '../test/x.test.ts';", 'only tests import tests'],
  [
    'two files import each other',
    'approval/types.ts',
    "import type {} from './tally.ts';",
    'imports in a circle',
  ],
  ['a file imports itself', 'approval/types.ts', "import './types.ts';", 'imports in a circle'],
  ['a library ends the process', 'book/book.ts', '\n\nprocess.exit(1);', 'book/book.ts:3 ends the process'],
  ['… through globalThis', 'book/book.ts', 'globalThis.process.exit(1);', 'ends the process'],
  ['… by its quoted name', 'book/book.ts', "process['exit'](1);", 'ends the process'],
  [
    '… by import',
    'book/book.ts',
    "import { exit as leave } from 'node:process'; leave();",
    'ends the process',
  ],
  ['… by abort', 'book/book.ts', 'process.abort();', 'ends the process'],
];

describe('a breach is found', () => {
  test('and a sound house has none', () => {
    expect(faultsOf(new Map(Object.entries(sound)))).toEqual([]);
  });

  test.for(mutations)('%s', ([, file, text, fault]) => {
    expect(faultsOf(new Map(Object.entries({ ...sound, [file]: text }))).join('\n')).toContain(fault);
  });

  test('a file that does not parse stops the test', () => {
    expect(() => faultsOf(new Map([['book/book.ts', 'import {']]))).toThrow('book/book.ts');
  });
});
