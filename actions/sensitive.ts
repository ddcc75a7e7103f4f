/** Paths of sensitive values in an input: dotted keys, `*` for every key or index. */
import type { Json, JsonObject } from '../approval/types.ts';

const PATH = /^(\*|[A-Za-z_$][\w$-]*)(\.(\*|[A-Za-z_$][\w$-]*|\d+))*$/;

export function isSensitivePath(path: string): boolean {
  return PATH.test(path);
}

/** The places of the input that a declared path names, as `users.0.password`; none where nothing is there. */
export function presentPaths(path: string, input: JsonObject): readonly string[] {
  return find(path.split('.'), input, []);
}

function find(steps: readonly string[], value: Json, above: readonly string[]): readonly string[] {
  const [step, ...rest] = steps;
  if (step === undefined) return [above.join('.')];
  if (value === null || typeof value !== 'object') return [];
  return Object.entries(value)
    .filter(([key]) => step === '*' || step === key)
    .flatMap(([key, child]) => find(rest, child, [...above, key]));
}
