/** Requirements that nobody could meet, denials that nobody could bring together, and glass with no reviewer. */
import type { Fault } from '../approval/yaml-fault.ts';
import type { Asks, Names } from './asks.ts';
import type { Agent, Directory } from './directory.ts';
import { covers } from './pattern.ts';
import type { Policy, Rule, UnboundPolicy } from './policy.ts';
import { canBeMet, kept, placeCount, type Reaching } from './reach.ts';
import { decidersOf } from './requirement.ts';

/** Of a policy whose names are all known. */
export function countFaults({ policy, document }: UnboundPolicy, directory: Directory): readonly Fault[] {
  return [
    ...reviewFaults(policy, directory).map((message) =>
      document.faultAt(['break_glass', 'review', 'from'], message),
    ),
    ...policy.rules.flatMap((rule, index) => {
      if (rule.effect.kind !== 'require_approval') return [];
      const { asks } = rule.effect;
      const places = placesOf(asks, directory);
      return [
        ...shortage(policy.rules, index, places, directory).map((message) =>
          document.faultAt(['rules', index, 'approvals'], message),
        ),
        ...denialFaults(asks, directory).map((message) =>
          document.faultAt(['rules', index, 'denials'], message),
        ),
      ];
    }),
  ];
}

function denialFaults({ denials, exclude, ...asks }: Asks, directory: Directory): readonly string[] {
  const excluded = new Set(directory.membersOf(exclude));
  const people = new Set(
    decidersOf(asks)
      .flatMap(directory.membersOf)
      .filter((id) => !excluded.has(id)),
  );
  return denials <= people.size
    ? []
    : [`${denials} denials can't be had of ${people.size} in all; lower it or ask more people`];
}

/** The places of a rule, with all who can fill one, before the agent is known. */
interface Places {
  readonly reaching: Reaching;
  readonly everybody: ReadonlySet<string>;
  /** So many people may be missing, whoever they are, and each part can still be met. */
  readonly spare: number;
  /** For words. */
  readonly keyed: string;
}

function placesOf({ approvals, escalations, exclude, require }: Asks, directory: Directory): Places {
  const excluded = new Set(directory.membersOf(exclude));
  const keyed = require.includes('own_key');
  const able = (person: string) =>
    !excluded.has(person) && (!keyed || (directory.person(person)?.keys.length ?? 0) > 0);
  const asked = (from: Names) => ({ from, people: directory.membersOf(from).filter(able) });
  const parts = approvals.map(({ any_of }) => ({
    any_of: any_of.map(({ from, count }) => ({ ...asked(from), count })),
  }));
  const steps = escalations.map((step) => ({ ...step, add: asked(step.add), notify: asked([]) }));
  const widest = parts.map(({ any_of }) => Math.max(...any_of.map(({ people }) => people.length)));
  const everybody = [...parts.flatMap(({ any_of }) => any_of), ...steps.map(({ add }) => add)];
  return {
    reaching: { approvals: parts, escalations: steps, deputies: [] },
    everybody: new Set(everybody.flatMap(({ people }) => people)),
    spare: Math.min(...widest) - placeCount(parts),
    keyed: keyed ? ', each with a key in the directory' : '',
  };
}

function shortage(
  rules: readonly Rule[],
  index: number,
  places: Places,
  directory: Directory,
): readonly string[] {
  if (!canBeMet(places.reaching)) {
    return [`can't be met by distinct people${places.keyed}; lower the count or ask more people`];
  }
  const enabled = directory.agents.filter(({ disabled }) => !disabled);
  const stuck = enabled
    .filter((agent) => !canAskApprovably(agent, places) && reaches(rules, index, agent.name))
    .map(({ name }) => name);
  if (stuck.length === 0) return [];
  const whose = stuck.length === enabled.length ? 'any agent' : stuck.join(', ');
  return [
    `can't be met${places.keyed} for a request of ${whose}, whose owners and principal may not decide; ask more people, or deny it to them by an earlier rule`,
  ];
}

/** On behalf of somebody, or of nobody that it names. */
function canAskApprovably(agent: Agent, { reaching, everybody, spare }: Places): boolean {
  if (spare > agent.owners.length) return true;
  const owners = new Set(agent.owners);
  const without = (isOut: (person: string) => boolean) =>
    canBeMet(kept(reaching, (person) => !owners.has(person) && !isOut(person)));
  // Whoever is not asked makes no difference, so one of them will do.
  const stranger = agent.principals.find((principal) => !everybody.has(principal));
  const principals = agent.principals.filter((principal) => everybody.has(principal));
  return (
    without(agent.actsFor) ||
    [...(stranger === undefined ? [] : [stranger]), ...principals].some((principal) =>
      without((person) => person === principal),
    )
  );
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

/** Whoever broke the glass can't answer for it. */
function reviewFaults({ breakGlass }: Policy, directory: Directory): readonly string[] {
  if (breakGlass === null) return [];
  const reviewers = directory.membersOf(breakGlass.review);
  const alone = directory
    .membersOf(breakGlass.from)
    .filter((person) => reviewers.every((reviewer) => reviewer === person));
  return alone.map((person) => `nobody is left to review what ${person} releases; add somebody else`);
}
