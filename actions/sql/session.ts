/** One transaction on a target, with every setting pinned that could change what a statement means. */
import { commit, markOf } from './commit.ts';
import { cancelled, pin, type Session, type Target, withSession } from './connection.ts';

export type { Cell, Query, Rows, Session, Target, Value } from './connection.ts';

/**
 * Runs `work` in a REPEATABLE READ READ ONLY transaction, which is always rolled back.
 *
 * @throws AssentError as `withSession` does
 */
export async function readOnly<Result>(
  target: Target,
  timeoutSeconds: number,
  signal: AbortSignal,
  work: (session: Session) => Promise<Result>,
): Promise<Result> {
  return withSession(target, timeoutSeconds, signal, async (session) => {
    await begin(session, 'REPEATABLE READ READ ONLY', timeoutSeconds);
    return work(session);
  });
}

/**
 * Runs `work` in a READ COMMITTED READ WRITE transaction, and commits it where `work` returns. Whoever cancels does
 * so before the COMMIT or not at all.
 *
 * @throws AssentError `outcome_unknown` where the answer to COMMIT is lost and the server cannot be asked what became
 *   of it; and as `withSession` does: then nothing of it holds
 */
export async function readWrite<Result>(
  target: Target,
  timeoutSeconds: number,
  signal: AbortSignal,
  work: (session: Session) => Promise<Result>,
): Promise<Result> {
  const cancelling = new AbortController();
  const cancel = () => cancelling.abort();
  if (signal.aborted) cancel();
  signal.addEventListener('abort', cancel, { once: true });
  try {
    return await withSession(target, timeoutSeconds, cancelling.signal, async (session) => {
      await begin(session, 'READ COMMITTED READ WRITE', timeoutSeconds);
      const result = await work(session);
      const mark = await markOf(session);
      signal.removeEventListener('abort', cancel);
      if (signal.aborted) throw cancelled(target);
      await commit(session, target, mark);
      return result;
    });
  } finally {
    signal.removeEventListener('abort', cancel);
  }
}

async function begin(session: Session, mode: string, timeoutSeconds: number): Promise<void> {
  await session.query({ text: `BEGIN TRANSACTION ISOLATION LEVEL ${mode}` });
  await pin(session, timeoutSeconds);
}
