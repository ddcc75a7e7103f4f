/**
 * `npm run bench [runs]`: what approval costs, against the least that Temporal itself needs, measured in one run,
 * each shape in turn, so that a drifting machine drifts for all.
 */
import { readFile, rm, writeFile } from 'node:fs/promises';
import { availableParallelism } from 'node:os';
import { resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { Client } from '@temporalio/client';
import { DefaultLogger, NativeConnection, Runtime, Worker } from '@temporalio/worker';
import { implement } from '../actions/index.ts';
import { AssentClient } from '../client/index.ts';
import { startProcess } from '../dev/process.ts';
import { type Stack, startMixedStack } from '../dev/stack.ts';
import { executor } from '../worker/executor.ts';
import { allowedAction, askedAction, BENCH_QUEUE } from './actions.ts';
import { allowed, approved, type Bench, bareAllowed, bareApproved, type Measured } from './measure.ts';
import { createMoments, type Moments } from './moments.ts';
import { type Comparison, type Report, type Shape, table } from './report.ts';
import { stagesOf } from './stages.ts';
import { createStatementCounter } from './statements.ts';
import { spreadOf } from './statistics.ts';

const DIRECTORY = resolve(`.assent/bench-${process.pid}`);
const WARM_UP = 5;
const shapes = { approved, bareApproved, allowed, bareAllowed } as const;
type ShapeName = keyof typeof shapes;
const names: readonly ShapeName[] = ['approved', 'bareApproved', 'allowed', 'bareAllowed'];

async function main(runs: number): Promise<void> {
  Runtime.install({ logger: new DefaultLogger('ERROR') });
  const policy = await readFile(new URL('policy.yaml', import.meta.url), 'utf8');
  const actionsFile = fileURLToPath(new URL('actions.ts', import.meta.url));
  const mixed = await startMixedStack({ directory: DIRECTORY, policy }, { ASSENT_ACTIONS: actionsFile });
  const { slack, temporal } = mixed;
  try {
    if (slack === null || temporal.ui === null) throw new Error('the bench uses parts of its own');
    const stack: Stack = { ...mixed, slack, temporal: { ...temporal, ui: temporal.ui } };
    const report = await measureOn(stack, runs);
    await writeFile('.assent/bench.json', `${JSON.stringify(report, null, 2)}\n`);
    process.stdout.write(`${table(report)}\nThe same as JSON: .assent/bench.json\n`);
  } finally {
    await mixed.stop();
    await rm(DIRECTORY, { recursive: true, force: true });
  }
}

async function measureOn(stack: Stack, runs: number): Promise<Report> {
  const moments = createMoments();
  const connection = await NativeConnection.connect({ address: stack.temporal.address });
  const temporal = new Client({ connection, namespace: stack.temporal.namespace });
  const bare = await startProcess({
    name: 'The bare worker',
    command: process.execPath,
    args: [fileURLToPath(new URL('bare/worker.ts', import.meta.url))],
    logFile: `${DIRECTORY}/logs/bare.log`,
    ready: /^running/,
    env: { ...process.env, ...stack.agentEnvironment },
  });
  const workers = await startExecutors(stack, connection, moments);
  const trust = stack.files.trust;
  const identity = { agent: 'reporter', keyFile: stack.files.keys.agent, trust };
  const assent = await AssentClient.connect(identity, temporal);
  const bench: Bench = { stack, assent, temporal, moments };
  try {
    await inTurn('warm', WARM_UP, bench);
    const measured = await inTurn('run', runs, bench);
    return {
      runs,
      machine: { cpus: availableParallelism(), node: process.versions.node },
      comparisons: comparisonsOf(measured),
      stages: await stagesOf(measured.approved, measured.bareApproved, {
        client: temporal,
        databaseUrl: stack.databases.assent_reader,
      }),
      shapes: await shapesOf(measured, bench),
    };
  } finally {
    for (const worker of workers) worker.shutdown();
    await Promise.all(ends);
    await bare.stop();
    await connection.close();
  }
}

const ends: Promise<void>[] = [];

/** Both kinds of activity run in this process, so their moments are read off one clock. */
async function startExecutors(
  stack: Stack,
  connection: NativeConnection,
  moments: Moments,
): Promise<Worker[]> {
  const act = async ({ input }: { input: { run: string } }) => {
    moments.began(input.run);
    return { run: input.run };
  };
  const plugin = await executor({
    actions: [implement(askedAction, { execute: act }), implement(allowedAction, { execute: act })],
    databaseUrl: stack.databases.assent_executor,
    keyFile: stack.files.keys.executor,
    policy: stack.files.policy,
    directory: stack.files.directory,
    trust: stack.files.trust,
  });
  const common = { connection, namespace: stack.temporal.namespace };
  const bareAct = async (run: string) => {
    moments.began(run);
    return run;
  };
  const workers = [
    await Worker.create({ ...common, taskQueue: BENCH_QUEUE, plugins: [plugin] }),
    await Worker.create({ ...common, taskQueue: 'bare-activities', activities: { act: bareAct } }),
  ];
  for (const worker of workers) ends.push(worker.run());
  return workers;
}

type Samples = Readonly<Record<ShapeName, Measured[]>>;

async function inTurn(label: string, runs: number, bench: Bench): Promise<Samples> {
  const samples: Samples = { approved: [], bareApproved: [], allowed: [], bareAllowed: [] };
  for (let index = 0; index < runs; index++) {
    for (const name of names) samples[name].push(await shapes[name](`${label}-${name}-${index}`, bench));
    process.stderr.write(`\r${label} ${index + 1}/${runs} `);
  }
  process.stderr.write('\n');
  return samples;
}

function comparisonsOf(samples: Samples): Comparison[] {
  const began = (name: ShapeName) => spreadOf(samples[name].map((each) => each.began));
  const ended = (name: ShapeName) => spreadOf(samples[name].map((each) => each.ended ?? Number.NaN));
  const compare = (
    name: string,
    assent: Comparison['assent'],
    bare: Comparison['bare'],
    goal: number | null,
  ) => ({
    name,
    assent,
    bare,
    ratio: assent.median / bare.median,
    goal,
  });
  return [
    compare('click to execution', began('approved'), began('bareApproved'), 1.5),
    compare('allowed, to execution', began('allowed'), began('bareAllowed'), 1.5),
    compare('allowed, to result', ended('allowed'), ended('bareAllowed'), null),
  ];
}

async function shapesOf(samples: Samples, bench: Bench): Promise<Shape[]> {
  const counter = await createStatementCounter(
    bench.stack.postgres.superuserUrl,
    `${bench.stack.directory}/logs/postgres.log`,
  );
  try {
    const result: Shape[] = [];
    for (const name of names) {
      const workflowId = samples[name][0]?.workflowId ?? '';
      const { events } = await bench.temporal.workflow.getHandle(workflowId).fetchHistory();
      const tasks = events?.filter((event) => event.workflowTaskCompletedEventAttributes != null).length ?? 0;
      const bare = name.startsWith('bare');
      const statements = bare ? null : await counter.during(() => shapes[name](`counted-${name}`, bench));
      result.push({ name, events: events?.length ?? 0, tasks, statements });
    }
    return result;
  } finally {
    await counter.close();
  }
}

main(Number(process.argv[2] ?? 40)).then(
  () => process.exit(0),
  (error: unknown) => {
    process.stderr.write(`${error instanceof Error ? (error.stack ?? error.message) : String(error)}\n`);
    process.exit(1);
  },
);
