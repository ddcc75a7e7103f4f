/** evaluatePolicy: what policy says of a request; whatever is wrong with it is a deny that says so. */
import { openRequest } from '../approval/dossier.ts';
import { AssentError } from '../approval/error.ts';
import type { Verified } from '../approval/types.ts';
import { QUEUES } from '../approval/types.ts';
import type { HouseJudge } from './judge.ts';
import type { Ruling, WorkerActivities } from './types.ts';

export interface EvaluatePolicyDeps {
  readonly judge: HouseJudge;
  now(): number;
}

export function createEvaluatePolicy({ judge, now }: EvaluatePolicyDeps): WorkerActivities['evaluatePolicy'] {
  return async ({ request: envelope }) => {
    let request: Verified<'request'>;
    try {
      request = openRequest(envelope, judge.ring);
    } catch (error) {
      return refusal(NOT_A_REQUEST, error);
    }
    const { request_id, action, agent } = request.statement;
    const named = { ...NOT_A_REQUEST, request_id, action_digest: request.digest, action: action.name, agent };
    try {
      const { definition, resource } = judge.examine(action);
      const policy = judge.evaluate(request.statement, resource, new Date(now()));
      const { effect, code, rule, rule_digest, requirement, explanation } = policy;
      const task_queue = definition.taskQueue ?? QUEUES.executor;
      const max_seconds = definition.maxSeconds;
      return { ...named, effect, code, rule, rule_digest, requirement, explanation, task_queue, max_seconds };
    } catch (error) {
      return refusal(named, error);
    }
  };
}

const NOT_A_REQUEST: Ruling = {
  request_id: null,
  action_digest: null,
  action: null,
  agent: null,
  effect: 'deny',
  code: 'refused',
  rule: null,
  rule_digest: null,
  requirement: null,
  explanation: [],
  task_queue: QUEUES.executor,
  max_seconds: 1,
};

function refusal(ruling: Ruling, error: unknown): Ruling {
  if (!(error instanceof AssentError)) throw error;
  return { ...ruling, code: error.code, explanation: [error.message] };
}
