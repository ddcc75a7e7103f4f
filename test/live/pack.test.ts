/**
 * What `npm pack` gives away, installed in a project of somebody else: the three entry points with their types,
 * the command, and workflows that bundle from below node_modules, where Node strips no types.
 */
import { execFile } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { z } from 'zod';

const root = fileURLToPath(new URL('../..', import.meta.url));
const tool = (name: string) => join(root, 'node_modules/.bin', name);
const packed = z.tuple([z.object({ filename: z.string(), files: z.array(z.object({ path: z.string() })) })]);
const manifest = z.object({ devDependencies: z.record(z.string(), z.string()) });

/** The oldest Node that package.json's `engines` admits. */
const OLDEST = '22.18.0';
/** That one, and this repository's own. */
const nodes = () => [join(project, 'node_modules/.bin/node'), tool('node')];

let project = '';
let files: readonly string[] = [];

beforeAll(async () => {
  project = mkdtempSync(join(tmpdir(), 'assent-pack-'));
  const pack = ['pack', '--json', '--foreground-scripts=false', '--pack-destination', project];
  const [{ filename, files: listed }] = packed.parse(JSON.parse(await run('npm', pack, root)));
  files = listed.map(({ path }) => path);

  const own = manifest.parse(JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')));
  const types = `@types/node@${own.devDependencies['@types/node']}`;
  writeFileSync(
    join(project, 'package.json'),
    JSON.stringify({ name: 'scratch', private: true, type: 'module' }),
  );
  const install = ['install', '--prefer-offline', '--no-audit', '--no-fund', '--no-package-lock'];
  await run('npm', [...install, `./${filename}`, types, `node@${OLDEST}`], project);
});

afterAll(() => rmSync(project, { recursive: true, force: true }));

test('the oldest Node is the one that engines names', async () => {
  const { engines } = z
    .object({ engines: z.object({ node: z.string() }) })
    .parse(JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')));
  expect(`>=${OLDEST}`).toBe(`${engines.node}.0`);
  expect((await run(join(project, 'node_modules/.bin/node'), ['--version'], project)).trim()).toBe(
    `v${OLDEST}`,
  );
});

test('the package holds what runs and nothing else', () => {
  expect(files).toEqual(expect.arrayContaining(['LICENSE', 'README.md', 'package.json', 'dist/cli/main.js']));
  expect(files).toContain('dist/workflows/agent-action.js');
  const rest = files.filter((file) => !/^dist\/.*(\.js|\.d\.ts|\.json)$/.test(file));
  expect(rest.toSorted()).toEqual(['LICENSE', 'README.md', 'package.json']);
  expect(files.filter((file) => /^dist\/(test|dev|bench|examples)\//.test(file))).toEqual([]);
});

test.for([
  ['assent/client', ['AssentClient', 'guard']],
  ['assent/actions', ['createImplementations', 'createRegistry', 'defineAction', 'implement', 'sqlExport']],
  ['assent/executor', ['executor']],
] as const)('%s loads and exports its names', async ([entry, names]) => {
  const program = `console.log(JSON.stringify(Object.keys(await import('${entry}'))))`;
  for (const node of nodes()) {
    const stdout = await run(node, ['--input-type=module', '--eval', program], project);
    expect(z.array(z.string()).parse(JSON.parse(stdout))).toEqual(expect.arrayContaining([...names]));
  }
});

test('the command says how it is used', async () => {
  const assent = join(project, 'node_modules/.bin/assent');
  for (const node of nodes()) {
    const stdout = await run(node, [assent, '--help'], project);
    for (const command of ['request', 'withdraw', 'list', 'show', 'policy', 'key'])
      expect(stdout).toContain(command);
  }
});

const consumer = `
import { AssentClient, guard } from 'assent/client';
import { createRegistry, defineAction, type Implementation, implement, sqlExport } from 'assent/actions';
import { executor } from 'assent/executor';
import { z } from 'zod';

type Known<T> = 0 extends 1 & T ? never : T;
export const known = <T>(value: Known<T>): T => value;
known(AssentClient);
known(guard);
known(executor);
known(sqlExport);

const restart = defineAction({
  name: 'service.restart',
  input: z.strictObject({ service: z.string() }),
  resource: ({ service }) => ({ service }),
  title: ({ service }) => \`restart \${service}\`,
  describe: ({ service }) => [\`restarts \${service}\`],
  impact: () => [],
});
export const registry = createRegistry([restart, sqlExport]);
export const work: Implementation = implement(restart, {
  execute: async ({ input }) => ({ restarted: input.service }),
});
// @ts-expect-error the input has no such field
implement(restart, { execute: async ({ input }) => ({ restarted: input.servce }) });
`;

const settings = {
  compilerOptions: {
    module: 'nodenext',
    target: 'es2024',
    strict: true,
    skipLibCheck: true,
    noEmit: true,
    types: ['node'],
  },
  files: ['consumer.ts'],
};

test('the types hold in a strict project', async () => {
  writeFileSync(join(project, 'consumer.ts'), consumer);
  writeFileSync(join(project, 'tsconfig.json'), JSON.stringify(settings));
  await run(tool('node'), [tool('tsc'), '-p', project], project);
});

test('the worker finds its workflows where they are installed', async () => {
  const compiled = join(project, 'node_modules/assent/dist/worker/run-worker.js');
  const program = `
    const { bundleWorkflows } = await import(${JSON.stringify(pathToFileURL(compiled).href)});
    const { code } = await bundleWorkflows();
    console.log(code.includes('agentAction') ? 'bundled' : 'empty');
  `;
  const stdout = await run(tool('node'), ['--input-type=module', '--eval', program], project);
  expect(stdout.trim().split('\n').at(-1)).toBe('bundled');
});

/** Standard output; a failure's message holds all that was said, for compilers complain on standard output. */
function run(command: string, args: readonly string[], cwd: string): Promise<string> {
  const { promise, resolve, reject } = Promise.withResolvers<string>();
  execFile(command, args, { cwd }, (error, stdout, stderr) => {
    if (error === null) resolve(stdout);
    else reject(new Error(`${[command, ...args].join(' ')}\n${stderr}${stdout}`, { cause: error }));
  });
  return promise;
}
