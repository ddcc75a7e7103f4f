/** The execution of an approved statement: one transaction, committed only if it changed no more than was approved. */
import { z } from 'zod';
import { AssentError } from '../../approval/error.ts';
import type { JsonObject } from '../../approval/types.ts';
import { differences } from '../differences.ts';
import { answer } from './answer.ts';
import { boundOf, rowsInWords } from './bound.ts';
import type { ExecuteFacts } from './execute-facts.ts';
import type { WriteStatement } from './execute-preview.ts';
import { checkHeld } from './held.ts';
import type { WriteJudgement } from './judge-write.ts';
import { checkServer } from './role.ts';
import { readWrite, type Session, type Target } from './session.ts';
import { lookAtWritten, type Surroundings } from './written.ts';

export interface Execution {
  readonly target: Target;
  readonly statement: WriteStatement;
  /** What was approved; null where policy asked for no preview. */
  readonly approved: ExecuteFacts | null;
  /** How many percent more rows than approved may change. */
  readonly slack: number;
  /** For one statement. */
  readonly seconds: number;
  readonly signal: AbortSignal;
  heartbeat(): void;
}

/**
 * @throws AssentError `bound_exceeded`, `bound_missing`, `target_changed`; `outcome_unknown` where nobody can tell
 *   whether it was committed; and as `readWrite`, `checkServer`, `lookAtWritten` and `checkHeld` do
 */
export async function runExecution(job: Execution): Promise<JsonObject> {
  const { target, statement, seconds, signal } = job;
  const { judgement } = statement;
  const bound = boundOfJob(job);
  const rows = await readWrite(target, seconds, signal, async (session) => {
    await checkServer(session, target, 'write');
    await hold(session, statement);
    const surroundings = await lookAtWritten(session, judgement);
    refuseChange(job, surroundings);
    job.heartbeat();
    const { count } = await session.query({ text: statement.text, values: statement.values });
    // What is put off to the end, checks and triggers, has its effects now, and is judged with the rest.
    await session.query({ text: 'SET CONSTRAINTS ALL IMMEDIATE' });
    await checkHeld(session, judgement, judgement.table);
    const changed = surroundings.code.length === 0 ? count : await changedAtAll(session, judgement, count);
    refuseExcess(changed, bound);
    return changed;
  });
  return { database: target.database, kind: judgement.kind, table: judgement.table, rows };
}

/** Without a preview, only a statement that says itself how many rows it changes has a bound. */
function boundOfJob({ approved, slack, statement }: Execution): number {
  if (approved !== null) return boundOf(approved.rows, slack);
  const { affected } = statement.judgement;
  if (typeof affected === 'number') return affected;
  throw new AssentError(
    'bound_missing',
    'Nobody has approved how many rows this may change; let the rule require an approval, or read the preview.',
  );
}

/**
 * Plans the statement and does not run it: that checks the role's rights, and takes the locks under which nobody can
 * put a trigger, a rule or another table in its way until it ends.
 */
async function hold(session: Session, { text, values, judgement }: WriteStatement): Promise<void> {
  await session.query({ before: 'EXPLAIN (COSTS OFF)\n', text, values });
  await checkHeld(session, judgement, judgement.table);
}

function refuseChange({ approved }: Execution, now: Surroundings): void {
  const expected: Surroundings =
    approved === null
      ? { code: [], row_security: now.row_security }
      : { code: approved.code, row_security: approved.row_security };
  const changes = differences({ ...expected }, { ...now });
  if (changes.length === 0) return;
  throw new AssentError(
    'target_changed',
    `The table is not as it was approved; ask again, so that a new preview shows it. ${changes.join('; ')}.`,
  );
}

const changes = z.object({ counted: z.boolean(), rows: z.int() });

/** Rows that this transaction changed, a trigger's own changes among them. */
const CHANGED = `
WITH RECURSIVE family AS (
  SELECT c.oid FROM pg_catalog.pg_class c WHERE c.relname = $1 AND c.relnamespace = 'public'::regnamespace
  UNION SELECT i.inhrelid FROM pg_catalog.pg_inherits i JOIN family f ON i.inhparent = f.oid
)
SELECT pg_catalog.json_build_object('counted', pg_catalog.current_setting('track_counts') = 'on', 'rows',
  pg_catalog.sum(pg_catalog.pg_stat_get_xact_tuples_inserted(oid) + pg_catalog.pg_stat_get_xact_tuples_updated(oid)
    + pg_catalog.pg_stat_get_xact_tuples_deleted(oid)))
FROM family`;

async function changedAtAll(session: Session, { table }: WriteJudgement, count: number): Promise<number> {
  const { counted, rows } = await answer(session, { text: CHANGED, values: [table] }, changes);
  if (counted) return Math.max(rows, count);
  throw new AssentError(
    'server_unsupported',
    `Triggers of ${table} may change rows, and this server does not count them; set track_counts = on.`,
  );
}

function refuseExcess(rows: number, bound: number): void {
  if (rows <= bound) return;
  throw new AssentError(
    'bound_exceeded',
    `It would have changed ${rowsInWords(rows)}, and at most ${rowsInWords(bound)} were approved; all of it was rolled back. Ask again, so that a new preview counts them.`,
  );
}
