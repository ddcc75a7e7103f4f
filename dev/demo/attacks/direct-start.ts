/** The executor's activity, started past the workflow that asks people. */
import { randomUUID } from 'node:crypto';
import { ActivityExecutionFailedError } from '@temporalio/client';
import type { Asked } from '../../../client/client.ts';
import { QUEUES } from '../../../workflows/messages.ts';
import { bookOf, refusals, strayRefusals } from '../look/book.ts';
import { requestIn } from '../look/temporal.ts';
import { nothingRan } from '../nothing-ran.ts';
import type { World } from '../world.ts';
import { callAs, failureCode } from './call.ts';

export async function startDirectly(world: World, { requestId }: Asked): Promise<void> {
  const { story } = world;
  story.say('She starts the executor’s activity, past the workflow that asks people.');
  const request = await requestIn(world, { workflowId: requestId });
  await story.claim('By itself: refused, and on the record.', async () => {
    const code = await startAlone(world, request);
    return {
      expected: ['standalone', ['execute request standalone']],
      found: [code, await strayRefusals(world)],
    };
  });
  await story.claim(
    'From a workflow of her own on a task queue of her own: refused, on the record.',
    async () => {
      const code = await callAs(world, {
        taskQueue: QUEUES.executor,
        activity: 'execute',
        input: { request },
      });
      return {
        expected: ['refused requirement_not_met', ['execute requirement requirement_not_met']],
        found: [code, refusals(await bookOf(world, requestId))],
      };
    },
  );
  await story.claim('Nothing ran.', () => nothingRan(world, requestId));
}

async function startAlone({ temporal }: World, request: unknown): Promise<string> {
  try {
    const answer: unknown = await temporal.activity.execute('execute', {
      id: `mallory-${randomUUID()}`,
      taskQueue: QUEUES.executor,
      args: [{ request }],
      startToCloseTimeout: '30 seconds',
      retry: { maximumAttempts: 1 },
    });
    return JSON.stringify(answer);
  } catch (error) {
    if (!(error instanceof ActivityExecutionFailedError)) throw error;
    return failureCode(error.cause);
  }
}
