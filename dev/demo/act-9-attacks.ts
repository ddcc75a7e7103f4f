/** Act 9: somebody with full access to Temporal, and no key that counts, tries to have things run. */
import type { Asked } from '../../client/client.ts';
import type { Pending } from './act-1-asked.ts';
import { SURVEY } from './ask.ts';
import { startDirectly } from './attacks/direct-start.ts';
import { dropDenial } from './attacks/drop-denial.ts';
import { forgeApprovals } from './attacks/forged-approval.ts';
import { lieToNotify } from './attacks/lie-to-notify.ts';
import { resetApproved } from './attacks/reset.ts';
import { restartDenied } from './attacks/restart-denied.ts';
import { exportedFiles } from './look/export.ts';
import { cardLink, cardOf, cardSays } from './look/slack.ts';
import { nothingRan } from './nothing-ran.ts';
import { together } from './story.ts';
import type { World } from './world.ts';

/** What the story's people decided before. */
export interface Before {
  readonly approved: Pending;
  readonly denied: Asked;
  /** Approved, and run on the database. */
  readonly changed: readonly Asked[];
}

export interface Attacked {
  /** Approved by a person, and reset after it ran. */
  readonly approved: Asked;
  /** Denied by a person, and started again. */
  readonly denied: Asked;
  /** Approvals were forged for it. */
  readonly survey: Asked;
  /** Its denial was dropped. */
  readonly giveaway: Asked;
}

export async function attack(world: World, { approved, denied, changed }: Before): Promise<Attacked> {
  const { story, agent, reader } = world;
  story.act('Mallory has full access to Temporal, and no key that counts');
  story.say(
    'She may start, signal, reset and poll whatever she likes, and knows this source. A fourth request ' +
      'waits for people: she wants it to run.',
  );
  const survey = await agent.request(SURVEY);
  const card = await cardOf(world, survey.requestId);
  story.link('Card', cardLink(world, card));
  await forgeApprovals(world, survey, card);
  await startDirectly(world, survey);
  await lieToNotify(world, survey, card);
  await story.claim(
    'After all that the agent can still withdraw it: it ends, and it never ran.',
    async () => {
      await agent.withdraw(survey, 'The survey is off.');
      const { resolution } = await agent.wait(survey);
      const ended = { expected: 'withdrawn', found: resolution };
      const shown = await cardSays(world, card, '*Withdrawn*');
      return together(ended, shown, await nothingRan(world, survey.requestId));
    },
  );

  await restartDenied(world, denied, approved.asked);
  const giveaway = await dropDenial(world);
  await resetApproved(world, approved);

  await story.claim('Of all that was asked, three things ran, once each: what people approved.', async () => {
    const consumed = await reader.selectFrom('consumptions').select('request_id').execute();
    return {
      expected: {
        consumed: [approved.asked, ...changed].map(({ requestId }) => requestId).toSorted(),
        files: 1,
      },
      found: {
        consumed: consumed.map(({ request_id }) => request_id).toSorted(),
        files: (await exportedFiles(world)).length,
      },
    };
  });
  return { approved: approved.asked, survey, denied, giveaway };
}
