/** The denied request, started once more under its own id, with real approvals replayed: of others. */
import type { Asked } from '../../../client/client.ts';
import { AGENT_ACTION, QUEUES, SIGNALS } from '../../../workflows/messages.ts';
import { bookOf, refusals } from '../look/book.ts';
import { cardOf, cardSays } from '../look/slack.ts';
import { refusedSignals, requestIn } from '../look/temporal.ts';
import { nothingRan } from '../nothing-ran.ts';
import { together } from '../story.ts';
import type { World } from '../world.ts';
import { callAs } from './call.ts';

export async function restartDenied(world: World, denied: Asked, approved: Asked): Promise<void> {
  const { story, temporal } = world;
  const { requestId: workflowId } = denied;
  const request = await requestIn(world, { workflowId });
  story.say(
    'She starts once more, under its own id, what Ben Okafor denied, and replays two real approvals: ' +
      'Ana Castro’s of the newsletter, and Sam Weiss’s of this, who clicked before his turn.',
  );
  const replayed = [
    ...(await approvals(world, approved, 'ana')),
    // Sam Weiss clicked before it was his turn: signed by the gateway, as not eligible.
    ...(await approvals(world, denied, 'sam')),
  ];
  const again = await temporal.workflow.start(AGENT_ACTION, {
    taskQueue: QUEUES.worker,
    workflowId,
    args: [{ request }],
    workflowIdReusePolicy: 'ALLOW_DUPLICATE',
  });
  for (const envelope of replayed) await again.signal(SIGNALS.decide, envelope);

  await story.claim('Neither counts.', async () => ({
    expected: ['other_request', 'not_asked_yet'],
    found: await refusedSignals(world, { workflowId, runId: again.firstExecutionRunId }, 2),
  }));
  await story.claim('She has the executor called for it: refused, on the record.', async () => {
    const code = await callAs(world, {
      taskQueue: QUEUES.executor,
      activity: 'execute',
      input: { request },
    });
    return {
      expected: ['refused denied', ['execute requirement denied']],
      found: [code, refusals(await bookOf(world, workflowId))],
    };
  });
  await again.terminate('gives up');
  await story.claim('The card stays denied, and nothing ran.', async () => {
    const card = await cardOf(world, workflowId);
    return together(await cardSays(world, card, '*Denied*'), await nothingRan(world, workflowId));
  });
}

async function approvals(world: World, { requestId }: Asked, person: string) {
  const { decisions } = await bookOf(world, requestId);
  return decisions
    .filter(({ statement }) => statement.person === person && statement.verdict === 'approve')
    .map(({ envelope }) => envelope);
}
