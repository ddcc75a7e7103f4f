/**
 * Which rows a statement changes, as one SELECT built from its own tree: so they are counted without running it.
 *
 *     DELETE FROM t USING u WHERE c   →   SELECT 1 FROM t WHERE EXISTS (SELECT FROM u WHERE c)
 *
 * A join would count a row once for each of its partners, and it is changed once.
 */
import { isDeepStrictEqual } from 'node:util';
import { type Node, parseSync, type SelectStmt, scanSync, type WithClause } from 'libpg-query';
import { deparseSync } from 'pgsql-deparser';
import type { Value } from './session.ts';
import { refused } from './walk.ts';

/** How many rows, where the text settles it; or the queries that give one row for each. */
export type Affected =
  | number
  | { readonly queries: readonly SelectStmt[]; readonly around: WithClause | undefined };

/** Branches of a MERGE for one sort of rows, in order: the first whose condition holds is taken. */
export type Branches = readonly { readonly condition: Node | null; readonly changes: boolean }[];

export interface Merge {
  readonly table: Node;
  readonly source: Node;
  readonly on: Node;
  readonly matched: Branches;
  readonly byTarget: Branches;
  readonly bySource: Branches;
}

/** A query's text, and which of the statement's parameters it binds as $1, $2 … */
export interface RowsQuery {
  readonly text: string;
  readonly parameters: readonly number[];
}

const PLAIN = { limitOption: 'LIMIT_OPTION_DEFAULT', op: 'SETOP_NONE' } as const;
const ONE: Node = { ResTarget: { val: { A_Const: { ival: { ival: 1 } } } } };

/** The rows of a table for which `others` hold some that meet the condition. */
export function rowsWhere(table: Node, others: readonly Node[], where: Node | undefined): SelectStmt {
  const condition = others.length === 0 ? where : exists([...others], where);
  return { targetList: [ONE], fromClause: [table], ...whereOf(condition), ...PLAIN };
}

export function rowsMerged({ table, source, on, matched, byTarget, bySource }: Merge): SelectStmt[] {
  const of = (from: Node[], met: Node, branches: Branches): SelectStmt[] =>
    branches.some(({ changes }) => changes)
      ? [{ targetList: [ONE], fromClause: from, whereClause: and(met, taken(branches)), ...PLAIN }]
      : [];
  return [
    ...of([source, table], on, matched),
    ...of([source], not(exists([table], on)), byTarget),
    ...of([table], not(exists([source], on)), bySource),
  ];
}

/** A query without its WITH, which is put around all of them. */
export function queryOf({ withClause: _, ...select }: SelectStmt): SelectStmt {
  return select;
}

/**
 * The text that selects one row for each that is changed; null where the text of the statement tells their number.
 *
 * @throws AssentError `sql_uncountable` where the text would not mean the same tree again
 */
export function rowsQuery(affected: Affected): RowsQuery | null {
  if (typeof affected === 'number') return null;
  const [first, ...rest] = affected.queries;
  if (first === undefined) return null;
  const union = rest.reduce<SelectStmt>(
    (larg, rarg) => ({ limitOption: 'LIMIT_OPTION_DEFAULT', op: 'SETOP_UNION', all: true, larg, rarg }),
    first,
  );
  const { around } = affected;
  const tree: Node = { SelectStmt: around === undefined ? union : { ...union, withClause: around } };
  const text = deparseSync(tree);
  if (!isDeepStrictEqual(withoutPlaces(tree), withoutPlaces(reread(text)))) throw uncountable();
  return renumbered(text);
}

export function valuesFor({ parameters }: RowsQuery, values: readonly Value[]): readonly Value[] {
  return parameters.map((number) => values[number - 1] ?? null);
}

function reread(text: string): unknown {
  try {
    return parseSync(text).stmts?.[0]?.stmt;
  } catch (cause) {
    throw cause instanceof Error ? uncountable() : cause;
  }
}

function uncountable() {
  return refused(
    'sql_uncountable',
    'the rows that it would change cannot be counted beforehand; write it more plainly',
    null,
  );
}

/** Postgres wants parameters without gaps, and a count may need only some of them. */
function renumbered(text: string): RowsQuery {
  const places = scanSync(text).tokens.filter(({ tokenName }) => tokenName === 'PARAM');
  const numberOf = (place: { readonly text: string }) => Number(place.text.slice(1));
  const parameters = [...new Set(places.map(numberOf))].sort((one, other) => one - other);
  const bytes = Buffer.from(text);
  const pieces = places.map((place, index) => {
    const from = places[index - 1]?.end ?? 0;
    return `${bytes.subarray(from, place.start)}$${parameters.indexOf(numberOf(place)) + 1}`;
  });
  return { text: pieces.join('') + bytes.subarray(places.at(-1)?.end ?? 0), parameters };
}

/** A tree without the places where its nodes stood. */
function withoutPlaces(tree: unknown): unknown {
  const text = JSON.stringify(tree, (key, value: unknown) =>
    /^(location|stmt_location|stmt_len|rexpr_list_(start|end)|list_(start|end))$/.test(key)
      ? undefined
      : value,
  );
  return text === undefined ? null : JSON.parse(text);
}

function exists(from: Node[], where: Node | undefined): Node {
  const subselect: Node = { SelectStmt: { fromClause: from, ...whereOf(where), ...PLAIN } };
  return { SubLink: { subLinkType: 'EXISTS_SUBLINK', subselect } };
}

function whereOf(whereClause: Node | undefined): { whereClause?: Node } {
  return whereClause === undefined ? {} : { whereClause };
}

function and(one: Node, other: Node): Node {
  return { BoolExpr: { boolop: 'AND_EXPR', args: [one, other] } };
}

function not(one: Node): Node {
  return { BoolExpr: { boolop: 'NOT_EXPR', args: [one] } };
}

/** Whether the branch that a row comes to changes it. */
function taken(branches: Branches): Node {
  const args = branches.map(
    ({ condition, changes }): Node => ({
      CaseWhen: { expr: condition ?? truth(true), result: truth(changes) },
    }),
  );
  return { CaseExpr: { args, defresult: truth(false) } };
}

function truth(value: boolean): Node {
  return { A_Const: { boolval: value ? { boolval: true } : {} } };
}
