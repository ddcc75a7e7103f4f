/**
 * Canonical JSON (RFC 8785) with guards, and its strict parser.
 *
 * What has no exact JSON form is refused instead of being bent into one: the library underneath turns
 * undefined in arrays into null, a Date into a string, a Map into {} and rounds unsafe integers.
 */
import canonicalizeJson from 'canonicalize';
import { AssentError } from './error.ts';
import { scanJson } from './json-scan.ts';
import type { Json } from './types.ts';

/** The largest JSON text that any border takes, in bytes of UTF-8. */
export const MAX_JSON_BYTES = 256 * 1024;
/** The deepest nesting of arrays and objects. */
export const MAX_JSON_DEPTH = 64;

/**
 * The RFC 8785 text of a value.
 *
 * @throws AssentError `canonical_json_refused`, naming the path of what has no exact JSON form.
 */
export function canonicalize(value: unknown): string {
  guard(value, '$', 0);
  const text = canonicalizeJson(value);
  if (text === undefined) throw refused('$', 'has no JSON form');
  return text;
}

/**
 * Parses JSON text strictly: no duplicate keys, no integer that would be rounded, no lone surrogate,
 * at most {@link MAX_JSON_DEPTH} levels and {@link MAX_JSON_BYTES} bytes.
 *
 * @throws AssentError `json_too_large`, `json_malformed`, `json_duplicate_key`, `json_too_deep`, `canonical_json_refused`
 */
export function parseJson(text: string): Json {
  const bytes = Buffer.byteLength(text);
  if (bytes > MAX_JSON_BYTES) {
    throw new AssentError(
      'json_too_large',
      `The JSON has ${bytes} bytes; at most ${MAX_JSON_BYTES} are taken.`,
    );
  }
  const value = scanJson(text, MAX_JSON_DEPTH);
  guard(value, '$', 0);
  return value;
}

function guard(value: unknown, path: string, depth: number): void {
  switch (typeof value) {
    case 'boolean':
      return;
    case 'string':
      if (!value.isWellFormed()) throw refused(path, 'holds a lone surrogate');
      return;
    case 'number':
      guardNumber(value, path);
      return;
    case 'object':
      guardObject(value, path, depth);
      return;
    default:
      throw refused(path, `is ${typeof value}, which JSON has not`);
  }
}

function guardNumber(value: number, path: string): void {
  if (!Number.isFinite(value)) throw refused(path, `is ${value}`);
  if (Number.isInteger(value) && !Number.isSafeInteger(value)) {
    throw refused(path, 'is an integer that a double cannot hold exactly; send it as a string');
  }
  if (Object.is(value, -0)) throw refused(path, 'is -0');
}

function guardObject(value: object | null, path: string, depth: number): void {
  if (value === null) return;
  if (depth >= MAX_JSON_DEPTH) throw refused(path, `lies deeper than ${MAX_JSON_DEPTH} levels`);
  if ('toJSON' in value && typeof value.toJSON === 'function') throw refused(path, 'has a toJSON of its own');
  const prototype: unknown = Object.getPrototypeOf(value);
  if (Array.isArray(value) && prototype === Array.prototype) {
    // Indexed, so that a hole is seen as the undefined that it is.
    for (let index = 0; index < value.length; index++) guard(value[index], `${path}[${index}]`, depth + 1);
    if (Reflect.ownKeys(value).length > value.length + 1) throw refused(path, 'has more than its elements');
    return;
  }
  if (prototype !== Object.prototype && prototype !== null) {
    throw refused(path, `is a ${value.constructor?.name ?? 'class instance'}, not a plain object`);
  }
  for (const key of Reflect.ownKeys(value)) {
    if (typeof key === 'symbol') throw refused(path, 'has a symbol as key');
    if (!key.isWellFormed()) throw refused(path, 'has a key with a lone surrogate');
    // Libraries disagree on what this key means, so nothing is signed that bears it.
    if (key === '__proto__') throw refused(path, 'has a key named __proto__');
    const property = Object.getOwnPropertyDescriptor(value, key);
    // What is hidden would be dropped silently.
    if (property?.enumerable !== true) throw refused(`${path}.${key}`, 'is hidden, not plain data');
    // A getter could answer otherwise when it is asked again, so it is not asked: what it holds is undefined.
    guard(property.value, `${path}.${key}`, depth + 1);
  }
}

function refused(path: string, why: string): AssentError {
  const place = path.length > 200 ? `${path.slice(0, 200)}…` : path;
  return new AssentError('canonical_json_refused', `${place} ${why}.`);
}
