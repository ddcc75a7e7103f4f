/** Act 6: two groups must agree; one who agreed leaves hers before the other does, and her approval goes with her. */

import type { Asked } from '../../client/client.ts';
import { GROUPS } from '../files.ts';
import { ARRIVED } from './ask.ts';
import { setGroup } from './house.ts';
import { bookOf } from './look/book.ts';
import { countOrders } from './look/orders.ts';
import { cardLink, cardOf, cardSays, mention } from './look/slack.ts';
import { nothingConsumed } from './nothing-ran.ts';
import { together } from './story.ts';
import type { World } from './world.ts';

export async function askTwoGroups(world: World): Promise<Asked> {
  const { story, stack, agent } = world;
  const { slack } = stack;
  const shipped = await countOrders(world, "status = 'shipped'");
  const rows = shipped.toLocaleString('en-US');
  story.act('Two groups must agree, and one who did leaves hers');
  story.say(
    `Mia Lund tells her agent: “${ARRIVED.intent?.statement}” That changes ${rows} orders, and policy ` +
      'reads off the preview that this takes a data-owner and somebody of security.',
  );
  const asked = await agent.request(ARRIVED);
  const { requestId } = asked;
  const card = await cardOf(world, requestId);
  await story.claim(`The card counts ${rows} rows, and asks both groups.`, async () =>
    together(
      await cardSays(world, card, `${rows} rows would be updated`),
      await cardSays(world, card, '0 of 1 from *data-owners*'),
      await cardSays(world, card, '0 of 1 from *security*'),
    ),
  );
  await slack.interact({ person: 'ana', message: card, actionId: 'assent.approve' });
  await story.claim('Ana Castro approves; that is one of two.', () =>
    cardSays(world, card, '1 of 1 from *data-owners*'),
  );

  const owners = GROUPS['data-owners'];
  await setGroup(
    world,
    'data-owners',
    owners.filter((person) => person !== 'ana'),
  );
  await story.claim('Ana Castro leaves the data-owners: the card says that her approval has lapsed.', () =>
    cardSays(world, card, `${mention(world, 'ana')}’s approval lapsed`),
  );
  await slack.interact({ person: 'sam', message: card, actionId: 'assent.approve' });
  await story.claim('Sam Weiss of security approves; it waits for a data-owner all the same.', async () =>
    together(
      await cardSays(world, card, '1 of 1 from *security*'),
      await cardSays(world, card, '0 of 1 from *data-owners*'),
    ),
  );
  await story.claim('Nothing ran.', () => nothingConsumed(world, requestId));

  await slack.interact({ person: 'ben', message: card, actionId: 'assent.approve' });
  await story.claim('Ben Okafor approves, and it runs.', async () => {
    const { resolution, outcome } = await agent.wait(asked);
    return { expected: ['approved', 'succeeded'], found: [resolution, outcome] };
  });
  await story.claim(
    'The executor’s Start names the approvals of Sam Weiss and Ben Okafor alone.',
    async () => {
      const { starts, decisions } = await bookOf(world, requestId);
      const named = starts.flatMap(({ statement }) => statement.decisions);
      return {
        expected: ['ben', 'sam'],
        found: decisions
          .filter(({ digest }) => named.includes(digest))
          .map(({ statement: { person } }) => person)
          .toSorted(),
      };
    },
  );
  await story.claim('No order is under way any more.', async () => ({
    expected: 0,
    found: await countOrders(world, "status = 'shipped'"),
  }));
  story.link('Card', cardLink(world, card));
  story.say('Ana Castro is a data-owner again from here on.');
  await setGroup(world, 'data-owners', owners);
  return asked;
}
