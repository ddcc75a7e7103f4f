/**
 * Which relation a column's name belongs to, from the text alone.
 *
 * Where Postgres would need the catalogue to tell, the statement is refused and told how to be plain: so what
 * policy judges is what Postgres reads.
 */
import type { Node } from 'libpg-query';
import { kindOf, type Relation, type Scope, unsupported, type Walk } from './walk.ts';

const IDENTIFIER = /^[A-Za-z_][A-Za-z0-9_]*$/;
export const SYSTEM_COLUMNS: ReadonlySet<string> = new Set([
  'ctid',
  'xmin',
  'xmax',
  'cmin',
  'cmax',
  'tableoid',
]);

/** Plain names only, so that `table.column` can be read in one way and names can't look alike. */
export function plainName(walk: Walk, name: string | undefined, location: number | undefined): string {
  if (name !== undefined && IDENTIFIER.test(name)) return name;
  throw walk.refusal('sql_name', 'names consist of ASCII letters, digits and underscores', location);
}

/** Distinct aliases over all levels: a name can't then mean one thing to this walk and another to Postgres. */
export function addRelation(
  walk: Walk,
  scope: Scope,
  relation: Relation,
  location: number | undefined,
): Scope {
  if (scope.relations.some(({ alias }) => alias === relation.alias)) {
    throw walk.refusal(
      'sql_alias_reused',
      `"${relation.alias}" names two relations here; give one of them another alias`,
      location,
    );
  }
  return { ...scope, relations: [...scope.relations, relation] };
}

/** Records a column, `column` or `relation.column`. */
export function readColumn(
  walk: Walk,
  scope: Scope,
  reference: { readonly fields?: Node[]; readonly location?: number },
): void {
  const { fields = [], location } = reference;
  const names = fields.map((field) => {
    if ('A_Star' in field) {
      throw walk.refusal('sql_whole_row', 'a whole row is used as a value; name its columns', location);
    }
    if (!('String' in field)) throw unsupported(walk, kindOf(field), location);
    return plainName(walk, field.String.sval, location);
  });
  const [first, second, third] = names;
  if (first === undefined || third !== undefined) {
    throw walk.refusal('sql_name', 'write a column as alias.column', location);
  }
  const column = second ?? first;
  if (SYSTEM_COLUMNS.has(column)) {
    throw walk.refusal('sql_system_column', `"${column}" is a system column`, location);
  }
  const relation =
    second === undefined
      ? soleRelation(walk, scope, column, location)
      : relationNamed(walk, scope, first, location);
  if ('table' in relation) {
    walk.found.columns.add(`${relation.table}.${column}`);
  } else if (!relation.outputs.includes(column)) {
    // Postgres would try it as a function of the whole row.
    throw walk.refusal(
      'sql_column_unknown',
      `"${relation.alias}" has no column named "${column}"; name it there with AS`,
      location,
    );
  }
}

export function relationNamed(
  walk: Walk,
  scope: Scope,
  alias: string,
  location: number | undefined,
): Relation {
  const relation = scope.relations.find((candidate) => candidate.alias === alias);
  if (relation !== undefined) return relation;
  throw walk.refusal('sql_relation_unknown', `nothing in FROM is named "${alias}"`, location);
}

/** A bare name is a column only if there is one relation to have it, and no relation of that name. */
function soleRelation(walk: Walk, scope: Scope, column: string, location: number | undefined): Relation {
  if (scope.relations.some(({ alias }) => alias === column)) {
    throw walk.refusal('sql_whole_row', `"${column}" may mean a whole row; write alias.column`, location);
  }
  const [sole, another] = scope.relations;
  if (sole === undefined) throw walk.refusal('sql_column_unknown', `"${column}" has no table`, location);
  if (another !== undefined) {
    throw walk.refusal(
      'sql_column_ambiguous',
      `"${column}" could be of more than one relation in sight; write alias.column`,
      location,
    );
  }
  return sole;
}
