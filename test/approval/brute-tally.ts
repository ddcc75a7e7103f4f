/** The rules of the tally once more, word by word: every way to put an approval on every place is tried. */
import type { DatedDecision } from '../../approval/timeline.ts';
import type { Quorum, Requirement } from '../../approval/types.ts';

export interface BruteTally {
  readonly verdict: 'approved' | 'denied' | 'pending';
  readonly met_at: string | null;
  /** How many parts are asked. */
  readonly opened: number;
  /** Places of all that are missing; of a sequential requirement those of the last part that is asked. */
  readonly missing: number;
}

export function bruteTally(
  decisions: readonly DatedDecision[],
  requirement: Requirement,
  opens: number,
): BruteTally {
  const { approvals: parts, order, deputies, excluded, escalations, timeout_seconds } = requirement;
  const when = ({ decided_at }: DatedDecision) => Date.parse(decided_at);
  const joined = (one: string, other: string) => reach(one, deputies).has(other);
  const isExcluded = (person: string) => excluded.some((exclusion) => exclusion.person === person);
  const listed = (person: string) =>
    parts.some((part) => part.any_of.some((quorum) => quorum.people.includes(person)));
  const added = (person: string, moment: number) =>
    escalations.some(
      ({ after_seconds, add }) =>
        add.people.includes(person) &&
        after_seconds < timeout_seconds &&
        opens + after_seconds * 1000 <= moment,
    );
  const comes = (person: string) => escalations.some(({ add }) => add.people.includes(person));

  const denials = decisions.filter(
    ({ verdict, stood, person }) => verdict === 'deny' && stood && person !== null,
  );
  const inTime = decisions.filter(
    (one) =>
      one.verdict === 'approve' &&
      one.stood &&
      one.person !== null &&
      when(one) >= opens &&
      when(one) < opens + timeout_seconds * 1000,
  );
  const denied = (person: string, by: number) =>
    denials.some((denial) => joined(denial.person ?? '', person) && when(denial) <= by);

  const countsNow = (one: DatedDecision) => {
    const person = one.person ?? '';
    const may = listed(person) || added(person, when(one));
    return may && !isExcluded(person) && !denied(person, Number.POSITIVE_INFINITY);
  };
  const lapsed = (one: DatedDecision) => {
    const person = one.person ?? '';
    return isExcluded(person) || (!listed(person) && !comes(person));
  };
  const countedThen = (one: DatedDecision) => {
    const person = one.person ?? '';
    return (listed(person) || added(person, when(one)) || lapsed(one)) && !denied(person, when(one));
  };

  const mayLack = (part: number, upTo: number) => order === 'parallel' || part === upTo - 1;
  /** Is there a way to fill the first `upTo` parts but for `without` places? */
  const meets = (given: readonly DatedDecision[], upTo = parts.length, without = 0): boolean =>
    upTo === 0 ||
    choices(parts.slice(0, upTo).map(({ any_of }) => any_of)).some((quorums) => {
      const places = quorums.flatMap((quorum, part) =>
        Array.from({ length: quorum.count }, () => ({ quorum, part })),
      );
      return assign(places, [], without);
      function assign(
        left: readonly { quorum: Quorum; part: number }[],
        taken: readonly { part: number; by: DatedDecision }[],
        spare: number,
      ): boolean {
        const [next, ...others] = left;
        if (next === undefined) return inOrder(taken);
        if (spare > 0 && mayLack(next.part, upTo) && assign(others, taken, spare - 1)) return true;
        return given.some((one) => {
          const person = one.person ?? '';
          const fits = next.quorum.people.includes(person) || added(person, when(one)) || lapsed(one);
          const free = !taken.some(({ by }) => joined(by.person ?? '', person));
          return fits && free && assign(others, [...taken, { part: next.part, by: one }], spare);
        });
      }
    });
  const inOrder = (taken: readonly { part: number; by: DatedDecision }[]) =>
    order === 'parallel' ||
    taken.every((one) => taken.every((other) => one.part >= other.part || when(one.by) < when(other.by)));

  const now = inTime.filter(countsNow);
  const then = inTime.filter(countedThen);
  const met = parts.length > 0 && meets(now);
  const moments = then.map(({ decided_at }) => decided_at).toSorted();
  const met_at = met
    ? (moments.find((last) => meets(then.filter(({ decided_at }) => decided_at <= last))) ?? null)
    : null;

  const people = new Set(denials.map(({ person }) => person));
  const ended = denials.length > 0 && people.size >= Math.min(...denials.map((denial) => denial.denials));

  const depth =
    order === 'parallel' ? parts.length : parts.findIndex((_, index) => !meets(now, index + 1)) + 1;
  const opened = depth === 0 ? parts.length : depth;
  let missing = 0;
  while (!meets(now, opened, missing)) missing++;
  return { verdict: ended ? 'denied' : met ? 'approved' : 'pending', met_at, opened, missing };
}

/** Everybody whom deputies join with a person, over however many. */
function reach(person: string, deputies: Requirement['deputies']): ReadonlySet<string> {
  const found = new Set([person]);
  for (const _ of deputies) {
    for (const { principal, delegate } of deputies) {
      if (found.has(principal)) found.add(delegate);
      if (found.has(delegate)) found.add(principal);
    }
  }
  return found;
}

/** One of each. */
function choices<T>(lists: readonly (readonly T[])[]): readonly (readonly T[])[] {
  const [first, ...rest] = lists;
  if (first === undefined) return [[]];
  return first.flatMap((one) => choices(rest).map((others) => [one, ...others]));
}
