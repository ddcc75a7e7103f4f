/** How a request came out, checked against the executor's signature: Temporal carries it, and vouches for nothing. */
import { z } from 'zod';
import { digestOfJson } from '../approval/digest.ts';
import { AssentError } from '../approval/error.ts';
import { openStatement } from '../approval/statements.ts';
import type { Trust } from '../approval/trust.ts';
import type { Digest, Outcome as End, Envelope, JsonObject, Resolution } from '../approval/types.ts';

const envelope = z.custom<Envelope>((value) => typeof value === 'object' && value !== null);
const schema = z.object({
  request_id: z.string().nullable(),
  resolution: z.enum(['approved', 'denied', 'expired', 'withdrawn', 'undeliverable', 'flooded']),
  outcome: z.enum(['succeeded', 'failed', 'unknown', 'not_executed']),
  code: z.string(),
  reason: z.string().nullable(),
  result: z.custom<JsonObject>((value) => typeof value === 'object' && value !== null).nullable(),
  start: envelope.nullable(),
  finish: envelope.nullable(),
});

export interface Evidence {
  readonly requestId: string;
  readonly actionDigest: Digest;
  /** The executor's signed word that it began and how it ended; null where it never began. */
  readonly start: Envelope | null;
  readonly finish: Envelope | null;
}

export interface Outcome {
  readonly resolution: Resolution;
  readonly outcome: End;
  /** Stable; `succeeded`, or why not. */
  readonly code: string;
  /** In words: a denier's reason, what policy says, what failed. */
  readonly reason: string | null;
  /** Present where the outcome is `succeeded`. */
  readonly result: JsonObject | null;
  readonly evidence: Evidence;
}

/**
 * @throws AssentError `result_unverified` where an execution is reported that the executor did not sign
 */
export function readOutcome(
  value: unknown,
  request: { readonly requestId: string; readonly actionDigest: Digest },
  trust: Trust,
): Outcome {
  const parsed = schema.safeParse(value);
  if (!parsed.success) throw unverified('it is not as a request ends', parsed.error);
  const { resolution, outcome, code, reason, result, start, finish } = parsed.data;
  if (outcome === 'succeeded' || outcome === 'failed') {
    const begun = open('start', start, trust);
    const ended = open('finish', finish, trust);
    const { request_id } = begun.statement;
    if (request_id !== request.requestId || begun.statement.request !== request.actionDigest) {
      throw unverified('its Start is of another request');
    }
    if (ended.statement.start !== begun.digest || ended.statement.outcome !== outcome) {
      throw unverified('its Finish says something else');
    }
    const digest = result === null ? null : digestOfJson(result);
    if (ended.statement.result_digest !== digest) throw unverified('its Finish is of another result');
  }
  return { resolution, outcome, code, reason, result, evidence: { ...request, start, finish } };
}

function open<K extends 'start' | 'finish'>(kind: K, sealed: Envelope | null, trust: Trust) {
  try {
    return openStatement(kind, sealed, { keys: trust.executor, audience: trust.audience });
  } catch (cause) {
    throw unverified(`its ${kind} does not verify`, cause);
  }
}

function unverified(why: string, cause?: unknown): AssentError {
  return new AssentError('result_unverified', `A result came back that no executor vouches for: ${why}.`, {
    cause,
  });
}

/** The one word by which an outcome that is not success is told apart. */
export function failureCode({ resolution, outcome }: Pick<Outcome, 'resolution' | 'outcome'>): string {
  if (outcome !== 'not_executed') return outcome;
  return resolution === 'approved' ? 'not_executed' : resolution;
}
