/**
 * What a record may quote: short well-formed text, digests and ids; anything else is null.
 *
 * A text is cut by code point, and says so: `abc… (cut from 5000)`.
 */
import type { Digest } from '../../approval/types.ts';

/** In code points; statements allow names no longer. */
const LONGEST = 200;

export function text(value: unknown): string | null {
  if (typeof value !== 'string') return null;
  const points = [...value.toWellFormed()];
  if (points.length <= LONGEST) return points.join('');
  return `${points.slice(0, LONGEST).join('')}… (cut from ${points.length})`;
}

export function digest(value: unknown): Digest | null {
  return isDigest(value) ? value : null;
}

function isDigest(value: unknown): value is Digest {
  return typeof value === 'string' && /^sha256:[0-9a-f]{64}$/.test(value);
}

export function requestId(value: unknown): string | null {
  return typeof value === 'string' && /^[0-9a-f]{64}$/.test(value) ? value : null;
}
