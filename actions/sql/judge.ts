/** What a statement reads, from its text alone; or why it may not be exported. */
import type { JsonObject } from '../../approval/types.ts';
import { parseSelect } from './parse.ts';
import { walkSelect } from './query.ts';
import { createWalk, type Found, refused, type Scope, type Walk } from './walk.ts';

/** Sorted names; of tables of the schema public. */
export interface Judgement {
  readonly tables: readonly string[];
  /** Read anywhere in the statement, not only in its output: `customers.email`, `customers.*`. */
  readonly columns: readonly string[];
  readonly functions: readonly string[];
  readonly operators: readonly string[];
}

const NOTHING_AROUND: Scope = { relations: [], ctes: new Map() };

/**
 * @param parameters how many values are bound
 * @throws AssentError `sql_…`, with the place in the statement where there is one
 */
export function judgeStatement(text: string, parameters: number): Judgement {
  const select = parseSelect(text);
  const walk = newWalk(text);
  walkSelect(walk, select, NOTHING_AROUND, true);
  matchParameters(walk.found, parameters);
  const { tables, columns, functions, operators } = walk.found;
  return {
    tables: [...tables].sort(),
    columns: [...columns].sort(),
    functions: [...functions].sort(),
    operators: [...operators].sort(),
  };
}

/** A walk that has found nothing yet. */
export function newWalk(text: string): Walk {
  return createWalk(text, (inner) => (query, scope) => walkSelect(inner, query, scope, false));
}

export function resourceOf(judgement: Judgement, database: string, file: string): JsonObject {
  const { tables, columns, functions } = judgement;
  return { database, kind: 'select', tables, columns, functions, file };
}

/** A value that nothing reads would stand on the card for nothing. */
export function matchParameters(found: Found, given: number): void {
  const expected = Array.from({ length: given }, (_, index) => index + 1);
  const used = [...found.parameters].sort((one, other) => one - other);
  if (used.join() === expected.join()) return;
  const names = used.map((number) => `$${number}`).join(', ') || 'no parameter';
  throw refused(
    'sql_parameters',
    `it uses ${names}, and ${given} values are given; use each, from $1 on`,
    null,
  );
}
