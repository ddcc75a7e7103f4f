/** The `commands` section of targets.yaml: what it makes of its fields, and every fault with its place. */
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { stringify } from 'yaml';
import type { JsonObject } from '../../approval/types.ts';
import { readTargets } from '../../worker/targets.ts';

let directory: string;
beforeAll(async () => {
  directory = await mkdtemp(join(tmpdir(), 'assent-targets-'));
});
afterAll(() => rm(directory, { recursive: true }));

const restart = {
  argv: [process.execPath, 'restart', '{service}'],
  args: { service: { one_of: ['api', 'web'] } },
  env: { TOKEN: 'hunter2' },
  timeout: '1m',
};
const read = async (change: object, name = 'restart-api') => {
  const file = join(directory, 'targets.yaml');
  await writeFile(file, stringify({ commands: { [name]: { ...restart, ...change } } }));
  return readTargets(file);
};
const previewed = async (change: object): Promise<JsonObject | undefined> => {
  const [command] = await read(change);
  return command?.preview?.({
    input: { command: 'restart-api', args: { service: 'api' } },
    resource: {},
    signal: new AbortController().signal,
  });
};

it('lists a command, keeping no output unless it says so', async () => {
  expect(await previewed({})).toEqual({
    argv: [process.execPath, 'restart', 'api'],
    cwd: null,
    env: ['TOKEN'],
    timeout_seconds: 60,
    output_limit: 16 * 1024,
    output: 'digest',
  });
  const pattern = { service: { pattern: '[a-z]{1,9}', leading_dash: false } };
  expect(
    await previewed({ args: pattern, cwd: directory, output: 'keep', output_limit: '64KiB', env: {} }),
  ).toMatchObject({ cwd: directory, env: [], output: 'keep', output_limit: 64 * 1024 });
});

it.each(['config', 'commands'])('docs/actions.md shows a section %s that is taken', async (section) => {
  const text = await readFile(new URL('../../docs/actions.md', import.meta.url), 'utf8');
  const [, example = ''] = new RegExp(`\n\`\`\`yaml\n(${section}:\n[^]*?)\`\`\``).exec(text) ?? [];
  const file = join(directory, 'example.yaml');
  await writeFile(file, example);
  expect(await readTargets(file)).toHaveLength(1);
});

const faults: readonly (readonly [string, object, string])[] = [
  ['no time limit', { timeout: undefined }, 'timeout: is missing'],
  ['a time that no execution has', { timeout: '10m' }, 'timeout: is at most 590s'],
  ['a relative path', { argv: ['systemctl', '{service}'] }, 'argv: must begin with an absolute path'],
  ['no argv', { argv: [] }, 'argv'],
  ['a line for a shell', { argv: '/bin/sh -c' }, 'argv: is text; write a list'],
  ['an argument that may be anything', { args: { service: {} } }, 'service: needs either one_of'],
  [
    'an argument that is told twice',
    { args: { service: { one_of: ['a'], pattern: 'a' } } },
    'service: needs either one_of',
  ],
  ['no text', { args: { service: { one_of: [true] } } }, 'one_of[0]: is true or false; write text'],
  ['a broken pattern', { args: { service: { pattern: '(' } } }, 'args: service: its pattern'],
  ['an open end', { args: {} }, 'args: must say what {service} may be'],
  ['a variable that is none', { env: { 'A=B': '' } }, 'is no variable'],
  ['a relative directory', { cwd: 'work' }, 'cwd: must be an absolute path'],
  ['a huge output', { output_limit: '65KiB' }, 'output_limit: is at most 64KiB'],
  ['a shell', { shell: true }, 'shell: unknown key'],
];

it.each(faults)(
  '%s: refused with its line, quoting no value of the environment',
  async (_, change, place) => {
    const error: unknown = await read(change).catch((thrown: unknown) => thrown);
    expect(error).toMatchObject({ code: 'targets_invalid', message: expect.stringContaining(place) });
    expect(`${error}`).toMatch(/targets\.yaml:[1-9]\d*:\d+: commands\.restart-api/);
    expect(`${error}`).not.toContain('hunter2');
  },
);

it('names a command as requests can', async () => {
  await expect(read({}, 'Restart API')).rejects.toMatchObject({
    message: expect.stringContaining('lower case'),
  });
});
