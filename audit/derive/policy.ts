/** policy_evaluated: what the worker said that policy says. */
import { localActivitiesOf } from './activity.ts';
import { at, type HistoryEvent } from './event.ts';
import { ACTIVITIES } from './names.ts';
import { digest, text } from './text.ts';
import type { Told } from './told.ts';

export function policyEvaluated(events: readonly HistoryEvent[]): readonly Told[] {
  return localActivitiesOf(ACTIVITIES.policy, events).map(({ event, result }) => ({
    kind: 'policy_evaluated',
    event,
    digest: null,
    detail: {
      effect: text(at(result, 'effect')),
      code: text(at(result, 'code')),
      rule: text(at(result, 'rule')),
      rule_digest: digest(at(result, 'rule_digest')),
      action_digest: digest(at(result, 'action_digest')),
    },
  }));
}
