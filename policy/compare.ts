/** Two policies' decisions on the same request: what differs, field by field. */
import { canonicalize } from '../approval/canonical-json.ts';
import type { Json, PolicyDecision } from '../approval/types.ts';
import { askedParts } from './outline.ts';

export interface Change {
  /** `effect`, `rule`, `code`, or what is asked and when it may run, as policy.yaml names it. */
  readonly field: string;
  readonly before: Json;
  readonly after: Json;
}

/** Empty where the two decide alike; where the effects differ, only what makes them, and who is asked. */
export function changesBetween(before: PolicyDecision, after: PolicyDecision): readonly Change[] {
  const [left, right] = [termsOf(before), termsOf(after)];
  const all = [...left].flatMap(([field, value]): readonly Change[] => {
    const other = right.get(field) ?? null;
    return canonicalize(value) === canonicalize(other) ? [] : [{ field, before: value, after: other }];
  });
  return before.effect === after.effect ? all : all.filter(({ field }) => MAKING.has(field));
}

const MAKING: ReadonlySet<string> = new Set(['effect', 'rule', 'code', 'approvals']);

/** Every decision has all of these fields; a null is none. */
function termsOf(decision: PolicyDecision): ReadonlyMap<string, Json> {
  const { effect, rule, code, requirement, release } = decision;
  return new Map<string, Json>([
    ['effect', effect],
    ['rule', rule],
    ['code', code],
    ['approvals', requirement === null ? null : askedParts(decision)],
    ['order', requirement?.order ?? null],
    ['excluded', requirement?.excluded.map(({ person }) => person) ?? null],
    ['timeout_seconds', requirement?.timeout_seconds ?? null],
    ['remind_after_seconds', requirement?.remind_after_seconds ?? null],
    [
      'escalation',
      requirement?.escalations.map(({ after_seconds, add, notify }) => ({
        after_seconds,
        add: add.from,
        notify: notify.from,
      })) ?? null,
    ],
    ['denials', requirement?.denials ?? null],
    ['require', requirement?.require ?? null],
    ['risk', requirement?.risk ?? null],
    ['channel', requirement?.channel ?? null],
    ['grant_ttl_seconds', release?.grant_ttl_seconds ?? null],
    ['not_before', release?.not_before ?? null],
    ['windows', release?.windows.map((window) => ({ ...window })) ?? null],
    ['closed', release?.closed ?? null],
    ['limits', release?.limit ?? null],
    ['slack_percent', release?.slack_percent ?? null],
  ]);
}
