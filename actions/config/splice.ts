/**
 * One edit of a document as one replacement in its text: every byte outside of it stays as it is, with comments,
 * order and layout.
 */
import { isMap, isNode, isScalar, isSeq, type Node, type Pair, type YAMLMap } from 'yaml';
import type { Json } from '../../approval/types.ts';
import { type FileDocument, isBlank } from './document.ts';
import { type Path, pathText } from './path.ts';
import { blockLines, inline, isBlock, jsonLines, type Layout, layoutOf, quoted, scalar } from './print.ts';

export interface Splice {
  /** Characters of the text; the end is not included. */
  readonly from: number;
  readonly to: number;
  readonly text: string;
}

/** Why a path can't be followed, or its place can't be changed; the words end in a cure. */
export class Unspliceable extends Error {}

interface Place {
  readonly node: Node;
  /** The pair that it is the value of; null for the root and for an item of a list. */
  readonly pair: Pair | null;
  readonly map: YAMLMap | null;
  /** The first step that is not there yet, and those after it. */
  readonly missing: Path;
}

/** @throws Unspliceable */
export function setting(document: FileDocument, path: Path, value: Json): Splice {
  const layout = layoutOf(document.text, document.json);
  if (document.root === null) {
    const { text } = document;
    const lead = text === '' || text.endsWith('\n') ? '' : layout.lineBreak;
    return { from: text.length, to: text.length, text: lead + wholeFile(nested(path, value), layout) };
  }
  const place = follow(document.root, path);
  const { node, missing } = place;
  const [key, ...rest] = missing;
  if (isMap(node) && typeof key === 'string') {
    return insertion(document.text, node, key, nested(rest, value), layout);
  }
  return replacement(document.text, place, nested(missing, value), layout);
}

/** @throws Unspliceable */
export function removal(document: FileDocument, path: Path): Splice {
  const layout = layoutOf(document.text, document.json);
  const place = document.root === null ? null : follow(document.root, path);
  if (place === null || place.missing.length > 0) {
    throw new Unspliceable(`${pathText(path)} is not there to be removed; leave it out`);
  }
  const { map, pair } = place;
  if (map === null || pair === null) {
    throw new Unspliceable(`${pathText(path)} is an item of a list; set the whole list`);
  }
  const { text } = document;
  const { items } = map;
  const index = items.indexOf(pair);
  const [previous, next] = [items[index - 1], items[index + 1]];
  const start = startOf(pair.key);
  if (items.length === 1) {
    return replacement(text, follow(document.root, path.slice(0, -1)), {}, layout);
  }
  if (map.flow === true) {
    return previous === undefined
      ? { from: start, to: startOf(next?.key), text: '' }
      : { from: endOf(previous), to: endOf(pair), text: '' };
  }
  const lineStart = text.lastIndexOf('\n', start - 1) + 1;
  const alone = text.slice(lineStart, start).trim() === '';
  if (!alone) return { from: start, to: startOf(next?.key), text: '' };
  return { from: lineStart, to: lineEnd(text, endOf(pair)), text: '' };
}

function wholeFile(value: Json, { json, unit, lineBreak }: Layout): string {
  if (json) return jsonLines(value, { json, unit: unit === '' ? '  ' : unit, lineBreak }, '') + lineBreak;
  return blockLines(value, unit).join(lineBreak) + lineBreak;
}

/** The value below keys that are not there yet. */
function nested(path: Path, value: Json): Json {
  return path.toReversed().reduce<Json>((inner, key) => {
    if (typeof key === 'number') {
      throw new Unspliceable(`there is no list with an item ${key}; set the whole list`);
    }
    return { [key]: inner };
  }, value);
}

function follow(root: Node | null, path: Path): Place {
  if (root === null) throw new Unspliceable('the file is empty; set a value first');
  let place: Place = { node: root, pair: null, map: null, missing: [] };
  for (const [index, step] of path.entries()) {
    const missing = path.slice(index);
    const next = descend(place.node, step, pathText(path.slice(0, index + 1)));
    if (next === null) return { ...place, missing };
    place = next;
  }
  return place;
}

/** Null where the step is not there, and could be. */
function descend(node: Node, step: string | number, spelled: string): Place | null {
  if (isMap(node) && typeof step === 'string') {
    const pair = node.items.find(({ key }) => isScalar(key) && key.value === step);
    if (pair === undefined) return null;
    if (isNode(pair.value)) return { node: pair.value, pair, map: node, missing: [] };
  }
  if (isSeq(node) && typeof step === 'number') {
    const item = node.items[step];
    if (isNode(item)) return { node: item, pair: null, map: null, missing: [] };
  }
  if (isScalar(node) && node.value === null && typeof step === 'string') return null;
  throw new Unspliceable(
    `${spelled} can't be reached: keys name what is in maps, indices the items that lists have; look at the file again`,
  );
}

function replacement(text: string, place: Place, value: Json, layout: Layout): Splice {
  const { node, pair } = place;
  const [start, end] = rangeOf(node);
  const before = pair === null ? start : colonAfter(text, pair.key, start);
  const tail = end > start && text[end - 1] === '\n' ? layout.lineBreak : '';
  const own = columnIndent(text, pair === null ? start : startOf(pair.key));
  const flow = layout.json || inFlow(text, node, place);
  if (flow) {
    const printed = layout.json ? jsonLines(value, layout, lineIndent(text, start)) : inline(value);
    return isBlank(node)
      ? { from: before, to: before, text: ` ${printed}` }
      : { from: start, to: end, text: printed + tail };
  }
  if (isBlock(value)) {
    const lines = blockLines(value, layout.unit);
    const indent = pair === null ? own : own + layout.unit;
    const body = lines.join(layout.lineBreak + indent);
    if (pair === null) return { from: start, to: end, text: body + tail };
    return { from: before, to: Math.max(end, before), text: layout.lineBreak + indent + body + tail };
  }
  const wasQuoted = isScalar(node) && node.type?.startsWith('QUOTE_') === true;
  const printed = wasQuoted ? inline(value) : scalar(value);
  if (isBlank(node)) return { from: before, to: before, text: ` ${printed}` };
  // A comment between the key and its value stays where it is.
  const close = text.slice(before, start).trim() === '';
  return close && pair !== null
    ? { from: before, to: end, text: ` ${printed}${tail}` }
    : { from: start, to: end, text: printed + tail };
}

function insertion(text: string, map: YAMLMap, key: string, value: Json, layout: Layout): Splice {
  const [start, end] = rangeOf(map);
  const last = map.items.at(-1);
  if (map.flow === true) {
    const indent = lineIndent(text, start);
    const print = (within: string) =>
      `${quoted(key)}: ${layout.json ? jsonLines(value, layout, within) : inline(value)}`;
    if (last === undefined) {
      const within = indent + layout.unit;
      const { lineBreak } = layout;
      const lines = layout.json && layout.unit !== '';
      const body = lines ? `{${lineBreak}${within}${print(within)}${lineBreak}${indent}}` : `{${print('')}}`;
      return { from: start, to: end, text: body };
    }
    const at = startOf(last.key);
    const within = lineIndent(text, at);
    const own = text.slice(text.lastIndexOf('\n', at - 1) + 1, at).trim() === '';
    const gap = own && text.lastIndexOf('\n', at) > start ? layout.lineBreak + within : ' ';
    return { from: endOf(last), to: endOf(last), text: `,${gap}${print(within)}` };
  }
  const indent = columnIndent(text, start);
  const lines = blockLines({ [key]: value }, layout.unit).map((line) => indent + line);
  const body = lines.join(layout.lineBreak);
  const at = last === undefined ? end : lineEnd(text, nodeEndOf(last));
  const fresh = at === 0 || text[at - 1] === '\n';
  return { from: at, to: at, text: fresh ? body + layout.lineBreak : layout.lineBreak + body };
}

function rangeOf(node: unknown): readonly [number, number, number] {
  const range = isNode(node) ? node.range : null;
  if (!range) throw new Unspliceable('a place in the file is not to be found; mend it by hand');
  return range;
}

function startOf(node: unknown): number {
  return rangeOf(node)[0];
}

function endOf({ key, value }: Pair): number {
  const blank = !isNode(value) || isBlank(value);
  return blank ? rangeOf(key)[1] : rangeOf(value)[1];
}

/** With the comments that belong to it. */
function nodeEndOf({ key, value }: Pair): number {
  return rangeOf(isNode(value) ? value : key)[2];
}

/** Behind the colon of a key, with nothing but blanks before it. */
function colonAfter(text: string, key: unknown, valueStart: number): number {
  const [, end] = rangeOf(key);
  const at = text.indexOf(':', end);
  if (at >= 0 && at < Math.max(valueStart, end + 1) && text.slice(end, at).trim() === '') return at + 1;
  throw new Unspliceable('a key is written with a question mark; mend it by hand');
}

/** To behind the line break, unless the place is behind one already. */
function lineEnd(text: string, at: number): number {
  if (at > 0 && text[at - 1] === '\n') return at;
  const found = text.indexOf('\n', at);
  return found < 0 ? text.length : found + 1;
}

function lineIndent(text: string, at: number): string {
  const line = text.slice(text.lastIndexOf('\n', at - 1) + 1, at);
  return /^[ \t]*/u.exec(line)?.[0] ?? '';
}

/** Blanks up to a place's own column, so that `- a` and what comes below it stand together. */
function columnIndent(text: string, at: number): string {
  return ' '.repeat(at - (text.lastIndexOf('\n', at - 1) + 1));
}

function inFlow(text: string, node: Node, { map }: Place): boolean {
  if (map?.flow === true) return true;
  // An item of a list in brackets has a bracket or a comma before it, one of a block list a hyphen.
  return map === null && /[[,]\s*$/u.test(text.slice(0, startOf(node)));
}
