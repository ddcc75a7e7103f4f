/** The least that Temporal itself needs: what Assent is measured against. */
import { condition, defineSignal, proxyActivities, setHandler } from '@temporalio/workflow';

export interface BareActivities {
  act(run: string): Promise<string>;
}

const { act } = proxyActivities<BareActivities>({
  taskQueue: 'bare-activities',
  startToCloseTimeout: '30 seconds',
});

export async function oneActivity(run: string): Promise<string> {
  return act(run);
}

export async function waitThenActivity(run: string): Promise<string> {
  let approved = false;
  setHandler(defineSignal('approve'), () => {
    approved = true;
  });
  await condition(() => approved, '1 hour');
  return act(run);
}
