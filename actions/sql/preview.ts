/** The preview of an export: how many rows, which columns, which of them personal; no value, and no effect. */
import { type Counting, counted } from './count.ts';
import { openCursor, type Statement } from './cursor.ts';
import type { ExportFacts } from './facts.ts';
import { checkServer } from './role.ts';
import type { Session, Target } from './session.ts';

export interface Preview {
  readonly target: Target;
  readonly statement: Statement;
  readonly personalData: readonly string[];
  readonly signal: AbortSignal;
}

/** @throws AssentError as `counted`, `checkServer` and `openCursor` do */
export async function previewExport({
  target,
  statement,
  personalData,
  signal,
}: Preview): Promise<ExportFacts> {
  return counted(target, signal, async (session: Session, counting: Counting) => {
    const server = await checkServer(session, target, 'read');
    const cursor = await openCursor(session, 'assent_columns', statement);
    const { columns } = await cursor.fetch(0);
    const { tables, columns: read } = statement.judgement;
    return {
      ...(await counting(session, statement)),
      columns: [...columns],
      personal_data: personalAmong(personalData, read),
      tables: [...tables],
      server,
    };
  });
}

/** A star reads every personal column of its table. */
export function personalAmong(personalData: readonly string[], read: readonly string[]): string[] {
  return personalData
    .filter((column) => read.includes(column) || read.includes(`${column.split('.')[0]}.*`))
    .sort();
}
