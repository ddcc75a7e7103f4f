/**
 * A request as somebody hands it over to ask about: a signed envelope, a statement out of one, or no more than this:
 *
 *     {"agent": "analyst", "action": {"name": "sql.export", "input": {…}}, "claims": {"on_behalf_of": "jon"}}
 *
 * Nothing is verified: it is asked what policy would say if it were signed.
 */
import { z } from 'zod';
import { canonicalize, parseJson } from '../approval/canonical-json.ts';
import { requestIdOf } from '../approval/digest.ts';
import { parseEnvelope } from '../approval/dsse.ts';
import { AssentError } from '../approval/error.ts';
import { isTimestamp } from '../approval/schemas.ts';
import { kindOf } from '../approval/statements.ts';
import type { Json, JsonObject, RequestStatement } from '../approval/types.ts';
import { type FaultAt, faultsOfIssue, mapping, pathText } from '../approval/yaml-fault.ts';

const words = z.string().max(4000);
const name = z.string().min(1).max(200);
const json: z.ZodType<Json> = z.json();
const object: z.ZodType<JsonObject> = z.record(z.string(), json);

const given = mapping({
  audience: name.default('nobody'),
  request_id: z.string().optional(),
  key: name.default('none'),
  agent: name,
  action: mapping({ name, input: object.default({}) }),
  claims: mapping({
    on_behalf_of: name.nullable().default(null),
    intent: mapping({ statement: words.min(1), source: words.nullable().default(null) })
      .nullable()
      .default(null),
    reason: words.nullable().default(null),
    trigger: mapping({ type: name, id: name, url: words.nullable().default(null) })
      .nullable()
      .default(null),
    context: object.default({}),
  }).prefault({}),
  attested: z.null().default(null),
  requested_at: z
    .string()
    .refine(isTimestamp, 'must be a UTC time with milliseconds, such as 2026-03-01T09:30:00.000Z')
    .optional(),
});

/**
 * @param now when it was requested, where it does not say; null where it must
 * @throws AssentError `request_malformed`, `envelope_…`, `json_…`
 */
export function givenRequest(value: Json, now: Date | null): RequestStatement {
  const payload = payloadOf(value);
  const parsed = given.safeParse(payload);
  if (!parsed.success) throw malformed(parsed.error, payload);
  const { request_id, requested_at, ...rest } = parsed.data;
  // What has no exact JSON form could not have been signed.
  canonicalize(rest.action.input);
  const asked = requested_at ?? now?.toISOString();
  if (asked === undefined) {
    throw new AssentError('request_malformed', 'The request says no requested_at; add it, or now beside it.');
  }
  return {
    ...rest,
    request_id: request_id ?? requestIdOf(rest.audience, rest.agent, rest.key),
    requested_at: asked,
  };
}

function payloadOf(value: Json): Json {
  if (typeof value !== 'object' || value === null || !('payloadType' in value)) return value;
  const kind = kindOf(value);
  if (kind !== 'request') {
    throw new AssentError('request_malformed', `This is the envelope of a ${kind}; give that of a request.`);
  }
  return parseJson(Buffer.from(parseEnvelope(value).payload, 'base64').toString());
}

function malformed({ issues }: z.ZodError, value: Json): AssentError {
  const told = issues
    .flatMap((issue) => faultsOfIssue(issue, value, unplaced))
    .map(({ path, message }) => (path === '' ? message : `${path}: ${message}`));
  return new AssentError(
    'request_malformed',
    `This is no request: ${told.join('; ')}. Write agent and action {name, input}, or give a signed one.`,
  );
}

const unplaced: FaultAt = (path, message) => ({
  file: '',
  line: 1,
  column: 1,
  path: pathText(path),
  message,
});
