/**
 * The client and the command line against a whole running stack: what an agent gets back in every case, and what
 * it gets back when somebody lies to it.
 */
import { spawn } from 'node:child_process';
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { Client, Connection } from '@temporalio/client';
import { defaultPayloadConverter } from '@temporalio/common';
import { temporal as proto } from '@temporalio/proto';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { sqlExport } from '../../actions/index.ts';
import { canonicalize } from '../../approval/canonical-json.ts';
import { signEnvelope } from '../../approval/dsse.ts';
import { generateSigningKey, readSigningKey } from '../../approval/keys.ts';
import { payloadTypeOf, signStatement } from '../../approval/statements.ts';
import type { Envelope } from '../../approval/types.ts';
import { recordsOf } from '../../audit/store.ts';
import { createBook } from '../../book/book.ts';
import { openDatabase } from '../../book/database.ts';
import { type Ask, signRequest } from '../../client/ask.ts';
import { AssentClient, guard } from '../../client/index.ts';
import { AGENT, AUDIENCE } from '../../dev/files.ts';
import { type Stack, startStack } from '../../dev/stack.ts';
import { AGENT_ACTION, type Executed, QUEUES, SIGNALS } from '../../workflows/messages.ts';
import { type Said, say, widthOf } from '../cli/terminal.ts';

mkdirSync('.assent', { recursive: true });
const directory = mkdtempSync(join('.assent', 'test-client-'));
const { ResetWorkflowExecutionRequest } = proto.api.workflowservice.v1;
const PATIENCE_MS = 30_000;

let stack: Stack;
let client: AssentClient;
let temporal: Client;
/** A command that looks for Temporal where nothing listens: port 9 is discard. It gives up after ten seconds. */
let lost: Promise<Said>;
const ends: (() => Promise<unknown>)[] = [];

beforeAll(async () => {
  stack = await startStack({ directory, policy: readFileSync('examples/policy.yaml', 'utf8') });
  ends.push(stack.stop);
  // Child processes and the command line connect by environment, as an agent does.
  Object.assign(process.env, stack.agentEnvironment);
  const connection = await Connection.connect({ address: stack.temporal.address });
  ends.push(() => connection.close());
  temporal = new Client({ connection, namespace: stack.temporal.namespace });
  client = await AssentClient.connect();
  ends.push(() => client.close());
  lost = child(['cli/main.ts', 'withdraw', '--json', 'f'.repeat(64)], '', {
    ...process.env,
    TEMPORAL_ADDRESS: '127.0.0.1:9',
  });
});

afterAll(async () => {
  for (const end of ends.reverse()) await end();
  rmSync(directory, { recursive: true, force: true });
});

const exporting = (key: string, statement: string): Ask => ({
  key,
  action: 'sql.export',
  input: { database: 'crm', statement, parameters: [], file: `${key}.csv` },
  onBehalfOf: 'mia',
});
/** Policy allows it. */
const orders = (key: string) => exporting(key, 'SELECT id, total_cents FROM orders');
/** A data owner must agree. */
const customers = (key: string) => exporting(key, 'SELECT name, email FROM customers');

const coded = (code: string) => expect.objectContaining({ name: 'AssentError', code });

/** The `ts` of a request's card, once it is there. */
async function cardOf(requestId: string): Promise<string> {
  return stack.slack.until(
    (messages) =>
      messages.find(
        (one) => one.thread_ts === undefined && JSON.stringify(one.blocks ?? []).includes(requestId),
      )?.ts,
    { timeoutMs: PATIENCE_MS },
  );
}

describe('request', () => {
  test('asks once for one key, however often and by however many', async () => {
    const [first, ...others] = await Promise.all([1, 2, 3].map(() => client.request(orders('once'))));
    expect(others).toEqual([first, first]);
    await expect(client.run(orders('once'))).resolves.toMatchObject({
      outcome: 'succeeded',
      evidence: { ...first },
    });
    expect(readdirSync(stack.files.exports)).toContain('once.csv');
  });

  test('under a key that stands for something else is a conflict, whatever differs', async () => {
    await client.request(orders('taken'));
    for (const other of [
      { ...orders('taken'), action: 'sql.import' },
      customers('taken'),
      { ...orders('taken'), reason: 'another reason' },
      { ...orders('taken'), onBehalfOf: 'olaf' },
    ]) {
      await expect(client.request(other)).rejects.toEqual(coded('key_conflict'));
    }
  });

  test('under an id that somebody else has taken is a conflict', async () => {
    const { statement } = signRequest(orders('squatted'), await asker());
    await start(statement.request_id, { payloadType: 'x', payload: '', signatures: [] });
    await expect(client.request(orders('squatted'))).rejects.toEqual(coded('key_conflict'));
  });
});

describe('guard', () => {
  test('gives the result of what policy allows', async () => {
    const { action: _, key, input, ...claims } = orders('guarded');
    const exportOrders = guard(sqlExport, { client, ...claims });
    const result = await exportOrders(sqlExport.parse(input), { key });
    const lines = readFileSync(join(stack.files.exports, 'guarded.csv'), 'utf8').trimEnd().split('\n');
    expect(result).toMatchObject({ file: 'guarded.csv', rows: lines.length - 1 });
  });

  test('throws what a person said who denied it, with the evidence', async () => {
    const asked = await client.request(customers('denied'));
    const card = await cardOf(asked.requestId);
    await stack.slack.interact({ person: 'ben', message: card, actionId: 'assent.deny' });
    await stack.slack.submit('ben', { reason: { reason: 'They never agreed to that.' } });
    const { action: _, key, input, ...claims } = customers('denied');
    await expect(
      guard(sqlExport, { client, ...claims })(sqlExport.parse(input), { key }),
    ).rejects.toMatchObject({
      code: 'denied',
      message: expect.stringContaining('They never agreed to that.'),
      evidence: { ...asked, resolution: 'denied', outcome: 'not_executed', start: null },
    });
  });

  test('throws what policy says where no rule matches', async () => {
    const { action: _, key, input, ...claims } = exporting('default', 'SELECT amount FROM salaries');
    await expect(
      guard(sqlExport, { client, ...claims })(sqlExport.parse(input), { key }),
    ).rejects.toMatchObject({
      code: 'denied',
      evidence: { code: 'denied_by_default' },
    });
  });
});

test('the ten lines of the example run against it, and end by themselves', async () => {
  const agent = child(['--conditions=assent-source', 'examples/agent.ts']);
  const card = await stack.slack.until(
    (messages) =>
      messages.find(
        (one) => one.thread_ts === undefined && JSON.stringify(one).includes('November newsletter'),
      )?.ts,
    { timeoutMs: PATIENCE_MS },
  );
  await stack.slack.interact({ person: 'ana', message: card, actionId: 'assent.approve' });
  const { exit, output, aside } = await agent;
  expect({ exit, aside }).toEqual({ exit: 0, aside: '' });
  expect(output).toMatch(/^1204 rows in newsletter-\d+\.csv\n$/);
});

test('a script ends by itself though guard keeps its own connection', async () => {
  const { exit, aside } = await child([
    '--conditions=assent-source',
    '--input-type=module',
    '--eval',
    `import { guard } from 'assent/client'; import { sqlExport } from 'assent/actions';
     const run = guard(sqlExport, { onBehalfOf: 'mia' });
     const input = ${JSON.stringify(orders('own').input)};
     await Promise.all([run(input, { key: 'own' }), run(input, { key: 'own' })]);`,
  ]);
  expect({ exit, aside }).toEqual({ exit: 0, aside: '' });
});

describe('what is wrong is refused at the first border, with its own code', () => {
  test.for<[string, Partial<Ask>, string]>([
    ['an unknown action', { action: 'rockets.launch' }, 'action_unknown'],
    ['input outside its schema', { input: { database: 'crm' } }, 'input_invalid'],
    ['somebody for whom the agent may not act', { onBehalfOf: 'ana' }, 'not_acting_for'],
  ])('%s', async ([name, change, code]) => {
    await expect(client.run({ ...orders('wrong'), key: name, ...change })).resolves.toMatchObject({
      resolution: 'denied',
      outcome: 'not_executed',
      code,
    });
  });

  test.for(['reporter', 'stranger'])(
    'a request signed with nobody’s key, for the agent %s',
    async (agent) => {
      await using stranger = await AssentClient.connect(identity(agent), temporal);
      const asked = await stranger.request(orders('unsigned'));
      await expect(stranger.wait(asked)).resolves.toMatchObject({
        resolution: 'denied',
        code: 'key_unknown',
      });
      expect(await booked(asked.requestId)).toEqual([]);
    },
  );

  test('a request that was changed after it was signed', async () => {
    const { envelope, statement } = signRequest(orders('changed'), await asker());
    const payload = canonicalize({ ...statement, agent: 'stranger' });
    const forged = { ...envelope, payload: Buffer.from(payload).toString('base64') };
    expect(await start('changed', forged)).toMatchObject({ resolution: 'denied', code: 'signature_invalid' });
  });

  test('a request over 256 KiB, from this client and from one that does not care', async () => {
    const ask = { ...orders('huge'), context: { text: 'x'.repeat(256 * 1024) } };
    await expect(client.request(ask)).rejects.toEqual(coded('request_too_large'));
    const { statement } = signRequest(orders('huge'), await asker());
    const payload = canonicalize({ ...statement, claims: { ...statement.claims, context: ask.context } });
    const key = await readSigningKey(stack.files.keys.agent, AGENT);
    const envelope = signEnvelope(payloadTypeOf('request'), Buffer.from(payload), key);
    expect(await start('huge', envelope)).toMatchObject({ resolution: 'denied', code: 'json_too_large' });
  });
});

describe('withdraw', () => {
  test('binds when the agent signs it; signed by anybody else it is refused, on the record', async () => {
    const asked = await client.request(customers('withdrawn'));
    await cardOf(asked.requestId);
    await temporal.workflow
      .getHandle(asked.requestId)
      .signal(SIGNALS.withdraw, withdrawalByStranger(asked.requestId));
    await client.withdraw(asked, 'No longer needed');
    await expect(client.wait(asked)).resolves.toMatchObject({
      resolution: 'withdrawn',
      outcome: 'not_executed',
      reason: 'No longer needed',
    });
    expect(await booked(asked.requestId)).toEqual(['request', 'preview', 'instruction']);
    expect(await recorded(asked.requestId)).toEqual(
      expect.arrayContaining(['decision_refused key_unknown claimed', 'withdrawn null backed']),
    );
    await expect(client.withdraw(asked)).rejects.toEqual(coded('request_ended'));
  });

  test('of what was never asked says so, and so does waiting for it', async () => {
    const asked = { requestId: 'f'.repeat(64), actionDigest: `sha256:${'f'.repeat(64)}` } as const;
    await expect(client.withdraw(asked)).rejects.toEqual(coded('request_unknown'));
    await expect(client.wait(asked)).rejects.toEqual(coded('request_unknown'));
  });
});

describe('wait', () => {
  test('believes no completion that the executor did not sign', async () => {
    await stack.process('executor').stop();
    try {
      const asked = await client.request(orders('forged'));
      await completeForged(asked.requestId);
      await expect(client.wait(asked)).rejects.toMatchObject({
        code: 'result_unverified',
        message: expect.stringContaining(asked.requestId),
      });
      expect(readdirSync(stack.files.exports)).not.toContain('forged.csv');
    } finally {
      await stack.restart('executor');
    }
  });

  test('says that a workflow was cut short', async () => {
    const asked = await client.request(customers('terminated'));
    await cardOf(asked.requestId);
    await temporal.workflow.getHandle(asked.requestId).terminate('by an operator');
    await expect(client.wait(asked)).rejects.toMatchObject({
      code: 'workflow_failed',
      message: expect.stringContaining('by an operator'),
    });
  });

  test('follows a reset to the run that goes on', async () => {
    const asked = await client.request(customers('reset'));
    const card = await cardOf(asked.requestId);
    const waiting = client.wait(asked);
    const { workflowService } = temporal.connection;
    await workflowService.resetWorkflowExecution(
      ResetWorkflowExecutionRequest.fromObject({
        namespace: stack.temporal.namespace,
        workflowExecution: { workflowId: asked.requestId },
        reason: 'a test',
        // The end of the first workflow task.
        workflowTaskFinishEventId: 4,
        requestId: 'reset',
      }),
    );
    await stack.slack.interact({ person: 'ana', message: card, actionId: 'assent.approve' });
    await expect(waiting).resolves.toMatchObject({ resolution: 'approved', outcome: 'succeeded' });
  });
});

describe('assent', () => {
  const reader = () => ({ env: { ...process.env, DATABASE_URL: stack.databases.assent_reader } });

  test('request --wait, list, show and withdraw tell one story', async () => {
    writeFileSync(join(directory, 'input.json'), JSON.stringify(customers('told').input));
    const ask = ['request', '--json', '--action', 'sql.export', '--key', 'told', '--on-behalf-of', 'mia'];
    const claims = ['--intent', 'Call \u202ethem', '--reason', 'Because', '--input'];
    const waiting = say([...ask, ...claims, join(directory, 'input.json'), '--wait'], { env: process.env });
    const asked = await client.request({
      ...customers('told'),
      intent: { statement: 'Call \u202ethem' },
      reason: 'Because',
    });
    const id = asked.requestId;
    await cardOf(id);

    const open = await say(['list', '--state', 'open', '--agent', AGENT], reader());
    expect(open.exit).toBe(0);
    expect(open.output).toContain(`${id.slice(0, 12)}  `);

    const withdrawn = await say(['withdraw', id, '--reason', 'Changed my mind'], { env: process.env });
    expect(withdrawn).toMatchObject({ exit: 0, aside: '' });
    const { exit, output } = await waiting;
    expect(exit).toBe(1);
    expect(JSON.parse(output)).toMatchObject({
      requestId: id,
      resolution: 'withdrawn',
      reason: 'Changed my mind',
    });

    const shown = await say(['show', id.slice(0, 10)], reader());
    expect(shown).toMatchObject({ exit: 0, aside: '' });
    expect(shown.output).toContain(`Request   ${id}`);
    expect(shown.output).toContain('State     withdrawn\n');
    expect(shown.output).toContain('It was asked\n    Call ⟦U+202E⟧them\n');
    expect(shown.output).toMatch(/instruction {2}reporter withdraws the request: “Changed my/);
    expect(shown.output).toMatch(/ {2}backed .* withdrawn/);
    expect(shown.output).toMatch(/ {2}claimed .* policy_evaluated/);
    expect(widthOf(shown.output)).toBeLessThanOrEqual(80);

    const { statements, records, state } = JSON.parse((await say(['show', '--json', id], reader())).output);
    expect(state.latest).toEqual({ state: 'withdrawn', backing: 'backed' });
    expect(statements.map(({ kind }: { kind: string }) => kind)).toEqual([
      'request',
      'preview',
      'instruction',
    ]);
    const told = records.map(({ kind, backing }: { kind: string; backing: string }) => `${kind} ${backing}`);
    expect(told).toEqual(
      expect.arrayContaining(['requested backed', 'policy_evaluated claimed', 'withdrawn backed']),
    );
  });

  test('tells refused attempts', async () => {
    const asked = await client.request(customers('attempts'));
    const card = await cardOf(asked.requestId);
    await stack.slack.interact({ person: 'mia', message: card, actionId: 'assent.approve' });
    await stack.slack.interact({ person: 'ana', message: card, actionId: 'assent.approve' });
    await client.wait(asked);
    const { output } = await say(['show', asked.requestId], reader());
    expect(output).toMatch(/decision {2}mia tries to approve, and is refused: excluded/);
    expect(output).toMatch(/decision {2}ana approves/);
    expect(output).toContain('it succeeded [executor]');
    expect(output).toContain('The right to run it was used up');
  });

  test('as a process: asks, waits, answers and ends by itself', async () => {
    const input = ['--input', '-', '--key', 'process', '--on-behalf-of', 'mia'];
    const argv = ['cli/main.ts', 'request', '--json', '--wait', '--action', 'sql.export', ...input];
    const { exit, output } = await child(argv, JSON.stringify(orders('process').input));
    expect(exit).toBe(0);
    expect(JSON.parse(output)).toMatchObject({ outcome: 'succeeded', result: { file: 'process.csv' } });
    const listed = await child(['cli/main.ts', 'list', '--limit', '1'], '', reader().env);
    expect(listed).toMatchObject({ exit: 0, aside: '' });
    expect(listed.output).toContain('ASKED (UTC)');
  });

  test('denied is 1, in conflict or unknown 2', async () => {
    const stdin = JSON.stringify(orders('cli').input);
    const ask = ['request', '--json', '--wait', '--input', '-', '--key', 'cli', '--action'];
    const denied = await say([...ask, 'rockets.launch'], { env: process.env, stdin });
    expect(denied.exit).toBe(1);
    expect(JSON.parse(denied.output)).toMatchObject({ resolution: 'denied', code: 'action_unknown' });
    const conflict = await say([...ask, 'sql.export'], { env: process.env, stdin });
    expect(conflict).toMatchObject({ exit: 2, output: '' });
    expect(JSON.parse(conflict.aside)).toMatchObject({ code: 'key_conflict' });
    const unknown = ['f'.repeat(64), 'ffffffffffffffff'];
    for (const id of unknown) {
      const { exit, aside } = await say(['show', '--json', id], reader());
      expect({ exit, code: JSON.parse(aside).code }).toEqual({ exit: 2, code: 'request_unknown' });
    }
    const withdrawn = await say(['withdraw', '--json', 'f'.repeat(64)], { env: process.env });
    expect({ exit: withdrawn.exit, ...JSON.parse(withdrawn.aside) }).toMatchObject({
      exit: 2,
      code: 'request_unknown',
    });
  });

  test('what cannot be reached, or does not let it read, is 3', async () => {
    const { exit, aside } = await lost;
    expect({ exit, code: JSON.parse(aside).code }).toEqual({ exit: 3, code: 'temporal_unreachable' });
    const env = { ...process.env, DATABASE_URL: stack.target.previewUrl };
    const refused = await say(['list', '--json'], { env });
    expect({ exit: refused.exit, code: JSON.parse(refused.aside).code }).toEqual({
      exit: 3,
      code: 'database_refused',
    });
  });
});

async function asker() {
  const key = await readSigningKey(stack.files.keys.agent, AGENT);
  return { audience: AUDIENCE, agent: AGENT, key, now: () => Date.now() };
}

function identity(agent: string) {
  const keyFile = join(directory, `${agent}-stranger.pem`);
  writeFileSync(keyFile, generateSigningKey(agent).pem, { mode: 0o600 });
  return { agent, keyFile, trust: stack.files.trust };
}

/** Starts the workflow with whatever envelope, and gives its result. */
async function start(workflowId: string, request: Envelope): Promise<unknown> {
  const options = { taskQueue: QUEUES.worker, workflowId, args: [{ request }] };
  return (await temporal.workflow.start(AGENT_ACTION, options)).result();
}

function withdrawalByStranger(subject: string): Envelope {
  const statement = {
    audience: AUDIENCE,
    verb: 'withdraw',
    subject,
    detail: { agent: AGENT },
    person: null,
    reason: null,
    issued_at: new Date().toISOString(),
    expires_at: new Date(Date.now() + 60_000).toISOString(),
  } as const;
  return signStatement('instruction', statement, generateSigningKey(AGENT).signing).envelope;
}

/** Takes the execution off the executor's queue, and says that it succeeded. */
async function completeForged(requestId: string): Promise<void> {
  const { namespace } = stack.temporal;
  const { workflowService } = temporal.connection;
  const { taskToken, workflowExecution } = await temporal.connection.withDeadline(
    Date.now() + PATIENCE_MS,
    () =>
      workflowService.pollActivityTaskQueue({
        namespace,
        taskQueue: { name: QUEUES.executor },
        identity: 'rogue',
      }),
  );
  expect(workflowExecution?.workflowId).toBe(requestId);
  const forged: Executed = {
    request_id: requestId,
    outcome: 'succeeded',
    step: null,
    code: 'succeeded',
    reason: null,
    again: null,
    until: null,
    result: { file: 'forged.csv', rows: 3 },
    start: null,
    finish: null,
    start_digest: null,
    finish_digest: null,
    refusal_digest: null,
  };
  const payload = defaultPayloadConverter.toPayload(forged);
  await workflowService.respondActivityTaskCompleted({
    namespace,
    taskToken,
    result: { payloads: [payload] },
  });
}

async function booked(requestId: string): Promise<readonly string[]> {
  const db = openDatabase(stack.databases.assent_reader);
  try {
    return (await createBook(db).statements(requestId)).booked.map(({ kind }) => kind);
  } finally {
    await db.destroy();
  }
}

async function recorded(requestId: string): Promise<readonly string[]> {
  const db = openDatabase(stack.databases.assent_reader);
  try {
    return (await recordsOf(db, requestId)).map(({ key, bytes, backing }) => {
      const { detail } = JSON.parse(bytes.toString());
      return `${key.kind} ${detail.code ?? null} ${backing}`;
    });
  } finally {
    await db.destroy();
  }
}

async function child(
  args: readonly string[],
  input = '',
  env: NodeJS.ProcessEnv = process.env,
): Promise<Said> {
  const running = spawn(process.execPath, args, { env, stdio: 'pipe' });
  running.stdin.end(input);
  const [output, aside, exit] = await Promise.all([
    text(running.stdout),
    text(running.stderr),
    new Promise<number>((resolve) => running.once('exit', (code) => resolve(code ?? -1))),
  ]);
  return { exit, output, aside };
}
