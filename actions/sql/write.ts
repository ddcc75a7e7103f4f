/** The walk over INSERT, UPDATE and DELETE: what one of them changes, and which rows those are. */
import type {
  DeleteStmt,
  InsertStmt,
  Node,
  OnConflictClause,
  RangeVar,
  SelectStmt,
  UpdateStmt,
  WithClause,
} from 'libpg-query';
import { type Affected, queryOf, rowsWhere } from './affected.ts';
import { walkExpression, walkExpressions } from './expression.ts';
import { judgeTable, walkFrom, walkSelect, walkWith } from './query.ts';
import { addRelation, plainName, SYSTEM_COLUMNS } from './scope.ts';
import { kindOf, only, type Relation, type Scope, unsupported, type Walk } from './walk.ts';

export type Effect = 'delete' | 'insert' | 'update';

export interface Write {
  readonly kind: Effect | 'merge';
  /** The one that is written. */
  readonly table: string;
  /** Written, as `customers.email`; a deletion writes `customers.*`. */
  readonly columns: readonly string[];
  /** Names of those that a row which is already there may get a new value in. */
  readonly updated: readonly string[];
  readonly effects: readonly Effect[];
  /** Whether an UPDATE or a DELETE has a WHERE, whatever it says. */
  readonly where: boolean;
  readonly affected: Affected;
}

export interface Aim {
  readonly relation: Relation & { readonly table: string };
  /** As it may stand in FROM: with its schema, so that no query of WITH can take its place. */
  readonly item: Node;
}

const EMPTY: Scope = { relations: [], ctes: new Map() };

export function walkDelete(walk: Walk, statement: DeleteStmt): Write {
  const { relation, usingClause = [], whereClause, withClause, returningClause } = statement;
  refuseReturning(walk, returningClause);
  only(walk, statement, 'DeleteStmt', ['relation', 'usingClause', 'whereClause', 'withClause']);
  const around = walkAround(walk, withClause);
  const aim = walkAim(walk, relation, around);
  const scope = addRelation(walk, walkItems(walk, usingClause, around), aim.relation, undefined);
  if (whereClause !== undefined) walkExpression(walk, whereClause, scope);
  return {
    kind: 'delete',
    table: aim.relation.table,
    columns: [`${aim.relation.table}.*`],
    updated: [],
    effects: ['delete'],
    where: whereClause !== undefined,
    affected: { queries: [rowsWhere(aim.item, usingClause, whereClause)], around: withClause },
  };
}

export function walkUpdate(walk: Walk, statement: UpdateStmt): Write {
  const { relation, targetList, fromClause = [], whereClause, withClause, returningClause } = statement;
  refuseReturning(walk, returningClause);
  only(walk, statement, 'UpdateStmt', ['relation', 'targetList', 'fromClause', 'whereClause', 'withClause']);
  const around = walkAround(walk, withClause);
  const aim = walkAim(walk, relation, around);
  const scope = addRelation(walk, walkItems(walk, fromClause, around), aim.relation, undefined);
  const updated = walkAssignments(walk, targetList, scope);
  if (whereClause !== undefined) walkExpression(walk, whereClause, scope);
  const { table } = aim.relation;
  return {
    kind: 'update',
    table,
    columns: updated.map((name) => `${table}.${name}`),
    updated,
    effects: ['update'],
    where: whereClause !== undefined,
    affected: { queries: [rowsWhere(aim.item, fromClause, whereClause)], around: withClause },
  };
}

export function walkInsert(walk: Walk, statement: InsertStmt): Write {
  const { relation, cols, selectStmt, onConflictClause, withClause, returningClause, override } = statement;
  refuseReturning(walk, returningClause);
  only(walk, statement, 'InsertStmt', [
    'relation',
    'cols',
    'selectStmt',
    'onConflictClause',
    'withClause',
    'override',
  ]);
  refuseOverride(walk, override);
  const around = walkAround(walk, withClause);
  const aim = walkAim(walk, relation, around);
  const inserted = walkColumns(walk, cols, selectStmt !== undefined);
  const affected = walkInserted(walk, selectStmt, withClause, around);
  const updated = onConflictClause === undefined ? [] : walkConflict(walk, onConflictClause, aim, around);
  const { table } = aim.relation;
  return {
    kind: 'insert',
    table,
    columns: [...inserted, ...updated].map((name) => `${table}.${name}`),
    updated,
    effects: onConflictClause?.action === 'ONCONFLICT_UPDATE' ? ['insert', 'update'] : ['insert'],
    where: false,
    affected,
  };
}

export function refuseReturning(walk: Walk, clause: object | undefined): void {
  if (clause === undefined) return;
  throw walk.refusal(
    'sql_returning',
    'RETURNING would give values to nobody; leave it out, the number of rows is returned',
    undefined,
  );
}

export function refuseOverride(walk: Walk, override: string | undefined): void {
  if ((override ?? 'OVERRIDING_NOT_SET') === 'OVERRIDING_NOT_SET') return;
  throw unsupported(walk, override ?? '', undefined);
}

export function walkAround(walk: Walk, clause: WithClause | undefined): Scope {
  return clause === undefined ? EMPTY : walkWith(walk, clause, EMPTY);
}

/** The table that is written: never a query of WITH, though one may bear its name. */
export function walkAim(walk: Walk, relation: RangeVar | undefined, around: Scope): Aim {
  if (relation === undefined) throw unsupported(walk, 'a statement without a table', undefined);
  if (relation.schemaname === undefined && around.ctes.has(relation.relname ?? '')) {
    throw walk.refusal('sql_relation_unknown', 'a query of WITH cannot be written to', relation.location);
  }
  return {
    relation: judgeTable(walk, relation),
    item: { RangeVar: { ...relation, schemaname: 'public' } },
  };
}

/** What USING, or an UPDATE's FROM, brings into sight; its joins do not see the table that is written. */
export function walkItems(walk: Walk, items: readonly Node[], around: Scope): Scope {
  const conditions: Node[] = [];
  const scope = items.reduce((inner, item) => walkFrom(walk, item, inner, around, conditions), around);
  walkExpressions(walk, conditions, scope);
  return scope;
}

/** The names that SET assigns to. */
export function walkAssignments(
  walk: Walk,
  targets: readonly Node[] | undefined,
  scope: Scope,
): readonly string[] {
  return (targets ?? []).map((node) => {
    if (!('ResTarget' in node)) throw unsupported(walk, kindOf(node), undefined);
    const { name, val, location } = node.ResTarget;
    only(walk, node.ResTarget, 'ResTarget', ['name', 'val']);
    walkValue(walk, val, scope);
    return writtenName(walk, name, location);
  });
}

/** The names that INSERT lists. Without a list, the catalogue alone would know what is written. */
export function walkColumns(
  walk: Walk,
  columns: readonly Node[] | undefined,
  given: boolean,
): readonly string[] {
  if (columns === undefined && given) {
    throw walk.refusal('sql_columns', 'name the columns after the table: INSERT INTO t (a, b)', undefined);
  }
  return (columns ?? []).map((node) => {
    if (!('ResTarget' in node)) throw unsupported(walk, kindOf(node), undefined);
    const { name, location } = node.ResTarget;
    only(walk, node.ResTarget, 'ResTarget', ['name']);
    return writtenName(walk, name, location);
  });
}

/** DEFAULT, or an expression. */
export function walkValue(walk: Walk, value: Node | undefined, scope: Scope): void {
  if (value !== undefined && 'SetToDefault' in value) only(walk, value.SetToDefault, 'SetToDefault', []);
  else walkExpression(walk, value, scope);
}

function writtenName(walk: Walk, name: string | undefined, location: number | undefined): string {
  const column = plainName(walk, name, location);
  if (!SYSTEM_COLUMNS.has(column)) return column;
  throw walk.refusal('sql_system_column', `"${column}" is a system column`, location);
}

function walkInserted(
  walk: Walk,
  source: Node | undefined,
  clause: WithClause | undefined,
  around: Scope,
): Affected {
  if (source === undefined) return 1;
  if (!('SelectStmt' in source)) throw unsupported(walk, kindOf(source), undefined);
  const select: SelectStmt = source.SelectStmt;
  if (select.valuesLists === undefined) {
    walkSelect(walk, select, around, true);
    if (clause !== undefined && select.withClause !== undefined) {
      throw walk.refusal('sql_with_twice', 'write all of its queries in one WITH', undefined);
    }
    return { queries: [queryOf(select)], around: clause ?? select.withClause };
  }
  only(walk, select, 'SelectStmt', ['valuesLists', 'limitOption', 'op']);
  for (const row of select.valuesLists) {
    if (!('List' in row)) throw unsupported(walk, kindOf(row), undefined);
    for (const value of row.List.items ?? []) walkValue(walk, value, around);
  }
  return select.valuesLists.length;
}

/** ON CONFLICT; the names that it updates. */
function walkConflict(
  walk: Walk,
  clause: OnConflictClause,
  { relation }: Aim,
  around: Scope,
): readonly string[] {
  const { infer, targetList, whereClause, location } = clause;
  only(walk, clause, 'OnConflictClause', ['action', 'infer', 'targetList', 'whereClause']);
  const own: Scope = { ...around, relations: [relation] };
  if (infer !== undefined) {
    if (infer.conname !== undefined) {
      throw walk.refusal('sql_columns', "name the conflict's columns, not its constraint", location);
    }
    only(walk, infer, 'InferClause', ['indexElems', 'whereClause']);
    for (const element of infer.indexElems ?? []) {
      if (!('IndexElem' in element)) throw unsupported(walk, kindOf(element), location);
      const { IndexElem: index } = element;
      only(walk, index, 'IndexElem', ['name', 'ordering', 'nulls_ordering']);
      walk.found.columns.add(`${relation.table}.${writtenName(walk, index.name, location)}`);
    }
    if (infer.whereClause !== undefined) walkExpression(walk, infer.whereClause, own);
  }
  // Postgres, too, takes a proposed value for one that is read: it asks for SELECT on the column.
  const both = addRelation(walk, own, { alias: 'excluded', table: relation.table }, location);
  const updated = walkAssignments(walk, targetList, both);
  if (whereClause !== undefined) walkExpression(walk, whereClause, both);
  return updated;
}
