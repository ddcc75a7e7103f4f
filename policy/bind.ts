/** The policy against the directory: everyone whom it asks exists, and there are enough of them. */
import type { Fault } from '../approval/yaml-fault.ts';
import type { Directory } from './directory.ts';
import type { Policy, UnboundPolicy } from './policy.ts';
import type { ApprovalRuleFile } from './policy-file.ts';

/** @throws AssentError `policy_invalid` with `evidence.faults`, each at its place in policy.yaml */
export function bind({ policy, document }: UnboundPolicy, directory: Directory): Policy {
  document.refuse(
    document.value.rules.flatMap((rule, index) => {
      if (rule.effect !== 'require_approval') return [];
      const unknown = asked(rule).flatMap(({ path, names }) =>
        names.flatMap((name, position) => {
          const message =
            names.indexOf(name) < position
              ? `${name} stands here twice; keep one`
              : nameFault(name, directory);
          return message === null ? [] : [document.faultAt(['rules', index, ...path, position], message)];
        }),
      );
      return unknown.length > 0 ? unknown : countFaults(rule, directory, document.faultAt, index);
    }),
  );
  return policy;
}

function asked({ approvals, escalation }: ApprovalRuleFile) {
  return [
    { path: ['approvals', 'from'], names: approvals.from },
    ...escalation.map(({ add }, step) => ({ path: ['escalation', step, 'add'], names: add })),
  ];
}

function nameFault(name: string, directory: Directory): string | null {
  switch (directory.kindOf(name)) {
    case 'person':
      return null;
    case 'group':
      return directory.membersOf([name]).length > 0
        ? null
        : `${name} is a group with nobody in it; add people to it or ask others`;
    case 'agent':
      return `${name} is an agent; only people and groups of people approve`;
    case null:
      return `${name} is no group and nobody in the directory; add it there or correct the name`;
  }
}

function countFaults(
  rule: ApprovalRuleFile,
  directory: Directory,
  faultAt: UnboundPolicy['document']['faultAt'],
  index: number,
): readonly Fault[] {
  const { count } = rule.approvals;
  const people = directory.membersOf(asked(rule).flatMap(({ names }) => names));
  if (people.length >= count) return [];
  const message = `${count} approvals can't be had of ${people.length} in all; lower the count or ask more people`;
  return [faultAt(['rules', index, 'approvals', 'count'], message)];
}
