/**
 * COMMIT, and what became of it where its answer is lost: Postgres keeps the fate of each transaction by its number,
 * and tells it to any later session.
 */
import { setTimeout } from 'node:timers/promises';
import { z } from 'zod';
import { AssentError } from '../../approval/error.ts';
import { answer } from './answer.ts';
import { type Session, type Target, withSession } from './connection.ts';

/** Long enough for a server that restarts. */
const ASK_SECONDS = 20;
const ASK_EVERY_MS = 500;

const shape = z.object({ transaction: z.string(), timeline: z.string() });

/** A transaction's number, and the timeline on which it is this transaction's: after a failover it may be another's. */
export type Mark = z.infer<typeof shape>;

const TIMELINE = 'pg_catalog.left(pg_catalog.pg_walfile_name(pg_catalog.pg_current_wal_lsn()), 8)';

export async function markOf(session: Session): Promise<Mark> {
  const text = `SELECT pg_catalog.json_build_object(
    'transaction', pg_catalog.pg_current_xact_id()::text, 'timeline', ${TIMELINE})`;
  return answer(session, { text }, shape);
}

/** @throws AssentError `outcome_unknown`; and why it failed, where it did: then nothing of it holds */
export async function commit(session: Session, target: Target, mark: Mark): Promise<void> {
  try {
    const { command } = await session.query({ text: 'COMMIT' });
    if (command === 'COMMIT') return;
    // Postgres's answer where the transaction had failed before.
    throw new AssentError('sql_failed', `The database ${target.database} rolled the statement back.`);
  } catch (error) {
    const fate = await fateOf(target, mark);
    if (fate === 'committed') return;
    if (fate === 'aborted') throw error;
    throw new AssentError(
      'outcome_unknown',
      `The answer to COMMIT was lost, and ${target.database} does not tell what became of it; ask it: SELECT pg_xact_status('${mark.transaction}').`,
      { cause: error, evidence: mark },
    );
  }
}

const fates = z.object({ timeline: z.string(), status: z.string().nullable() });

async function fateOf(target: Target, mark: Mark): Promise<'committed' | 'aborted' | 'unknown'> {
  const text = `SELECT pg_catalog.json_build_object(
    'timeline', ${TIMELINE}, 'status', pg_catalog.pg_xact_status($1::xid8))`;
  const ends = performance.now() + ASK_SECONDS * 1000;
  for (;;) {
    const told = await asked(target, { text, values: [mark.transaction] });
    if (told !== null && told.timeline !== mark.timeline) return 'unknown';
    if (told?.status === 'committed' || told?.status === 'aborted') return told.status;
    if (performance.now() > ends) return 'unknown';
    await setTimeout(ASK_EVERY_MS);
  }
}

async function asked(target: Target, query: { text: string; values: string[] }) {
  try {
    return await withSession(target, ASK_SECONDS, AbortSignal.timeout(ASK_SECONDS * 1000), async (session) =>
      answer(session, query, fates),
    );
  } catch (error) {
    // Not to be reached, or still starting: asked again until the time is over.
    if (error instanceof AssentError) return null;
    throw error;
  }
}
