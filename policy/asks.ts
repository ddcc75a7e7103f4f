/** Whom a rule asks and on what terms, with its defaults filled in, and terms that contradict each other. */
import type { Requirement, Risk } from '../approval/types.ts';
import type { YamlDocument } from '../approval/yaml.ts';
import type { Fault } from '../approval/yaml-fault.ts';
import type { YamlPath } from '../approval/yaml-place.ts';
import { quorumsOf, REQUIRED_OF_APPROVAL } from './approval-file.ts';
import type { ApprovalRuleFile, PolicyFile } from './policy-file.ts';

/** Groups and people by name, sorted. */
export type Names = readonly string[];

export interface Asks {
  readonly approvals: readonly {
    readonly any_of: readonly { readonly from: Names; readonly count: number }[];
  }[];
  readonly order: Requirement['order'];
  readonly exclude: Names;
  readonly denials: number;
  readonly timeout_seconds: number;
  readonly remind_after_seconds: number | null;
  readonly escalations: readonly {
    readonly after_seconds: number;
    readonly add: Names;
    readonly notify: Names;
  }[];
  readonly require: Requirement['require'];
  readonly risk: Risk;
  readonly channel: string | null;
}

/** Of a rule without asksFaults; a step at no time would come when it is too late. */
export function asksOf(rule: ApprovalRuleFile): Asks {
  const { timeout } = rule;
  return {
    approvals: rule.approvals.map((part) => ({
      any_of: quorumsOf(part).map(({ from, count }) => ({ from: from.toSorted(), count })),
    })),
    order: rule.order,
    exclude: (rule.exclude ?? []).toSorted(),
    denials: rule.denials,
    timeout_seconds: timeout,
    remind_after_seconds: rule.remind_after ?? null,
    escalations: rule.escalation.map(({ after, add = [], notify = [] }, index) => ({
      after_seconds: afterOf(after, index, timeout) ?? timeout,
      add: add.toSorted(),
      notify: notify.toSorted(),
    })),
    require: REQUIRED_OF_APPROVAL.filter((word) => rule.require.includes(word)),
    risk: rule.risk,
    channel: rule.channel ?? null,
  };
}

/** Times out of order, or at which nobody can answer any more, and steps that do nothing. */
export function asksFaults({ value, faultAt }: YamlDocument<PolicyFile>): readonly Fault[] {
  return value.rules.flatMap((rule, index) =>
    rule.effect === 'require_approval'
      ? [...stepFaults(rule), ...reminderFaults(rule)].map(({ path, message }) =>
          faultAt(['rules', index, ...path], message),
        )
      : [],
  );
}

interface TermFault {
  readonly path: YamlPath;
  readonly message: string;
}

function reminderFaults({ timeout, remind_after }: ApprovalRuleFile): readonly TermFault[] {
  return remind_after !== undefined && remind_after >= timeout
    ? [{ path: ['remind_after'], message: 'is not before the timeout; make it shorter' }]
    : [];
}

function stepFaults({ timeout, escalation }: ApprovalRuleFile): readonly TermFault[] {
  return escalation.flatMap(({ after, add, notify }, index) => {
    const path = ['escalation', index];
    const seconds = afterOf(after, index, timeout);
    const before = index === 0 ? 0 : afterOf(escalation[index - 1]?.after, index - 1, timeout);
    const message = timeFault(seconds, before, timeout);
    return [
      ...(message === null ? [] : [{ path: after === undefined ? path : [...path, 'after'], message }]),
      ...(add === undefined && notify === undefined
        ? [{ path, message: 'neither adds nor notifies anybody; write add or notify' }]
        : []),
    ];
  });
}

function timeFault(seconds: number | null, before: number | null, timeout: number): string | null {
  if (seconds === null) return 'after is missing; only the first step has a default, half of the timeout';
  if (seconds >= timeout) return 'is not before the timeout; make it shorter';
  if (before !== null && seconds <= before) return 'is not after the step before it; make it longer';
  return null;
}

/** In seconds; null where a later step does not say. */
function afterOf(after: number | undefined, step: number, timeout: number): number | null {
  return after ?? (step === 0 ? Math.floor(timeout / 2) : null);
}
