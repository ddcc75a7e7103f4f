/** Paths into a file: keys of maps and indices of lists, and their one spelling for policy and people. */

export type Path = readonly (string | number)[];

/**
 * `limits.rate`, `servers.0.host`; a key that is not of letters, digits, `_` and `-` is quoted:
 * `annotations."example.com/owner"`.
 */
export function pathText(path: Path): string {
  return path
    .map((step) => (typeof step === 'string' && !/^[\w-]+$/.test(step) ? JSON.stringify(step) : String(step)))
    .join('.');
}

/** A path that is, or lies within, another one of the list; null where each stands alone. */
export function overlapping(paths: readonly Path[]): Path | null {
  const spelled = paths.map((path) => `${pathText(path)}.`);
  const clash = spelled.findIndex((text, index) =>
    spelled.some((other, at) => at !== index && text.startsWith(other)),
  );
  return paths[clash] ?? null;
}
