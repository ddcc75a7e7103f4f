/** Somebody with full access to Temporal: a worker of their own on a task queue of their own, and a key nobody trusts. */
import { fileURLToPath } from 'node:url';
import { bundleWorkflowCode, DefaultLogger, NativeConnection, Runtime, Worker } from '@temporalio/worker';
import { generateSigningKey, type SigningKey } from '../../../approval/keys.ts';

export interface Intruder {
  readonly key: SigningKey;
  readonly taskQueue: string;
  stop(): Promise<void>;
}

export async function startIntruder(temporal: {
  readonly address: string;
  readonly namespace: string;
}): Promise<Intruder> {
  const logger = new DefaultLogger('ERROR');
  // Signals are the demo's to handle.
  Runtime.install({ logger, shutdownSignals: [] });
  const taskQueue = 'mallory';
  const workflowBundle = await bundleWorkflowCode({
    workflowsPath: fileURLToPath(new URL('workflows.ts', import.meta.url)),
    logger,
  });
  const { address, namespace } = temporal;
  const connection = await NativeConnection.connect({ address });
  const worker = await Worker.create({ connection, namespace, taskQueue, workflowBundle });
  const ended = worker.run();
  return {
    key: generateSigningKey('mallory').signing,
    taskQueue,
    stop: async () => {
      if (worker.getState() === 'RUNNING') worker.shutdown();
      await ended;
      await connection.close();
    },
  };
}
