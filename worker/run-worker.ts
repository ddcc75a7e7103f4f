/** The worker: runs `agentAction`, its local activities, and nothing that has a right to act. */
import { fileURLToPath } from 'node:url';
import { bundleWorkflowCode, Worker, type WorkflowBundleWithSourceMap } from '@temporalio/worker';
import { createAdmitDecisions } from '../activities/admit-decisions.ts';
import { createEvaluatePolicy } from '../activities/evaluate-policy.ts';
import { type Running, running } from '../activities/process/running.ts';
import type { Temporal } from '../activities/process/temporal.ts';
import { createRecordHistory } from '../activities/record-history.ts';
import type { WorkerActivities } from '../activities/types.ts';
import type { HouseJudge } from '../audit/judge.ts';
import { createBook } from '../book/book.ts';
import { openDatabase } from '../book/database.ts';
import { QUEUES } from '../workflows/messages.ts';

export interface WorkerDeps {
  readonly temporal: Temporal;
  judge(): HouseJudge;
  readonly databaseUrl: string;
  readonly workflowBundle: WorkflowBundleWithSourceMap;
}

/** Takes about a second; a process does it once. */
export function bundleWorkflows(): Promise<WorkflowBundleWithSourceMap> {
  // Compiled or not, the workflows lie beside this file with the same ending.
  const ending = import.meta.url.endsWith('.ts') ? 'ts' : 'js';
  return bundleWorkflowCode({
    workflowsPath: fileURLToPath(new URL(`../workflows/index.${ending}`, import.meta.url)),
  });
}

export async function runWorker({
  temporal,
  judge,
  databaseUrl,
  workflowBundle,
}: WorkerDeps): Promise<Running> {
  const db = openDatabase(databaseUrl);
  const now = () => Date.now();
  const activities: WorkerActivities = {
    evaluatePolicy: createEvaluatePolicy({ judge, book: createBook(db), now }),
    admitDecisions: createAdmitDecisions({ judge }),
    recordHistory: createRecordHistory({ client: () => temporal.client, db }),
  };
  const worker = await Worker.create({
    connection: temporal.connection,
    namespace: temporal.namespace,
    taskQueue: QUEUES.worker,
    workflowBundle,
    activities: { ...activities },
    maxCachedWorkflows: 1000,
    shutdownGraceTime: '10 seconds',
  });
  return running(worker, () => db.destroy());
}
