/** SHA-256 digests as `sha256:<hex>`, and the id that they give a request. */
import { createHash } from 'node:crypto';
import { canonicalize } from './canonical-json.ts';
import type { Digest } from './types.ts';

/** Digest of bytes; a string counts as its UTF-8. */
export function digestOf(bytes: Uint8Array | string): Digest {
  return `sha256:${hex(bytes)}`;
}

/** Digest of a value's canonical form (RFC 8785). */
export function digestOfJson(value: unknown): Digest {
  return digestOf(canonicalize(value));
}

/** 64 hex: the SHA-256 of the canonical form of [audience, agent, caller's key]. */
export function requestIdOf(audience: string, agent: string, key: string): string {
  return hex(canonicalize([audience, agent, key]));
}

function hex(bytes: Uint8Array | string): string {
  return createHash('sha256').update(bytes).digest('hex');
}
