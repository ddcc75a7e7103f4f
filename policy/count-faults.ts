/** Requirements that nobody could meet, denials that nobody could bring together, and glass with no reviewer. */
import type { Requirement } from '../approval/types.ts';
import type { Fault } from '../approval/yaml-fault.ts';
import type { Asks, Names } from './asks.ts';
import type { Agent, Directory } from './directory.ts';
import { covers } from './pattern.ts';
import type { Policy, Rule, UnboundPolicy } from './policy.ts';
import { canBeMet } from './reach.ts';
import { decidersOf } from './requirement.ts';

/** Of a policy whose names are all known. */
export function countFaults({ policy, document }: UnboundPolicy, directory: Directory): readonly Fault[] {
  return [
    ...reviewFaults(policy, directory).map((message) =>
      document.faultAt(['break_glass', 'review', 'from'], message),
    ),
    ...policy.rules.flatMap((rule, index) => {
      const at = (field: string, message: string) => document.faultAt(['rules', index, field], message);
      if (rule.effect.kind !== 'require_approval') return [];
      const { asks } = rule.effect;
      const able = askable(asks, directory);
      const short = shortage(policy.rules, index, asks, able, directory);
      return [
        ...short.map((message) => at('approvals', message)),
        ...(asks.denials > able.everybody.size
          ? [
              at(
                'denials',
                `${asks.denials} denials can't be had of ${able.everybody.size} people in all; lower it or ask more people`,
              ),
            ]
          : []),
      ];
    }),
  ];
}

/** Whom a rule asks, before anybody is excluded. */
interface Askable {
  readonly everybody: ReadonlySet<string>;
  /** Those of them who can fill a place at all. */
  readonly able: (person: string) => boolean;
}

function askable({ approvals, escalations, exclude, require }: Asks, directory: Directory): Askable {
  const out = new Set(directory.membersOf(exclude));
  const keyed = require.includes('own_key');
  const able = (person: string) =>
    !out.has(person) && (!keyed || (directory.person(person)?.keys.length ?? 0) > 0);
  const names = [
    ...approvals.flatMap(({ any_of }) => any_of.map(({ from }) => from)),
    ...escalations.map(({ add }) => add),
  ];
  return { everybody: new Set(names.flatMap(directory.membersOf)), able };
}

function shortage(
  rules: readonly Rule[],
  index: number,
  asks: Asks,
  { able }: Askable,
  directory: Directory,
): readonly string[] {
  const keys = asks.require.includes('own_key') ? ', each with a key in the directory' : '';
  if (!isMet(asks, directory, able)) {
    return [`can't be met by distinct people${keys}; lower the count or ask more people`];
  }
  const stuck = directory.agents.filter(
    (agent) =>
      !agent.disabled &&
      reaches(rules, index, agent.name) &&
      !hasAnApprovableRequest(asks, agent, directory, able),
  );
  const names = stuck.map(({ name }) => name);
  if (names.length === 0) return [];
  const whose = names.length === directory.agents.length ? 'any agent' : names.join(', ');
  return [
    `can't be met${keys} for a request of ${whose}, once its owners and whoever it asks for are excluded; ask more people, or deny it to that agent by an earlier rule`,
  ];
}

/** Whether a request of this agent can come as far as this rule and match it, as far as conditions tell by its name. */
function reaches(rules: readonly Rule[], index: number, agent: string): boolean {
  const rule = rules[index];
  if (rule === undefined) return false;
  const known = { agent: { name: agent } };
  if (rule.when?.given(known) === false) return false;
  return !rules
    .slice(0, index)
    .some((earlier) => covers(earlier.action, rule.action) && (earlier.when?.given(known) ?? true) === true);
}

/** On behalf of somebody, or of nobody that it names. */
function hasAnApprovableRequest(
  asks: Asks,
  agent: Agent,
  directory: Directory,
  able: (person: string) => boolean,
): boolean {
  const owners = new Set(agent.owners);
  const without = (isOut: (person: string) => boolean) =>
    isMet(asks, directory, (person) => able(person) && !owners.has(person) && !isOut(person));
  const asked = new Set(decidersOf(asks).flatMap(directory.membersOf));
  return (
    without(agent.actsFor) ||
    agent.principals.some((principal) =>
      asked.has(principal) ? without((person) => person === principal) : without(() => false),
    )
  );
}

function isMet(asks: Asks, directory: Directory, able: (person: string) => boolean): boolean {
  const asked = (from: Names) => ({ from, people: directory.membersOf(from).filter(able) });
  const reaching: Pick<Requirement, 'approvals' | 'escalations' | 'deputies'> = {
    approvals: asks.approvals.map(({ any_of }) => ({
      any_of: any_of.map(({ from, count }) => ({ ...asked(from), count })),
    })),
    escalations: asks.escalations.map(({ after_seconds, add }) => ({
      after_seconds,
      add: asked(add),
      notify: { from: [], people: [] },
    })),
    deputies: [],
  };
  return canBeMet(reaching);
}

/** Whoever broke the glass can't answer for it. */
function reviewFaults({ breakGlass }: Policy, directory: Directory): readonly string[] {
  if (breakGlass === null) return [];
  const reviewers = directory.membersOf(breakGlass.review);
  const alone = directory
    .membersOf(breakGlass.from)
    .filter((person) => reviewers.every((reviewer) => reviewer === person));
  return alone.map((person) => `nobody is left to review what ${person} releases; add somebody else`);
}
