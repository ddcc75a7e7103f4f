/** `npm run demo` as people run it: it ends well, it ends badly where a claim is untrue, and nothing outlives it. */
import { type ChildProcess, spawn } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { once } from 'node:events';
import { appendFileSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { setTimeout } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { afterAll, afterEach, expect, test } from 'vitest';

mkdirSync('.assent', { recursive: true });
/** Where it is run from: what it leaves is below. */
const home = mkdtempSync(join('.assent', 'test-demo-'));
afterAll(() => rmSync(home, { recursive: true, force: true }));

const children: ChildProcess[] = [];
/** Those that a failed test left; their guard ends their parts. */
afterEach(() => {
  for (const child of children.splice(0)) child.kill('SIGKILL');
});

interface Demo {
  readonly output: () => string;
  readonly errors: () => string;
  /** Resolves with the first line that matches. */
  until(line: RegExp): Promise<string>;
  /** Ids of the processes that it started and that are there still, itself included. */
  processes(): readonly number[];
  signal(signal: NodeJS.Signals): void;
  readonly ended: Promise<number | null>;
  /** Where it keeps its files, below `home`, once it has said so. */
  directory(): string;
}

const program = fileURLToPath(new URL('../../dev/demo/main.ts', import.meta.url));

/** Every process that it starts inherits its environment, so a mark in there finds them all. */
function startDemo(): Demo {
  const mark = `DEMO_UNDER_TEST=${randomUUID()}`;
  const [name = '', value] = mark.split('=');
  const child = spawn(process.execPath, ['--conditions=assent-source', program], {
    cwd: home,
    env: { ...process.env, [name]: value },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  children.push(child);
  const lines: string[] = [];
  const waiting = new Set<() => void>();
  const reader = createInterface({ input: child.stdout });
  reader.on('line', (line) => {
    lines.push(line);
    for (const look of waiting) look();
  });
  let errors = '';
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    errors += text;
  });
  const ended = once(child, 'close').then(() => child.exitCode);
  const until = async (pattern: RegExp): Promise<string> => {
    const { promise, resolve } = Promise.withResolvers<string>();
    const look = () => {
      const line = lines.find((candidate) => pattern.test(candidate));
      if (line !== undefined) resolve(line);
    };
    waiting.add(look);
    look();
    const over = ended.then((code) => {
      throw new Error(`ended with ${code} before ${pattern}:\n${lines.join('\n')}\n${errors}`);
    });
    return Promise.race([promise, over]).finally(() => waiting.delete(look));
  };
  return {
    output: () => lines.join('\n'),
    errors: () => errors,
    until,
    processes: () => marked(mark),
    signal: (signal) => child.kill(signal),
    ended,
    directory: () => {
      const [, directory] = /^ {3}Files +(\S+)$/m.exec(lines.join('\n')) ?? [];
      if (directory === undefined) throw new Error(`no files are named in ${lines.join('\n')}`);
      return directory;
    },
  };
}

function marked(mark: string): readonly number[] {
  return readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .filter((pid) => environmentOf(pid).split('\0').includes(mark))
    .map(Number);
}

/** Empty for a process that has ended meanwhile, or is somebody else's. */
function environmentOf(pid: string): string {
  try {
    return readFileSync(`/proc/${pid}/environ`, 'utf8');
  } catch {
    return '';
  }
}

/** The guard goes a moment after the process that it guards. */
async function survivors(demo: Demo): Promise<readonly number[]> {
  for (let patience = 40; patience > 0 && demo.processes().length > 0; patience -= 1) await setTimeout(100);
  return demo.processes();
}

/** Worker, executor, gateway, Postgres, Temporal, Slack, the guard and the demo itself. */
const PARTS = 8;

test('two at once: one tells its whole story, the other finds out who changed what was exported', async () => {
  const whole = startDemo();
  const spoilt = startDemo();
  await spoilt.until(/^4\. /);
  const exported = join(home, spoilt.directory(), 'exports', 'newsletter.csv');
  appendFileSync(exported, 'Nobody,nobody@example.com\r\n');
  for (const demo of [whole, spoilt]) expect(demo.processes().length).toBeGreaterThanOrEqual(PARTS);

  expect(await whole.ended, whole.output()).toBe(0);
  expect(whole.errors()).toBe('');
  expect(whole.output()).not.toContain('✗');
  for (const act of [1, 2, 3, 4, 5, 6, 7]) expect(whole.output()).toMatch(new RegExp(`^${act}\\. `, 'm'));
  const claims = whole.output().match(/^ {3}✓ /gm)?.length;
  expect(whole.output()).toContain(`All ${claims} claims are true`);

  expect(await spoilt.ended).toBe(1);
  expect(spoilt.output()).toMatch(/^ {3}✗ The file is as it was, .*\n {7}expected .*\n( .*\n)* {7}found /m);
  expect(spoilt.output()).not.toMatch(/^7\. /m);
  expect(spoilt.errors()).toContain('This is not true: The file is as it was');
  for (const demo of [whole, spoilt]) expect(await survivors(demo)).toEqual([]);
});

test('Ctrl-C ends everything, in the middle of the story and while parts still start', async () => {
  const playing = startDemo();
  const starting = startDemo();
  await starting.until(/Starting worker/);
  starting.signal('SIGINT');
  expect(await starting.ended).toBe(130);
  expect(starting.output()).not.toContain('1. ');
  expect(await survivors(starting)).toEqual([]);

  await playing.until(/^1\. /);
  playing.signal('SIGINT');
  expect(await playing.ended).toBe(130);
  expect(playing.output()).not.toContain('All ');
  expect(await survivors(playing)).toEqual([]);
});
