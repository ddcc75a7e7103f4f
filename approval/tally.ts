/**
 * The tally: placed decisions and requirement in, verdict with reasons out. Pure.
 *
 * Each person fills one place, people joined by deputies are one, a denial overrides its person's own approval,
 * and `met_at` is when the requirement was first met, by whoever stood as eligible then: an approval that
 * lapsed since does not make the others young again. One that lapsed may have filled any place.
 */
import { fill } from './filling.ts';
import { type Heard, hear } from './heard.ts';
import type { Approval, FilledPart } from './places.ts';
import { addedBy, type PlacedDecision, type Timeline } from './timeline.ts';
import type { Digest, Requirement, Timestamp } from './types.ts';

export interface Tally {
  readonly verdict: 'approved' | 'denied' | 'pending';
  /** Those that count, one a person, in the order in which they were decided. */
  readonly approvals: readonly {
    readonly person: string;
    readonly digest: Digest;
    readonly decided_at: Timestamp;
    /** Index of the part in which it fills a place; null where it is to spare. */
    readonly place: number | null;
  }[];
  /** Those that count, one a person, whoever stands for whom. */
  readonly denials: readonly {
    readonly person: string;
    readonly digest: Digest;
    readonly reason: string | null;
  }[];
  /** The first of them: it ends nothing while the verdict is not `denied`. */
  readonly denial: Tally['denials'][number] | null;
  /** In the requirement's order, each by that of its alternatives which is met or nearest to it. */
  readonly parts: readonly {
    readonly needed: number;
    readonly filled: number;
    readonly from: readonly string[];
    /** Is asked, by the decisions that count. */
    readonly open: boolean;
    /** Sorted ids of those who may still fill it; whom escalations add comes on top. */
    readonly people: readonly string[];
  }[];
  readonly needed: number;
  readonly filled: number;
  /** When the requirement was first met; null while it is not met by the approvals that count. */
  readonly met_at: Timestamp | null;
  /** In words, one sentence each. */
  readonly reasons: readonly string[];
}

export function tally(
  placed: readonly PlacedDecision[],
  requirement: Requirement,
  timeline: Timeline,
): Tally {
  const heard = hear(placed, requirement, timeline);
  const { met, parts: filled, opened } = fill(heard.counting, requirement);
  const parts = filled.map((part, index) => ({
    needed: part.quorum.count,
    filled: part.by.length,
    from: part.quorum.from,
    open: index < opened,
    people: stillAsked(part, filled, heard, requirement),
  }));
  const ended = heard.denials.length >= Math.min(...heard.denials.map(({ needed }) => needed));
  const denials = heard.denials.map(({ person, digest, reason }) => ({ person, digest, reason }));
  const counted: Omit<Tally, 'reasons'> = {
    verdict: ended ? 'denied' : met ? 'approved' : 'pending',
    approvals: approvalsOf(heard.counting, filled),
    denials,
    denial: denials[0] ?? null,
    parts,
    needed: parts.reduce((sum, { needed }) => sum + needed, 0),
    filled: parts.reduce((sum, one) => sum + one.filled, 0),
    met_at: met ? firstMet(heard, requirement) : null,
  };
  return { ...counted, reasons: reasonsOf(counted, placed) };
}

/** Who may approve or deny at a moment, by what was decided before it. */
export function askedAt(
  moment: number,
  timeline: Timeline,
  requirement: Requirement,
  placed: readonly PlacedDecision[],
): ReadonlySet<string> {
  if (moment < timeline.opens) return new Set();
  const { part } = openedAt(moment, timeline, requirement, placed);
  const opened = requirement.approvals.slice(0, part + 1);
  const asked = new Set([
    ...opened.flatMap(({ any_of }) => any_of.flatMap(({ people }) => people)),
    ...addedBy(moment, timeline, requirement),
  ]);
  for (const { person } of requirement.excluded) asked.delete(person);
  return asked;
}

/** The last part that is asked at a moment, by what was decided before it, and since when: milliseconds. */
export function openedAt(
  moment: number,
  timeline: Timeline,
  requirement: Requirement,
  placed: readonly PlacedDecision[],
): { readonly part: number; readonly at: number } {
  const before = decidedBefore(moment, placed);
  const { opened, opened_at } = fill(hear(before, requirement, timeline).counting, requirement);
  return { part: opened - 1, at: opened_at ?? timeline.opens };
}

/**
 * Did this person, or one who is joined with them, approve already, so that another approval at this moment
 * would be good for nothing more? It would be for a place that an escalation has opened to them since, or where
 * a part was met since and they are needed in the next.
 */
export function approvedAlready(
  person: string,
  moment: number,
  timeline: Timeline,
  requirement: Requirement,
  placed: readonly PlacedDecision[],
): boolean {
  const { counting, voterOf } = hear(decidedBefore(moment, placed), requirement, timeline);
  const turned = fill(counting, requirement).turned_at ?? Number.NEGATIVE_INFINITY;
  const anywhere = addedBy(moment, timeline, requirement).includes(person);
  const quorums = requirement.approvals.flatMap(({ any_of }) => any_of);
  const covers = (given: Approval) =>
    given.anywhere ||
    (!anywhere && quorums.every(({ people }) => !people.includes(person) || people.includes(given.person)));
  return counting.some((given) => given.voter === voterOf(person) && given.moment > turned && covers(given));
}

function decidedBefore(moment: number, placed: readonly PlacedDecision[]): readonly PlacedDecision[] {
  return placed.filter(({ decided_at }) => Date.parse(decided_at) < moment);
}

/** Halves the moments: what some of the approvals meet, more of them meet too. */
function firstMet({ counting, everCounted }: Heard, requirement: Requirement): Timestamp | null {
  const moments = [...new Set([...everCounted, ...counting].map(({ decided_at }) => decided_at))].toSorted();
  const meets = (all: readonly Approval[], last: Timestamp) => {
    const given = all.filter(({ decided_at }) => decided_at <= last);
    return fill(given, requirement).met;
  };
  let [low, high] = [0, moments.length - 1];
  while (low < high) {
    const middle = Math.floor((low + high) / 2);
    const last = moments[middle] ?? '';
    if (meets(everCounted, last) || meets(counting, last)) high = middle;
    else low = middle + 1;
  }
  return moments[low] ?? null;
}

function approvalsOf(approvals: readonly Approval[], filled: readonly FilledPart[]): Tally['approvals'] {
  const placeOf = (approval: Approval) => filled.findIndex(({ by }) => by.includes(approval));
  return [...Map.groupBy(approvals, ({ person }) => person).values()]
    .flatMap((own) => own.find((approval) => placeOf(approval) >= 0) ?? own.slice(0, 1))
    .map((approval) => ({ approval, place: placeOf(approval) }))
    .toSorted((a, b) => approvals.indexOf(a.approval) - approvals.indexOf(b.approval))
    .map(({ approval: { person, digest, decided_at }, place }) => ({
      person,
      digest,
      decided_at,
      place: place < 0 ? null : place,
    }));
}

function stillAsked(
  { quorum, by }: FilledPart,
  filled: readonly FilledPart[],
  { denials, voterOf }: Heard,
  { excluded }: Requirement,
): readonly string[] {
  if (by.length === quorum.count) return [];
  const answered = new Set([...denials, ...filled.flatMap((part) => part.by)].map(({ voter }) => voter));
  const out = new Set(excluded.map(({ person }) => person));
  return quorum.people.filter((person) => !out.has(person) && !answered.has(voterOf(person))).toSorted();
}

function reasonsOf(
  { approvals, denials, parts, filled, needed, verdict }: Omit<Tally, 'reasons'>,
  placed: readonly PlacedDecision[],
): readonly string[] {
  const names = (place: number | null) =>
    approvals.flatMap((approval) => (approval.place === place ? [approval.person] : [])).join(', ');
  const one = parts.length === 1;
  const spare = names(null);
  return [
    `${filled} of ${needed} approvals${one ? `: ${names(0) || 'none yet'}` : ''}.`,
    ...(one ? [] : parts.map((part, index) => partInWords(part, index, names(index)))),
    ...(spare === '' ? [] : [`Not needed, or not for a place that is open: ${spare}.`]),
    ...denials.map(({ person, reason }) => `Denied by ${person}: ${reason ?? 'no reason given'}.`),
    ...(denials.length > 0 && verdict !== 'denied' ? ['More denials are needed to end the request.'] : []),
    ...placed
      .filter(({ code }) => code !== 'counts')
      .map(({ person, verdict: said, code }) => {
        const who = person ?? 'An unknown person';
        return `${who}'s ${said} does not count: ${code}.`;
      }),
  ];
}

function partInWords(
  { needed, filled, from, open }: Tally['parts'][number],
  index: number,
  names: string,
): string {
  const what = `Part ${index + 1}, ${from.join(' or ') || 'of nobody'}`;
  return open ? `${what}: ${filled} of ${needed}: ${names || 'none yet'}.` : `${what}: not asked yet.`;
}
