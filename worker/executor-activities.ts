/** An executor's activities, and its own work on what has an end, with what they stand on. */
import { setTimeout } from 'node:timers/promises';
import { type Logger, pino } from 'pino';
import type { Implementations } from '../actions/registry.ts';
import { createExecute } from '../activities/execute.ts';
import { createRevoke, endDueLeases } from '../activities/leases.ts';
import { createPreview } from '../activities/preview.ts';
import { createRate } from '../activities/rate.ts';
import type { ExecutorActivities } from '../activities/types.ts';
import type { SigningKey } from '../approval/keys.ts';
import type { HouseJudge } from '../audit/judge.ts';
import { createBook } from '../book/book.ts';
import { openDatabase } from '../book/database.ts';
import { writeLease } from '../book/leases.ts';

export interface ExecutorParts {
  judge(): HouseJudge;
  readonly implementations: Implementations;
  readonly key: SigningKey;
  readonly databaseUrl: string;
  readonly log?: Logger;
}

export interface ExecutorAtWork {
  readonly activities: ExecutorActivities;
  close(): Promise<void>;
}

/** A preview is a query: one agent gets so many. */
const PREVIEWS = { calls: 60, windowMs: 60_000 } as const;
/** How often it looks for what has to end. */
const LEASES_MS = 1000;
/** An end holds its lock for so long at most while it waits for the target. */
const END_LOCK_MS = 120_000;

export function createExecutorActivities({
  judge,
  implementations,
  key,
  databaseUrl,
  log = pino(),
}: ExecutorParts): ExecutorAtWork {
  const db = openDatabase(databaseUrl);
  const lockDb = openDatabase(databaseUrl, { max: 2, idleInTransactionMs: END_LOCK_MS });
  const deps = { judge, implementations, book: createBook(db), key, log, now: () => Date.now() };
  const leases = { ...deps, db, lockBook: createBook(lockDb) };
  const closing = new AbortController();
  const ending = endLeases(closing.signal, () => endDueLeases(leases, closing.signal), log);
  return {
    activities: {
      preview: createPreview({ ...deps, rate: createRate(PREVIEWS) }),
      execute: createExecute({
        ...deps,
        lease: ({ digest, statement }, action, until) =>
          writeLease(db, {
            request_id: statement.request_id,
            start_digest: digest,
            action,
            ends_at: new Date(until),
          }),
      }),
      revoke: createRevoke(leases),
    },
    close: async () => {
      closing.abort();
      await ending;
      await Promise.all([db.destroy(), lockDb.destroy()]);
    },
  };
}

/** As long as the executor runs: its own word that nothing outlives its end, whatever becomes of any workflow. */
async function endLeases(closing: AbortSignal, end: () => Promise<void>, log: Logger): Promise<void> {
  while (!closing.aborted) {
    try {
      await end();
    } catch (error) {
      log.error({ err: error }, 'what has to end could not be looked up');
    }
    await setTimeout(LEASES_MS, undefined, { signal: closing }).catch(() => undefined);
  }
}
