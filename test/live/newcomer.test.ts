/** A newcomer's first minutes, as README tells them: npm run dev, npm run agent, a click in a browser, Ctrl-C. */
import { execFile } from 'node:child_process';
import { readFile, stat } from 'node:fs/promises';
import { parseEnv, promisify } from 'node:util';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { z } from 'zod';
import { startBrowser } from '../../dev/browser.ts';
import { type Program, startProgram, survivors } from '../setup/program.ts';

const description = z.object({
  temporal: z.object({ address: z.string(), namespace: z.string(), taskQueue: z.string(), ui: z.url() }),
  database: z.url(),
  gateway: z.url(),
  slack: z.object({ url: z.url(), channel: z.string() }),
  agents: z.record(z.string(), z.object({ keyFile: z.string() })),
  people: z.record(z.string(), z.object({ slack: z.string(), keyFile: z.string() })),
  policy: z.string(),
  directory: z.string(),
});

let dev: Program;

beforeAll(async () => {
  dev = startProgram(['dev/main.ts']);
  await dev.until(/^Ctrl-C ends all of it/);
});

afterAll(async () => {
  dev.signal('SIGKILL');
  await dev.ended;
});

test('asks, sees the card in a browser, and lets it run with one click', async () => {
  expect((await stat('.assent/dev.json')).mode & 0o777).toBe(0o600);
  const { slack, people } = description.parse(JSON.parse(await readFile('.assent/dev.json', 'utf8')));
  const agent = startProgram([
    '--conditions=assent-source',
    '--env-file=.assent/agent.env',
    'examples/agent.ts',
  ]);
  const browser = await startBrowser();
  try {
    const page = await browser.newPage();
    await page.goto(`${slack.url}/archives/${slack.channel}`);
    const approve = page.getByRole('button', { name: 'Approve', exact: true });
    await approve.waitFor();
    const card = page.locator('.msg').first();
    await expect.poll(() => card.innerText()).toContain('1,204 rows would be exported');

    const actAs = page.locator('label.actas select');
    await actAs.selectOption(people.mia?.slack ?? '');
    await approve.click();
    await page.getByText('Your approval was not counted', { exact: false }).waitFor();
    await actAs.selectOption(people.ana?.slack ?? '');
    await approve.click();
    expect(await agent.ended, agent.errors()).toBe(0);
    expect(agent.output()).toMatch(/^1204 rows in newsletter-\d+\.csv$/);
    await expect.poll(() => card.innerText(), { timeout: 10_000 }).toContain('Approved and done');
  } finally {
    await browser.close();
  }
});

test('reads of it at the terminal', async () => {
  const { DATABASE_URL } = parseEnv(await readFile('.assent/reader.env', 'utf8'));
  const env = { ...process.env, DATABASE_URL };
  const { stdout } = await promisify(execFile)('npx', ['assent', 'list', '--json'], { env });
  const listed = z.object({
    requests: z.array(z.looseObject({ action: z.string(), latest: z.looseObject({ state: z.string() }) })),
  });
  expect(listed.parse(JSON.parse(stdout)).requests).toMatchObject([
    { action: 'sql.export', latest: { state: 'succeeded' } },
  ]);
});

test('approves another at the terminal, as README tells it', async () => {
  const lines = [
    ...(await readFile('README.md', 'utf8')).matchAll(/^node (--env-file\S+ cli\/main\.ts .+)$/gm),
  ];
  const said = (verb: string) =>
    (lines.find(([, words]) => words?.includes(`main.ts ${verb} `))?.[1] ?? '').split(' ');
  const node = (words: readonly string[]) => promisify(execFile)(process.execPath, words);
  const agent = startProgram([
    '--conditions=assent-source',
    '--env-file=.assent/agent.env',
    'examples/agent.ts',
  ]);
  const listing = z.object({ requests: z.array(z.looseObject({ request_id: z.string() })) });
  const pending = async () => {
    const { stdout } = await node([...said('list'), '--json']);
    return listing.parse(JSON.parse(stdout)).requests[0]?.request_id;
  };
  await expect.poll(pending, { timeout: 20_000 }).toBeTypeOf('string');
  const id = (await pending())?.slice(0, 8) ?? '';
  const [show, approve] = [said('show'), said('approve')].map((words) =>
    words.map((word) => (word === 'ID' ? id : word)),
  );
  expect((await node(show ?? [])).stdout).toContain('1 from data-owners: 0 so far; asked now: ana and ben');
  expect((await node([...(approve ?? []), '--yes'])).stdout).toContain('Your approval counts.');
  expect(await agent.ended, agent.errors()).toBe(0);
});

test('Ctrl-C ends all of it, and leaves no process and no database behind', async () => {
  const { policy } = description.parse(JSON.parse(await readFile('.assent/dev.json', 'utf8')));
  dev.signal('SIGINT');
  expect(await dev.ended, dev.errors()).toBe(0);
  expect(await survivors(dev)).toEqual([]);
  await expect(stat(policy)).rejects.toThrow('ENOENT');
});
