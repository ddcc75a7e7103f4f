/** What each activity says on the stage where a test says nothing else: one approval is needed, and the action succeeds. */
import { Context } from '@temporalio/activity';
import type { ExecutorActivities, GatewayActivities, WorkerActivities } from '../../activities/types.ts';
import { digestOf } from '../../approval/digest.ts';
import { parseEnvelope } from '../../approval/dsse.ts';
import { AssentError } from '../../approval/error.ts';
import { statementSchemas } from '../../approval/schemas.ts';
import { kindOf } from '../../approval/statements.ts';
import type { Escalation, Part, Release, Requirement, Timestamp, Verified } from '../../approval/types.ts';
import {
  type Admitted,
  type Executed,
  type Notified,
  type Previewed,
  QUEUES,
  type Ruling,
} from '../../workflows/messages.ts';
import { aDigest, aFinish, aPreview, aStart, otherGateway } from '../book/statements.ts';

export type Script = WorkerActivities & ExecutorActivities & GatewayActivities;

export const HOUR = 3600;

export const part = (count: number, people: readonly string[]): Part => ({
  any_of: [{ from: ['data'], people, count }],
});

export const escalation = (after_seconds: number, people: readonly string[]): Escalation => ({
  after_seconds,
  add: { from: ['leads'], people },
  notify: { from: [], people: [] },
});

/** One of ana and ben within an hour; carla too from the half of it. */
export function aRequirement(change: Partial<Requirement> = {}): Requirement {
  return {
    approvals: [part(1, ['ana', 'ben'])],
    order: 'parallel',
    denials: 1,
    timeout_seconds: HOUR,
    remind_after_seconds: null,
    escalations: [escalation(HOUR / 2, ['carla'])],
    excluded: [{ person: 'olga', why: 'owns the agent' }],
    deputies: [],
    require: [],
    risk: 'high',
    channel: null,
    ...change,
  };
}

export function aRelease(change: Partial<Release> = {}): Release {
  return {
    grant_ttl_seconds: 900,
    not_before: null,
    windows: [],
    closed: [],
    limit: null,
    slack_percent: 0,
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
    needs_preview: false,
    requirement: aRequirement(),
    release: aRelease(),
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
    again: null,
    until: null,
    result: { file: 'customers.csv' },
    start: start.envelope,
    finish: finish.envelope,
    start_digest: start.digest,
    finish_digest: finish.digest,
    refusal_digest: null,
    ...change,
  };
}

export function aRefusedExecution(request: Verified<'request'>, change: Partial<Executed> = {}): Executed {
  return anExecution(request, {
    outcome: 'refused',
    step: 'requirement',
    code: 'requirement_not_met',
    reason: 'The approvals do not meet the requirement.',
    result: null,
    start: null,
    finish: null,
    start_digest: null,
    finish_digest: null,
    ...change,
  });
}

/** Nothing is wrong with it; something keeps it from running now. */
export function aHeldExecution(
  request: Verified<'request'>,
  code: string,
  until: Timestamp | null,
): Executed {
  return aRefusedExecution(request, {
    step: 'time',
    code,
    reason: 'Not now.',
    again: { how: 'hold', until },
  });
}

export function aShownPreview(request: Verified<'request'>): Previewed {
  return {
    ok: true,
    preview_digest: aPreview(request).digest,
    // The server's clock, which may skip ahead of this machine's.
    previewed_at: new Date(Context.current().info.currentAttemptScheduledTimestampMs).toISOString(),
  };
}

export function defaultScript(request: Verified<'request'>): Script {
  return {
    evaluatePolicy: async () => aRuling(request),
    preview: async () => aShownPreview(request),
    notify: async () => aNotice(request),
    admitDecisions: async ({ messages }) =>
      messages.map(({ signal, envelope }) => admit(signal, envelope, request.statement.request_id)),
    execute: async () => anExecution(request),
    revoke: async () => ({
      request_id: request.statement.request_id,
      ended: true,
      code: 'ended',
      finish_digest: aDigest('ended'),
    }),
    recordHistory: async () => ({ appended: 0 }),
  };
}

const KINDS = { decide: 'decision', withdraw: 'withdrawal', instruct: 'instruction' } as const;

/** The shape of what the worker answers; whose keys count is tested with the worker's own. */
function admit(signal: string, envelope: unknown, requestId: string): Admitted {
  if (signal !== 'decide' && signal !== 'withdraw' && signal !== 'instruct') {
    return { kind: 'unknown', admitted: false, code: 'signal_unknown' };
  }
  const kind = KINDS[signal];
  try {
    const expected = signal === 'decide' ? 'decision' : 'instruction';
    if (kindOf(envelope) !== expected) return { kind, admitted: false, code: 'envelope_type' };
    const sealed = parseEnvelope(envelope);
    if (sealed.signatures[0].keyid === otherGateway.keyid)
      return { kind, admitted: false, code: 'key_unknown' };
    const payload = Buffer.from(sealed.payload, 'base64');
    const digest = digestOf(payload);
    const statement: unknown = JSON.parse(payload.toString());
    if (kind !== 'decision') {
      const { subject, reason, verb, person, ...rest } = statementSchemas.instruction.parse(statement);
      if (subject !== requestId) return { kind, admitted: false, code: 'other_request' };
      if (kind === 'withdrawal') return { kind, admitted: true, digest, reason, envelope: sealed };
      const ran = 'ran' in rest.detail ? rest.detail.ran : null;
      return { kind, admitted: true, digest, verb, ran, person, reason };
    }
    const decision = statementSchemas.decision.parse(statement);
    const { person, verdict, standing, reason, decided_at } = decision;
    if (decision.request_id !== requestId) return { kind, admitted: false, code: 'other_request' };
    const { eligible: stood, code, denials } = standing;
    if (verdict === 'approve' && !stood) return { kind, admitted: false, code };
    return { kind, admitted: true, digest, code, person, verdict, stood, denials, reason, decided_at };
  } catch (error) {
    if (!(error instanceof AssentError)) throw error;
    return { kind, admitted: false, code: error.code };
  }
}
