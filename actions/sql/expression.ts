/** The walk over an expression: an allow list of nodes, each with an allow list of fields. */
import type { A_Expr, FuncCall, Node, SortBy, SubLink, TypeName, WindowDef } from 'libpg-query';
import { FUNCTIONS, OPERATORS, TYPES, VALUES } from './allowed.ts';
import { readColumn } from './scope.ts';
import { kindOf, only, partsOf, type Scope, unsupported, type Walk } from './walk.ts';

/** Operator kinds, and the operators that each stands for beside the one that it names. */
const OPERATOR_KINDS: Readonly<Record<string, readonly string[] | undefined>> = {
  AEXPR_OP: [],
  AEXPR_DISTINCT: [],
  AEXPR_NOT_DISTINCT: [],
  AEXPR_NULLIF: [],
  AEXPR_IN: [],
  AEXPR_LIKE: [],
  AEXPR_ILIKE: [],
  AEXPR_BETWEEN: ['>=', '<='],
  AEXPR_NOT_BETWEEN: ['<', '>'],
  AEXPR_BETWEEN_SYM: ['>=', '<='],
  AEXPR_NOT_BETWEEN_SYM: ['<', '>'],
};

const SUBLINK_KINDS: ReadonlySet<string> = new Set([
  'EXISTS_SUBLINK',
  'ANY_SUBLINK',
  'ALL_SUBLINK',
  'EXPR_SUBLINK',
]);

export function walkExpression(walk: Walk, node: Node | undefined, scope: Scope): void {
  walk.deeper(() => {
    for (const child of childrenOf(walk, node, scope)) walkExpression(walk, child, scope);
  });
}

export function walkExpressions(walk: Walk, nodes: readonly Node[] | undefined, scope: Scope): void {
  for (const node of nodes ?? []) walkExpression(walk, node, scope);
}

/** Judges one node; what remains to be walked. */
function childrenOf(walk: Walk, node: Node | undefined, scope: Scope): readonly Node[] {
  if (node === undefined) throw unsupported(walk, kindOf(node), undefined);
  if ('ColumnRef' in node) {
    readColumn(walk, scope, node.ColumnRef);
    return [];
  }
  if ('A_Const' in node) return [];
  if ('ParamRef' in node) {
    walk.found.parameters.add(node.ParamRef.number ?? 0);
    return [];
  }
  if ('A_Expr' in node) return operands(walk, node.A_Expr);
  if ('FuncCall' in node) return functionArguments(walk, node.FuncCall, scope);
  if ('SubLink' in node) return subqueryTest(walk, node.SubLink, scope);
  if ('TypeCast' in node) {
    const { arg, typeName } = node.TypeCast;
    only(walk, node.TypeCast, 'TypeCast', ['arg', 'typeName']);
    judgeType(walk, typeName ?? {});
    return present([arg]);
  }
  if ('SQLValueFunction' in node) {
    const { op = '', location } = node.SQLValueFunction;
    if (!VALUES.has(op)) throw walk.refusal('sql_function', `the value ${op} may not be used`, location);
    return [];
  }
  return constructArguments(walk, node);
}

/** Constructs of SQL that only combine their parts. */
function constructArguments(walk: Walk, node: Node): readonly Node[] {
  if ('BoolExpr' in node) {
    only(walk, node.BoolExpr, 'BoolExpr', ['boolop', 'args']);
    return node.BoolExpr.args ?? [];
  }
  if ('NullTest' in node) {
    only(walk, node.NullTest, 'NullTest', ['arg', 'nulltesttype']);
    return present([node.NullTest.arg]);
  }
  if ('BooleanTest' in node) {
    only(walk, node.BooleanTest, 'BooleanTest', ['arg', 'booltesttype']);
    return present([node.BooleanTest.arg]);
  }
  if ('CoalesceExpr' in node) {
    only(walk, node.CoalesceExpr, 'CoalesceExpr', ['args']);
    return node.CoalesceExpr.args ?? [];
  }
  if ('MinMaxExpr' in node) {
    only(walk, node.MinMaxExpr, 'MinMaxExpr', ['op', 'args']);
    return node.MinMaxExpr.args ?? [];
  }
  if ('CaseExpr' in node) {
    only(walk, node.CaseExpr, 'CaseExpr', ['arg', 'args', 'defresult']);
    return [...present([node.CaseExpr.arg, node.CaseExpr.defresult]), ...(node.CaseExpr.args ?? [])];
  }
  if ('CaseWhen' in node) {
    only(walk, node.CaseWhen, 'CaseWhen', ['expr', 'result']);
    return present([node.CaseWhen.expr, node.CaseWhen.result]);
  }
  if ('List' in node) {
    only(walk, node.List, 'List', ['items']);
    return node.List.items ?? [];
  }
  throw unsupported(walk, kindOf(node), locationOf(node));
}

function operands(walk: Walk, expression: A_Expr): readonly Node[] {
  const { kind = '', name, lexpr, rexpr, location } = expression;
  only(walk, expression, 'A_Expr', ['kind', 'name', 'lexpr', 'rexpr', 'rexpr_list_start', 'rexpr_list_end']);
  const implied = OPERATOR_KINDS[kind];
  if (implied === undefined) throw unsupported(walk, kind, location);
  if (implied.length > 0) for (const operator of implied) walk.found.operators.add(operator);
  else judgeOperator(walk, name, location);
  return present([lexpr, rexpr]);
}

function judgeOperator(walk: Walk, name: readonly Node[] | undefined, location: number | undefined): void {
  const operator = builtIn(walk, name);
  if (operator === null || !OPERATORS.has(operator)) {
    throw walk.refusal(
      'sql_operator',
      `the operator ${partsOf(walk, name).join('.')} may not be used`,
      location,
    );
  }
  walk.found.operators.add(operator);
}

function functionArguments(walk: Walk, call: FuncCall, scope: Scope): readonly Node[] {
  const { funcname, args = [], agg_order, agg_filter, over, location } = call;
  const name = builtIn(walk, funcname);
  if (name === null || !FUNCTIONS.has(name)) {
    throw walk.refusal(
      'sql_function',
      `the function ${partsOf(walk, funcname).join('.')} may not be used`,
      location,
    );
  }
  only(walk, call, 'FuncCall', [
    'funcname',
    'args',
    'agg_order',
    'agg_filter',
    'agg_star',
    'agg_distinct',
    'over',
    'funcformat',
  ]);
  walk.found.functions.add(name);
  for (const sort of agg_order ?? []) walkExpression(walk, sortKey(walk, sort), scope);
  if (over !== undefined) walkWindow(walk, over, scope);
  return present([...args, agg_filter]);
}

function subqueryTest(walk: Walk, link: SubLink, scope: Scope): readonly Node[] {
  const { subLinkType = '', testexpr, operName, subselect, location } = link;
  only(walk, link, 'SubLink', ['subLinkType', 'testexpr', 'operName', 'subselect']);
  if (!SUBLINK_KINDS.has(subLinkType)) throw unsupported(walk, subLinkType, location);
  // IN (SELECT …) names none, and means `=`.
  if (operName === undefined) walk.found.operators.add('=');
  else judgeOperator(walk, operName, location);
  if (subselect === undefined || !('SelectStmt' in subselect))
    throw unsupported(walk, kindOf(subselect), location);
  walk.subquery(subselect.SelectStmt, scope);
  return present([testexpr]);
}

/** The expression of one ORDER BY item. */
export function sortKey(walk: Walk, sort: Node): Node {
  if (!('SortBy' in sort)) throw unsupported(walk, kindOf(sort), undefined);
  const item: SortBy = sort.SortBy;
  only(walk, item, 'SortBy', ['node', 'sortby_dir', 'sortby_nulls']);
  if (item.node === undefined) throw unsupported(walk, 'an empty ORDER BY', item.location);
  return item.node;
}

export function walkWindow(walk: Walk, window: WindowDef, scope: Scope): void {
  const { partitionClause, orderClause, startOffset, endOffset } = window;
  only(walk, window, 'WindowDef', [
    'name',
    'refname',
    'partitionClause',
    'orderClause',
    'frameOptions',
    'startOffset',
    'endOffset',
  ]);
  walkExpressions(walk, partitionClause, scope);
  for (const sort of orderClause ?? []) walkExpression(walk, sortKey(walk, sort), scope);
  walkExpressions(walk, present([startOffset, endOffset]), scope);
}

function judgeType(walk: Walk, type: TypeName): void {
  const name = builtIn(walk, type.names);
  if (name === null || !TYPES.has(name)) {
    throw walk.refusal(
      'sql_cast',
      `nothing may be cast to ${partsOf(walk, type.names).join('.')}`,
      type.location,
    );
  }
  only(walk, type, 'TypeName', ['names', 'typmods', 'typemod']);
  for (const modifier of type.typmods ?? []) {
    if (!('A_Const' in modifier)) throw unsupported(walk, kindOf(modifier), type.location);
  }
}

/** The name of something of pg_catalog, or null where another schema is named. */
function builtIn(walk: Walk, nodes: readonly Node[] | undefined): string | null {
  const parts = partsOf(walk, nodes);
  const [first, second] = parts;
  if (parts.length === 1) return first ?? null;
  return parts.length === 2 && first === 'pg_catalog' ? (second ?? null) : null;
}

function present(nodes: readonly (Node | undefined)[]): readonly Node[] {
  return nodes.filter((node) => node !== undefined);
}

function locationOf(node: Node): number | undefined {
  const [value]: unknown[] = Object.values(node);
  if (typeof value !== 'object' || value === null || !('location' in value)) return undefined;
  return typeof value.location === 'number' ? value.location : undefined;
}
