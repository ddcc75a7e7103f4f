/** The statements' schemas: strict, so that a field that nobody reads can't ride along under a signature. */
import { z } from 'zod';
import { PATTERN } from './pattern.ts';
import type { Digest, Json, JsonObject, StatementByKind, StatementKind } from './types.ts';

const digest = z.custom<Digest>((value) => typeof value === 'string' && /^sha256:[0-9a-f]{64}$/.test(value), {
  message: 'must be sha256: and 64 hex digits',
});
const requestId = z.string().regex(/^[0-9a-f]{64}$/, 'must be 64 hex digits');
/** RFC 3339, UTC, milliseconds; a day that the calendar has not is refused by the round trip. */
const timestamp = z.string().refine((text) => isTimestamp(text), {
  message: 'must be a UTC time with milliseconds, such as 2026-03-01T09:30:00.000Z',
});
const name = z.string().min(1).max(200);
const words = z.string().max(4000);
const code = z.string().regex(/^[a-z][a-z0-9_]{0,79}$/, 'must be a code in snake_case');
const json: z.ZodType<Json> = z.json();
const pattern = z.string().max(200).regex(PATTERN, 'must be a pattern of action names');
const jsonObject: z.ZodType<JsonObject> = z.record(z.string(), json);
const nullable = <T extends z.ZodType>(schema: T) => schema.nullable();

export const claimsSchema = z.strictObject({
  on_behalf_of: nullable(name),
  intent: nullable(z.strictObject({ statement: words.min(1), source: nullable(words) })),
  reason: nullable(words),
  trigger: nullable(z.strictObject({ type: name, id: name, url: nullable(words) })),
  context: jsonObject,
});

const request = z.strictObject({
  audience: name,
  request_id: requestId,
  key: name,
  agent: name,
  action: z.strictObject({ name, input: jsonObject }),
  claims: claimsSchema,
  attested: z.null(),
  requested_at: timestamp,
});

const preview = z.strictObject({
  audience: name,
  request_id: requestId,
  action_digest: digest,
  resource: jsonObject,
  facts: jsonObject,
  previewed_at: timestamp,
  revision: z.int().min(1),
});

const decision = z
  .strictObject({
    audience: name,
    request_id: requestId,
    action_digest: digest,
    preview_digest: digest,
    rule_digest: digest,
    card_digest: digest,
    verdict: z.enum(['approve', 'deny', 'defer']),
    to: nullable(name),
    person: nullable(name),
    standing: z
      .strictObject({ eligible: z.boolean(), code, denials: z.int().min(1), directory_digest: digest })
      .refine(({ eligible, code }) => eligible === (code === 'eligible'), {
        message: 'must bear the code eligible exactly when it is',
      }),
    channel: z.strictObject({ name, account: name }),
    typed: nullable(words),
    reason: nullable(words),
    decided_at: timestamp,
  })
  .refine(({ person, standing }) => person !== null || !standing.eligible, {
    message: 'must name the person who is eligible',
  })
  .refine(({ verdict, to }) => (verdict === 'defer') === (to !== null), {
    message: 'must name whom it is handed to exactly when it defers',
  });

const scope = z.discriminatedUnion('of', [
  z.strictObject({ of: z.literal('everything') }),
  z.strictObject({ of: z.literal('agent'), agent: name }),
  z.strictObject({ of: z.literal('action'), action: pattern }),
  z.strictObject({ of: z.literal('resource'), resource: jsonObject }),
]);

/** By its digest, or by the request's id. */
const digestOrRequest = z.union([digest, requestId]);

const instruction = z.discriminatedUnion('verb', [
  said('withdraw', requestId, z.strictObject({ agent: name }), z.null()),
  said('settle', requestId, z.strictObject({ start: digest, ran: z.boolean() }), name),
  said('freeze', words.min(1), z.strictObject({ scope }), name),
  said('unfreeze', digest, z.strictObject({}), name),
  said(
    'break_glass',
    requestId,
    z.strictObject({ action_digest: digest, preview_digest: nullable(digest) }),
    name,
  ),
  said('review', requestId, z.strictObject({ break_glass: digest, justified: z.boolean() }), name),
  said('delegate', name, z.strictObject({ action: pattern, starts_at: timestamp }), name),
  said('revoke', digestOrRequest, z.strictObject({ of: z.enum(['lease', 'delegation']) }), name),
]);

function said<V extends string, S extends z.ZodType, D extends z.ZodType, P extends z.ZodType>(
  verb: V,
  subject: S,
  detail: D,
  person: P,
) {
  return z.strictObject({
    audience: name,
    verb: z.literal(verb),
    subject,
    detail,
    person,
    reason: nullable(words),
    issued_at: timestamp,
    expires_at: timestamp,
  });
}

const start = z.strictObject({
  audience: name,
  request_id: requestId,
  request: digest,
  preview: nullable(digest),
  decisions: z.array(digest),
  instructions: z.array(digest),
  policy: digest,
  directory: digest,
  steps: z.array(z.strictObject({ step: code, code })),
  started_at: timestamp,
  deadline: timestamp,
});

const finish = z.strictObject({
  audience: name,
  request_id: requestId,
  start: digest,
  outcome: z.enum(['succeeded', 'failed', 'refused']),
  code,
  result_digest: nullable(digest),
  finished_at: timestamp,
});

const refusal = z.strictObject({
  audience: name,
  activity: name,
  request_id: nullable(requestId),
  step: code,
  code,
  refused_at: timestamp,
});

export const statementSchemas: { readonly [K in StatementKind]: z.ZodType<StatementByKind[K]> } = {
  request,
  preview,
  decision,
  instruction,
  start,
  finish,
  refusal,
};

/** `true` for a UTC time in the one spelling that statements use. */
export function isTimestamp(text: string): boolean {
  const time = Date.parse(text);
  // Years beyond four digits have a sign before them, and would not sort as text.
  return text.length === 24 && !Number.isNaN(time) && new Date(time).toISOString() === text;
}
