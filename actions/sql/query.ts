/** The walk over a SELECT: WITH, FROM, the select list and its clauses; nothing else is let through. */
import type {
  CommonTableExpr,
  JoinExpr,
  Node,
  RangeSubselect,
  RangeVar,
  SelectStmt,
  WithClause,
} from 'libpg-query';
import { sortKey, walkExpression, walkExpressions, walkWindow } from './expression.ts';
import { addRelation, plainName, relationNamed } from './scope.ts';
import { kindOf, only, type Relation, type Scope, unsupported, type Walk } from './walk.ts';

/** Names of a query's output, null for those without a name of their own. */
export type Outputs = readonly (string | null)[];

/** `outermost`: a star may stand only there, since inside it would hide what a name outside means. */
export function walkSelect(walk: Walk, select: SelectStmt, outer: Scope, outermost: boolean): Outputs {
  return walk.deeper(() => {
    refuseForms(walk, select);
    const around = select.withClause === undefined ? outer : walkWith(walk, select.withClause, outer);
    const { larg, rarg } = select;
    if (larg !== undefined && rarg !== undefined) {
      const outputs = walkSelect(walk, larg, around, outermost);
      walkSelect(walk, rarg, around, outermost);
      walkCombined(walk, select, around);
      return outputs;
    }
    return walkPlain(walk, select, around, outermost);
  });
}

function refuseForms(walk: Walk, select: SelectStmt): void {
  if (select.intoClause !== undefined) {
    throw walk.refusal('sql_into', 'SELECT INTO makes a table', undefined);
  }
  if (select.lockingClause !== undefined) {
    throw walk.refusal('sql_locking', 'FOR UPDATE and FOR SHARE lock rows; leave them out', undefined);
  }
  if (select.valuesLists !== undefined) {
    throw walk.refusal('sql_values', 'VALUES reads no table; bind values as parameters', undefined);
  }
  only(walk, select, 'SelectStmt', [
    'distinctClause',
    'targetList',
    'fromClause',
    'whereClause',
    'groupClause',
    'groupDistinct',
    'havingClause',
    'windowClause',
    'sortClause',
    'limitOffset',
    'limitCount',
    'limitOption',
    'withClause',
    'op',
    'all',
    'larg',
    'rarg',
  ]);
}

function walkPlain(walk: Walk, select: SelectStmt, around: Scope, outermost: boolean): Outputs {
  const conditions: Node[] = [];
  const scope = (select.fromClause ?? []).reduce(
    (inner, item) => walkFrom(walk, item, inner, around, conditions),
    around,
  );
  walkExpressions(walk, conditions, scope);
  const outputs = (select.targetList ?? []).map((target) =>
    walkTarget(walk, target, scope, around, outermost),
  );
  // Plain DISTINCT is a list of one empty node.
  walkExpressions(
    walk,
    select.distinctClause?.filter((node) => Object.keys(node).length > 0),
    scope,
  );
  if (select.whereClause !== undefined) walkExpression(walk, select.whereClause, scope);
  walkExpressions(walk, select.groupClause, scope);
  if (select.havingClause !== undefined) walkExpression(walk, select.havingClause, scope);
  for (const window of select.windowClause ?? []) {
    if (!('WindowDef' in window)) throw unsupported(walk, kindOf(window), undefined);
    walkWindow(walk, window.WindowDef, scope);
  }
  for (const sort of select.sortClause ?? []) {
    const key = sortKey(walk, sort);
    const bare = bareName(key);
    // In ORDER BY a bare name means the output first.
    if (bare === null || !outputs.includes(bare)) walkExpression(walk, key, scope);
  }
  walkLimits(walk, select, scope);
  return outputs;
}

/** ORDER BY over UNION, INTERSECT and EXCEPT knows nothing but the output. */
function walkCombined(walk: Walk, select: SelectStmt, around: Scope): void {
  for (const sort of select.sortClause ?? []) {
    const key = sortKey(walk, sort);
    if (bareName(key) === null && !('A_Const' in key)) throw unsupported(walk, kindOf(key), undefined);
  }
  walkLimits(walk, select, around);
}

function walkLimits(walk: Walk, select: SelectStmt, scope: Scope): void {
  if (select.limitCount !== undefined) walkExpression(walk, select.limitCount, scope);
  if (select.limitOffset !== undefined) walkExpression(walk, select.limitOffset, scope);
}

function walkTarget(walk: Walk, node: Node, scope: Scope, around: Scope, outermost: boolean): string | null {
  if (!('ResTarget' in node)) throw unsupported(walk, kindOf(node), undefined);
  const { name, val, location } = node.ResTarget;
  only(walk, node.ResTarget, 'ResTarget', ['name', 'val']);
  const fields = val !== undefined && 'ColumnRef' in val ? (val.ColumnRef.fields ?? []) : [];
  const last = fields.at(-1);
  if (last !== undefined && 'A_Star' in last) {
    if (!outermost)
      throw walk.refusal('sql_star', '* may stand only in the outermost query; name columns', location);
    walkStar(walk, fields, scope, around, location);
    return null;
  }
  walkExpression(walk, val, scope);
  return name ?? (last !== undefined && 'String' in last ? (last.String.sval ?? null) : null);
}

function walkStar(
  walk: Walk,
  fields: readonly Node[],
  scope: Scope,
  around: Scope,
  location: number | undefined,
): void {
  const [qualifier] = fields;
  if (fields.length > 2) throw walk.refusal('sql_name', 'write alias.*', location);
  const named = fields.length === 2 && qualifier !== undefined && 'String' in qualifier;
  const relations = named
    ? [relationNamed(walk, scope, plainName(walk, qualifier.String.sval, location), location)]
    : scope.relations.slice(around.relations.length);
  for (const relation of relations) if ('table' in relation) walk.found.columns.add(`${relation.table}.*`);
}

/** Adds what one item of FROM brings; join conditions are kept for when all of FROM is known. */
export function walkFrom(walk: Walk, item: Node, inner: Scope, around: Scope, conditions: Node[]): Scope {
  if ('RangeVar' in item) return walkTable(walk, item.RangeVar, inner);
  if ('RangeSubselect' in item) return walkDerived(walk, item.RangeSubselect, inner, around);
  if (!('JoinExpr' in item)) {
    const code = kindOf(item) === 'RangeFunction' ? 'sql_from_function' : 'sql_unsupported';
    throw walk.refusal(code, `FROM may hold tables and queries, not ${kindOf(item)}`, undefined);
  }
  const join: JoinExpr = item.JoinExpr;
  if (join.isNatural === true || join.usingClause !== undefined) {
    throw walk.refusal(
      'sql_join_columns',
      'NATURAL and USING leave columns unnamed; write ON a.x = b.x',
      undefined,
    );
  }
  only(walk, join, 'JoinExpr', ['jointype', 'larg', 'rarg', 'quals']);
  if (join.larg === undefined || join.rarg === undefined) throw unsupported(walk, 'half a join', undefined);
  return walk.deeper(() => {
    const sides = [join.larg, join.rarg].filter((side) => side !== undefined);
    if (join.quals !== undefined) conditions.push(join.quals);
    return sides.reduce((scope, side) => walkFrom(walk, side, scope, around, conditions), inner);
  });
}

function walkTable(walk: Walk, table: RangeVar, inner: Scope): Scope {
  const { schemaname, relname, alias, location } = table;
  const outputs = schemaname === undefined ? inner.ctes.get(relname ?? '') : undefined;
  if (outputs !== undefined) {
    refuseColumnAliases(walk, alias?.colnames, location);
    const known = plainName(walk, alias?.aliasname ?? relname, location);
    return addRelation(walk, inner, { alias: known, outputs }, location);
  }
  const relation = judgeTable(walk, table);
  walk.found.tables.add(relation.table);
  return addRelation(walk, inner, relation, location);
}

/** A table of the schema public, by its name and its alias; not yet counted as read. */
export function judgeTable(walk: Walk, table: RangeVar): Relation & { readonly table: string } {
  const { schemaname, relname, alias, location } = table;
  refuseColumnAliases(walk, alias?.colnames, location);
  const name = plainName(walk, relname, location);
  only(walk, table, 'RangeVar', ['schemaname', 'relname', 'inh', 'relpersistence', 'alias']);
  // Unqualified, Postgres's own catalogue comes first, and all of it is named so.
  if ((schemaname ?? 'public') !== 'public' || name.startsWith('pg_')) {
    throw walk.refusal('sql_schema', 'only tables of the schema public may be used', location);
  }
  return { alias: plainName(walk, alias?.aliasname ?? name, location), table: name };
}

function walkDerived(walk: Walk, derived: RangeSubselect, inner: Scope, around: Scope): Scope {
  const { subquery, alias } = derived;
  if (derived.lateral === true) {
    throw walk.refusal('sql_lateral', 'LATERAL may not be used; write a join or a window', undefined);
  }
  refuseColumnAliases(walk, alias?.colnames, undefined);
  only(walk, derived, 'RangeSubselect', ['subquery', 'alias']);
  if (subquery === undefined || !('SelectStmt' in subquery))
    throw unsupported(walk, kindOf(subquery), undefined);
  if (alias === undefined) {
    throw walk.refusal('sql_name', 'give the query in FROM an alias', undefined);
  }
  // Without LATERAL it sees what is around, not its neighbours.
  const outputs = walkSelect(walk, subquery.SelectStmt, around, false);
  return addRelation(walk, inner, { alias: plainName(walk, alias.aliasname, undefined), outputs }, undefined);
}

export function walkWith(walk: Walk, clause: WithClause, outer: Scope): Scope {
  if (clause.recursive === true) {
    throw walk.refusal('sql_recursive', 'WITH RECURSIVE has no bound', clause.location);
  }
  only(walk, clause, 'WithClause', ['ctes']);
  // Each sees those before it, and not itself.
  const ctes = new Map(outer.ctes);
  for (const node of clause.ctes ?? []) {
    if (!('CommonTableExpr' in node)) throw unsupported(walk, kindOf(node), clause.location);
    const cte: CommonTableExpr = node.CommonTableExpr;
    refuseColumnAliases(walk, cte.aliascolnames, cte.location);
    only(walk, cte, 'CommonTableExpr', ['ctename', 'ctematerialized', 'ctequery']);
    const { ctequery } = cte;
    if (ctequery === undefined || !('SelectStmt' in ctequery)) {
      throw walk.refusal(
        'sql_writes',
        `WITH may hold nothing but SELECT, not ${kindOf(ctequery)}`,
        cte.location,
      );
    }
    const outputs = walkSelect(walk, ctequery.SelectStmt, { ...outer, ctes: new Map(ctes) }, false);
    ctes.set(plainName(walk, cte.ctename, cte.location), outputs);
  }
  return { ...outer, ctes };
}

function refuseColumnAliases(
  walk: Walk,
  names: readonly Node[] | undefined,
  location: number | undefined,
): void {
  if (names === undefined) return;
  throw walk.refusal(
    'sql_alias_columns',
    'an alias may not rename columns; use AS in the select list',
    location,
  );
}

function bareName(node: Node): string | null {
  if (!('ColumnRef' in node)) return null;
  const [first, ...more] = node.ColumnRef.fields ?? [];
  if (first === undefined || more.length > 0 || !('String' in first)) return null;
  return first.String.sval ?? null;
}
