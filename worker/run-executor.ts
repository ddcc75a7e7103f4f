/** The executor: the only process that holds the targets' credentials. */
import { Worker } from '@temporalio/worker';
import type { Logger } from 'pino';
import type { Implementation } from '../actions/implement.ts';
import { createImplementations } from '../actions/registry.ts';
import { type Running, running } from '../activities/process/running.ts';
import type { Temporal } from '../activities/process/temporal.ts';
import type { SigningKey } from '../approval/keys.ts';
import type { HouseJudge } from '../audit/judge.ts';
import { QUEUES } from '../workflows/messages.ts';
import { createExecutorActivities } from './executor-activities.ts';

export interface ExecutorDeps {
  readonly temporal: Temporal;
  judge(): HouseJudge;
  readonly implementations: readonly Implementation[];
  readonly key: SigningKey;
  readonly databaseUrl: string;
  readonly log: Logger;
}

export async function runExecutor({ temporal, implementations, ...parts }: ExecutorDeps): Promise<Running> {
  const { activities, close } = createExecutorActivities({
    ...parts,
    implementations: createImplementations(implementations),
  });
  const longest = Math.max(...implementations.map(({ action }) => action.maxSeconds));
  const worker = await Worker.create({
    connection: temporal.connection,
    namespace: temporal.namespace,
    taskQueue: QUEUES.executor,
    activities: { ...activities },
    // An action that has begun is let finish: cut short, its outcome would be unknown.
    shutdownGraceTime: (longest + 10) * 1000,
  });
  return running(worker, close);
}
