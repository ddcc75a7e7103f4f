/** What every SQL action is asked with: a database, one statement, and the values that it binds. */
import { z } from 'zod';

/** Longer statements are not read by people. */
const MAX_STATEMENT = 10_000;
const MAX_PARAMETERS = 100;

export const statementFields = {
  /** The name of a database in the executor's configuration. */
  database: z
    .string()
    .regex(/^[a-z][a-z0-9_-]{0,62}$/, 'name a database that the executor is configured for'),
  /** One statement, without comments and semicolon; values as $1, $2 … */
  statement: z.string().min(1).max(MAX_STATEMENT),
  /** Values for $1, $2 …, always bound, never spliced. `[]` where there are none. */
  parameters: z
    .array(z.union([z.string().regex(/^[^\0]*$/, 'holds a NUL'), z.number(), z.boolean(), z.null()]))
    .max(MAX_PARAMETERS),
};

/** Names in a sentence. */
export function named(names: readonly string[]): string {
  return names.length === 0 ? 'none' : names.join(', ');
}
