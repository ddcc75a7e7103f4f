/** The policy against the directory: everyone whom it names exists, and there are enough of them. */
import type { Fault } from '../approval/yaml-fault.ts';
import type { YamlPath } from '../approval/yaml-place.ts';
import { quorumsOf } from './approval-file.ts';
import { countFaults } from './count-faults.ts';
import type { Directory } from './directory.ts';
import { type FieldsOf, fieldFaults } from './field-faults.ts';
import { idleFaults } from './idle.ts';
import type { Policy, UnboundPolicy } from './policy.ts';
import type { ApprovalRuleFile, PolicyFile } from './policy-file.ts';

/**
 * @param fieldsOf what the actions of a pattern have, where that is known: a condition that reads another field is a fault
 * @throws AssentError `policy_invalid` with `evidence.faults`, each at its place in policy.yaml
 */
export function bind(unbound: UnboundPolicy, directory: Directory, fieldsOf: FieldsOf = () => null): Policy {
  const { policy, document } = unbound;
  const misread = [
    ...idleFaults(document),
    ...fieldFaults(document, fieldsOf),
    ...agentFaults(unbound, directory),
  ];
  const unknown = namesIn(document.value).flatMap(({ path, names }) =>
    names.flatMap((name, position): readonly Fault[] => {
      const message =
        names.indexOf(name) < position ? `${name} stands here twice; keep one` : nameFault(name, directory);
      return message === null ? [] : [document.faultAt([...path, position], message)];
    }),
  );
  // How many there are can only be said of people who are known.
  document.refuse([...misread, ...(unknown.length > 0 ? unknown : countFaults(unbound, directory))]);
  return policy;
}

/** Rules whose condition holds for no agent that there is. */
function agentFaults({ policy, document }: UnboundPolicy, { agents }: Directory): readonly Fault[] {
  return policy.rules.flatMap(({ when }, index) => {
    const reading = when?.readings.find(({ path }) => path[0] === 'agent');
    if (when === null || reading === undefined) return [];
    if (!agents.every(({ name }) => when.given({ agent: { name } }) === false)) return [];
    const message = 'holds for no agent of the directory; correct the name, or drop the rule';
    return [document.faultAt(['rules', index, 'match', 'when'], message, { offset: reading.offset })];
  });
}

interface Named {
  readonly path: YamlPath;
  readonly names: readonly string[];
}

function namesIn({ operators, break_glass, rules }: PolicyFile): readonly Named[] {
  return [
    { path: ['operators'], names: operators ?? [] },
    { path: ['break_glass', 'from'], names: break_glass?.from ?? [] },
    { path: ['break_glass', 'review', 'from'], names: break_glass?.review.from ?? [] },
    ...rules.flatMap((rule, index) =>
      rule.effect === 'require_approval'
        ? namesOf(rule).map(({ path, names }) => ({ path: ['rules', index, ...path], names }))
        : [],
    ),
  ];
}

function namesOf({ approvals, exclude, escalation }: ApprovalRuleFile): readonly Named[] {
  return [
    ...approvals.flatMap((part, index) =>
      quorumsOf(part).map(({ from }, alternative) => ({
        path: ['approvals', index, ...('any_of' in part ? ['any_of', alternative] : []), 'from'],
        names: from,
      })),
    ),
    { path: ['exclude'], names: exclude ?? [] },
    ...escalation.flatMap(({ add = [], notify = [] }, step) => [
      { path: ['escalation', step, 'add'], names: add },
      { path: ['escalation', step, 'notify'], names: notify },
    ]),
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
