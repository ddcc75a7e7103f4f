/** Act 2: the person for whom the agent asks approves their own request, and is refused. */
import type { Pending } from './act-1-asked.ts';
import { bookOf } from './look/book.ts';
import { exportedFiles } from './look/export.ts';
import { cardSays, mention, threadSays, whispered } from './look/slack.ts';
import type { World } from './world.ts';

const WHY = 'separation of duties (reporter asks on their behalf)';

export async function approveOwn(world: World, { asked, card }: Pending): Promise<void> {
  const { story, stack } = world;
  story.act('Mia Lund clicks Approve on her own request');
  story.say('She is a data-owner. But the agent asks on her behalf, so her word cannot count.');
  await stack.slack.interact({ person: 'mia', message: card, actionId: 'assent.approve' });

  await story.claim('She alone is told at once that it does not count, and why.', () =>
    whispered(world, 'mia', `Your approval was not counted: ${WHY}`),
  );
  await story.claim('The thread shows everybody that she tried.', () =>
    threadSays(world, card, `${mention(world, 'mia')} tried to approve: *refused*, ${WHY}`),
  );
  await story.claim('Her click stands in the book, signed, as not eligible.', async () => {
    const { decisions } = await bookOf(world, asked.requestId);
    return {
      expected: [['mia', 'approve', false, 'excluded']],
      found: decisions.map(({ statement: { person, verdict, standing } }) => [
        person,
        verdict,
        standing.eligible,
        standing.code,
      ]),
    };
  });
  await story.claim('The card still waits: 0 of 1.', () =>
    cardSays(world, card, '*Waiting for approval*  ·  0 of 1'),
  );
  await story.claim('Nothing has run.', async () => ({ expected: [], found: await exportedFiles(world) }));
}
