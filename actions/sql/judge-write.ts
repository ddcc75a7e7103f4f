/** What a statement changes and reads, from its text alone; or why it may not be executed. */
import type { Node } from 'libpg-query';
import type { AssentError } from '../../approval/error.ts';
import type { JsonObject } from '../../approval/types.ts';
import { type RowsQuery, rowsQuery } from './affected.ts';
import { type Judgement, judgeStatement, matchParameters, newWalk } from './judge.ts';
import { walkMerge } from './merge.ts';
import { parseOne } from './parse.ts';
import { refused, unsupported, type Walk } from './walk.ts';
import { type Effect, type Write, walkDelete, walkInsert, walkUpdate } from './write.ts';

/** Sorted names. `tables` are all, read or written; `columns` are those that are read. */
export interface WriteJudgement extends Judgement {
  readonly kind: Write['kind'];
  readonly effects: readonly Effect[];
  /** The one that is written. */
  readonly table: string;
  readonly tablesRead: readonly string[];
  /** `customers.email`; a deletion writes `customers.*`. */
  readonly columnsWritten: readonly string[];
  /** Names of columns that a row which is already there may get a new value in. */
  readonly updated: readonly string[];
  readonly where: boolean;
  /** How many rows: as many as the text says, or as many as the query has. */
  readonly affected: number | (RowsQuery & { readonly judgement: Judgement });
  /** True where some of the rows may stay as they are: they may be in conflict with what is there. */
  readonly atMost: boolean;
}

const KINDS = ['InsertStmt', 'UpdateStmt', 'DeleteStmt', 'MergeStmt'];

/**
 * @param parameters how many values are bound
 * @throws AssentError `sql_…`, with the place in the statement where there is one
 */
export function judgeWrite(text: string, parameters: number): WriteJudgement {
  const statement = parseOne(text, refuseKind);
  const walk = newWalk(text);
  const write = walkWrite(walk, statement);
  matchParameters(walk.found, parameters);
  const { tables, columns, functions, operators } = walk.found;
  const tablesRead = new Set([...tables, ...[...columns].map((column) => column.split('.')[0] ?? '')]);
  return {
    kind: write.kind,
    effects: write.effects,
    table: write.table,
    tables: sorted([...tablesRead, write.table]),
    tablesRead: sorted(tablesRead),
    columns: sorted(columns),
    columnsWritten: sorted(write.columns),
    updated: sorted(write.updated),
    functions: sorted(functions),
    operators: sorted(operators),
    where: write.where,
    affected: affectedBy(write),
    atMost: 'InsertStmt' in statement && statement.InsertStmt.onConflictClause !== undefined,
  };
}

export function resourceOfWrite(judgement: WriteJudgement, database: string): JsonObject {
  const { kind, effects, table, tables, tablesRead, columns, columnsWritten, functions, where } = judgement;
  return {
    database,
    kind,
    effects,
    tables,
    tables_written: [table],
    tables_read: tablesRead,
    columns_written: columnsWritten,
    columns_read: columns,
    functions,
    where,
  };
}

function refuseKind(kind: string): AssentError | null {
  return KINDS.includes(kind)
    ? null
    : refused('sql_kind', `only INSERT, UPDATE, DELETE and MERGE are executed, not ${kind}`, null);
}

function walkWrite(walk: Walk, statement: Node): Write {
  if ('InsertStmt' in statement) return walkInsert(walk, statement.InsertStmt);
  if ('UpdateStmt' in statement) return walkUpdate(walk, statement.UpdateStmt);
  if ('DeleteStmt' in statement) return walkDelete(walk, statement.DeleteStmt);
  if ('MergeStmt' in statement) return walkMerge(walk, statement.MergeStmt);
  throw unsupported(walk, Object.keys(statement).join(), undefined);
}

/** The count is judged as any SELECT is: it can read nothing that an export could not. */
function affectedBy({ affected }: Write): WriteJudgement['affected'] {
  if (typeof affected === 'number') return affected;
  const query = rowsQuery(affected);
  if (query === null) return 0;
  return { ...query, judgement: judgeStatement(query.text, query.parameters.length) };
}

function sorted(names: Iterable<string>): readonly string[] {
  return [...new Set(names)].sort();
}
