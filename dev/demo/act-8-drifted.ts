/** Act 8: the freeze is lifted; what it would do has changed meanwhile, so people are asked anew. */
import type { Frozen } from './act-7-frozen.ts';
import { say } from './house.ts';
import { bookOf } from './look/book.ts';
import { countOrders, RETURNS, returnMore } from './look/orders.ts';
import { cardLink, cardSays, threadSays } from './look/slack.ts';
import { nothingConsumed } from './nothing-ran.ts';
import type { World } from './world.ts';

export async function askAnew(world: World, { asked, card, freeze, operator }: Frozen): Promise<void> {
  const { story, stack, agent } = world;
  const { requestId } = asked;
  const before = await countOrders(world, RETURNS);
  await returnMore(world);
  const now = await countOrders(world, RETURNS);
  story.act('What was approved has changed meanwhile');
  story.say(
    `While it was frozen, more old orders came back: ${before} rows were approved, and now it would delete ` +
      `${now}. Sam Weiss lifts the freeze.`,
  );
  const subject = freeze ?? 'nothing';
  const lifted = await say(
    { verb: 'unfreeze', subject, detail: {}, reason: 'The backup is there.' },
    operator,
  );
  await story.claim('The gateway takes it.', () => ({ expected: 'eligible', found: lifted?.code }));
  await story.claim('The thread asks again, because what it would do has changed.', () =>
    threadSays(world, card, '*Asked again*: what it would do has changed'),
  );
  await story.claim(`The card shows the difference, and counts ${now} rows.`, () =>
    cardSays(world, card, `${now} rows would be deleted`),
  );
  await story.claim('Nothing ran on the approval of something else.', () =>
    nothingConsumed(world, requestId),
  );

  await stack.slack.interact({ person: 'ben', message: card, actionId: 'assent.approve' });
  await story.claim('Ben Okafor approves that, and it runs.', async () => {
    const { outcome, result } = await agent.wait(asked);
    return { expected: ['succeeded', now], found: [outcome, result?.rows] };
  });
  await story.claim('The book has two previews; the Start names the second.', async () => {
    const { previews, starts } = await bookOf(world, requestId);
    return {
      expected: { revisions: [1, 2], started: previews.at(-1)?.digest },
      found: {
        revisions: previews.map(({ statement }) => statement.revision),
        started: starts.at(-1)?.statement.preview,
      },
    };
  });
  await story.claim('The old returns are gone.', async () => ({
    expected: 0,
    found: await countOrders(world, RETURNS),
  }));
  story.link('Card', cardLink(world, card));
}
