/** What a client's tests stand on: an agent that asks, and an executor that answers, with real keys. */
import { digestOfJson } from '../../approval/digest.ts';
import type { SigningKey } from '../../approval/keys.ts';
import { signStatement } from '../../approval/statements.ts';
import type { Trust } from '../../approval/trust.ts';
import type { FinishStatement, JsonObject, StartStatement, Verified } from '../../approval/types.ts';
import { type Ask, type Asker, signRequest } from '../../client/ask.ts';
import type { RequestMade } from '../../client/outcome.ts';
import { AUDIENCE, at, finishOf, keys, OPENS, startOf } from '../approval/world.ts';

export { AUDIENCE, keys } from '../approval/world.ts';

export const TRUST: Trust = {
  audience: AUDIENCE,
  gateway: [keys.gateway.verifier],
  executor: [keys.executor.verifier],
};

export const ASKER: Asker = { audience: AUDIENCE, agent: 'crm-assistant', key: keys.agent, now: () => OPENS };

export const ASK: Ask = { key: 'export-1', action: 'sql.export', input: { table: 'customers' } };

export const REQUEST = signRequest(ASK, ASKER);

export const MADE: RequestMade = {
  requestId: REQUEST.statement.request_id,
  actionDigest: REQUEST.digest,
};

export const RESULT: JsonObject = { file: 'customers.csv', rows: 1204 };

export function started(change: Partial<StartStatement> = {}, key?: SigningKey): Verified<'start'> {
  const { statement } = startOf(REQUEST, 60);
  return signStatement('start', { ...statement, ...change }, key ?? keys.executor);
}

export function finished(
  start: Verified<'start'>,
  change: Partial<FinishStatement> = {},
  key?: SigningKey,
): Verified<'finish'> {
  return finishOf(start, { result_digest: digestOfJson(RESULT), ...change }, key);
}

export const FAILED = { outcome: 'failed', code: 'action_failed', result_digest: null } as const;
export const REFUSED = { outcome: 'refused', code: 'grant_expired', result_digest: null } as const;
export const LATER = at(600);

/** What the workflow of a request answers, through Temporal's JSON. */
export interface Answered {
  request_id: unknown;
  resolution: unknown;
  outcome: unknown;
  code: unknown;
  reason: unknown;
  result: unknown;
  start: unknown;
  finish: unknown;
  until: unknown;
  settlement: unknown;
}

export function answered(change: Partial<Answered> = {}): Answered {
  const start = started();
  const finish = finished(start);
  const honest: Answered = {
    request_id: MADE.requestId,
    resolution: 'approved',
    outcome: 'succeeded',
    code: 'succeeded',
    reason: null,
    result: RESULT,
    start: start.envelope,
    finish: finish.envelope,
    until: null,
    settlement: null,
  };
  return JSON.parse(JSON.stringify({ ...honest, ...change }));
}
