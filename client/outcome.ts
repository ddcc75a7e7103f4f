/** How a request came out, checked against the executor's signature: Temporal carries it, and vouches for nothing. */
import { z } from 'zod';
import { digestOfJson } from '../approval/digest.ts';
import { envelopeSchema } from '../approval/dsse.ts';
import { AssentError } from '../approval/error.ts';
import { openStatement } from '../approval/statements.ts';
import type { Trust } from '../approval/trust.ts';
import type {
  Digest,
  Outcome as End,
  Envelope,
  JsonObject,
  Resolution,
  Timestamp,
  Verified,
} from '../approval/types.ts';

const result: z.ZodType<JsonObject> = z.record(z.string(), z.json());
const schema = z.object({
  request_id: z.string().nullable(),
  resolution: z.enum(['approved', 'denied', 'expired', 'withdrawn', 'undeliverable', 'flooded']),
  outcome: z.enum(['succeeded', 'failed', 'unknown', 'not_executed']),
  code: z.string(),
  reason: z.string().nullable(),
  result: result.nullable(),
  start: envelopeSchema.nullable(),
  finish: envelopeSchema.nullable(),
  until: z.iso.datetime().nullable(),
  settlement: z
    .object({ person: z.string().nullable(), ran: z.boolean(), reason: z.string().nullable() })
    .nullable(),
});
type Reported = z.output<typeof schema>;

export interface Evidence {
  readonly requestId: string;
  readonly actionDigest: Digest;
  /** The executor's signed word that it began and how it ended, verified; null where it gave none. */
  readonly start: Envelope | null;
  readonly finish: Envelope | null;
}

/**
 * That it succeeded or failed, its code and its result are the executor's signed word. That nothing ran, and every
 * reason, is what Temporal tells: whoever controls Temporal can withhold an outcome, and invent none.
 */
export interface Outcome {
  readonly resolution: Resolution;
  readonly outcome: End;
  /** Stable; `succeeded`, or why not. */
  readonly code: string;
  /** In words: a denier's reason, what policy says, what failed. */
  readonly reason: string | null;
  /** Present exactly where the outcome is `succeeded`. */
  readonly result: JsonObject | null;
  /** Of an action that has an end: when it is undone, by Temporal's word. */
  readonly until: Timestamp | null;
  /** What a person said of an unknown outcome, by Temporal's word; the outcome stays unknown. */
  readonly settlement: {
    readonly person: string | null;
    readonly ran: boolean;
    readonly reason: string | null;
  } | null;
  readonly evidence: Evidence;
}

export interface RequestMade {
  readonly requestId: string;
  readonly actionDigest: Digest;
}

/** @throws AssentError `result_unverified` where something is reported that the executor did not sign */
export function readOutcome(value: unknown, request: RequestMade, trust: Trust): Outcome {
  const parsed = schema.safeParse(value);
  if (!parsed.success) throw unverified('it is not as a request ends', request, parsed.error);
  const reported = parsed.data;
  // Null where the workflow could not even read the request.
  if (reported.request_id !== null && reported.request_id !== request.requestId) {
    throw unverified('it is of another request', request);
  }
  const start = opened('start', reported.start, request, trust);
  const finish = opened('finish', reported.finish, request, trust);
  if (start !== null && start.statement.request !== request.actionDigest) {
    throw unverified('its Start is of another action', request);
  }
  if (finish !== null && finish.statement.start !== start?.digest) {
    throw unverified('its Finish is of another Start', request);
  }
  const wrong = contradiction(reported, digestIn(reported, request), finish);
  if (wrong !== null) throw unverified(wrong, request);
  const { resolution, outcome, code, reason, until, settlement } = reported;
  const evidence = { ...request, start: reported.start, finish: reported.finish };
  return { resolution, outcome, code, reason, result: reported.result, until, settlement, evidence };
}

/** The one word by which an outcome that is not success is told apart. */
export function failureCode({ resolution, outcome }: Pick<Outcome, 'resolution' | 'outcome'>): string {
  if (outcome !== 'not_executed') return outcome;
  return resolution === 'approved' ? 'not_executed' : resolution;
}

function digestIn({ result }: Reported, request: RequestMade): Digest | null {
  try {
    return result === null ? null : digestOfJson(result);
  } catch (cause) {
    throw unverified('its result has no canonical form, so nobody can have signed it', request, cause);
  }
}

function contradiction(
  reported: Reported,
  digest: Digest | null,
  finish: Verified<'finish'> | null,
): string | null {
  const { resolution, outcome, code, result } = reported;
  if (outcome !== 'not_executed' && resolution !== 'approved') {
    return `it says both ${resolution} and ${outcome}`;
  }
  const said = finish?.statement.outcome;
  if (outcome === 'succeeded' || outcome === 'failed') {
    if (said !== outcome || finish?.statement.code !== code) return 'no Finish says so';
  } else if (said === 'succeeded' || said === 'failed') return 'its Finish says that it ran';
  if ((result !== null) !== (outcome === 'succeeded')) return 'its result does not go with its outcome';
  return finish !== null && finish.statement.result_digest !== digest
    ? 'its Finish is of another result'
    : null;
}

function opened<K extends 'start' | 'finish'>(
  kind: K,
  sealed: Envelope | null,
  request: RequestMade,
  trust: Trust,
): Verified<K> | null {
  if (sealed === null) return null;
  let verified: Verified<K>;
  try {
    verified = openStatement(kind, sealed, { keys: trust.executor, audience: trust.audience });
  } catch (cause) {
    throw unverified(`its ${kind} does not verify`, request, cause);
  }
  if (verified.statement.request_id === request.requestId) return verified;
  throw unverified(`its ${kind} is of another request`, request);
}

function unverified(why: string, { requestId }: RequestMade, cause?: unknown): AssentError {
  return new AssentError(
    'result_unverified',
    `A result came back for request ${requestId} that no executor vouches for: ${why}. Believe none of it; the book says what ran.`,
    { cause, evidence: { requestId } },
  );
}
