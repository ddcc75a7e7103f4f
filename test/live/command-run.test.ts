/** command.run with real processes: what they are given, what is told of them, and that nothing of them stays. */
import { chmod, mkdir, mkdtemp, readdir, readFile, realpath, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, beforeEach, expect, it, vi } from 'vitest';
import { commandRun } from '../../actions/command/definition.ts';
import { implementCommandRun } from '../../actions/command/implementation.ts';
import type { ListedCommand } from '../../actions/command/listed.ts';
import { digestOf } from '../../approval/digest.ts';
import type { JsonObject } from '../../approval/types.ts';

let home: string;
beforeAll(async () => {
  home = await realpath(await mkdtemp(join(tmpdir(), 'assent-commands-')));
});
afterAll(() => rm(home, { recursive: true }));

/** So that a test sees the directories of its own commands alone. */
let scratch: string;
beforeEach(async () => {
  scratch = await mkdtemp(join(home, 'scratch-'));
  vi.stubEnv('TMPDIR', scratch);
});
afterEach(async () => {
  vi.unstubAllEnvs();
  expect(await readdir(scratch)).toEqual([]);
});

const node = (script: string, change: Partial<ListedCommand> = {}): ListedCommand => ({
  argv: [process.execPath, '-e', script, '{word}'],
  args: { word: { allowed: '.*', leadingDash: false } },
  cwd: null,
  env: {},
  timeoutSeconds: 20,
  outputLimit: 64 * 1024,
  output: 'keep',
  ...change,
});

const input: JsonObject = { command: 'test', args: { word: 'x' } };
const call = (signal = new AbortController().signal) => ({ input, resource: {}, signal });
const action = (command: ListedCommand) => implementCommandRun({ commands: { test: command } });
const execute = async (
  command: ListedCommand,
  change: { signal?: AbortSignal; approved?: JsonObject } = {},
) =>
  action(command).execute({
    ...call(change.signal),
    approved: change.approved ?? null,
    slack: 0,
    heartbeat: () => undefined,
    overdue: () => false,
  });
const preview = async (command: ListedCommand): Promise<JsonObject> => {
  const { preview: look } = action(command);
  if (look === null) throw new Error('there is no preview');
  return look(call());
};
const failure = async (running: Promise<unknown>): Promise<{ code?: unknown; message?: unknown }> =>
  running.then(
    () => {
      throw new Error('it succeeded');
    },
    (error: unknown) => Object(error),
  );

it('previews exactly what it would start, and starts nothing', async () => {
  const command = node('require("fs").writeFileSync("/nowhere/x", "")', { env: { B: 'hunter2', A: '1' } });
  const facts = await preview(command);
  expect(facts).toEqual({
    argv: [...command.argv.slice(0, 3), 'x'],
    cwd: null,
    env: ['A', 'B'],
    timeout_seconds: 20,
    output_limit: 65_536,
    output: 'keep',
  });
  expect(JSON.stringify(facts)).not.toContain('hunter2');
  expect(commandRun.impact(facts)[0]).toBe(`Would start: ${JSON.stringify(facts.argv)}`);
});

it('gives a process its own directory, its listed environment, no input, and its argument as it stands', async () => {
  vi.stubEnv('NODE_V8_COVERAGE', join(scratch, 'coverage'));
  vi.stubEnv('ASSENT_SECRET', 'hunter2');
  const script = `
    const { readFileSync, readdirSync } = require('node:fs');
    process.stdout.write(JSON.stringify({
      argument: process.argv[1], env: process.env, cwd: process.cwd(), files: readdirSync('.'),
      stdin: readFileSync(0, 'utf8'), descriptors: readdirSync('/proc/self/fd').map(Number).filter((fd) => fd > 2 && fd < 8),
      leader: readFileSync('/proc/self/stat', 'utf8').split(' ')[4] === String(process.pid),
    }));`;
  const shellish = '$(id) `id`; id | id > x * "q" \'s\' \\ é\nnew';
  const word = { allowed: [shellish], leadingDash: false };
  const result = await implementCommandRun({
    commands: { test: node(script, { env: { LANG: 'C' }, args: { word } }) },
  }).execute({
    ...call(),
    input: { command: 'test', args: { word: shellish } },
    approved: null,
    slack: 0,
    heartbeat: () => undefined,
    overdue: () => false,
  });
  expect(result).toMatchObject({
    exit_code: 0,
    signal: null,
    leftover: false,
    stderr: { bytes: 0, text: '' },
  });
  const { stdout } = JSON.parse(JSON.stringify(result));
  const seen = JSON.parse(stdout.text);
  expect(seen).toMatchObject({ argument: shellish, env: { LANG: 'C' }, files: [], stdin: '', leader: true });
  expect(Object.keys(seen.env)).toEqual(['LANG']);
  expect(seen.cwd.startsWith(join(scratch, 'assent-command-'))).toBe(true);
});

it('runs in the listed directory, and leaves it', async () => {
  const cwd = await mkdtemp(join(home, 'cwd-'));
  await execute(node('require("fs").writeFileSync("made", "")', { cwd }));
  expect(await readdir(cwd)).toEqual(['made']);
});

it('removes what a command leaves in its own directory', async () => {
  await execute(
    node('require("fs").mkdirSync("a/b", { recursive: true }); require("fs").writeFileSync("a/b/c", "")'),
  );
});

it('records both outputs apart, cut honestly, however much is said', async () => {
  const script = 'process.stdout.write("o".repeat(3e6)); process.stderr.write("e".repeat(5))';
  expect(await execute(node(script, { outputLimit: 1000 }))).toMatchObject({
    stdout: { bytes: 3e6, kept: 1000, cut: true, text: 'o'.repeat(1000), sha256: digestOf('o'.repeat(3e6)) },
    stderr: { bytes: 5, kept: 5, cut: false, text: 'eeeee' },
  });
});

it('says nothing of an output that may not be told, but its digest', async () => {
  const result = await execute(
    node('console.log("hunter2"); console.error("hunter2")', { output: 'digest' }),
  );
  expect(result).toMatchObject({ stdout: { bytes: 8, sha256: digestOf('hunter2\n') }, stderr: { bytes: 8 } });
  expect(JSON.stringify(result)).not.toContain('hunter2');
});

it('fails by the exit code, without a word of what was said', async () => {
  const failed = await failure(
    execute(node('console.error("hunter2"); process.exit(7)', { output: 'digest' })),
  );
  expect(failed).toMatchObject({ code: 'command_failed', message: expect.stringContaining('exit code 7') });
  expect(JSON.stringify({ ...failed, message: failed.message })).not.toContain('hunter2');
});

it('tells the signal that ended it', async () => {
  const failed = await failure(execute(node('process.kill(process.pid, "SIGSEGV")')));
  expect(failed).toMatchObject({ code: 'command_failed', message: expect.stringContaining('SIGSEGV') });
});

/** Waits for a file that a command writes once it is where the test wants it. */
const written = async (file: string): Promise<string> =>
  vi.waitFor(async () => {
    const text = await readFile(file, 'utf8');
    expect(text).not.toBe('');
    return text;
  });

/** Until it is gone, or is a zombie that waits for its new parent. */
const ended = async (pid: number): Promise<void> =>
  vi.waitFor(async () => {
    const stat = await readFile(`/proc/${pid}/stat`, 'utf8').catch(() => '0 (gone) Z');
    expect(stat).toMatch(/\) [ZX]/);
  });

/** A child of the command that ignores SIGTERM, holds the outputs open and says its pid in a file. */
const withGrandchild = (file: string, after: string) => `
  process.on('SIGTERM', () => ${after === 'linger' ? '0' : 'process.exit(0)'});
  const { spawn } = require('node:child_process');
  spawn(process.execPath, ['-e', \`
    process.on('SIGTERM', () => 0);
    require('node:fs').writeFileSync(${JSON.stringify(file)}, String(process.pid));
    setInterval(() => 0, 1000);
  \`], { stdio: 'inherit' }).unref();
  ${after === 'exit' ? `const wait = setInterval(() => { if (require('node:fs').existsSync(${JSON.stringify(file)})) process.exit(0); }, 10);` : 'setInterval(() => 0, 1000);'}`;

it('ends a whole group at its time: those that ignore SIGTERM, too', async () => {
  const file = join(home, 'timeout.pid');
  const failed = await failure(execute(node(withGrandchild(file, 'linger'), { timeoutSeconds: 1 })));
  expect(failed).toMatchObject({
    code: 'command_killed',
    message: expect.stringMatching(/more than 1 seconds.*not known.*SIGKILL/),
  });
  await ended(Number(await written(file)));
});

it('ends a whole group when it is cancelled, and says that it had begun', async () => {
  const file = join(home, 'abort.pid');
  const abort = new AbortController();
  const failing = failure(execute(node(withGrandchild(file, 'obey')), { signal: abort.signal }));
  const grandchild = Number(await written(file));
  abort.abort();
  expect(await failing).toMatchObject({
    code: 'command_killed',
    message: expect.stringContaining('exit code 0'),
  });
  await ended(grandchild);
});

it('leaves nothing running of a command that ended by itself', async () => {
  const file = join(home, 'left.pid');
  const result = await execute(node(withGrandchild(file, 'exit')));
  expect(result).toMatchObject({ exit_code: 0 });
  await ended(Number(await written(file)));
});

it('waits for none that has left the group and holds the output, and says that more may have been said', async () => {
  const file = join(home, 'escaped.pid');
  const script = `
    const { spawn } = require('node:child_process');
    const child = spawn(process.execPath, ['-e', 'setTimeout(() => 0, 60000)'], { stdio: 'inherit', detached: true });
    require('node:fs').writeFileSync(${JSON.stringify(file)}, String(child.pid));
    process.exit(0);`;
  const result = await execute(node(script));
  process.kill(Number(await written(file)), 'SIGKILL');
  expect(result).toMatchObject({ exit_code: 0, stdout: { ended: false, cut: true } });
});

it('starts nothing once it is cancelled', async () => {
  const failed = await failure(execute(node('0'), { signal: AbortSignal.abort() }));
  expect(failed).toMatchObject({ code: 'cancelled' });
});

it('starts nothing other than what was approved', async () => {
  const approved = await preview(node('0'));
  const failed = await failure(execute(node('1'), { approved }));
  expect(failed).toMatchObject({ code: 'precondition_failed', message: expect.stringContaining('argv') });
  expect(await execute(node('0'), { approved })).toMatchObject({ exit_code: 0 });
});

it('starts nothing that is not there, not executable, open to others, or food for a shell', async () => {
  const at = await mkdtemp(join(home, 'bin-'));
  const make = async (name: string, text: string, mode: number) => {
    await writeFile(join(at, name), text);
    await chmod(join(at, name), mode);
  };
  await mkdir(join(at, 'folder'));
  await make('plain', '#!/bin/sh\n', 0o644);
  await make('open', '#!/bin/sh\n', 0o777);
  await make('shell', 'exit 0\n', 0o755);
  await make('script', '#!/bin/sh\nexit 0\n', 0o755);
  await make('lost', '#!/nowhere/sh\n', 0o755);
  const of = (name: string) => node('', { argv: [join(at, name)], args: {} });
  const bare = {
    ...call(),
    input: { command: 'test', args: {} },
    approved: null,
    slack: 0,
    heartbeat: () => undefined,
    overdue: () => false,
  };
  for (const name of ['missing', 'folder', 'plain', 'open', 'shell']) {
    expect(await failure(action(of(name)).execute(bare)), name).toMatchObject({ code: 'command_refused' });
  }
  expect(await action(of('script')).execute(bare)).toMatchObject({ exit_code: 0 });
  expect(await failure(action(of('lost')).execute(bare))).toMatchObject({ code: 'command_not_started' });
  const elsewhere = { ...of('script'), cwd: join(at, 'gone') };
  expect(await failure(action(elsewhere).execute(bare))).toMatchObject({ code: 'command_refused' });
});
