/**
 * What keeps workflow code fit for the sandbox: it loads under Node as it is, and the linter refuses what the
 * sandbox has not got. The linter's own rules run over known-bad files in a scratch project.
 */
import { execFile } from 'node:child_process';
import {
  copyFileSync,
  cpSync,
  globSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { z } from 'zod';

const root = fileURLToPath(new URL('../..', import.meta.url));
const run = promisify(execFile);

// The bundler forgives enums, types imported without `type` and `.js` for `.ts`; Node does not.
test('every workflow file loads under Node', async () => {
  const files = globSync('workflows/**/*.ts', { cwd: root }).map(
    (file) => new URL(file, `file://${root}`).href,
  );
  expect(files.length).toBeGreaterThan(0);
  const program = 'for (const file of process.argv.slice(1)) await import(file);';
  await run(process.execPath, ['--input-type=module', '--eval', program, ...files], { cwd: root });
});

const reportSchema = z.object({
  diagnostics: z.array(
    z.object({ category: z.string().nullable(), location: z.object({ path: z.string() }) }),
  ),
});

const bad: readonly [name: string, rule: string, code: string][] = [
  [
    'node builtin',
    'noRestrictedImports',
    "import { readFileSync } from 'node:fs';\nexport const f = readFileSync;",
  ],
  ['node builtin at run time', 'noRestrictedImports', "export const f = () => import('node:crypto');"],
  ['zod', 'noRestrictedImports', "import { z } from 'zod';\nexport const s = z;"],
  [
    'the client',
    'noRestrictedImports',
    "import { Client } from '@temporalio/client';\nexport const c = Client;",
  ],
  ['the schemas', 'noRestrictedImports', "import { s } from '../approval/schemas.ts';\nexport const t = s;"],
  ['the book', 'noRestrictedImports', "import { b } from '../book/book.ts';\nexport const c = b;"],
  ['process', 'noRestrictedGlobals', 'export const e = () => process.env;'],
  ['Buffer', 'noRestrictedGlobals', "export const b = () => Buffer.from('');"],
  ['fetch', 'noRestrictedGlobals', "export const f = () => fetch('http://x');"],
  ['crypto', 'noRestrictedGlobals', 'export const c = () => crypto.randomUUID();'],
  ['performance', 'noRestrictedGlobals', 'export const p = () => performance.now();'],
  ['WeakRef', 'noRestrictedGlobals', 'export const w = (o: object) => new WeakRef(o);'],
  ['setTimeout', 'noRestrictedGlobals', 'export const t = (f: () => void) => setTimeout(f, 1);'],
  ['a floating promise', 'noFloatingPromises', 'export function f(p: Promise<void>) {\n  p;\n}'],
  [
    'a floating timer',
    'noFloatingPromises',
    "import { sleep } from '@temporalio/workflow';\nexport function f() {\n  sleep('1s');\n}",
  ],
  [
    'a floating condition',
    'noFloatingPromises',
    "import { condition } from '@temporalio/workflow';\nexport function f() {\n  condition(() => true);\n}",
  ],
  [
    'a promise as a condition',
    'noMisusedPromises',
    'export function f(p: Promise<boolean>) {\n  return p ? 1 : 2;\n}',
  ],
];
const good =
  "import { sleep } from '@temporalio/workflow';\nexport const f = async () => await sleep('1s');\n";

describe('the linter refuses in a workflow file', () => {
  let project = '';
  const rules = new Map<string, Set<string>>();

  beforeAll(async () => {
    project = mkdtempSync(join(tmpdir(), 'assent-lint-'));
    mkdirSync(join(project, 'workflows'));
    for (const file of ['biome.json', '.gitignore', 'package.json'])
      copyFileSync(join(root, file), join(project, file));
    // Copied, for it does not follow links when it infers types.
    for (const name of ['workflow', 'common']) {
      const types = join('node_modules/@temporalio', name);
      cpSync(join(root, types), join(project, types), { recursive: true });
    }
    bad.forEach(([, , code], index) => {
      writeFileSync(join(project, `workflows/bad-${index}.ts`), `${code}\n`);
    });
    writeFileSync(join(project, 'workflows/good.ts'), good);
    for (const [file, found] of await lint(project)) rules.set(file, found);
  });

  afterAll(() => rmSync(project, { recursive: true, force: true }));

  test.for(bad.map(([name, rule], index) => [name, rule, index] as const))('%s (%s)', ([, rule, index]) => {
    expect([...(rules.get(`workflows/bad-${index}.ts`) ?? [])]).toContain(rule);
  });

  test('and lets sound code pass', () => {
    expect(rules.get('workflows/good.ts')).toBeUndefined();
  });
});

/** Names of the broken rules, by file. */
async function lint(project: string): Promise<ReadonlyMap<string, Set<string>>> {
  const biome = join(root, 'node_modules/.bin/biome');
  const report = join(project, 'report.json');
  const args = [
    'lint',
    '--max-diagnostics=none',
    '--reporter=json',
    `--reporter-file=${report}`,
    'workflows',
  ];
  const code = await run(biome, args, { cwd: project }).then(
    () => 0,
    (error: { code?: unknown }) => error.code,
  );
  expect(code).toBe(1);
  const found = new Map<string, Set<string>>();
  for (const { category, location } of reportSchema.parse(JSON.parse(readFileSync(report, 'utf8')))
    .diagnostics) {
    found.set(location.path, (found.get(location.path) ?? new Set()).add(category?.split('/').at(-1) ?? ''));
  }
  return found;
}
