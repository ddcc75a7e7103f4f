/** config.set on a real disk: what it previews, what it writes, and every way out of its root that it refuses. */
import { execFile } from 'node:child_process';
import {
  chmod,
  link,
  mkdir,
  mkdtemp,
  readdir,
  readFile,
  realpath,
  rename,
  rm,
  stat,
  symlink,
  truncate,
  utimes,
  writeFile,
} from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { configSet } from '../../actions/config/definition.ts';
import { implementConfigSet } from '../../actions/config/implementation.ts';
import { within } from '../../actions/config/place.ts';
import { readPlain } from '../../actions/config/read.ts';
import { replace } from '../../actions/config/write.ts';
import { digestOf } from '../../approval/digest.ts';
import type { JsonObject } from '../../approval/types.ts';

let home: string;
let root: string;
let outside: string;

beforeEach(async () => {
  home = await realpath(await mkdtemp(join(tmpdir(), 'assent-config-')));
  root = join(home, 'root');
  outside = join(home, 'outside');
  await mkdir(join(root, 'api'), { recursive: true, mode: 0o755 });
  await mkdir(outside, { mode: 0o755 });
});
afterEach(() => rm(home, { recursive: true }));

const LIMITS = 'rate: 10 # a second\nsecret: hunter2\n';
const RAISED = 'rate: 20 # a second\nsecret: hunter2\n';

const request = (change: JsonObject = {}): JsonObject => ({
  root: 'app',
  file: 'api/limits.yaml',
  set: [{ path: ['rate'], value: 20 }],
  remove: [],
  ...change,
});
const action = () => implementConfigSet({ roots: { app: root } });
const call = (input: JsonObject) => ({ input, resource: {}, signal: new AbortController().signal });
async function preview(input: JsonObject): Promise<JsonObject> {
  const { preview: look } = action();
  if (look === null) throw new Error('there is no preview');
  return look(call(input));
}
const execute = async (input: JsonObject, approved: JsonObject | null = null) =>
  action().execute({ ...call(input), approved, slack: 0, heartbeat: () => undefined, overdue: () => false });
const limits = () => join(root, 'api', 'limits.yaml');
const entries = async () => (await readdir(root, { recursive: true })).toSorted();

describe('a change', () => {
  beforeEach(() => writeFile(limits(), LIMITS, { mode: 0o640 }));

  it('is previewed by the lines that change, and by none beside them', async () => {
    const facts = await preview(request());
    expect(facts).toEqual({
      before: digestOf(LIMITS),
      after: digestOf(RAISED),
      exists: true,
      diff: ['@@ -1 +1 @@', '-rate: 10 # a second', '+rate: 20 # a second'],
      added: 1,
      removed: 1,
      cut: 0,
    });
    expect(await readFile(limits(), 'utf8')).toBe(LIMITS);
    expect(configSet.impact(facts)[0]).toBe('The file would change: 1 line added, 1 removed');
  });

  it('is written whole, with its mode, and leaves nothing beside it', async () => {
    const facts = await preview(request());
    expect(await execute(request(), facts)).toEqual({
      file: 'api/limits.yaml',
      before: digestOf(LIMITS),
      after: digestOf(RAISED),
    });
    expect(await readFile(limits(), 'utf8')).toBe(RAISED);
    expect((await stat(limits())).mode & 0o7777).toBe(0o640);
    expect(await entries()).toEqual(['api', 'api/limits.yaml']);
  });

  it('does nothing of a file that is not the approved one any more', async () => {
    const facts = await preview(request());
    const other = `${LIMITS}new: 1\n`;
    await writeFile(limits(), other);
    const now = await preview(request());
    expect(configSet.drift(facts, now, 0).length).toBeGreaterThan(0);
    await expect(execute(request(), facts)).rejects.toMatchObject({ code: 'precondition_failed' });
    expect(await readFile(limits(), 'utf8')).toBe(other);
  });

  it('does nothing where if_digest names another file, and says so before', async () => {
    const right = request({ if_digest: digestOf(LIMITS) });
    const wrong = request({ if_digest: digestOf('') });
    expect(await action().preconditions(call(right))).toEqual([]);
    expect(await action().preconditions(call(wrong))).toEqual([
      `The file api/limits.yaml is ${digestOf(LIMITS)}, and was to be ${digestOf('')}`,
    ]);
    await expect(execute(wrong)).rejects.toMatchObject({ code: 'precondition_failed' });
    await execute(right);
    expect(await readFile(limits(), 'utf8')).toBe(RAISED);
  });

  it('does not touch a file that says so already', async () => {
    const { ino } = await stat(limits());
    const same = request({ set: [{ path: ['rate'], value: 10 }] });
    const facts = await preview(same);
    expect(configSet.impact(facts)).toEqual(['Nothing would change: the file says so already']);
    await execute(same, facts);
    expect((await stat(limits())).ino).toBe(ino);
  });

  it('clears away what a crash has left, and nothing that is still being written', async () => {
    const partial = (digit: string) =>
      join(root, 'api', `.limits.yaml.${digit.repeat(8)}-0000-4000-8000-000000000000.partial`);
    await writeFile(partial('1'), 'half');
    await utimes(partial('1'), 1, 1);
    await writeFile(partial('2'), 'half');
    await execute(request());
    expect((await entries()).filter((entry) => entry.endsWith('.partial'))).toEqual([
      partial('2').slice(root.length + 1),
    ]);
  });

  it('says how much of a long difference it does not show', async () => {
    const set = Array.from({ length: 31 }, (_, index) => ({ path: [`k${index}`], value: ['v', 'w', 'x'] }));
    const facts = await preview(request({ set: [...set, { path: ['rate'], value: 'y'.repeat(500) }] }));
    expect(facts).toMatchObject({ added: 31 * 4 + 1, cut: 128 - 60 + 1 });
    expect(configSet.impact(facts)[1]).toBe(
      'The difference is too long to show whole: 69 of its lines are cut or left out',
    );
    expect(JSON.stringify(facts)).toContain('… (318 more characters)');
  });

  it('of one that comes between the last look and the rename, undoes nothing', async () => {
    await within(root, 'api/limits.yaml', async (place) => {
      const found = await readPlain(place);
      await writeFile(limits(), 'mine: 1\n');
      await expect(replace(place, found, RAISED)).rejects.toMatchObject({ code: 'precondition_failed' });
      await expect(replace(place, null, RAISED)).rejects.toMatchObject({ code: 'precondition_failed' });
    });
    expect(await readFile(limits(), 'utf8')).toBe('mine: 1\n');
    expect(await entries()).toEqual(['api', 'api/limits.yaml']);
  });
});

it('makes a new file for the executor alone', async () => {
  const facts = await preview(request());
  expect(facts).toMatchObject({ before: null, exists: false, diff: ['@@ -0,0 +1 @@', '+rate: 20'] });
  await execute(request(), facts);
  expect(await readFile(limits(), 'utf8')).toBe('rate: 20\n');
  expect(await stat(limits())).toMatchObject({ nlink: 1 });
  expect((await stat(limits())).mode & 0o7777).toBe(0o600);
});

describe('what is no plain file of its own', () => {
  const refused = async (code = 'config_file_refused') => {
    await expect(preview(request())).rejects.toMatchObject({ code });
    await expect(execute(request())).rejects.toMatchObject({ code });
  };

  it('a link to a file outside', async () => {
    await writeFile(join(outside, 'limits.yaml'), LIMITS);
    await symlink(join(outside, 'limits.yaml'), limits());
    await refused();
    expect(await readFile(join(outside, 'limits.yaml'), 'utf8')).toBe(LIMITS);
  });

  it('a link to nothing', async () => {
    await symlink(join(outside, 'new.yaml'), limits());
    await refused();
    expect(await readdir(outside)).toEqual([]);
  });

  it('a hard link', async () => {
    await writeFile(join(outside, 'limits.yaml'), LIMITS);
    await link(join(outside, 'limits.yaml'), limits());
    await refused();
  });

  it('a folder', async () => {
    await mkdir(limits());
    await refused();
  });

  it('a pipe, without waiting for its writer', async () => {
    await promisify(execFile)('mkfifo', [limits()]);
    await refused();
  });

  it('a link to a device', async () => {
    await symlink('/dev/zero', limits());
    await refused();
  });

  it('a huge file, unread', async () => {
    await writeFile(limits(), '');
    await truncate(limits(), 2 ** 40);
    await refused();
  });

  it('a file that would become too large', async () => {
    await writeFile(limits(), `rate: 1\nfill: ${'x'.repeat(256 * 1024 - 20)}\n`);
    const large = request({ set: [{ path: ['more'], value: 'y'.repeat(100) }] });
    await expect(preview(large)).rejects.toMatchObject({ code: 'config_file_refused' });
  });

  it('bytes that are no text', async () => {
    await writeFile(limits(), Buffer.from([0x61, 0x3a, 0x20, 0xff]));
    await refused();
    await writeFile(limits(), 'a: 1\0\n');
    await refused();
  });
});

describe('a folder that leads elsewhere', () => {
  const refused = async () => {
    await expect(preview(request())).rejects.toMatchObject({ code: 'config_place_refused' });
    await expect(execute(request())).rejects.toMatchObject({ code: 'config_place_refused' });
    expect(await readdir(outside)).toEqual([]);
  };

  it('a link in the way', async () => {
    await rm(join(root, 'api'), { recursive: true });
    await symlink(outside, join(root, 'api'));
    await refused();
  });

  it('a link within the root', async () => {
    await mkdir(join(root, 'real'));
    await rm(join(root, 'api'), { recursive: true });
    await symlink('real', join(root, 'api'));
    await refused();
  });

  it('a root behind a link', async () => {
    await rename(root, join(home, 'moved'));
    await symlink(join(home, 'moved'), root);
    await refused();
  });

  it('a link above the root', async () => {
    await mkdir(join(home, 'up', 'root', 'api'), { recursive: true });
    await symlink(join(home, 'up'), join(home, 'alias'));
    const aliased = implementConfigSet({ roots: { app: join(home, 'alias', 'root') } });
    await expect(aliased.preview?.(call(request()))).rejects.toMatchObject({ code: 'config_place_refused' });
  });

  it('a folder that others can write to', async () => {
    await chmod(join(root, 'api'), 0o777);
    await refused();
    await chmod(join(root, 'api'), 0o755);
    await chmod(root, 0o775);
    await refused();
  });

  it('no folder at all', async () => {
    await rm(join(root, 'api'), { recursive: true });
    await refused();
    await writeFile(join(root, 'api'), '');
    await refused();
  });

  it('a folder put away after it was opened, with a link in its place', async () => {
    await writeFile(limits(), LIMITS);
    await writeFile(join(outside, 'limits.yaml'), 'rate: 666\n');
    await within(root, 'api/limits.yaml', async (place) => {
      await rename(join(root, 'api'), join(home, 'away'));
      await symlink(outside, join(root, 'api'));
      const found = await readPlain(place);
      // Where there is no /proc/self/fd, the check that follows is what refuses.
      expect(found?.text).toBe(process.platform === 'linux' ? LIMITS : 'rate: 666\n');
      await expect(place.check()).rejects.toMatchObject({ code: 'config_place_refused' });
      await expect(replace(place, found, RAISED)).rejects.toMatchObject({ code: 'config_place_refused' });
    });
    expect(await readFile(join(outside, 'limits.yaml'), 'utf8')).toBe('rate: 666\n');
    expect(await readdir(outside)).toEqual(['limits.yaml']);
    expect(await readdir(join(home, 'away'))).toEqual(['limits.yaml']);
  });

  it('a link swapped in and out all the time: nothing outside is ever read or written', async () => {
    await writeFile(limits(), LIMITS);
    await writeFile(join(outside, 'limits.yaml'), 'rate: 666\n');
    const [real, decoy] = [join(home, 'real'), join(root, 'api')];
    let racing = true;
    const race = (async () => {
      while (racing) {
        await rename(decoy, real);
        await symlink(outside, decoy);
        await rm(decoy);
        await rename(real, decoy);
      }
    })();
    const seen = new Set<unknown>();
    for (let attempt = 0; attempt < 150; attempt++) {
      const value = attempt % 2 === 0 ? 20 : 10;
      await execute(request({ set: [{ path: ['rate'], value }] })).then(
        ({ before }) => seen.add(before),
        ({ code }) => expect(['config_place_refused', 'precondition_failed']).toContain(code),
      );
    }
    racing = false;
    await race;
    expect([...seen].filter((before) => before !== digestOf(LIMITS) && before !== digestOf(RAISED))).toEqual(
      [],
    );
    expect(await readFile(join(outside, 'limits.yaml'), 'utf8')).toBe('rate: 666\n');
    expect(await readdir(outside)).toEqual(['limits.yaml']);
    expect(await readdir(decoy)).toEqual(['limits.yaml']);
  });
});

it('leaves the old file where the new one cannot be written', async () => {
  await writeFile(limits(), LIMITS);
  await within(root, 'api/limits.yaml', async (place) => {
    const found = await readPlain(place);
    const blocked = {
      ...place,
      at: (name: string) => place.at(name.endsWith('.partial') ? `gone/${name}` : name),
    };
    await expect(replace(blocked, found, RAISED)).rejects.toMatchObject({ code: 'config_write_failed' });
  });
  expect(await readFile(limits(), 'utf8')).toBe(LIMITS);
  expect(await entries()).toEqual(['api', 'api/limits.yaml']);
});

const inputs: readonly (readonly [string, JsonObject])[] = [
  ['up', { file: '../limits.yaml' }],
  ['up in the middle', { file: 'api/../../limits.yaml' }],
  ['here', { file: './limits.yaml' }],
  ['here in the middle', { file: 'api/./limits.yaml' }],
  ['absolute', { file: '/etc/limits.yaml' }],
  ['nothing between slashes', { file: 'api//limits.yaml' }],
  ['a backslash', { file: 'api\\limits.yaml' }],
  ['NUL', { file: 'limits.yaml\0.yaml' }],
  ['a line break', { file: 'limits.yaml\n' }],
  ['an encoded dot', { file: '%2e%2e/limits.yaml' }],
  ['a letter that looks like a dot', { file: '․․/limits.yaml' }],
  ['another kind of file', { file: 'api/run.sh' }],
  ['no name', { file: '.yaml' }],
  ['a folder', { file: 'api/' }],
  ['too deep', { file: `${'a/'.repeat(9)}b.yaml` }],
  ['a root that is a path', { root: '/etc' }],
  ['nothing to do', { set: [] }],
  ['a key of JavaScript', { set: [{ path: ['__proto__', 'x'], value: 1 }] }],
  ['a merge key', { set: [{ path: ['<<'], value: 1 }] }],
  ['an invisible key', { set: [{ path: ['rate\u200b'], value: 1 }] }],
  ['an empty path', { set: [{ path: [], value: 1 }] }],
  ['one place twice', { set: [{ path: ['a'], value: 1 }], remove: [['a']] }],
  [
    'a place within another',
    {
      set: [
        { path: ['a'], value: {} },
        { path: ['a', 'b'], value: 1 },
      ],
    },
  ],
  ['a huge value', { set: [{ path: ['a'], value: 'x'.repeat(10_001) }] }],
  ['a field that nobody knows', { force: true }],
];

it.each(inputs)('%s: refused before anything is looked at', (_, change) => {
  expect(() => configSet.read(request(change))).toThrow(expect.objectContaining({ code: 'input_invalid' }));
});

it('knows no root but its own', async () => {
  await expect(preview(request({ root: 'other' }))).rejects.toMatchObject({ code: 'root_unknown' });
  await expect(preview(request({ root: 'constructor' }))).rejects.toMatchObject({ code: 'root_unknown' });
  expect(() => implementConfigSet({ roots: { app: 'etc' } })).toThrow(
    expect.objectContaining({ code: 'config_options_malformed' }),
  );
});

it('says in its resource which places it touches, each in one spelling', () => {
  const { resource, title, target, description } = configSet.read(
    request({ set: [{ path: ['a', 'b.c', 0], value: 'x' }], remove: [['d']], if_digest: digestOf('') }),
  );
  expect(resource).toEqual({ root: 'app', file: 'api/limits.yaml', paths: ['a."b.c".0'], removes: ['d'] });
  expect(title).toBe('Set 2 values in api/limits.yaml of app');
  expect(target).toBe('api/limits.yaml');
  expect(description).toEqual([
    'Sets a."b.c".0 to "x"',
    'Removes d',
    `Only while the file is ${digestOf('')}`,
  ]);
});
