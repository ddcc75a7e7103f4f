/** Heartbeats of an activity at work: by their absence Temporal learns that its process is gone. */
import { Context } from '@temporalio/activity';

/** A third of what a workflow waits for one. */
const HEARTBEAT_MS = 3000;

export async function whileBeating<T>(work: () => Promise<T>): Promise<T> {
  const context = Context.current();
  const beating = setInterval(() => context.heartbeat(), HEARTBEAT_MS);
  try {
    return await work();
  } finally {
    clearInterval(beating);
  }
}
