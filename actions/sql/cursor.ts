/** A cursor over a judged statement, opened only if what Postgres resolved the names to is what was judged. */
import { checkCatalogue } from './catalogue.ts';
import type { Judgement } from './judge.ts';
import type { Rows, Session, Value } from './session.ts';

export interface Statement {
  readonly text: string;
  readonly values: readonly Value[];
  readonly judgement: Judgement;
}

export interface Cursor {
  /** The next rows, at most `count`; none at the end. 0 tells the columns and reads nothing. */
  fetch(count: number): Promise<Rows>;
}

/**
 * Opens the cursor and reads nothing yet.
 *
 * The catalogue is looked at before, so that no view is ever planned, and again once the open cursor holds its
 * locks: from then on nobody can put a view where the table was.
 *
 * @throws AssentError as `checkCatalogue` and `Session.query` do
 */
export async function openCursor(session: Session, name: string, statement: Statement): Promise<Cursor> {
  const { text, values, judgement } = statement;
  await checkCatalogue(session, judgement);
  await session.query({ before: `DECLARE ${name} NO SCROLL CURSOR FOR\n`, text, values });
  await checkCatalogue(session, judgement);
  return {
    fetch: async (count) => session.query({ text: `FETCH ${count} FROM ${name}` }),
  };
}
