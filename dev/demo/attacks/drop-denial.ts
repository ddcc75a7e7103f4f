/** A denial whose signal never reaches Assent's workflow: somebody else's stands in its place. */
import type { Asked } from '../../../client/client.ts';
import { AGENT_ACTION } from '../../../workflows/messages.ts';
import { GIVEAWAY } from '../ask.ts';
import { bookOf, refusals } from '../look/book.ts';
import { cardOf, cardSays, mention } from '../look/slack.ts';
import { requestIn } from '../look/temporal.ts';
import { nothingRan } from '../nothing-ran.ts';
import { together } from '../story.ts';
import type { World } from '../world.ts';
import { answered } from './call.ts';

export async function dropDenial(world: World): Promise<Asked> {
  const { story, temporal, agent, stack } = world;
  const { taskQueue } = await world.intruder();
  story.say(
    'A fifth request comes in. A worker of hers takes its workflow over, so that what Ana Castro says ' +
      'on the card, a denial, reaches nobody else in Temporal.',
  );
  const asked = await agent.request(GIVEAWAY);
  const { requestId: workflowId } = asked;
  const card = await cardOf(world, workflowId);
  const request = await requestIn(world, { workflowId });
  const hers = await temporal.workflow.start(AGENT_ACTION, {
    taskQueue,
    workflowId,
    args: [{ request }],
    workflowIdConflictPolicy: 'TERMINATE_EXISTING',
  });
  await stack.slack.interact({ person: 'ana', message: card, actionId: 'assent.deny' });
  await stack.slack.submit('ana', { reason: { reason: 'No draw without the rules of it.' } });

  await story.claim('It drops the denial and has the executor run: refused, on the record.', async () => {
    const answer = answered(await hers.result());
    return {
      expected: ['refused denied', ['execute requirement denied']],
      found: [answer, refusals(await bookOf(world, workflowId))],
    };
  });
  await story.claim('The card says who denied it, and nothing ran.', async () => {
    const shown = await cardSays(world, card, `*Denied*  ·  by ${mention(world, 'ana')}`);
    return together(shown, await nothingRan(world, workflowId));
  });
  return asked;
}
