/** Starts the worker, as its environment tells. */

import type { Logger } from 'pino';
import { readEnvironment, workerEnvironment } from '../activities/process/environment.ts';
import { alive } from '../activities/process/health.ts';
import { watchJudge } from '../activities/process/house.ts';
import { closing, type Running } from '../activities/process/running.ts';
import { connectTemporal } from '../activities/process/temporal.ts';
import { bundleWorkflows, runWorker } from './run-worker.ts';

export async function start(log: Logger): Promise<Running> {
  const environment = readEnvironment(workerEnvironment, process.env);
  const [live, workflowBundle, temporal] = await Promise.all([
    watchJudge(environment, log),
    bundleWorkflows(),
    connectTemporal(),
  ]);
  const databaseUrl = environment.DATABASE_URL;
  const worker = await runWorker({ temporal, judge: live.judge, databaseUrl, workflowBundle });
  return alive(closing(worker, live), environment);
}
