/** How many rows a SELECT has: counted, or estimated by the planner where counting takes too long. */
import { z } from 'zod';
import { AssentError } from '../../approval/error.ts';
import { answer } from './answer.ts';
import { openCursor, type Statement } from './cursor.ts';
import { checkHeld } from './held.ts';
import { readOnly, type Session, type Target } from './session.ts';

/** Counting longer than this is a load that nobody has approved. */
const COUNT_SECONDS = 10;

export interface Count {
  readonly rows: number;
  /** True where counting took too long and `rows` is the planner's guess. */
  readonly estimate: boolean;
}

export type Counting = (session: Session, statement: Statement) => Promise<Count>;

/**
 * Looks in a read-only transaction, with counting; and where that takes too long once more, with estimating.
 *
 * @throws AssentError as `readOnly` and `look` do
 */
export async function counted<Facts>(
  target: Target,
  signal: AbortSignal,
  look: (session: Session, counting: Counting) => Promise<Facts>,
): Promise<Facts> {
  const looking = async (counting: Counting) =>
    readOnly(target, COUNT_SECONDS, signal, async (session) => look(session, counting));
  try {
    return await looking(count);
  } catch (error) {
    if (!(error instanceof AssentError) || error.code !== 'sql_timeout') throw error;
    return looking(estimate);
  }
}

async function count(session: Session, statement: Statement): Promise<Count> {
  const text = `SELECT pg_catalog.count(*) FROM (\n${statement.text}\n) AS assent_counted`;
  const cursor = await openCursor(session, 'assent_count', { ...statement, text });
  const { rows } = await cursor.fetch(1);
  await cursor.confirm();
  return { rows: z.coerce.number().int().parse(rows[0]?.[0]), estimate: false };
}

const plans = z.tuple([z.object({ Plan: z.object({ 'Plan Rows': z.int() }) })]);

async function estimate(session: Session, { text, values, judgement }: Statement): Promise<Count> {
  const [plan] = await answer(session, { before: 'EXPLAIN (FORMAT JSON)\n', text, values }, plans);
  await checkHeld(session, judgement, null);
  return { rows: plan.Plan['Plan Rows'], estimate: true };
}
