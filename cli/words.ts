/** How names, digests and counts are written for people. */
import type { Digest } from '../client/vocabulary.ts';

/** `sha256:` and twelve digits: enough to give back to a command. */
export function shortDigest(digest: Digest): string {
  return digest.slice(0, 'sha256:'.length + 12);
}

/** `a, b and c` */
export function listed(names: readonly string[]): string {
  const last = names.at(-1) ?? 'nobody';
  return names.length < 2 ? last : `${names.slice(0, -1).join(', ')} and ${last}`;
}
