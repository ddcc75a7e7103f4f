/** Act 1: the agent asks, and the card says what for. */
import type { Asked } from '../../client/client.ts';
import { NEWSLETTER } from './ask.ts';
import { bookOf } from './look/book.ts';
import { exportedFiles, exportIn, targetContent } from './look/export.ts';
import { buttonsOf, cardLink, cardOf, cardSays, countCards, mention } from './look/slack.ts';
import { together } from './story.ts';
import type { World } from './world.ts';

/** The request that the next two acts are about, and its card. */
export interface Pending {
  readonly asked: Asked;
  readonly card: string;
}

export async function askForNewsletter(world: World): Promise<Pending> {
  const { story, agent } = world;
  story.act('An agent asks for customers’ personal data');
  story.say(
    'Mia Lund tells her agent, reporter: “Mail all our customers the November newsletter.” ' +
      'The agent wants names and addresses from the CRM. Policy says that data-owners must agree.',
  );
  const asked = await agent.request(NEWSLETTER);
  const card = await cardOf(world, asked.requestId);
  const { request } = await bookOf(world, asked.requestId);
  const { claims, action } = request.statement;
  const { statement, file } = exportIn(action.input);
  const rows = (await targetContent(world, statement)).rows.toLocaleString('en-US');

  await story.claim('One card stands in #approvals.', async () => ({
    expected: 1,
    found: await countCards(world, asked.requestId),
  }));
  await story.claim(`It tells the intent: “${claims.intent?.statement}”`, () =>
    cardSays(world, card, `It was asked, in #marketing:\n> ${NEWSLETTER.intent?.statement}`),
  );
  await story.claim('It names Mia Lund, for whom the agent says it acts.', () =>
    cardSays(world, card, `*On behalf of, it says*\n${mention(world, 'mia')}`),
  );
  await story.claim('It shows the action with its exact input: the SELECT, and the file.', async () => {
    const shown = await cardSays(world, card, `statement: "${statement}"`);
    return together(shown, await cardSays(world, card, `file: "${file}"`));
  });
  await story.claim(`It counts what would leave the database: ${rows} rows, as the CRM has them.`, () =>
    cardSays(world, card, `${rows} rows would be exported`),
  );
  await story.claim('It names the personal data in it.', () =>
    cardSays(world, card, 'Personal data: customers.email, customers.name'),
  );
  await story.claim('It says who may approve: data-owners, later security as well.', async () => {
    const owners = await cardSays(world, card, '0 of 1 from *data-owners*');
    return together(owners, await cardSays(world, card, '*security* may fill any place too'));
  });
  await story.claim('It offers Approve, Deny, Hand over and Details.', async () => ({
    expected: ['assent.approve', 'assent.deny', 'assent.defer', 'assent.details'],
    found: await buttonsOf(world, card),
  }));
  await story.claim('Nothing has run: no file is there.', async () => ({
    expected: [],
    found: await exportedFiles(world),
  }));
  story.link('Card', cardLink(world, card));
  return { asked, card };
}
