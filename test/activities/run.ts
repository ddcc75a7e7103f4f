/** Runs an activity in a real activity context. */
import { MockActivityEnvironment } from '@temporalio/testing';
import { DefaultLogger } from '@temporalio/worker';

// Activities fail on purpose here.
const logger = new DefaultLogger('ERROR', () => undefined);

/** As a workflow's; with `alone`, as one that was started by itself. */
export function inActivity<T>(work: () => Promise<T>, alone?: 'alone'): Promise<T> {
  const environment = new MockActivityEnvironment(alone ? { inWorkflow: false } : {}, { logger });
  return environment.run(work);
}
