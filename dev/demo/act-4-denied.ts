/** Act 4: a request is denied with a reason. */
import type { Asked } from '../../client/client.ts';
import { PARTNER } from './ask.ts';
import { bookOf } from './look/book.ts';
import {
  buttonsOf,
  cardLink,
  cardOf,
  cardSays,
  mention,
  threadSays,
  toldDirectly,
  whispered,
} from './look/slack.ts';
import { nothingTried } from './nothing-ran.ts';
import { together } from './story.ts';
import type { World } from './world.ts';

const REASON = 'Our customers never agreed to this. Ask the agency for a form to opt in.';

export async function deny(world: World): Promise<Asked> {
  const { story, stack, agent } = world;
  const { slack } = stack;
  story.act('Ben Okafor denies the next request');
  story.say(
    `Mia Lund tells her agent: “${PARTNER.intent?.statement}” Sam Weiss of security would let it pass, ` +
      'but is not asked yet. Ben Okafor, a data-owner, clicks Deny and writes why.',
  );
  const asked = await agent.request(PARTNER);
  const { requestId } = asked;
  const card = await cardOf(world, requestId);
  await slack.interact({ person: 'sam', message: card, actionId: 'assent.approve' });
  await story.claim('Sam Weiss is told that he is asked only later, if nobody decides.', () =>
    whispered(world, 'sam', 'asked only later, if it is still open then'),
  );

  await slack.interact({ person: 'ben', message: card, actionId: 'assent.deny' });
  await story.claim('Deny opens a form that asks for the reason.', async () => ({
    expected: 'assent.deny',
    found: (await slack.modal())?.callback_id,
  }));
  const { kind } = await slack.submit('ben', { reason: { reason: REASON } });
  await story.claim('The form takes it.', () => ({ expected: 'closed', found: kind }));

  await story.claim('The agent is told: denied, and the reason.', async () => {
    const { resolution, outcome, reason } = await agent.wait(asked);
    return { expected: ['denied', 'not_executed', REASON], found: [resolution, outcome, reason] };
  });
  await story.claim('His denial stands in the book, signed, with the reason.', async () => {
    const { decisions } = await bookOf(world, requestId);
    return {
      expected: [['ben', 'eligible', REASON]],
      found: decisions
        .filter(({ statement: { verdict } }) => verdict === 'deny')
        .map(({ statement: { person, standing, reason } }) => [person, standing.code, reason]),
    };
  });
  await story.claim('The card says who denied it; it has no buttons left.', async () => {
    const denied = await cardSays(world, card, `*Denied*  ·  by ${mention(world, 'ben')}`);
    return together(denied, { expected: [], found: await buttonsOf(world, card) });
  });
  await story.claim('The reason stands in the thread.', () => threadSays(world, card, REASON));
  await story.claim('Mia Lund reads it in a direct message.', () => toldDirectly(world, 'mia', REASON));
  await story.claim('Nothing ran.', () => nothingTried(world, requestId));
  story.link('Card', cardLink(world, card));
  return asked;
}
