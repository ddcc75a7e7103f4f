/** The statement in an envelope as it lies in a history: nobody has verified it, so all of it is a claim. */
import { digestOf } from '../../approval/digest.ts';
import type { Digest } from '../../approval/types.ts';
import { at } from './event.ts';

export interface ClaimedStatement {
  /** The kind in its payload type; null where that is none of Assent's. */
  readonly kind: string | null;
  readonly digest: Digest;
  /** Undefined where the payload is no JSON. */
  readonly statement: unknown;
}

/** Null where the value is no envelope, or its payload not in the one spelling that base64 has. */
export function statementIn(envelope: unknown): ClaimedStatement | null {
  const payload = at(envelope, 'payload');
  const type = at(envelope, 'payloadType');
  if (typeof payload !== 'string' || typeof type !== 'string') return null;
  const bytes = Buffer.from(payload, 'base64');
  if (bytes.toString('base64') !== payload) return null;
  const kind = /^application\/vnd\.assent\.([a-z]{1,40})\.v1\+json$/.exec(type)?.[1] ?? null;
  return { kind, digest: digestOf(bytes), statement: jsonOf(bytes.toString()) };
}

function jsonOf(text: string): unknown {
  try {
    const value: unknown = JSON.parse(text);
    return value;
  } catch {
    // Its digest is told even so.
    return undefined;
  }
}
