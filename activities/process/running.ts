/** A process's part that runs until it is stopped. */
import type { Worker } from '@temporalio/worker';

export interface Running {
  /** Settles when it has ended; rejects when it ended by a fault. */
  readonly ended: Promise<void>;
  /** Ends it: what is under way is finished first. */
  stop(): Promise<void>;
}

/** Runs a Temporal worker; `close` frees what it used once it has ended. */
export function running(worker: Worker, close: () => Promise<void>): Running {
  const ended = runToTheEnd(worker, close);
  return {
    ended,
    stop: async () => {
      if (worker.getState() === 'RUNNING') worker.shutdown();
      await ended;
    },
  };
}

async function runToTheEnd(worker: Worker, close: () => Promise<void>): Promise<void> {
  try {
    await worker.run();
  } finally {
    await close();
  }
}
