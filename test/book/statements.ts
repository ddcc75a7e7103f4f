/** Signed statements of one deployment, for tests that need real ones. */
import { randomUUID } from 'node:crypto';
import { digestOf, requestIdOf } from '../../approval/digest.ts';
import { generateSigningKey } from '../../approval/keys.ts';
import { statementSchemas } from '../../approval/schemas.ts';
import { signStatement } from '../../approval/statements.ts';
import type { Digest, JsonObject, StatementByKind, Verb, Verified } from '../../approval/types.ts';

const audience = 'test';
const agentName = 'exporter';
const agent = generateSigningKey(agentName).signing;
const gateway = generateSigningKey('gateway').signing;
const executor = generateSigningKey('executor').signing;
const at = '2026-03-01T09:30:00.000Z';

export const otherGateway = generateSigningKey('gateway').signing;

export function aDigest(of: string = randomUUID()): Digest {
  return digestOf(of);
}

export function aRequest(action = 'sql.export'): Verified<'request'> {
  const key = randomUUID();
  return signStatement(
    'request',
    {
      audience,
      request_id: requestIdOf(audience, agentName, key),
      key,
      agent: agentName,
      action: { name: action, input: {} },
      claims: { on_behalf_of: null, intent: null, reason: null, trigger: null, context: {} },
      attested: null,
      requested_at: at,
    },
    agent,
  );
}

export function aPreview(request: Verified<'request'>): Verified<'preview'> {
  const { request_id } = request.statement;
  const resource = { table: 'customers' };
  return signStatement(
    'preview',
    {
      audience,
      request_id,
      action_digest: request.digest,
      resource,
      facts: {},
      previewed_at: at,
      revision: 1,
    },
    executor,
  );
}

export function aDecision(
  request: Verified<'request'>,
  change: Partial<StatementByKind['decision']> = {},
  key = gateway,
): Verified<'decision'> {
  const statement = {
    audience,
    request_id: request.statement.request_id,
    action_digest: request.digest,
    preview_digest: aDigest('preview'),
    rule_digest: aDigest('rule'),
    card_digest: aDigest('card'),
    verdict: 'approve' as const,
    to: null,
    person: 'ana',
    standing: { eligible: true, code: 'eligible', denials: 1, directory_digest: aDigest('directory') },
    channel: { name: 'slack', account: 'T1/U1' },
    typed: null,
    reason: null,
    decided_at: at,
    ...change,
  };
  return signStatement('decision', statement, key);
}

export function aWithdrawal(request: Verified<'request'>): Verified<'instruction'> {
  return signStatement(
    'instruction',
    {
      audience,
      verb: 'withdraw',
      subject: request.statement.request_id,
      detail: { agent: agentName },
      person: null,
      reason: null,
      issued_at: at,
      expires_at: '2026-03-02T09:30:00.000Z',
    },
    agent,
  );
}

/** Ana says that it ran. */
export function aSettlement(request: Verified<'request'>): Verified<'instruction'> {
  return saidOf(request, 'settle', { start: aDigest('start'), ran: true });
}

/** Ana ends it early. */
export function aRevocation(request: Verified<'request'>): Verified<'instruction'> {
  return saidOf(request, 'revoke', { of: 'lease' });
}

/** Ana releases it alone. */
export function aBrokenGlass(request: Verified<'request'>): Verified<'instruction'> {
  return saidOf(request, 'break_glass', { action_digest: request.digest, preview_digest: null });
}

/** Ana stops everything, for a reason that nobody gave before. */
export function aFreeze(): Verified<'instruction'> {
  return said('freeze', 'everything', { scope: { of: 'everything' } }, randomUUID());
}

export function anUnfreeze(freeze: Verified<'instruction'>): Verified<'instruction'> {
  return said('unfreeze', freeze.digest, {});
}

export function aDelegation(): Verified<'instruction'> {
  return said('delegate', 'ben', { action: 'sql.*', starts_at: at }, randomUUID());
}

/** Ana takes a delegation back. */
export function anEndOf(delegation: Verified<'instruction'>): Verified<'instruction'> {
  return said('revoke', delegation.digest, { of: 'delegation' });
}

function saidOf(request: Verified<'request'>, verb: Verb, detail: JsonObject): Verified<'instruction'> {
  return said(verb, request.statement.request_id, detail);
}

function said(
  verb: Verb,
  subject: string,
  detail: JsonObject,
  reason = 'I looked.',
): Verified<'instruction'> {
  const instruction = {
    audience,
    verb,
    subject,
    detail,
    person: 'ana',
    reason,
    issued_at: at,
    expires_at: '2026-03-02T09:30:00.000Z',
  };
  return signStatement('instruction', statementSchemas.instruction.parse(instruction), gateway);
}

export function aStart(request: Verified<'request'>, started_at = at): Verified<'start'> {
  return signStatement(
    'start',
    {
      audience,
      request_id: request.statement.request_id,
      request: request.digest,
      preview: null,
      decisions: [],
      instructions: [],
      policy: aDigest('policy'),
      directory: aDigest('directory'),
      steps: [],
      started_at,
      deadline: '2026-03-01T10:30:00.000Z',
    },
    executor,
  );
}

export function aFinish(start: Verified<'start'>): Verified<'finish'> {
  return signStatement(
    'finish',
    {
      audience,
      request_id: start.statement.request_id,
      start: start.digest,
      outcome: 'succeeded',
      code: 'succeeded',
      result_digest: aDigest('result'),
      finished_at: at,
    },
    executor,
  );
}

/** Of something that named no request. */
export function aRefusal(): Verified<'refusal'> {
  return signStatement(
    'refusal',
    {
      audience,
      activity: `execute ${randomUUID()}`,
      request_id: null,
      step: 'request',
      code: 'envelope_malformed',
      refused_at: at,
    },
    executor,
  );
}
