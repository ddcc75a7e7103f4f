/** Starts the worker, as its environment tells. */

import { readEnvironment, workerEnvironment } from '../activities/process/environment.ts';
import { alive } from '../activities/process/health.ts';
import { loadJudge } from '../activities/process/house.ts';
import type { Running } from '../activities/process/running.ts';
import { connectTemporal } from '../activities/process/temporal.ts';
import { bundleWorkflows, runWorker } from './run-worker.ts';

export async function start(): Promise<Running> {
  const environment = readEnvironment(workerEnvironment, process.env);
  const [judge, workflowBundle, temporal] = await Promise.all([
    loadJudge(environment),
    bundleWorkflows(),
    connectTemporal(),
  ]);
  const databaseUrl = environment.DATABASE_URL;
  return alive(await runWorker({ temporal, judge, databaseUrl, workflowBundle }), environment);
}
