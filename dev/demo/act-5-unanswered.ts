/** Act 5: nobody answers, so the next group is asked; nobody answers still, so the request expires. */
import { CALLS } from './ask.ts';
import { cardLink, cardOf, cardSays, mention, threadSays, toldDirectly } from './look/slack.ts';
import { nothingTried } from './nothing-ran.ts';
import { together } from './story.ts';
import type { World } from './world.ts';

export async function leaveUnanswered(world: World): Promise<void> {
  const { story, agent } = world;
  story.act('Nobody answers the third');
  story.say(
    `It is late. Mia Lund tells her agent: “${CALLS.intent?.statement}” The policy gives people ` +
      'eight seconds for telephone numbers, and asks security as well after four.',
  );
  const asked = await agent.request(CALLS);
  const card = await cardOf(world, asked.requestId);
  await story.claim('The card waits for an approval.', () => cardSays(world, card, '*Waiting for approval*'));
  await story.claim('Nobody answers: the thread asks security, and calls Sam Weiss.', () =>
    threadSays(world, card, `*security* may decide now too: ${mention(world, 'sam')}`),
  );
  await story.claim('Nobody answers still: the agent is told that the request has expired.', async () => {
    const { resolution, outcome } = await agent.wait(asked);
    return { expected: ['expired', 'not_executed'], found: [resolution, outcome] };
  });
  await story.claim('The card says so, and the thread.', async () => {
    const expired = await cardSays(world, card, '*Expired*  ·  0 of 1 approval in time');
    return together(expired, await threadSays(world, card, '*Expired* without a decision; nothing ran.'));
  });
  await story.claim('Mia Lund is told in a direct message.', () => toldDirectly(world, 'mia', '*Expired*'));
  await story.claim('Nothing ran.', () => nothingTried(world, asked.requestId));
  story.link('Card', cardLink(world, card));
}
