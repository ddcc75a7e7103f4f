/** Values as they are written into a file: the one spelling that every reader of JSON or YAML reads the same. */
import type { Json, JsonObject } from '../../approval/types.ts';

export interface Layout {
  readonly json: boolean;
  /** One step of indentation; empty in a file of one line. */
  readonly unit: string;
  readonly lineBreak: '\n' | '\r\n';
}

/** What the file itself does: its first indented line, its line breaks. */
export function layoutOf(text: string, json: boolean): Layout {
  const [, blanks = ''] = /^([ \t]+)[^\s#-]/mu.exec(text) ?? [];
  const oneLine = json && text !== '' && !text.trim().includes('\n');
  const unit = oneLine ? '' : blanks === '' || (!json && blanks.includes('\t')) ? '  ' : blanks;
  return { json, unit, lineBreak: text.includes('\r\n') ? '\r\n' : '\n' };
}

/** JSON, which YAML's flow style reads as well, on one line; nothing in it is invisible. */
export function inline(value: Json): string {
  if (isList(value)) return `[${value.map(inline).join(', ')}]`;
  if (isObject(value)) {
    return `{${Object.entries(value)
      .map(([key, inner]) => `${quoted(key)}: ${inline(inner)}`)
      .join(', ')}}`;
  }
  if (typeof value === 'number') return numeral(value);
  return typeof value === 'string' ? quoted(value) : String(value);
}

/** JSON over several lines, or one where the file has one; all but the first line are indented by `indent`. */
export function jsonLines(value: Json, { unit, lineBreak }: Layout, indent: string): string {
  const children = isList(value)
    ? value.map((inner) => jsonChild('', inner))
    : isObject(value)
      ? Object.entries(value).map(([key, inner]) => jsonChild(`${quoted(key)}: `, inner))
      : [];
  if (unit === '' || children.length === 0) return inline(value);
  const within = `${lineBreak}${indent}${unit}`;
  const [open, close] = isList(value) ? ['[', ']'] : ['{', '}'];
  return `${open}${within}${children.join(`,${within}`)}${lineBreak}${indent}${close}`;

  function jsonChild(key: string, inner: Json): string {
    return `${key}${jsonLines(inner, { json: true, unit, lineBreak }, indent + unit)}`;
  }
}

/** YAML's block style: the lines of a collection that is not empty, without indentation of their own. */
export function blockLines(value: Json, unit: string): readonly string[] {
  if (isList(value)) return value.flatMap((inner) => item(inner, unit));
  if (!isObject(value)) return [scalar(value)];
  return Object.entries(value).flatMap(([key, inner]) =>
    isBlock(inner)
      ? [`${scalar(key)}:`, ...blockLines(inner, unit).map((line) => unit + line)]
      : [`${scalar(key)}: ${scalar(inner)}`],
  );
}

function item(value: Json, unit: string): readonly string[] {
  if (!isBlock(value)) return [`- ${scalar(value)}`];
  return blockLines(value, unit).map((line, index) => (index === 0 ? `- ${line}` : `  ${line}`));
}

/** A collection that has lines; an empty one is `{}` or `[]`. */
export function isBlock(value: Json): boolean {
  return isList(value) ? value.length > 0 : isObject(value) && Object.keys(value).length > 0;
}

/** Plain only where YAML 1.1 and 1.2 alike read a text; `no`, `1:30` or `1e3` they do not. */
export function scalar(value: Json): string {
  const plain = typeof value === 'string' && /^[A-Za-z][\w./-]*$/u.test(value) && !WORDS.test(value);
  return plain ? value : inline(value);
}

const WORDS = /^(y|n|yes|no|on|off|true|false|null)$/iu;

/** With the point that YAML 1.1 wants before an exponent. */
function numeral(value: number): string {
  const text = JSON.stringify(value);
  return text.includes('e') && !text.includes('.') ? text.replace('e', '.0e') : text;
}

export function quoted(text: string): string {
  return JSON.stringify(text).replaceAll(/[\p{C}\p{Zl}\p{Zp}]/gu, (character) =>
    Array.from(
      { length: character.length },
      (_, unit) => `\\u${character.charCodeAt(unit).toString(16).padStart(4, '0')}`,
    ).join(''),
  );
}

function isObject(value: Json): value is JsonObject {
  return typeof value === 'object' && value !== null && !isList(value);
}

function isList(value: Json): value is readonly Json[] {
  return Array.isArray(value);
}
