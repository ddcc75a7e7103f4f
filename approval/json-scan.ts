/**
 * A JSON reader (RFC 8259) that refuses duplicate keys and counts depth before it recurses.
 *
 * JSON.parse keeps the last of two equal keys silently, so a signed text could mean two things.
 */
import { AssentError } from './error.ts';
import type { Json } from './types.ts';

const NUMBER = /-?(?:0|[1-9][0-9]*)(?:\.[0-9]+)?(?:[eE][+-]?[0-9]+)?/y;
// Up to the closing quote; an escape is two characters, whatever the second is. JSON.parse judges the rest.
const STRING = /"(?:[^"\\]|\\.)*"/sy;
const SPACE = /[ \t\n\r]*/y;

/** Reads one JSON text; the caller has bounded its length. */
export function scanJson(text: string, maxDepth: number): Json {
  let at = 0;

  const fail = (what: string): AssentError =>
    new AssentError('json_malformed', `The JSON is malformed at character ${at + 1}: ${what}.`);

  const match = (pattern: RegExp): string | null => {
    pattern.lastIndex = at;
    const found = pattern.exec(text)?.[0] ?? null;
    if (found !== null) at += found.length;
    return found;
  };

  const expect = (character: string): void => {
    match(SPACE);
    if (text[at] !== character) throw fail(`expected ${character}`);
    at += 1;
  };

  const next = (): string | undefined => {
    match(SPACE);
    return text[at];
  };

  const string = (): string => {
    match(SPACE);
    const raw = match(STRING);
    if (raw === null) throw fail('expected a string');
    try {
      const value: unknown = JSON.parse(raw);
      if (typeof value === 'string') return value;
    } catch (cause) {
      throw new AssentError('json_malformed', `The JSON has a malformed string before character ${at + 1}.`, {
        cause,
      });
    }
    throw fail('expected a string');
  };

  const number = (): number => {
    const raw = match(NUMBER);
    if (raw === null) throw fail('expected a value');
    const value = Number(raw);
    // A text that means another number than what was read would be signed as something it is not.
    if (/^-?[0-9]+$/.test(raw) && String(value) !== raw) {
      throw fail(`${raw.slice(0, 40)} is not a number that can be held exactly; send it as a string`);
    }
    return value;
  };

  const list = (depth: number): Json[] => {
    const items: Json[] = [];
    expect('[');
    if (next() !== ']') {
      do items.push(value(depth + 1));
      while (next() === ',' && ++at > 0);
    }
    expect(']');
    return items;
  };

  const object = (depth: number): Json => {
    const entries = new Map<string, Json>();
    expect('{');
    if (next() !== '}') {
      do {
        const key = string();
        if (entries.has(key)) {
          throw new AssentError(
            'json_duplicate_key',
            `The JSON has the key ${JSON.stringify(key.slice(0, 80))} twice, before character ${at + 1}.`,
          );
        }
        expect(':');
        entries.set(key, value(depth + 1));
      } while (next() === ',' && ++at > 0);
    }
    expect('}');
    // fromEntries defines own properties, so a key named __proto__ stays data.
    return Object.fromEntries(entries);
  };

  const word = (literal: string, meaning: null | boolean): null | boolean => {
    if (!text.startsWith(literal, at)) throw fail('expected a value');
    at += literal.length;
    return meaning;
  };

  const value = (depth: number): Json => {
    const first = next();
    if (first === '{' || first === '[') {
      if (depth >= maxDepth) {
        throw new AssentError(
          'json_too_deep',
          `The JSON nests deeper than ${maxDepth} levels at character ${at + 1}.`,
        );
      }
      return first === '{' ? object(depth) : list(depth);
    }
    if (first === '"') return string();
    if (first === 't') return word('true', true);
    if (first === 'f') return word('false', false);
    if (first === 'n') return word('null', null);
    return number();
  };

  const result = value(0);
  if (next() !== undefined) throw fail('expected the end');
  return result;
}
