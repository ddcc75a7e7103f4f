/** `assent show`: all there is of one request: where it stands, its statements and the records of its history. */
import type { Kysely } from 'kysely';
import type { Case } from '../audit/case.ts';
import { recordsOf } from '../audit/store.ts';
import { readPage } from '../book/page.ts';
import type { Database } from '../book/schema.ts';
import { AssentError } from '../client/vocabulary.ts';
import { prefixOf, requestBeginning } from './find-request.ts';
import { canJudge, caseIn, ownJudge } from './read-case.ts';
import { readDatabase } from './read-database.ts';
import { statesOf, tellRecord } from './record-words.ts';
import { type Judged, type Story, showLines } from './show-lines.ts';
import { standingOf } from './standing.ts';
import { requestIn, tellStatement } from './statement-words.ts';
import type { Terminal } from './terminal.ts';
import { one, requestId, type Word } from './usage.ts';

export const show = (terminal: Terminal): Word =>
  one({
    name: 'assent show',
    description: 'Show all there is of a request',
    args: { id: requestId },
    run: async (args) => {
      const prefix = prefixOf(args.id);
      const { story, subject } = await readDatabase(terminal, async (db) => {
        const id = await requestBeginning(db, prefix);
        const [told, judged] = await Promise.all([readStory(db, id), judgedIn(db, id, terminal)]);
        return { story: told, subject: judged };
      });
      const { judged } = subject;
      const standing =
        judged === null ? { standing: null, why: subject.why } : { standing: judgedDocument(judged) };
      return {
        positive: true,
        document: { ...story, ...standing },
        lines: showLines(story, subject, terminal.columns),
      };
    },
  });

function judgedDocument(subject: Case) {
  const { policy, standings } = subject;
  const { requirement } = policy;
  return { ...standingOf(subject), requirement, parts: standings.tally?.parts ?? [] };
}

async function readStory(db: Kysely<Database>, id: string): Promise<Story> {
  const [{ booked, consumption }, records] = await Promise.all([readPage(db, id), recordsOf(db, id)]);
  const statements = booked.map(tellStatement);
  return {
    request_id: id,
    state: statesOf(records, booked.length > 0),
    request: statements.map(requestIn).find((request) => request !== null) ?? null,
    statements,
    consumption,
    records: records.map(tellRecord),
  };
}

/** What can't be verified is shown all the same, and said to be so. */
async function judgedIn(db: Kysely<Database>, id: string, terminal: Terminal): Promise<Judged> {
  if (!canJudge(terminal)) {
    const why =
      'Set ASSENT_TRUST, ASSENT_POLICY and ASSENT_DIRECTORY to have it verified and to see where it stands.';
    return { judged: null, why };
  }
  const judge = await ownJudge(terminal);
  try {
    const judged = await caseIn(db, id, judge, terminal.now());
    return { judged, why: 'The book holds no request of this id, so there is nothing to verify.' };
  } catch (error) {
    if (!(error instanceof AssentError)) throw error;
    return { judged: null, why: `It can't be verified: ${error.message} (${error.code})` };
  }
}
