/** What the walks over a statement's tree share: what is in sight, what was found, how to refuse, how deep they are. */
import type { Node, SelectStmt } from 'libpg-query';
import { AssentError } from '../../approval/error.ts';

/** A table, or a query in FROM or WITH with the names of its output (null for columns without one). */
export type Relation =
  | { readonly alias: string; readonly table: string }
  | { readonly alias: string; readonly outputs: readonly (string | null)[] };

export interface Scope {
  /** Those of this query and of the queries around it. Their aliases are distinct. */
  readonly relations: readonly Relation[];
  /** WITH queries in sight, by name. */
  readonly ctes: ReadonlyMap<string, readonly (string | null)[]>;
}

/** Sets that the walks fill. Names have no dot in them, so `table.column` is unambiguous. */
export interface Found {
  readonly tables: Set<string>;
  /** `table.column`, or `table.*`. */
  readonly columns: Set<string>;
  readonly functions: Set<string>;
  readonly operators: Set<string>;
  /** Numbers of the `$n` in use. */
  readonly parameters: Set<number>;
}

export interface Walk {
  readonly found: Found;
  /** `location` is the tree's: a byte offset. */
  refusal(code: string, words: string, location: number | undefined): AssentError;
  /** Runs one level deeper. */
  deeper<Result>(run: () => Result): Result;
  /** Walks a query inside an expression; the names of its output, null for those without. */
  subquery(query: SelectStmt, scope: Scope): readonly (string | null)[];
}

const MAX_DEPTH = 100;

export function createWalk(text: string, subquery: (walk: Walk) => Walk['subquery']): Walk {
  let depth = 0;
  const refusal: Walk['refusal'] = (code, words, location) =>
    refused(code, words, characterAt(text, location));
  const walk: Walk = {
    found: {
      tables: new Set(),
      columns: new Set(),
      functions: new Set(),
      operators: new Set(),
      parameters: new Set(),
    },
    refusal,
    deeper: (run) => {
      if (depth === MAX_DEPTH) {
        throw refusal(
          'sql_too_deep',
          `it nests deeper than ${MAX_DEPTH} levels; write it flatter`,
          undefined,
        );
      }
      depth += 1;
      const result = run();
      depth -= 1;
      return result;
    },
    subquery: (query, scope) => subquery(walk)(query, scope),
  };
  return walk;
}

/** `character` counts from 1. */
export function refused(code: string, words: string, character: number | null): AssentError {
  const place = character === null ? '' : ` (at character ${character})`;
  return new AssentError(code, `The statement is refused: ${words}${place}.`);
}

/** Refuses what a node carries beyond the fields that the walk reads: an unread field could mean anything. */
export function only<Value extends object>(
  walk: Walk,
  value: Value & { readonly location?: number },
  kind: string,
  fields: readonly (keyof Value & string)[],
): void {
  const known: readonly string[] = fields;
  const unknown = Object.keys(value).find((field) => field !== 'location' && !known.includes(field));
  if (unknown !== undefined) throw unsupported(walk, `${kind}.${unknown}`, value.location);
}

export function unsupported(walk: Walk, what: string, location: number | undefined): AssentError {
  return walk.refusal(
    'sql_unsupported',
    `it uses ${what}, which is not on the list of what may be used`,
    location,
  );
}

/** The kind of a node, as Postgres names it. */
export function kindOf(node: Node | undefined): string {
  return Object.keys(node ?? {})[0] ?? 'an empty node';
}

/** A dotted name's parts. */
export function partsOf(walk: Walk, nodes: readonly Node[] | undefined): readonly string[] {
  return (nodes ?? []).map((node) => {
    if ('String' in node && node.String.sval !== undefined) return node.String.sval;
    throw unsupported(walk, kindOf(node), undefined);
  });
}

function characterAt(text: string, byte: number | undefined): number | null {
  if (byte === undefined || byte < 0) return null;
  return Buffer.from(text).subarray(0, byte).toString().length + 1;
}
