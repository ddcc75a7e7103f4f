/** Who must approve and who may not: a rule's people, with separation of duties taken out and deputies put in. */
import { votersBy } from '../approval/filling.ts';
import type { Delegation } from '../approval/house.ts';
import type { Asked, Deputy, Requirement } from '../approval/types.ts';
import type { Asks, Names } from './asks.ts';
import { deputiesOf } from './deputies.ts';
import type { Directory } from './directory.ts';
import type { Exclusion } from './exclusion.ts';
import { canBeMet, kept } from './reach.ts';

export interface RequirementQuestion {
  readonly asks: Asks;
  readonly exclusion: Exclusion;
  readonly directory: Directory;
  readonly delegations: readonly Delegation[];
  /** The action's name. */
  readonly action: string;
  readonly now: Date;
}

export function requirementOf(question: RequirementQuestion): Requirement {
  const { asks, exclusion, directory, delegations, action, now } = question;
  const asked = new Set(decidersOf(asks).flatMap(directory.membersOf));
  const deputies = deputiesOf({
    directory,
    delegations,
    action,
    asked,
    isExcluded: exclusion.excludes,
    now,
  });
  const standing = (from: Names): Asked => ({
    from,
    people: standingOf(directory.membersOf(from), deputies, exclusion),
  });
  const approvals = asks.approvals.map(({ any_of }) => ({
    any_of: any_of.map(({ from, count }) => ({ ...standing(from), count })),
  }));
  const escalations = asks.escalations.map(({ after_seconds, add, notify }) => ({
    after_seconds,
    add: standing(add),
    notify: standing(notify),
  }));
  const voters = new Set(peopleOf({ approvals, escalations }).map(votersBy(deputies)));
  return {
    approvals,
    order: asks.order,
    // What takes more denials than there are voters left to give them could not be denied at all.
    denials: Math.max(1, Math.min(asks.denials, voters.size)),
    timeout_seconds: asks.timeout_seconds,
    remind_after_seconds: asks.remind_after_seconds,
    escalations,
    excluded: excludedOf([...asked, ...exclusion.named], exclusion),
    deputies,
    require: asks.require,
    risk: asks.risk,
    channel: asks.channel,
  };
}

/** Sorted ids of all who may decide, now or after an escalation. */
export function peopleOf({ approvals, escalations }: Pick<Requirement, 'approvals' | 'escalations'>) {
  const quorums = approvals.flatMap(({ any_of }) => any_of);
  const people = [...quorums, ...escalations.map(({ add }) => add)].flatMap((asked) => asked.people);
  return [...new Set(people)].toSorted();
}

/** The lists of names of whoever may come to decide. */
export function decidersOf({
  approvals,
  escalations,
}: Pick<Asks, 'approvals' | 'escalations'>): readonly Names[] {
  return [
    ...approvals.flatMap(({ any_of }) => any_of.map(({ from }) => from)),
    ...escalations.map(({ add }) => add),
  ];
}

/** Where a key of one's own is required, only those who have one can fill a place. */
export function isOutOfReach(requirement: Requirement, directory: Directory): boolean {
  if (!requirement.require.includes('own_key')) return !canBeMet(requirement);
  return !canBeMet(kept(requirement, (id) => (directory.person(id)?.keys.length ?? 0) > 0));
}

function standingOf(
  own: readonly string[],
  deputies: readonly Deputy[],
  { excludes }: Exclusion,
): readonly string[] {
  const members = new Set(own);
  const delegates = deputies
    .filter(({ principal }) => members.has(principal))
    .map(({ delegate }) => delegate);
  const people = own.filter((person) => !excludes(person));
  return delegates.length === 0 ? people : [...new Set([...people, ...delegates])].toSorted();
}

function excludedOf(people: readonly string[], exclusion: Exclusion): Requirement['excluded'] {
  return [...new Set(people)]
    .filter(exclusion.excludes)
    .toSorted()
    .map((person) => ({ person, why: exclusion.reasons(person).join(', and ') }));
}
