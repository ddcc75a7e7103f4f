/** Who is asked now: by any alternative of a part that is open and not met, and has not answered yet. */
import { votersBy } from '../../approval/filling.ts';
import type { CardInput } from './card-input.ts';

/** Sorted ids of those who may fill this part; whom escalations add comes on top. */
export function askedIn(index: number, { policy: { requirement }, standings }: CardInput): readonly string[] {
  const { tally } = standings;
  const standing = tally?.parts[index];
  if (requirement === null || tally === null || !standing?.open || standing.filled >= standing.needed)
    return [];
  const voterOf = votersBy(requirement.deputies);
  const placed = tally.approvals.filter(({ place }) => place !== null);
  const answered = new Set([...placed, ...tally.denials].map(({ person }) => voterOf(person)));
  const out = new Set(requirement.excluded.map(({ person }) => person));
  const people = (requirement.approvals[index]?.any_of ?? []).flatMap((quorum) => quorum.people);
  return [...new Set(people)].filter((id) => !out.has(id) && !answered.has(voterOf(id))).toSorted();
}

/** Of all parts. */
export function askedNow(input: CardInput): readonly string[] {
  const parts = input.standings.tally?.parts ?? [];
  return [...new Set(parts.flatMap((_, index) => askedIn(index, input)))];
}
