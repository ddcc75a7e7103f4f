/** Lies told to the one activity that paints cards. */

import { requestIdOf } from '../../../approval/digest.ts';
import { openRequest } from '../../../approval/dossier.ts';
import { signStatement } from '../../../approval/statements.ts';
import type { Asked } from '../../../client/client.ts';
import { QUEUES } from '../../../workflows/messages.ts';
import { bookOf, refusals, strayRefusals } from '../look/book.ts';
import { cardSays, countCards } from '../look/slack.ts';
import { requestIn } from '../look/temporal.ts';
import { together } from '../story.ts';
import type { World } from '../world.ts';
import { callAs } from './call.ts';

export async function lieToNotify(world: World, { requestId }: Asked, card: string): Promise<void> {
  const { story, judge } = world;
  const { key } = await world.intruder();
  story.say('She lies to notify, the activity that has the cards painted.');
  const notify = (request: unknown, closing: string | null) =>
    callAs(world, {
      taskQueue: QUEUES.gateway,
      activity: 'notify',
      input: { request, statements: [], closing },
    });
  const request = await requestIn(world, { workflowId: requestId });

  await story.claim(
    'That the request was closed as flooded: refused, and the card still waits.',
    async () => {
      await notify(request, 'flooded');
      const shown = await cardSays(world, card, '*Waiting for approval*  ·  0 of 1');
      const booked = refusals(await bookOf(world, requestId)).at(-1);
      return together(shown, { expected: 'notify request not_closed', found: booked });
    },
  );
  await story.claim(
    'That there is another request, signed by herself: refused, and no card appears.',
    async () => {
      const { statement } = openRequest(request, judge.ring);
      const { audience, agent } = statement;
      const request_id = requestIdOf(audience, agent, 'mallory');
      const forged = signStatement('request', { ...statement, key: 'mallory', request_id }, key);
      const code = await notify(forged.envelope, null);
      return {
        expected: ['key_unknown', 'notify request key_unknown', 0],
        found: [code, (await strayRefusals(world)).at(-1), await countCards(world, request_id)],
      };
    },
  );
}
