/** Whether distinct people can fill the places of a requirement at all, now or after any escalation. */
import type { Asked, Requirement } from '../approval/types.ts';

export type Reaching = Pick<Requirement, 'approvals' | 'escalations' | 'deputies'>;

/** So many ways of leaving out one of two who are joined are tried; after that it counts as within reach. */
const MOST_WAYS = 1000;

/**
 * `false` where no passing of time brings enough people. Of two who are joined by a deputy one counts, but two who
 * send the same deputy are not thereby one: leaving somebody out never brings more within reach.
 */
export function canBeMet({ approvals, escalations, deputies }: Reaching): boolean {
  const places = placeCount(approvals);
  const added = escalations.flatMap(({ add }) => add.people);
  const joined = new Set(deputies.flatMap(({ principal, delegate }) => [principal, delegate]));
  const parts = approvals.map(({ any_of }) =>
    any_of.map(({ people, count }) => {
      const fitting = [...new Set([...people, ...added])];
      const free = fitting.filter((person) => !joined.has(person)).slice(0, places);
      // So many can't all be taken by the other places, whoever sits there.
      return { count, people: free.length === places ? free : fitting };
    }),
  );
  let ways = 0;
  const without = (out: ReadonlySet<string>): boolean => {
    const seated = fill(parts, new Map(), out);
    const both = deputies.find(({ principal, delegate }) => seated?.has(principal) && seated.has(delegate));
    if (seated === null || both === undefined) return seated !== null;
    ways += 1;
    if (ways > MOST_WAYS) return true;
    return without(new Set([...out, both.delegate])) || without(new Set([...out, both.principal]));
  };
  return without(new Set());
}

/** The same, of those people alone whom `keeps` holds for. */
export function kept(
  { approvals, escalations, deputies }: Reaching,
  keeps: (person: string) => boolean,
): Reaching {
  const narrowed = <A extends Asked>(asked: A): A => ({ ...asked, people: asked.people.filter(keeps) });
  return {
    approvals: approvals.map(({ any_of }) => ({ any_of: any_of.map(narrowed) })),
    escalations: escalations.map((step) => ({ ...step, add: narrowed(step.add) })),
    deputies: deputies.filter(({ principal, delegate }) => keeps(principal) && keeps(delegate)),
  };
}

/** At most so many places are to be filled. */
export function placeCount(approvals: Requirement['approvals']): number {
  return approvals.reduce((sum, { any_of }) => sum + Math.max(...any_of.map(({ count }) => count)), 0);
}

type Place = readonly string[];
/** Who fills which place; places of one quorum are the same list. */
type Seated = ReadonlyMap<string, Place>;
type Alternatives = readonly { readonly count: number; readonly people: Place }[];

/** Tries each alternative of the first part with those of the rest. */
function fill(
  [part, ...rest]: readonly Alternatives[],
  seated: Seated,
  out: ReadonlySet<string>,
): Seated | null {
  if (part === undefined) return seated;
  for (const { count, people } of part) {
    const next = new Map(seated);
    let filled = 0;
    while (filled < count && seat(people, next, new Set(out))) filled += 1;
    const whole = filled === count ? fill(rest, next, out) : null;
    if (whole !== null) return whole;
  }
  return null;
}

/** One more place filled, by moving those who can sit elsewhere (bipartite matching by augmenting paths). */
function seat(place: Place, seated: Map<string, Place>, asked: Set<string>): boolean {
  return place.some((person) => {
    if (asked.has(person)) return false;
    asked.add(person);
    const other = seated.get(person);
    if (other !== undefined && !seat(other, seated, asked)) return false;
    seated.set(person, place);
    return true;
  });
}
