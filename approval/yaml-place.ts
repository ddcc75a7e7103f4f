/** Places in a YAML file: a path's line and column, down to a character inside a scalar. */
import { isMap, isNode, isScalar, isSeq, type LineCounter, type Node, type Scalar } from 'yaml';

/** Keys and indices from the root. */
export type YamlPath = readonly PropertyKey[];

/** Both 1-based; the column counts UTF-16 units, as editors do. */
export interface Place {
  readonly line: number;
  readonly column: number;
}

export interface PlaceOptions {
  /** The key's own place instead of its value's. */
  readonly key?: boolean;
  /** Index of a character in the scalar's value. */
  readonly offset?: number;
}

export interface YamlSource {
  readonly text: string;
  readonly lines: LineCounter;
  readonly root: Node | null;
}

/** A path that the file does not hold has the place of the deepest part that it does hold. */
export function placeOf(source: YamlSource, path: YamlPath, options: PlaceOptions = {}): Place {
  const { key, node } = descend(source.root, path);
  const target = options.key === true || node === null ? (key ?? source.root) : node;
  const inside = options.offset !== undefined && isScalar(node);
  return placeAt(source, inside ? offsetInScalar(source.text, node, options.offset) : startOf(target));
}

export function placeAt(source: YamlSource, offset: number): Place {
  const { line, col } = source.lines.linePos(offset);
  return { line: Math.max(line, 1), column: Math.max(col, 1) };
}

function descend(root: Node | null, path: YamlPath): { key: Node | null; node: Node | null } {
  let key: Node | null = null;
  let node = root;
  for (const part of path) {
    if (isSeq(node) && typeof part === 'number') {
      const item: unknown = node.items[part];
      if (!isNode(item)) return { key: key ?? node, node: null };
      key = item;
      node = item;
    } else if (isMap(node)) {
      const pair = node.items.find((candidate) => isScalar(candidate.key) && candidate.key.value === part);
      if (pair === undefined || !isNode(pair.key)) return { key: key ?? node, node: null };
      key = pair.key;
      node = isNode(pair.value) ? pair.value : null;
    } else return { key: key ?? node, node: null };
  }
  return { key, node };
}

function startOf(node: Node | null): number {
  return node?.range?.[0] ?? 0;
}

/**
 * Quotes, escapes, folding and indentation all come and go between a scalar's value and its text, but its
 * visible characters stay, in order: the n-th of the one is the n-th of the other.
 */
function offsetInScalar(text: string, node: Scalar, offset = 0): number {
  const value = String(node.value);
  const wanted = value.slice(0, offset).replace(/\s/gu, '').length;
  const [start = 0, end = start] = node.range ?? [];
  let seen = 0;
  for (const { at, visible } of characters(text, start, end, node.type)) {
    if (!visible) continue;
    if (seen === wanted) return at;
    seen += 1;
  }
  return Math.max(start, end - 1);
}

function* characters(text: string, start: number, end: number, type: Scalar['type']) {
  const quote = type === 'QUOTE_DOUBLE' ? '"' : type === 'QUOTE_SINGLE' ? "'" : null;
  const block = type === 'BLOCK_LITERAL' || type === 'BLOCK_FOLDED';
  let at = quote !== null ? start + 1 : block ? text.indexOf('\n', start) + 1 : start;
  const stop = quote !== null ? end - 1 : end;
  while (at < stop) {
    const length = quote === null ? 1 : escapeLength(text, at, quote);
    yield { at, visible: isVisible(text.slice(at, at + length)) };
    at += length;
  }
}

function escapeLength(text: string, at: number, quote: string): number {
  if (quote === "'") return text.startsWith("''", at) ? 2 : 1;
  if (text[at] !== '\\') return 1;
  const digits = { x: 2, u: 4, U: 8 }[text[at + 1] ?? ''] ?? 0;
  return 2 + digits;
}

function isVisible(token: string): boolean {
  if (!token.startsWith('\\') || token.length === 1) return !/\s/u.test(token);
  // \n, \t, \r, \v, \f, an escaped blank and an escaped line break stand for white space.
  return !/^\\[ntrvf\s]/u.test(token);
}
