/** A cursor over a judged statement, opened only if what Postgres resolved the names to is what was judged. */
import { checkCatalogue } from './catalogue.ts';
import { checkHeld } from './held.ts';
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
  /** Once all is read: that nothing but what was judged has been. @throws AssentError `table_refused` */
  confirm(): Promise<void>;
}

/**
 * Opens the cursor and reads nothing yet.
 *
 * The catalogue is looked at before, so that no view is ever planned. The open cursor holds its locks, so what it
 * is found to have resolved its names to then, it reads.
 *
 * @throws AssentError as `checkCatalogue`, `checkHeld` and `Session.query` do
 */
export async function openCursor(session: Session, name: string, statement: Statement): Promise<Cursor> {
  const { text, values, judgement } = statement;
  const confirm = async () => checkHeld(session, judgement, null);
  await checkCatalogue(session, judgement);
  await session.query({ before: `DECLARE ${name} NO SCROLL CURSOR FOR\n`, text, values });
  await confirm();
  return {
    fetch: async (count) => session.query({ text: `FETCH ${count} FROM ${name}` }),
    confirm,
  };
}
