/** The preview of an export: how many rows, which columns, which of them personal; no value, and no effect. */
import { z } from 'zod';
import { AssentError } from '../../approval/error.ts';
import { answer } from './answer.ts';
import { openCursor, type Statement } from './cursor.ts';
import type { ExportFacts } from './facts.ts';
import { checkServer } from './role.ts';
import { readOnly, type Session, type Target } from './session.ts';

/** Counting longer than this is a load that nobody has approved. */
const COUNT_SECONDS = 10;

export interface Preview {
  readonly target: Target;
  readonly statement: Statement;
  readonly personalData: readonly string[];
  readonly signal: AbortSignal;
}

/** @throws AssentError as `readOnly`, `checkServer` and `openCursor` do */
export async function previewExport(preview: Preview): Promise<ExportFacts> {
  try {
    return await look(preview, count);
  } catch (error) {
    if (!(error instanceof AssentError) || error.code !== 'sql_timeout') throw error;
    return look(preview, estimate);
  }
}

type Counted = Pick<ExportFacts, 'rows' | 'estimate'>;

async function look(
  { target, statement, personalData, signal }: Preview,
  rowsOf: (session: Session, statement: Statement) => Promise<Counted>,
): Promise<ExportFacts> {
  return readOnly(target, COUNT_SECONDS, signal, async (session) => {
    const server = await checkServer(session, target);
    const cursor = await openCursor(session, 'assent_columns', statement);
    const { columns } = await cursor.fetch(0);
    const { tables, columns: read } = statement.judgement;
    return {
      ...(await rowsOf(session, statement)),
      columns: [...columns],
      personal_data: personalAmong(personalData, read),
      tables: [...tables],
      server,
    };
  });
}

async function count(session: Session, statement: Statement): Promise<Counted> {
  const text = `SELECT pg_catalog.count(*) FROM (\n${statement.text}\n) AS assent_counted`;
  const cursor = await openCursor(session, 'assent_count', { ...statement, text });
  const { rows } = await cursor.fetch(1);
  await cursor.confirm();
  return { rows: z.coerce.number().int().parse(rows[0]?.[0]), estimate: false };
}

const plans = z.tuple([z.object({ Plan: z.object({ 'Plan Rows': z.int() }) })]);

async function estimate(session: Session, { text, values }: Statement): Promise<Counted> {
  const [plan] = await answer(session, { before: 'EXPLAIN (FORMAT JSON)\n', text, values }, plans);
  return { rows: plan.Plan['Plan Rows'], estimate: true };
}

/** A star reads every personal column of its table. */
export function personalAmong(personalData: readonly string[], read: readonly string[]): string[] {
  return personalData
    .filter((column) => read.includes(column) || read.includes(`${column.split('.')[0]}.*`))
    .sort();
}
