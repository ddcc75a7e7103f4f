/** evaluatePolicy: what policy says of a request; whatever is wrong with it is a deny that says so. */

import { openDossier, openRequest } from '../approval/dossier.ts';
import { AssentError } from '../approval/error.ts';
import { delegationsAt } from '../approval/house.ts';
import type { JsonObject, Verified } from '../approval/types.ts';
import { QUEUES } from '../approval/types.ts';
import type { HouseJudge } from '../audit/judge.ts';
import type { Book } from '../book/book.ts';
import type { Ruling, WorkerActivities } from './types.ts';

export interface EvaluatePolicyDeps {
  judge(): HouseJudge;
  readonly book: Pick<Book, 'statements' | 'house'>;
  now(): number;
}

export function createEvaluatePolicy(deps: EvaluatePolicyDeps): WorkerActivities['evaluatePolicy'] {
  return async ({ request: envelope, previewed }) => {
    const judge = deps.judge();
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
      const [preview, house] = await Promise.all([
        previewed ? factsOf(request_id, judge, deps) : null,
        deps.book.house(),
      ]);
      const now = deps.now();
      const delegations = delegationsAt(judge.house(house), now);
      const policy = judge.evaluate({
        request: request.statement,
        resource,
        preview,
        delegations,
        now: new Date(now),
      });
      const { powers: _, policy_digest: __, directory_digest: ___, ...said } = policy;
      const task_queue = definition.taskQueue ?? QUEUES.executor;
      return { ...named, ...said, task_queue, max_seconds: definition.maxSeconds };
    } catch (error) {
      return refusal(named, error);
    }
  };
}

/** The facts of the preview that stands, as the executor signed them. */
async function factsOf(
  requestId: string,
  { ring }: HouseJudge,
  { book }: EvaluatePolicyDeps,
): Promise<JsonObject | null> {
  const { booked } = await book.statements(requestId);
  return openDossier(requestId, booked, ring)?.preview?.statement.facts ?? null;
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
  needs_preview: false,
  requirement: null,
  release: null,
  explanation: [],
  task_queue: QUEUES.executor,
  max_seconds: 1,
};

/** An outage is no answer: it is thrown, and tried again. */
function refusal(ruling: Ruling, error: unknown): Ruling {
  if (!(error instanceof AssentError) || error.code.startsWith('database_')) throw error;
  return { ...ruling, code: error.code, explanation: [error.message] };
}
