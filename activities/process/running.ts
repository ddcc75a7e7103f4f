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

/** The same part, which frees something further once it has ended. */
export function closing(part: Running, further: { close(): void }): Running {
  return { ...part, ended: endedAndClosed(part.ended, further) };
}

async function endedAndClosed(ended: Promise<void>, further: { close(): void }): Promise<void> {
  try {
    await ended;
  } finally {
    further.close();
  }
}
