/** What each activity says on the stage where a test says nothing else: one approval is needed, and the action succeeds. */
import { Context } from '@temporalio/activity';
import type { ExecutorActivities, GatewayActivities, WorkerActivities } from '../../activities/types.ts';
import { digestOf } from '../../approval/digest.ts';
import { parseEnvelope } from '../../approval/dsse.ts';
import { AssentError } from '../../approval/error.ts';
import { statementSchemas } from '../../approval/schemas.ts';
import { kindOf } from '../../approval/statements.ts';
import type { Requirement, Verified } from '../../approval/types.ts';
import {
  type Admitted,
  type Executed,
  type Notified,
  QUEUES,
  type Ruling,
} from '../../workflows/messages.ts';
import { aDigest, aFinish, aPreview, aStart, otherGateway } from '../book/statements.ts';

export type Script = WorkerActivities & ExecutorActivities & GatewayActivities;

export const HOUR = 3600;

/** One of ana and ben within an hour; carla too from the half of it. */
export function aRequirement(change: Partial<Requirement> = {}): Requirement {
  return {
    count: 1,
    timeout_seconds: HOUR,
    stages: [
      { after_seconds: 0, from: ['data'], people: ['ana', 'ben'] },
      { after_seconds: HOUR / 2, from: ['leads'], people: ['carla'] },
    ],
    excluded: [{ person: 'olga', why: 'owns the agent' }],
    grant_ttl_seconds: 900,
    risk: 'high',
    channel: null,
    ...change,
  };
}

export function aRuling({ digest, statement }: Verified<'request'>, change: Partial<Ruling> = {}): Ruling {
  return {
    request_id: statement.request_id,
    action_digest: digest,
    action: statement.action.name,
    agent: statement.agent,
    effect: 'require_approval',
    code: 'approval_required',
    rule: 'exports',
    rule_digest: aDigest('rule'),
    requirement: aRequirement(),
    explanation: ['Rule exports matches: rows > 100 (1204).'],
    task_queue: QUEUES.executor,
    max_seconds: 60,
    ...change,
  };
}

export function allowed(request: Verified<'request'>): Partial<Script> {
  const ruling = aRuling(request, { effect: 'allow', code: 'allowed', requirement: null });
  return { evaluatePolicy: async () => ruling };
}

export function aNotice(request: Verified<'request'>, change: Partial<Notified> = {}): Notified {
  const { request_id } = request.statement;
  return { request_id, delivered: true, code: 'delivered', state: 'pending', ...change };
}

export function anExecution(request: Verified<'request'>, change: Partial<Executed> = {}): Executed {
  const start = aStart(request);
  const finish = aFinish(start);
  return {
    request_id: request.statement.request_id,
    outcome: 'succeeded',
    step: null,
    code: 'succeeded',
    reason: null,
    result: { file: 'customers.csv' },
    start: start.envelope,
    finish: finish.envelope,
    start_digest: start.digest,
    finish_digest: finish.digest,
    refusal_digest: null,
    ...change,
  };
}

export function aRefusedExecution(request: Verified<'request'>): Executed {
  const told = { outcome: 'refused', step: 'requirement', code: 'requirement_not_met' } as const;
  const nothing = {
    result: null,
    start: null,
    finish: null,
    start_digest: null,
    finish_digest: null,
    refusal_digest: null,
  };
  return anExecution(request, { ...told, ...nothing, reason: 'The approvals do not meet the requirement.' });
}

export function defaultScript(request: Verified<'request'>): Script {
  return {
    evaluatePolicy: async () => aRuling(request),
    preview: async () => ({
      ok: true,
      preview_digest: aPreview(request).digest,
      // The server's clock, which may skip ahead of this machine's.
      previewed_at: new Date(Context.current().info.currentAttemptScheduledTimestampMs).toISOString(),
    }),
    notify: async () => aNotice(request),
    admitDecisions: async ({ messages }) =>
      messages.map(({ signal, envelope }) => admit(signal, envelope, request.statement.request_id)),
    execute: async () => anExecution(request),
    recordHistory: async () => ({ appended: 0 }),
  };
}

/** The shape of what the worker answers; whose keys count is tested with the worker's own. */
function admit(signal: string, envelope: unknown, requestId: string): Admitted {
  if (signal !== 'decide' && signal !== 'withdraw') {
    return { kind: 'unknown', admitted: false, code: 'signal_unknown' };
  }
  const kind = signal === 'decide' ? 'decision' : 'withdrawal';
  try {
    const expected = signal === 'decide' ? 'decision' : 'instruction';
    if (kindOf(envelope) !== expected) return { kind, admitted: false, code: 'envelope_type' };
    const sealed = parseEnvelope(envelope);
    if (sealed.signatures[0].keyid === otherGateway.keyid)
      return { kind, admitted: false, code: 'key_unknown' };
    const payload = Buffer.from(sealed.payload, 'base64');
    const digest = digestOf(payload);
    const statement: unknown = JSON.parse(payload.toString());
    if (kind === 'withdrawal') {
      const { subject, reason } = statementSchemas.instruction.parse(statement);
      if (subject !== requestId) return { kind, admitted: false, code: 'other_request' };
      return { kind, admitted: true, digest, reason, envelope: sealed };
    }
    const decision = statementSchemas.decision.parse(statement);
    const { person, verdict, standing, reason, decided_at } = decision;
    if (decision.request_id !== requestId) return { kind, admitted: false, code: 'other_request' };
    const { eligible: stood, code } = standing;
    if (verdict === 'approve' && !stood) return { kind, admitted: false, code };
    return { kind, admitted: true, digest, code, person, verdict, stood, reason, decided_at };
  } catch (error) {
    if (!(error instanceof AssentError)) throw error;
    return { kind, admitted: false, code: error.code };
  }
}
