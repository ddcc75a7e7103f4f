/** YAML's nodes as plain JSON, refusing whatever makes a file mean more than it says. */
import { isAlias, isMap, isNode, isScalar, isSeq } from 'yaml';
import type { Json } from './types.ts';
import type { YamlPath } from './yaml-place.ts';

const MAX_DEPTH = 32;

export interface PlainFault {
  readonly offset: number;
  readonly path: YamlPath;
  readonly message: string;
}

/** The value is only of use where there are no faults. */
export function plainOf(root: unknown): { readonly value: Json; readonly faults: readonly PlainFault[] } {
  const faults: PlainFault[] = [];
  const value = jsonOf(root, [], faults);
  return { value, faults };
}

function jsonOf(node: unknown, path: YamlPath, faults: PlainFault[]): Json {
  if (!isNode(node)) return null;
  const refuse = (message: string) => {
    faults.push({ offset: node.range?.[0] ?? 0, path, message });
    return null;
  };
  if (isAlias(node)) return refuse('an alias (*) is not read here; write the value out');
  if (node.anchor !== undefined) return refuse('an anchor (&) is not read here; write the value out');
  if (node.tag !== undefined) return refuse('a tag (!) is not read here; leave it out');
  if (path.length > MAX_DEPTH) return refuse(`nested deeper than ${MAX_DEPTH}; flatten it`);
  if (isSeq(node)) return node.items.map((item, index) => jsonOf(item, [...path, index], faults));
  if (isMap(node)) {
    const names = new Set<string>();
    return Object.fromEntries(
      node.items.map(({ key, value }): [string, Json] => {
        const name = keyOf(key, path, faults);
        if (names.has(name)) faults.push(repeated(key));
        names.add(name);
        return [name, jsonOf(value, [...path, name], faults)];
      }),
    );
  }
  return isScalar(node)
    ? scalarOf(node.value, refuse)
    : refuse('is no map, list or scalar; write one of these');
}

function keyOf(node: unknown, path: YamlPath, faults: PlainFault[]): string {
  const name = jsonOf(node, path, faults);
  const offset = isNode(node) ? (node.range?.[0] ?? 0) : 0;
  if (name === '<<') {
    faults.push({ offset, path, message: 'a merge key (<<) is not read here; write the keys out' });
  }
  if (name === '__proto__') {
    faults.push({ offset, path, message: 'this key is reserved by JavaScript; use another' });
  }
  return typeof name === 'string' ? name : '';
}

function repeated(key: unknown): PlainFault {
  const message = 'this key stands twice in its map; keep one of the two';
  return { offset: isNode(key) ? (key.range?.[0] ?? 0) : 0, path: [], message };
}

function scalarOf(value: unknown, refuse: (message: string) => null): Json {
  if (typeof value === 'number') {
    const exact = Number.isFinite(value) && (!Number.isInteger(value) || Number.isSafeInteger(value));
    return exact ? value : refuse('is no number that can be kept exactly; use a smaller one');
  }
  if (value === null || typeof value === 'string' || typeof value === 'boolean') return value;
  return refuse('is no text, number, true, false or null; quote it if it is text');
}
