/** Starts one of the processes: `node worker/main.ts worker | executor | gateway | migrate`. */
import { DefaultLogger, Runtime } from '@temporalio/worker';
import { Hono } from 'hono';
import { pino } from 'pino';
import { AssentError } from '../approval/error.ts';
import { openDatabase } from '../book/database.ts';
import { migrate } from '../book/migrate.ts';
import {
  executorEnvironment,
  gatewayEnvironment,
  type HouseEnvironment,
  migrateEnvironment,
  readEnvironment,
  workerEnvironment,
} from './environment.ts';
import { loadJudge, loadTrustedKey } from './house.ts';
import { serveHttp } from './http.ts';
import { runExecutor } from './run-executor.ts';
import { runGateway } from './run-gateway.ts';
import { bundleWorkflows, runWorker } from './run-worker.ts';
import type { Running } from './running.ts';
import { readTargets } from './targets.ts';
import { connectTemporal } from './temporal.ts';

const log = pino({ name: 'assent' });

async function startWorker(): Promise<Running> {
  const environment = readEnvironment(workerEnvironment, process.env);
  const [judge, workflowBundle, temporal] = await Promise.all([
    loadJudge(environment),
    bundleWorkflows(),
    connectTemporal(),
  ]);
  const databaseUrl = environment.DATABASE_URL;
  return alive(await runWorker({ temporal, judge, databaseUrl, workflowBundle }), environment);
}

async function startExecutor(): Promise<Running> {
  const environment = readEnvironment(executorEnvironment, process.env);
  const judge = await loadJudge(environment);
  const key = await loadTrustedKey(environment.ASSENT_EXECUTOR_KEY_FILE, judge.ring.executor);
  const implementations = await readTargets(environment.ASSENT_TARGETS);
  const temporal = await connectTemporal();
  const databaseUrl = environment.DATABASE_URL;
  return alive(await runExecutor({ temporal, judge, implementations, key, databaseUrl, log }), environment);
}

async function startGateway(): Promise<Running> {
  const environment = readEnvironment(gatewayEnvironment, process.env);
  const judge = await loadJudge(environment);
  const key = await loadTrustedKey(environment.ASSENT_GATEWAY_KEY_FILE, judge.ring.gateway);
  const temporal = await connectTemporal();
  const { SLACK_API_URL: apiUrl } = environment;
  const gateway = await runGateway({
    temporal,
    judge,
    key,
    databaseUrl: environment.DATABASE_URL,
    slack: {
      token: environment.SLACK_BOT_TOKEN,
      signingSecret: environment.SLACK_SIGNING_SECRET,
      channel: environment.SLACK_CHANNEL,
      ...(apiUrl === undefined ? {} : { apiUrl }),
    },
    listen: { port: environment.ASSENT_GATEWAY_PORT, hostname: environment.ASSENT_GATEWAY_HOST },
    temporalUi: environment.ASSENT_TEMPORAL_UI ?? null,
    log,
  });
  log.info({ port: gateway.port }, 'the gateway listens');
  return alive(gateway, environment);
}

/** Migrates and ends. */
async function startMigration(): Promise<Running> {
  const { DATABASE_URL } = readEnvironment(migrateEnvironment, process.env);
  const db = openDatabase(DATABASE_URL);
  await migrate(db).finally(() => db.destroy());
  return { ended: Promise.resolve(), stop: async () => undefined };
}

async function alive(process: Running, { ASSENT_HEALTH_PORT: port }: HouseEnvironment): Promise<Running> {
  if (port === undefined) return process;
  const app = new Hono().get('/healthz', (context) => context.json({ status: 'alive' }));
  const served = await serveHttp(app, { port, hostname: '127.0.0.1' });
  return { ...process, ended: process.ended.finally(() => served.close()) };
}

const PROCESSES: ReadonlyMap<string, () => Promise<Running>> = new Map([
  ['worker', startWorker],
  ['executor', startExecutor],
  ['gateway', startGateway],
  ['migrate', startMigration],
]);

async function main(): Promise<void> {
  const name = process.argv[2] ?? '';
  const start = PROCESSES.get(name);
  if (start === undefined) {
    throw new AssentError('usage', `Say which process: ${[...PROCESSES.keys()].join(', ')}.`);
  }
  // The processes say themselves what matters; Temporal's own chatter is kept to warnings. Signals are ours.
  Runtime.install({ logger: new DefaultLogger('WARN'), shutdownSignals: [] });
  const running = await start();
  for (const signal of ['SIGINT', 'SIGTERM'] as const) {
    process.once(signal, () => {
      log.info({ signal }, 'stopping');
      running.stop().catch((error: unknown) => log.error({ err: error }, 'stopping failed'));
    });
  }
  log.info({ process: name }, 'running');
  await running.ended;
}

main().then(
  () => process.exit(0),
  (error: unknown) => {
    log.fatal({ err: error }, error instanceof Error ? error.message : 'the process failed');
    process.exit(error instanceof AssentError && error.code === 'usage' ? 2 : 1);
  },
);
