/**
 * `assent/executor`: a team's own executor, as a plugin for its own Temporal worker.
 *
 *     const worker = await Worker.create({ connection, taskQueue: 'payments', plugins: [await executor({ … })] });
 *
 * It verifies every grant itself and holds the credentials of what it runs. Its actions are defined with
 * `taskQueue: 'payments'`, and the deployment's processes load the definitions through ASSENT_ACTIONS.
 */
import { SimplePlugin } from '@temporalio/plugin';
import { pino } from 'pino';
import type { Implementation } from '../actions/implement.ts';
import { createImplementations, createRegistry } from '../actions/registry.ts';
import { liveJudge, loadTrustedKey } from '../activities/process/house.ts';
import { readTrust } from '../approval/trust.ts';
import { createExecutorActivities } from './executor-activities.ts';

export interface ExecutorOptions {
  /** What this executor runs, each made with `implement`. */
  readonly actions: readonly Implementation[];
  /** `postgres://…` of the book, as a login of the role assent_executor. */
  readonly databaseUrl: string;
  /** PKCS#8 PEM file of this executor's key, readable by its owner only; trust.yaml names its public half. */
  readonly keyFile: string;
  /** policy.yaml, directory.yaml and trust.yaml: this executor's own copies. */
  readonly policy: string;
  readonly directory: string;
  readonly trust: string;
}

/**
 * The plugin with the activities `preview`, `execute` and `revoke`.
 *
 * @throws AssentError for whatever is wrong with a file, with its place; `key_not_trusted`
 */
export async function executor(options: ExecutorOptions): Promise<SimplePlugin> {
  const { actions, databaseUrl, keyFile, policy, directory } = options;
  const trust = await readTrust(options.trust);
  const registry = createRegistry(actions.map(({ action }) => action));
  const log = pino({ name: 'assent.executor' });
  const live = await liveJudge({ trust, registry, files: { policy, directory }, log });
  const key = await loadTrustedKey(keyFile, trust.executor);
  const implementations = createImplementations(actions);
  const { activities, close } = createExecutorActivities({
    judge: live.judge,
    implementations,
    key,
    databaseUrl,
    log,
  });
  return new SimplePlugin({
    name: 'assent.executor',
    activities: { ...activities },
    runContext: (next) =>
      next().finally(() => {
        live.close();
        return close();
      }),
  });
}
