/** What differs between two previews' facts, in words: where an action does not say itself what matters. */
import { canonicalize } from '../approval/canonical-json.ts';
import type { Json, JsonObject } from '../approval/types.ts';

const LONGEST_VALUE = 80;

/** One line a field, in the order of their names: `rows: 1204 was approved, now it is 5000`. */
export function differences(approved: JsonObject, now: JsonObject): readonly string[] {
  const fields = [...new Set([...Object.keys(approved), ...Object.keys(now)])].toSorted();
  return fields
    .filter((field) => spelled(approved[field]) !== spelled(now[field]))
    .map((field) => `${field}: ${shown(approved[field])} was approved, now it is ${shown(now[field])}`);
}

function spelled(value: Json | undefined): string {
  return value === undefined ? '' : canonicalize(value);
}

function shown(value: Json | undefined): string {
  const characters = [...(value === undefined ? 'nothing' : canonicalize(value))];
  return characters.length <= LONGEST_VALUE
    ? characters.join('')
    : `${characters.slice(0, LONGEST_VALUE).join('')}…`;
}
