/** Starts the executor, as its environment tells. */
import type { Logger } from 'pino';
import { executorEnvironment, readEnvironment } from '../activities/process/environment.ts';
import { alive } from '../activities/process/health.ts';
import { loadTrustedKey, watchJudge } from '../activities/process/house.ts';
import { closing, type Running } from '../activities/process/running.ts';
import { connectTemporal } from '../activities/process/temporal.ts';
import { runExecutor } from './run-executor.ts';
import { readTargets } from './targets.ts';

export async function start(log: Logger): Promise<Running> {
  const environment = readEnvironment(executorEnvironment, process.env);
  const live = await watchJudge(environment, log);
  const { judge } = live;
  const key = await loadTrustedKey(environment.ASSENT_EXECUTOR_KEY_FILE, judge().ring.executor);
  const implementations = await readTargets(environment.ASSENT_TARGETS);
  const temporal = await connectTemporal();
  const databaseUrl = environment.DATABASE_URL;
  const executor = await runExecutor({ temporal, judge, implementations, key, databaseUrl, log });
  return alive(closing(executor, live), environment);
}
