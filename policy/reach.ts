/** Whether distinct people can fill the places of a requirement at all, now or after any escalation. */
import type { Deputy, Requirement } from '../approval/types.ts';

export type Reaching = Pick<Requirement, 'approvals' | 'escalations' | 'deputies'>;

/** `false` where no passing of time brings enough people. */
export function canBeMet({ approvals, escalations, deputies }: Reaching): boolean {
  const places = approvals.reduce(
    (sum, { any_of }) => sum + Math.max(...any_of.map(({ count }) => count)),
    0,
  );
  const added = escalations.flatMap(({ add }) => add.people);
  const oneOf = joined(deputies);
  const parts = approvals.map(({ any_of }) =>
    any_of.map(({ people, count }) => ({
      count,
      // So many can't all be taken by the other places, whoever the rest are.
      people: firstDistinct([people, added], oneOf, places),
    })),
  );
  return fill(parts, new Map());
}

/** How many different people these are, where those joined by a deputy are one. */
export function countDistinct(people: Iterable<string>, deputies: readonly Deputy[]): number {
  const oneOf = joined(deputies);
  return new Set([...people].map(oneOf)).size;
}

type Place = readonly string[];
/** Who fills which place; places of one quorum are the same list. */
type Filled = ReadonlyMap<string, Place>;
type Alternatives = readonly { readonly count: number; readonly people: Place }[];

/** Tries each alternative of the first part with those of the rest. */
function fill([part, ...rest]: readonly Alternatives[], filled: Filled): boolean {
  if (part === undefined) return true;
  return part.some(({ count, people }) => {
    const next = new Map(filled);
    for (let place = 0; place < count; place++) {
      if (!seat(people, next, new Set())) return false;
    }
    return fill(rest, next);
  });
}

/** One more place filled, by moving those who can sit elsewhere (bipartite matching by augmenting paths). */
function seat(place: Place, filled: Map<string, Place>, asked: Set<string>): boolean {
  return place.some((person) => {
    if (asked.has(person)) return false;
    asked.add(person);
    const other = filled.get(person);
    if (other !== undefined && !seat(other, filled, asked)) return false;
    filled.set(person, place);
    return true;
  });
}

function firstDistinct(
  lists: readonly (readonly string[])[],
  oneOf: (person: string) => string,
  most: number,
): Place {
  const found = new Set<string>();
  for (const list of lists) {
    for (const person of list) {
      if (found.size >= most) return [...found];
      found.add(oneOf(person));
    }
  }
  return [...found];
}

/** The same person for all who are joined by deputies. */
function joined(deputies: readonly Deputy[]): (person: string) => string {
  const above = new Map<string, string>();
  const rootOf = (person: string): string => {
    const next = above.get(person);
    return next === undefined ? person : rootOf(next);
  };
  for (const { principal, delegate } of deputies) {
    const [one, other] = [rootOf(principal), rootOf(delegate)];
    if (one !== other) above.set(one, other);
  }
  return rootOf;
}
