/** The walk over MERGE: what each of its branches changes, and which rows come to it. */
import type { MergeStmt, MergeWhenClause, Node } from 'libpg-query';
import { type Branches, rowsMerged } from './affected.ts';
import { walkExpression } from './expression.ts';
import { addRelation } from './scope.ts';
import { kindOf, only, type Scope, unsupported, type Walk } from './walk.ts';
import {
  type Effect,
  refuseOverride,
  refuseReturning,
  type Write,
  walkAim,
  walkAround,
  walkAssignments,
  walkColumns,
  walkItems,
  walkValue,
} from './write.ts';

interface Change {
  readonly effect: Effect | null;
  readonly columns: readonly string[];
  readonly updated: readonly string[];
}

const NO_CHANGE: Change = { effect: null, columns: [], updated: [] };

export function walkMerge(walk: Walk, statement: MergeStmt): Write {
  const { relation, sourceRelation, joinCondition, mergeWhenClauses = [], withClause } = statement;
  refuseReturning(walk, statement.returningClause);
  only(walk, statement, 'MergeStmt', [
    'relation',
    'sourceRelation',
    'joinCondition',
    'mergeWhenClauses',
    'withClause',
  ]);
  if (sourceRelation === undefined || joinCondition === undefined) {
    throw unsupported(walk, 'half a MERGE', undefined);
  }
  const around = walkAround(walk, withClause);
  const aim = walkAim(walk, relation, around);
  const source = walkItems(walk, [sourceRelation], around);
  const both = addRelation(walk, source, aim.relation, undefined);
  walkExpression(walk, joinCondition, both);
  // A branch sees what its rows have: the source's, the table's, or both.
  const scopes: Readonly<Record<string, Scope | undefined>> = {
    MERGE_WHEN_MATCHED: both,
    MERGE_WHEN_NOT_MATCHED_BY_SOURCE: { ...around, relations: [aim.relation] },
    MERGE_WHEN_NOT_MATCHED_BY_TARGET: source,
  };
  const branches: { clause: MergeWhenClause; change: Change }[] = mergeWhenClauses.map((node) => {
    if (!('MergeWhenClause' in node)) throw unsupported(walk, kindOf(node), undefined);
    const { MergeWhenClause: clause } = node;
    const scope = scopes[clause.matchKind ?? ''];
    if (scope === undefined) throw unsupported(walk, clause.matchKind ?? 'a branch', undefined);
    return { clause, change: walkBranch(walk, clause, scope) };
  });
  const changes = branches.map(({ change }) => change);
  const { table } = aim.relation;
  return {
    kind: 'merge',
    table,
    columns: changes.flatMap(({ columns }) => columns.map((name) => `${table}.${name}`)),
    updated: changes.flatMap(({ updated }) => updated),
    effects: [...new Set(changes.flatMap(({ effect }) => effect ?? []))].sort(),
    where: false,
    affected: {
      queries: rowsMerged({
        table: aim.item,
        source: sourceRelation,
        on: joinCondition,
        matched: branchesOf(branches, 'MERGE_WHEN_MATCHED'),
        byTarget: branchesOf(branches, 'MERGE_WHEN_NOT_MATCHED_BY_TARGET'),
        bySource: branchesOf(branches, 'MERGE_WHEN_NOT_MATCHED_BY_SOURCE'),
      }),
      around: withClause,
    },
  };
}

function walkBranch(walk: Walk, clause: MergeWhenClause, scope: Scope): Change {
  const { condition, commandType, targetList, values, override } = clause;
  only(walk, clause, 'MergeWhenClause', [
    'matchKind',
    'commandType',
    'override',
    'condition',
    'targetList',
    'values',
  ]);
  refuseOverride(walk, override);
  if (condition !== undefined) walkExpression(walk, condition, scope);
  switch (commandType) {
    case 'CMD_NOTHING':
      return NO_CHANGE;
    case 'CMD_DELETE':
      return { effect: 'delete', columns: ['*'], updated: [] };
    case 'CMD_UPDATE': {
      const updated = walkAssignments(walk, targetList, scope);
      return { effect: 'update', columns: updated, updated };
    }
    case 'CMD_INSERT': {
      const columns = walkColumns(walk, targetList, values !== undefined);
      for (const value of values ?? []) walkValue(walk, value, scope);
      return { effect: 'insert', columns, updated: [] };
    }
    default:
      throw unsupported(walk, commandType ?? 'a branch without a command', undefined);
  }
}

function branchesOf(
  branches: readonly { readonly clause: MergeWhenClause; readonly change: Change }[],
  kind: string,
): Branches {
  return branches
    .filter(({ clause }) => clause.matchKind === kind)
    .map(({ clause, change }): { condition: Node | null; changes: boolean } => ({
      condition: clause.condition ?? null,
      changes: change.effect !== null,
    }));
}
