/** An executor's activities, with what they stand on. */
import { type Logger, pino } from 'pino';
import type { Implementations } from '../actions/registry.ts';
import { createExecute } from '../activities/execute.ts';
import type { HouseJudge } from '../activities/judge.ts';
import { createPreview } from '../activities/preview.ts';
import { createRate } from '../activities/rate.ts';
import type { ExecutorActivities } from '../activities/types.ts';
import type { SigningKey } from '../approval/keys.ts';
import { createBook } from '../book/book.ts';
import { openDatabase } from '../book/database.ts';

export interface ExecutorParts {
  readonly judge: HouseJudge;
  readonly implementations: Implementations;
  readonly key: SigningKey;
  readonly databaseUrl: string;
  readonly log?: Logger;
}

/** A preview is a query: one agent gets so many. */
const PREVIEWS = { calls: 60, windowMs: 60_000 } as const;

export function createExecutorActivities({
  judge,
  implementations,
  key,
  databaseUrl,
  log = pino(),
}: ExecutorParts): { readonly activities: ExecutorActivities; close(): Promise<void> } {
  const db = openDatabase(databaseUrl);
  const deps = { judge, implementations, book: createBook(db), key, log, now: () => Date.now() };
  return {
    activities: {
      preview: createPreview({ ...deps, rate: createRate(PREVIEWS) }),
      execute: createExecute(deps),
    },
    close: () => db.destroy(),
  };
}
