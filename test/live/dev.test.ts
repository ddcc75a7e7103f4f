/** Each part of the development stack, started once for real and asked something that only it can answer. */
import { execFileSync, spawn } from 'node:child_process';
import { mkdirSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import { join } from 'node:path';
import { setTimeout } from 'node:timers/promises';
import { WebClient } from '@slack/web-api';
import { Connection } from '@temporalio/client';
import { defineSearchAttributeKey } from '@temporalio/common';
import type { TestWorkflowEnvironment } from '@temporalio/testing';
import pg from 'pg';
import { afterAll, beforeAll, describe, expect, inject, test, vi } from 'vitest';
import { startBrowser } from '../../dev/browser.ts';
import { freePort } from '../../dev/port.ts';
import { createDatabase, startPostgres } from '../../dev/postgres.ts';
import { startProcess } from '../../dev/process.ts';
import { type LocalSlack, startLocalSlack } from '../../dev/slack/local-slack.ts';
import { createTarget } from '../../dev/target.ts';
import { searchAttributes, startTemporal } from '../../dev/temporal.ts';
import { localEnvironment, timeSkippingEnvironment } from '../setup/temporal.ts';

mkdirSync('.assent', { recursive: true });
const directory = mkdtempSync(join('.assent', 'test-dev-'));
afterAll(() => rmSync(directory, { recursive: true, force: true }));
const logFile = (name: string) => join(directory, `${name}.log`);

test('Temporal: namespace, search attributes and UI answer; stop ends it', async () => {
  const server = await startTemporal({
    cli: inject('temporalCli'),
    logFile: logFile('temporal'),
    namespace: 'assent',
  });
  const connection = await Connection.connect({ address: server.address });
  const { customAttributes } = await connection.operatorService.listSearchAttributes({ namespace: 'assent' });
  expect(customAttributes).toMatchObject({ AssentState: 2, AssentDeadline: 6 });
  expect(Object.keys(customAttributes)).toEqual(expect.arrayContaining(Object.keys(searchAttributes)));
  expect((await fetch(`${server.ui}/namespaces/assent/workflows`)).status).toBe(200);
  await connection.close();
  await server.stop();
  await expect(fetch(server.ui)).rejects.toThrow('fetch failed');
  expect(await server.ended).toBe('exit code 0');
});

const state = defineSearchAttributeKey('AssentState', 'KEYWORD');

async function keepsSearchAttribute({ client }: TestWorkflowEnvironment): Promise<void> {
  const typedSearchAttributes = [{ key: state, value: 'pending' }];
  const start = { taskQueue: 'nobody', workflowId: 'w', typedSearchAttributes };
  const { typedSearchAttributes: kept } = await (await client.workflow.start('any', start)).describe();
  expect(kept.get(state)).toBe('pending');
}

test('the test environments take the search attributes; one of them skips time', async () => {
  const skipping = await timeSkippingEnvironment();
  try {
    const before = await skipping.currentTimeMs();
    await skipping.sleep('3 hours');
    expect(await skipping.currentTimeMs()).toBeGreaterThanOrEqual(before + 3 * 3_600_000);
    await keepsSearchAttribute(skipping);
  } finally {
    await skipping.teardown();
  }
  const local = await localEnvironment();
  try {
    await keepsSearchAttribute(local);
  } finally {
    await local.teardown();
  }
});

describe('Postgres', () => {
  test('the roles of the target database can do what they are for, and nothing else', async () => {
    const postgres = await startPostgres({
      directory: join(directory, 'postgres'),
      logFile: logFile('postgres'),
    });
    try {
      const target = await createTarget(postgres);
      await createDatabase(postgres.superuserUrl, 'assent');
      expect(await rows(target.superuserUrl, shape)).toEqual([
        { customers: target.customers, emails: 1204, countries: 7 },
      ]);
      for (const url of [target.previewUrl, target.exportUrl]) {
        expect(
          await rows(
            url,
            'SELECT count(*)::int AS n FROM customers JOIN orders ON customer_id = customers.id',
          ),
        ).toEqual([{ n: 3500 }]);
        for (const statement of forbidden) {
          await expect(rows(url, `BEGIN READ WRITE; ${statement}`), statement).rejects.toThrow(
            /permission denied|must be owner/,
          );
        }
        await expect(rows(url, 'DELETE FROM customers')).rejects.toThrow();
        for (const other of ['assent', 'postgres', 'template1']) {
          const elsewhere = Object.assign(new URL(url), { pathname: `/${other}` }).href;
          await expect(rows(elsewhere, 'SELECT 1'), other).rejects.toThrow('permission denied for database');
        }
      }
    } finally {
      await postgres.stop();
    }
    expect(await postgres.ended).toBe('exit code 0');
  });

  const shape = `SELECT count(*)::int AS customers, count(DISTINCT email)::int AS emails,
    count(DISTINCT country)::int AS countries FROM customers`;

  const forbidden = [
    'SELECT * FROM staff_notes',
    'UPDATE customers SET name = name',
    'TRUNCATE orders',
    'CREATE TABLE mine (a int)',
    'CREATE TEMPORARY TABLE mine (a int)',
    'CREATE SCHEMA mine',
    'SELECT lo_create(0)',
    "SELECT pg_read_file('/etc/passwd')",
    "COPY customers TO PROGRAM 'cat'",
    "COPY customers TO '/tmp/customers'",
    'SET ROLE postgres',
    'ALTER TABLE customers DISABLE ROW LEVEL SECURITY',
  ];

  async function rows(connectionString: string, sql: string): Promise<unknown[]> {
    const client = new pg.Client({ connectionString });
    await client.connect();
    try {
      return (await client.query(sql)).rows;
    } finally {
      await client.end();
    }
  }
});

describe('the local Slack', () => {
  let app: Server;
  let slack: LocalSlack;
  let web: WebClient;
  const received: { type: string; user: string; body: string }[] = [];
  let answer = '';

  beforeAll(async () => {
    const port = await freePort();
    app = createServer((request, response) => {
      void request.toArray().then((chunks) => {
        const body = Buffer.concat(chunks).toString();
        const payload = JSON.parse(new URLSearchParams(body).get('payload') ?? '{}');
        received.push({ type: payload.type, user: payload.user?.id, body });
        if (payload.type === 'block_actions' && payload.actions[0].action_id === 'deny')
          void web.views.open({ trigger_id: payload.trigger_id, view: denyModal });
        response.end(answer);
      });
    }).listen(port, '127.0.0.1');
    slack = await startLocalSlack({
      people: [
        { handle: 'ada', name: 'Ada Almeida' },
        { handle: 'bruno', name: 'Bruno Berg' },
      ],
      interactivityUrl: `http://127.0.0.1:${port}/slack`,
      directory: join(directory, 'slack'),
      logFile: logFile('slack'),
    });
    web = new WebClient(slack.token, { slackApiUrl: slack.url, retryConfig: { retries: 0 }, timeout: 5000 });
  });

  afterAll(async () => {
    await slack.stop();
    app.close();
  });

  const denyModal = {
    type: 'modal' as const,
    callback_id: 'deny',
    private_metadata: 'r1',
    title: { type: 'plain_text' as const, text: 'Deny' },
    blocks: [
      {
        type: 'input' as const,
        block_id: 'reason',
        label: { type: 'plain_text' as const, text: 'Reason' },
        element: { type: 'plain_text_input' as const, action_id: 'text' },
      },
    ],
  };

  function button(id: string, text: string) {
    return {
      type: 'button' as const,
      action_id: id,
      value: 'r1',
      text: { type: 'plain_text' as const, text },
    };
  }

  async function postCard(): Promise<string> {
    const blocks = [
      {
        type: 'actions',
        block_id: 'votes',
        elements: [button('approve', 'Approve'), button('deny', 'Deny')],
      },
    ];
    const { ts } = await web.chat.postMessage({ channel: slack.channelId, text: 'a card', blocks });
    return ts ?? '';
  }

  test('a click arrives as a signed interaction of that person, and what the app does can be awaited', async () => {
    const ts = await postCard();
    const seen = slack.until((messages) => messages.find(({ text }) => text === 'done'));
    await slack.interact({ person: 'ada', message: ts, actionId: 'approve' });
    expect(received.at(-1)).toMatchObject({ type: 'block_actions', user: slack.userIds.ada });
    expect((await slack.log()).at(-1)).toMatchObject({
      direction: 'from_bot',
      kind: 'interactive',
      summary: 'HTTP 200',
    });
    await web.chat.update({ channel: slack.channelId, ts, text: 'done', blocks: [] });
    expect(await seen).toMatchObject({ ts, blocks: [] });

    await expect(slack.interact({ person: 'ada', message: ts, actionId: 'approve' })).rejects.toMatchObject({
      code: 'no_such_button',
    });
    await slack.interact({
      person: 'bruno',
      message: ts,
      actionId: 'approve',
      button: { blockId: 'votes', value: 'r1' },
    });
    expect(received.at(-1)).toMatchObject({ user: slack.userIds.bruno });
    await expect(slack.say('eve', 'hello')).rejects.toMatchObject({ code: 'unknown_person' });
  });

  test('a modal is opened, refuses and closes', async () => {
    await slack.interact({ person: 'bruno', message: await postCard(), actionId: 'deny' });
    expect(await slack.until(() => slack.modal())).toMatchObject({
      callback_id: 'deny',
      private_metadata: 'r1',
    });
    answer = JSON.stringify({ response_action: 'errors', errors: { reason: 'Say why.' } });
    expect(await slack.submit('bruno', { reason: { text: '' } })).toEqual({
      kind: 'errors',
      errors: { reason: 'Say why.' },
    });
    answer = '';
    expect(await slack.submit('bruno', { reason: { text: 'too many rows' } })).toEqual({ kind: 'closed' });
    expect(new URLSearchParams(received.at(-1)?.body).get('payload')).toContain('too many rows');
    expect(await slack.modal()).toBeUndefined();
  });

  test('messages of threads, private answers and direct messages are told apart', async () => {
    const ts = await postCard();
    await web.chat.postMessage({ channel: slack.channelId, thread_ts: ts, text: 'in the thread' });
    await web.chat.postEphemeral({
      channel: slack.channelId,
      user: slack.userIds.ada ?? '',
      text: 'only you',
    });
    const direct = await web.chat.postMessage({ channel: slack.userIds.ada ?? '', text: 'direct' });
    const messages = await slack.messages();
    expect(messages).toContainEqual(expect.objectContaining({ thread_ts: ts, text: 'in the thread' }));
    expect(messages).toContainEqual(
      expect.objectContaining({ subtype: 'ephemeral', ephemeral_to: slack.userIds.ada, text: 'only you' }),
    );
    expect(await slack.messages(direct.channel)).toMatchObject([{ text: 'direct' }]);
  });

  test('in the page, a person chosen from the list clicks the button', async () => {
    const ts = await postCard();
    const browser = await startBrowser();
    try {
      const page = await browser.newPage();
      await page.goto(`${slack.page}/archives/${slack.channelId}/p${ts.replace('.', '')}`);
      await page.locator('label.actas select').selectOption(slack.userIds.bruno ?? '');
      const before = received.length;
      await page.locator(`.msg[data-ts="${ts}"]`).getByRole('button', { name: 'Approve' }).click();
      await slack.until(() => received[before]);
      expect(received[before]).toMatchObject({ type: 'block_actions', user: slack.userIds.bruno });
    } finally {
      await browser.close();
    }
  });

  test('a browser that is not there is said to be missing, with the cure', async () => {
    await expect(startBrowser({ CHROMIUM: '/nowhere/chromium' })).rejects.toMatchObject({
      code: 'browser_unavailable',
    });
  });
});

describe('processes', () => {
  test('one that ends before it is ready is an error that shows its last words', async () => {
    const started = startProcess({
      name: 'The part',
      command: process.execPath,
      args: ['-e', 'console.error("port is taken"); process.exitCode = 3'],
      logFile: logFile('part'),
      ready: /^ready/,
    });
    await expect(started).rejects.toMatchObject({
      code: 'start_failed',
      message: expect.stringMatching(/The part did not start: exit code 3\. port is taken/),
    });
    await vi.waitFor(() => expect(readFileSync(logFile('part'), 'utf8')).toBe('port is taken\n'));
  });

  test('one that ignores SIGTERM is killed with its children', async () => {
    const deaf = 'process.on("SIGTERM", () => {}); setInterval(() => {}, 1000);';
    const program = `const { pid } = require("node:child_process").spawn(process.execPath, ["-e", ${JSON.stringify(deaf)}]); ${deaf} console.log("ready", pid)`;
    const part = await startProcess({
      name: 'The deaf part',
      command: process.execPath,
      args: ['-e', program],
      logFile: logFile('deaf'),
      ready: /^ready/,
    });
    // What is printed is in the log a moment after it was seen.
    const grandchild = await vi.waitFor(() => {
      const [, pid] = /^ready (\d+)\n/.exec(readFileSync(logFile('deaf'), 'utf8')) ?? [];
      if (pid === undefined) throw new Error('not logged yet');
      return Number(pid);
    });
    expect([part.pid, grandchild].filter(isAlive)).toHaveLength(2);
    await part.stop();
    expect(await part.ended).toBe('SIGKILL');
    await untilGone([part.pid, grandchild]);
  });

  test('SIGKILL of the stack leaves none of its parts behind', async () => {
    const program = join(import.meta.dirname, '../setup/parts-to-orphan.ts');
    const stack = spawn(process.execPath, [program, inject('temporalCli'), join(directory, 'orphans')], {
      stdio: ['pipe', 'pipe', 'inherit'],
    });
    const printed = (await stack.stdout[Symbol.asyncIterator]().next()).value;
    const pids: number[] = JSON.parse(String(printed));
    expect(pids.filter(isAlive)).toHaveLength(3);
    stack.kill('SIGKILL');
    await untilGone(pids);
  });

  function isAlive(pid: number): boolean {
    const states = execFileSync('ps', ['-A', '-o', 'pid=,stat='], { encoding: 'utf8' }).trim().split('\n');
    return states.some((row) => {
      const [id, stat = 'Z'] = row.trim().split(/\s+/);
      return Number(id) === pid && !stat.startsWith('Z');
    });
  }

  /** Nobody tells a stranger that a process has ended, so this looks again; the test's time limit ends it. */
  async function untilGone(pids: readonly number[]): Promise<void> {
    while (pids.some(isAlive)) await setTimeout(50);
  }
});
