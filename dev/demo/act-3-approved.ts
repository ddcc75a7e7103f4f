/** Act 3: somebody of the right group approves, and the action runs once. */
import type { Pending } from './act-1-asked.ts';
import { bookOf } from './look/book.ts';
import { exportedFiles, exportIn, fileContent, resultDigest, targetContent } from './look/export.ts';
import { buttonsOf, cardLink, cardSays, mention, threadSays, toldDirectly } from './look/slack.ts';
import { scheduled } from './look/temporal.ts';
import { together } from './story.ts';
import type { World } from './world.ts';

export async function approve(world: World, { asked, card }: Pending): Promise<void> {
  const { story, stack, agent } = world;
  const { requestId } = asked;
  story.act('Ana Castro clicks Approve');
  story.say('She is a data-owner too, and has nothing to do with the request.');
  await stack.slack.interact({ person: 'ana', message: card, actionId: 'assent.approve' });

  await story.claim('The agent gets its result, signed by the executor.', async () => {
    const { resolution, outcome } = await agent.wait(asked);
    return { expected: ['approved', 'succeeded'], found: [resolution, outcome] };
  });
  const { request, decisions, starts, finishes, consumption } = await bookOf(world, requestId);
  const { statement, file } = exportIn(request.statement.action.input);

  await story.claim('The executor’s Start in the book names her approval alone.', () => ({
    expected: [decisions.filter(({ statement: { person } }) => person === 'ana').map(({ digest }) => digest)],
    found: starts.map(({ statement: { decisions: named } }) => named),
  }));
  await story.claim('It ran once: one Start, one Finish, the right to run it used up.', () => ({
    expected: { starts: 1, finishes: ['succeeded'], consumedBy: starts[0]?.digest },
    found: {
      starts: starts.length,
      finishes: finishes.map(({ statement: { outcome } }) => outcome),
      consumedBy: consumption?.start_digest,
    },
  }));
  await story.claim('Temporal’s history has one execution.', async () => ({
    expected: 1,
    found: await scheduled(world, { workflowId: requestId }, 'execute'),
  }));
  await story.claim(`The file ${file} is there, and no other.`, async () => ({
    expected: [file],
    found: await exportedFiles(world),
  }));
  const rows = (await fileContent(world, file)).rows.toLocaleString('en-US');
  await story.claim(`Its ${rows} rows are those that the CRM has.`, async () => ({
    expected: await targetContent(world, statement),
    found: await fileContent(world, file),
  }));
  await story.claim('Its bytes are those that the executor’s Finish vouches for.', async () => ({
    expected: await resultDigest(world, file),
    found: finishes[0]?.statement.result_digest,
  }));
  await story.claim('The card says that it is done, and by whom; it has no buttons left.', async () => {
    const done = await cardSays(world, card, `*Approved and done*  ·  by ${mention(world, 'ana')}`);
    return together(done, { expected: [], found: await buttonsOf(world, card) });
  });
  await story.claim('So does the thread.', () =>
    threadSays(world, card, '*Done*: it ran once and succeeded.'),
  );
  await story.claim('Mia Lund is told in a direct message.', () =>
    toldDirectly(world, 'mia', '*Approved and done*'),
  );
  story.link('Card', cardLink(world, card));
}
