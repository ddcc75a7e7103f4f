/** The preview of an execution: how many rows would change, and what code would run; the statement itself does not. */

import { valuesFor } from './affected.ts';
import { type Count, type Counting, counted } from './count.ts';
import type { ExecuteFacts } from './execute-facts.ts';
import type { WriteJudgement } from './judge-write.ts';
import { personalAmong } from './preview.ts';
import { checkServer } from './role.ts';
import type { Session, Target, Value } from './session.ts';
import { lookAtWritten } from './written.ts';

export interface WriteStatement {
  readonly text: string;
  readonly values: readonly Value[];
  readonly judgement: WriteJudgement;
}

export interface ExecutePreview {
  readonly target: Target;
  readonly statement: WriteStatement;
  readonly personalData: readonly string[];
  readonly signal: AbortSignal;
}

/** @throws AssentError as `counted`, `checkServer`, `lookAtWritten` and `openCursor` do */
export async function previewExecution({
  target,
  statement,
  personalData,
  signal,
}: ExecutePreview): Promise<ExecuteFacts> {
  const { judgement } = statement;
  return counted(target, signal, async (session, counting) => {
    const server = await checkServer(session, target, 'read');
    const surroundings = await lookAtWritten(session, judgement);
    const count = await countAffected(session, counting, statement);
    return {
      ...count,
      ...surroundings,
      at_most: judgement.atMost,
      effects: [...judgement.effects],
      personal_data: personalAmong(personalData, [...judgement.columns, ...judgement.columnsWritten]),
      tables: [...judgement.tables],
      server,
    };
  });
}

async function countAffected(
  session: Session,
  counting: Counting,
  { values, judgement: { affected } }: WriteStatement,
): Promise<Count> {
  if (typeof affected === 'number') return { rows: affected, estimate: false };
  return counting(session, {
    text: affected.text,
    values: valuesFor(affected, values),
    judgement: affected.judgement,
  });
}
