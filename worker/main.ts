/** Starts the worker, an executor, or the migration of the book: `node worker/main.ts worker | executor | migrate`. */
import { runPart } from '../activities/process/run-part.ts';

process.exit(
  await runPart(
    {
      worker: () => import('./start-worker.ts'),
      executor: () => import('./start-executor.ts'),
      migrate: () => import('./start-migration.ts'),
    },
    process.argv[2] ?? '',
  ),
);
