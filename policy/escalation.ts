/** When a rule asks whom: its first people at once, then each escalation step in its turn. */
import type { YamlDocument } from '../approval/yaml.ts';
import type { Fault } from '../approval/yaml-fault.ts';
import type { ApprovalRuleFile, PolicyFile } from './policy-file.ts';

/** From `after_seconds` past the first preview, those in `from` may decide as well. */
export interface Step {
  readonly after_seconds: number;
  /** Groups and people, sorted. */
  readonly from: readonly string[];
}

/** Of a rule without escalationFaults; a step at no time would come when it is too late. */
export function stepsOf({ approvals, timeout, escalation }: ApprovalRuleFile): readonly Step[] {
  return [
    { after_seconds: 0, from: approvals.from.toSorted() },
    ...escalation.map(({ after, add }, index) => ({
      after_seconds: afterOf(after, index, timeout) ?? timeout,
      from: add.toSorted(),
    })),
  ];
}

/** Steps that would come at no time, out of order, or when nobody can answer any more. */
export function escalationFaults({ value, faultAt }: YamlDocument<PolicyFile>): readonly Fault[] {
  return value.rules.flatMap((rule, index) =>
    rule.effect === 'require_approval'
      ? stepFaults(rule).map(({ step, field, message }) =>
          faultAt(['rules', index, 'escalation', step, ...field], message),
        )
      : [],
  );
}

interface StepFault {
  readonly step: number;
  readonly field: readonly string[];
  readonly message: string;
}

function stepFaults({ timeout, escalation }: ApprovalRuleFile): readonly StepFault[] {
  return escalation.flatMap(({ after }, step) => {
    const seconds = afterOf(after, step, timeout);
    const before = step === 0 ? 0 : afterOf(escalation[step - 1]?.after, step - 1, timeout);
    const message = faultOf(seconds, before, timeout);
    return message === null ? [] : [{ step, field: after === undefined ? [] : ['after'], message }];
  });
}

function faultOf(seconds: number | null, before: number | null, timeout: number): string | null {
  if (seconds === null) return 'after is missing; only the first step has a default, half of the timeout';
  if (seconds >= timeout) return 'is not before the timeout; make it shorter';
  if (before !== null && seconds <= before) return 'is not after the step before it; make it longer';
  return null;
}

/** In seconds; null where a later step does not say. */
function afterOf(after: number | undefined, step: number, timeout: number): number | null {
  return after ?? (step === 0 ? Math.floor(timeout / 2) : null);
}
