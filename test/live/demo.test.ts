/** `npm run demo` as people run it: it ends well, it ends badly where a claim is untrue, and nothing outlives it. */
import { appendFileSync, mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, afterEach, expect, test } from 'vitest';
import { type Program, startProgram, survivors } from '../setup/program.ts';

mkdirSync('.assent', { recursive: true });
/** Where it is run from: what it leaves is below. */
const home = mkdtempSync(join('.assent', 'test-demo-'));
afterAll(() => rmSync(home, { recursive: true, force: true }));

const started: Program[] = [];
/** Those that a failed test left; their guard ends their parts. */
afterEach(() => {
  for (const program of started.splice(0)) program.signal('SIGKILL');
});

interface Demo extends Program {
  /** Where it keeps its files, below `home`, once it has said so. */
  directory(): string;
}

function startDemo(): Demo {
  const main = fileURLToPath(new URL('../../dev/demo/main.ts', import.meta.url));
  const program = startProgram(['--conditions=assent-source', main], home);
  started.push(program);
  const directory = () => {
    const [, found] = /^ {3}Files +(\S+)$/m.exec(program.output()) ?? [];
    if (found === undefined) throw new Error(`no files are named in ${program.output()}`);
    return found;
  };
  return { ...program, directory };
}

/** Worker, executor, gateway, Postgres, Temporal, Slack, the guard and the demo itself. */
const PARTS = 8;

test('two at once: one tells its whole story, the other finds out who changed what was exported', async () => {
  const whole = startDemo();
  // Temporal's development server picks ports of its own as it starts, and two that start at once may pick alike.
  await whole.until(/^1\. /);
  const spoilt = startDemo();
  await spoilt.until(/^4\. /);
  const exported = join(home, spoilt.directory(), 'exports', 'newsletter.csv');
  appendFileSync(exported, 'Nobody,nobody@example.com\r\n');
  for (const demo of [whole, spoilt]) {
    expect(demo.processes().length, demo.output() + demo.errors()).toBeGreaterThanOrEqual(PARTS);
  }

  expect(await whole.ended, whole.output()).toBe(0);
  expect(whole.errors()).toBe('');
  expect(whole.output()).not.toContain('✗');
  for (const act of [1, 2, 3, 4, 5, 6, 7]) expect(whole.output()).toMatch(new RegExp(`^${act}\\. `, 'm'));
  const claims = whole.output().match(/^ {3}✓ /gm)?.length;
  expect(whole.output()).toContain(`All ${claims} claims are true`);

  expect(await spoilt.ended).toBe(1);
  expect(spoilt.output()).toMatch(/^ {3}✗ The file is as it was, .*\n {7}expected .*\n( .*\n)* {7}found /m);
  expect(spoilt.output()).not.toMatch(/^10\. /m);
  expect(spoilt.errors()).toContain('This is not true: The file is as it was');
  for (const demo of [whole, spoilt]) expect(await survivors(demo)).toEqual([]);
});

test('Ctrl-C ends everything, in the middle of the story and while parts still start', async () => {
  const playing = startDemo();
  await playing.until(/^1\. /);
  const starting = startDemo();
  await starting.until(/Starting worker/);
  starting.signal('SIGINT');
  expect(await starting.ended, starting.errors()).toBe(130);
  expect(starting.output()).not.toContain('1. ');
  expect(await survivors(starting)).toEqual([]);

  playing.signal('SIGINT');
  expect(await playing.ended, playing.errors()).toBe(130);
  expect(playing.output()).not.toContain('All ');
  expect(await survivors(playing)).toEqual([]);
});
