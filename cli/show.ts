/** `assent show`: one request, with every statement in the book and every record of Temporal's history. */
import type { Kysely } from 'kysely';
import { requestsBeginning } from '../audit/find-request.ts';
import { recordsOf } from '../audit/store.ts';
import { readPage } from '../book/page.ts';
import type { Database } from '../book/schema.ts';
import { AssentError } from '../client/vocabulary.ts';
import { readDatabase } from './read-database.ts';
import { statesOf, tellRecord } from './record-words.ts';
import { type Story, showLines } from './show-lines.ts';
import { requestIn, tellStatement } from './statement-words.ts';
import type { Terminal } from './terminal.ts';
import { one, type Word } from './usage.ts';

export const show = (terminal: Terminal): Word =>
  one({
    name: 'assent show',
    description: 'Show a request: its statements and its records',
    args: {
      id: { type: 'positional', required: true, description: 'The request id, or enough of its beginning' },
    },
    run: async (args) => {
      const prefix = prefixOf(args.id);
      const story = await readDatabase(terminal, async (db) => readStory(db, await found(db, prefix)));
      return { positive: true, document: story, lines: showLines(story, terminal.columns) };
    },
  });

const SHORTEST = 4;
const NAMED = 5;

function prefixOf(given: string): string {
  const prefix = given.toLowerCase();
  if (prefix.length >= SHORTEST && /^[0-9a-f]{1,64}$/.test(prefix)) return prefix;
  throw new AssentError(
    'request_id_malformed',
    `${given} is no request id; give at least ${SHORTEST} of its 64 hex digits (\`assent list\` tells them).`,
  );
}

async function found(db: Kysely<Database>, prefix: string): Promise<string> {
  const [id, ...others] = await requestsBeginning(db, prefix, NAMED + 1);
  if (id === undefined) {
    throw new AssentError('request_unknown', `No request begins with ${prefix}; \`assent list\` tells them.`);
  }
  if (others.length === 0) return id;
  const some = [id, ...others].slice(0, NAMED);
  const more = others.length >= NAMED ? ' and more' : '';
  throw new AssentError(
    'request_id_ambiguous',
    `Several requests begin with ${prefix}; give more of the id: ${some.map((one) => one.slice(0, prefix.length + 8)).join(', ')}${more}.`,
  );
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
