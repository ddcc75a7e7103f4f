/** Act 7: somebody of security freezes what changes the database; what is approved meanwhile does not run. */
import type { Digest } from '../../approval/types.ts';
import type { Person } from '../../client/person.ts';
import type { Pending } from './act-1-asked.ts';
import { RETURNED } from './ask.ts';
import { giveKey, say } from './house.ts';
import { countOrders, RETURNS } from './look/orders.ts';
import { cardLink, cardOf, cardSays, mention } from './look/slack.ts';
import { statusOf } from './look/temporal.ts';
import { nothingConsumed } from './nothing-ran.ts';
import { until } from './until.ts';
import type { World } from './world.ts';

export interface Frozen extends Pending {
  readonly freeze: Digest | null;
  /** Who can lift it. */
  readonly operator: Person;
}

const REASON = 'The nightly backup has failed. Nobody changes orders until it is there.';

export async function freeze(world: World): Promise<Frozen> {
  const { story, stack, agent } = world;
  const rows = (await countOrders(world, RETURNS)).toLocaleString('en-US');
  story.act('Sam Weiss freezes what changes the database');
  story.say(
    `Mia Lund tells her agent: “${RETURNED.intent?.statement}” While that waits, Sam Weiss signs a freeze ` +
      'of sql.execute with a key of his own.',
  );
  const asked = await agent.request(RETURNED);
  const { requestId } = asked;
  const card = await cardOf(world, requestId);
  await story.claim(`The card counts ${rows} rows that would be deleted.`, () =>
    cardSays(world, card, `${rows} rows would be deleted`),
  );
  const operator = await giveKey(world, 'sam');
  const frozen = await say(
    {
      verb: 'freeze',
      subject: 'action:sql.execute',
      detail: { scope: { of: 'action', action: 'sql.execute' } },
      reason: REASON,
    },
    operator,
  );
  await story.claim('The gateway takes it.', () => ({ expected: 'eligible', found: frozen?.code }));
  await story.claim('The card says who froze it, and why.', () => cardSays(world, card, REASON));

  await stack.slack.interact({ person: 'ben', message: card, actionId: 'assent.approve' });
  await story.claim('Ben Okafor approves: the card says so, and that it is frozen.', () =>
    cardSays(world, card, `by ${mention(world, 'ben')}`),
  );
  await story.claim('The workflow waits, held by the freeze.', async () => ({
    expected: 'frozen',
    found: await held(world, requestId),
  }));
  await story.claim('Nothing ran: not an order is gone.', () => nothingConsumed(world, requestId));
  story.link('Card', cardLink(world, card));
  return { asked, card, freeze: frozen?.digest ?? null, operator };
}

async function held(world: World, requestId: string): Promise<string | undefined> {
  return until(async () => (await statusOf(world, requestId)).held?.code);
}
