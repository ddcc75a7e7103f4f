/** The best assignment of approvals to the places of a requirement: each voter fills one place at most. Pure. */
import { type Approval, type Choice, type Filling, fillInAnyOrder } from './places.ts';
import { fillInOrder } from './places-in-order.ts';
import type { Deputy, Quorum, Requirement } from './types.ts';

/** @param approvals in order of time */
export function fill(approvals: readonly Approval[], { approvals: parts, order }: Requirement): Filling {
  const choices = parts.map(({ any_of }) =>
    any_of.filter(({ count }) => isCount(count)).map((quorum) => choice(quorum, approvals)),
  );
  // Nothing meets a requirement that asks for nobody, whoever approves.
  if (choices.length === 0 || choices.some((alternatives) => alternatives.length === 0)) {
    const empty = choices.map(([first]) => ({ quorum: first?.quorum ?? NOBODY, by: [] }));
    const opened = order === 'sequential' ? Math.min(1, parts.length) : parts.length;
    return { met: false, parts: empty, opened, opened_at: null, turned_at: null };
  }
  return order === 'sequential' ? fillInOrder(approvals, choices) : fillInAnyOrder(approvals, choices);
}

const NOBODY: Quorum = { from: [], people: [], count: 1 };

export function isCount(count: number): boolean {
  return Number.isSafeInteger(count) && count >= 1;
}

function choice(quorum: Quorum, approvals: readonly Approval[]): Choice {
  const fits = ({ anywhere, person }: Approval) => anywhere || quorum.people.includes(person);
  return { quorum, fitting: new Set(approvals.filter(fits)) };
}

/** Says of each person which voter they are: the least of those whom deputies join them with. */
export function votersBy(deputies: readonly Deputy[]): (person: string) => string {
  const joined = new Map<string, readonly string[]>();
  for (const { principal, delegate } of deputies) {
    const together = new Set([
      ...(joined.get(principal) ?? [principal]),
      ...(joined.get(delegate) ?? [delegate]),
    ]);
    const sorted = [...together].toSorted();
    for (const person of sorted) joined.set(person, sorted);
  }
  return (person) => joined.get(person)?.[0] ?? person;
}
