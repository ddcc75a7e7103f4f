/**
 * Filling the parts of a sequential requirement: all approvals of a part are later than all of the one before.
 *
 * As the parts' times do not overlap, they compete only for voters who approved at several moments. So a way
 * through the first parts is known by which of those it used up, and of the ways that used up the same the one
 * that was done first is as good as any.
 */
import type { Approval, Choice, FilledPart, Filling } from './places.ts';

/**
 * Of so many voters it is weighed which of several approvals, good for several parts, to use. From those who
 * come after them the approval that would make them another is not taken: it could only be taken later, so a
 * later one never unmakes what earlier ones met. An honest request sees none or a few.
 */
export const MOST_RECURRING = 8;

interface Voter {
  readonly approvals: Approval[];
  /** The parts that any of them is good for. */
  readonly parts: Set<number>;
  /** One bit for each voter who recurs, 0 for the others. */
  bit: number;
}

/** A way to meet the first parts. */
interface Way {
  readonly closes: number;
  /** The bits of those who recur and fill a place on it. */
  readonly used: number;
  readonly parts: readonly FilledPart[];
}

const START: Way = { closes: Number.NEGATIVE_INFINITY, used: 0, parts: [] };

/** @param choices of each part, none of them empty */
export function fillInOrder(
  approvals: readonly Approval[],
  choices: readonly (readonly Choice[])[],
): Filling {
  const voters = votersOf(approvals, choices);
  let ways: readonly Way[] = [START];
  let turned_at = Number.NEGATIVE_INFINITY;
  for (const [index, alternatives] of choices.entries()) {
    const further = earliest(
      ways.flatMap((way) => alternatives.flatMap((chosen) => waysOn(way, chosen, voters))),
    );
    const opened_at = index === 0 ? null : Math.min(...ways.map(({ closes }) => closes));
    const turned = index === 0 ? null : turned_at;
    const [first] = further;
    if (first === undefined) {
      const parts = [...nearest(ways, alternatives, voters), ...choices.slice(index + 1).flatMap(untouched)];
      return { met: false, parts, opened: index + 1, opened_at, turned_at: turned };
    }
    if (index === choices.length - 1) {
      const best = further.reduce((a, b) => (b.closes < a.closes ? b : a), first);
      return { met: true, parts: best.parts, opened: index + 1, opened_at, turned_at: turned };
    }
    ways = further;
    turned_at = Math.max(turned_at, ...ways.map(({ closes }) => closes));
  }
  return { met: false, parts: [], opened: 0, opened_at: null, turned_at: null };
}

function votersOf(approvals: readonly Approval[], choices: readonly (readonly Choice[])[]): readonly Voter[] {
  const voters = new Map<string, Voter>();
  let recurring = 0;
  for (const approval of approvals) {
    const parts = [...choices.keys()].filter((part) =>
      choices[part]?.some(({ fitting }) => fitting.has(approval)),
    );
    const voter = voters.get(approval.voter) ?? { approvals: [], parts: new Set(), bit: 0 };
    const again = voter.approvals.some(({ moment }) => moment !== approval.moment);
    const recurs = again && new Set([...voter.parts, ...parts]).size > 1;
    if (recurs && voter.bit === 0) {
      if (recurring === MOST_RECURRING) continue;
      voter.bit = 1 << recurring++;
    }
    voter.approvals.push(approval);
    for (const part of parts) voter.parts.add(part);
    voters.set(approval.voter, voter);
  }
  return [...voters.values()];
}

interface Candidate {
  readonly approval: Approval;
  readonly bit: number;
}

/** Of each voter who is left the first approval that fits after the way's end, in order of time. */
function candidates(way: Way, { fitting }: Choice, voters: readonly Voter[]): readonly Candidate[] {
  return voters
    .filter(({ bit }) => (way.used & bit) === 0)
    .flatMap(({ approvals, bit }) => {
      const approval = approvals.find((one) => one.moment > way.closes && fitting.has(one));
      return approval === undefined ? [] : [{ approval, bit }];
    })
    .toSorted((a, b) => a.approval.moment - b.approval.moment);
}

/** Every choice of those who recur, filled up with the first of the others. */
function waysOn(way: Way, chosen: Choice, voters: readonly Voter[]): readonly Way[] {
  const left = candidates(way, chosen, voters);
  const { count } = chosen.quorum;
  const once = left.filter(({ bit }) => bit === 0);
  return subsets(left.filter(({ bit }) => bit !== 0)).flatMap((some) => {
    const others = once.slice(0, Math.max(0, count - some.length));
    const by = [...some, ...others];
    if (by.length !== count) return [];
    const closes = Math.max(...by.map(({ approval }) => approval.moment));
    const used = some.reduce((bits, { bit }) => bits | bit, way.used);
    const part = { quorum: chosen.quorum, by: by.map(({ approval }) => approval) };
    return [{ closes, used, parts: [...way.parts, part] }];
  });
}

function subsets<T>(items: readonly T[]): readonly (readonly T[])[] {
  let found: readonly (readonly T[])[] = [[]];
  for (const item of items) found = found.flatMap((some) => [some, [...some, item]]);
  return found;
}

function earliest(ways: readonly Way[]): readonly Way[] {
  const best = new Map<number, Way>();
  for (const way of ways) {
    const known = best.get(way.used);
    if (known === undefined || way.closes < known.closes) best.set(way.used, way);
  }
  return [...best.values()];
}

/** The way on which the next part lacks least, and that part as far as it is filled. */
function nearest(
  ways: readonly Way[],
  alternatives: readonly Choice[],
  voters: readonly Voter[],
): readonly FilledPart[] {
  const tries = ways.flatMap((way) =>
    alternatives.map((chosen) => {
      const by = candidates(way, chosen, voters).map(({ approval }) => approval);
      const lacks = chosen.quorum.count - by.length;
      return { closes: way.closes, parts: [...way.parts, { quorum: chosen.quorum, by }], by, lacks };
    }),
  );
  const [best] = tries.toSorted(
    (a, b) => a.lacks - b.lacks || b.by.length - a.by.length || a.closes - b.closes,
  );
  return best?.parts ?? [];
}

/** A part that is not asked yet, by the alternative that takes fewest. */
function untouched(alternatives: readonly Choice[]): readonly FilledPart[] {
  const [least] = alternatives.toSorted((a, b) => a.quorum.count - b.quorum.count);
  return least === undefined ? [] : [{ quorum: least.quorum, by: [] }];
}
