/** The approved workflow, reset to the moment before it executed. */
import { randomUUID } from 'node:crypto';
import { AssentError } from '../../../approval/error.ts';
import type { Pending } from '../act-1-asked.ts';
import { bookOf, refusals } from '../look/book.ts';
import { exportIn, resultDigest, writtenWithin } from '../look/export.ts';
import { cardSays } from '../look/slack.ts';
import { historyOf, scheduled } from '../look/temporal.ts';
import type { World } from '../world.ts';
import { answered } from './call.ts';

export async function resetApproved(world: World, { asked, card }: Pending): Promise<void> {
  const { story, temporal } = world;
  const { requestId: workflowId } = asked;
  story.say('She resets the approved workflow to the moment before it executed.');
  const runId = await reset(world, workflowId);

  await story.claim('Temporal has the executor called again …', async () => {
    await temporal.workflow.getHandle(workflowId, runId).result();
    return { expected: 1, found: await scheduled(world, { workflowId, runId }, 'execute') };
  });
  await story.claim('… which refuses, on the record: the right to run it is used up.', async () => {
    const answer = answered(await temporal.workflow.getHandle(workflowId, runId).result());
    return {
      expected: ['unknown already_consumed', ['execute requirement already_consumed']],
      found: [answer, refusals(await bookOf(world, workflowId))],
    };
  });
  await story.claim('The file is as it was, byte for byte, written between Start and Finish.', async () => {
    const { request, starts, finishes } = await bookOf(world, workflowId);
    const { file } = exportIn(request.statement.action.input);
    const [start, finish] = [starts[0]?.statement, finishes[0]?.statement];
    return {
      expected: [1, 1, finish?.result_digest, true],
      found: [
        starts.length,
        finishes.length,
        await resultDigest(world, file),
        await writtenWithin(world, file, start?.started_at ?? '', finish?.finished_at ?? ''),
      ],
    };
  });
  await story.claim('The card still says that it is done.', () =>
    cardSays(world, card, '*Approved and done*'),
  );
}

/** Gives the new run. */
async function reset(world: World, workflowId: string): Promise<string> {
  const { temporal, stack } = world;
  const { events } = await historyOf(world, { workflowId });
  const execution = events?.find(
    ({ activityTaskScheduledEventAttributes: attributes }) => attributes?.activityType?.name === 'execute',
  );
  const before = execution?.activityTaskScheduledEventAttributes?.workflowTaskCompletedEventId;
  if (before === undefined || before === null) {
    throw new AssentError('not_executed', `The workflow ${workflowId} has no execution to go back before.`);
  }
  const { runId } = await temporal.workflowService.resetWorkflowExecution({
    namespace: stack.temporal.namespace,
    workflowExecution: { workflowId },
    reason: 'once more',
    workflowTaskFinishEventId: before,
    requestId: randomUUID(),
  });
  return runId;
}
