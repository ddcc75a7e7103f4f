/** A decision's outline: who is asked, who may answer and who not, as people write it down and compare it. */
import type { PolicyDecision, Quorum } from '../approval/types.ts';
import { type Hold, holdAt } from '../approval/windows.ts';

/** As a rule's `approvals` has it: `{from, count}`, or `any_of` several of these. */
export type AskedPart = AskedQuorum | { readonly any_of: readonly AskedQuorum[] };

// No interface: those are no JSON to the compiler.
export type AskedQuorum = { readonly from: readonly string[]; readonly count: number };

export function askedParts({ requirement }: Pick<PolicyDecision, 'requirement'>): readonly AskedPart[] {
  return partsOf(requirement?.approvals ?? [], ({ from, count }) => ({ from, count }));
}

/** One alternative stands for itself, several under `any_of`. */
export function partsOf<Q, A>(
  parts: readonly { readonly any_of: readonly Q[] }[],
  each: (quorum: Q) => A,
): readonly (A | { readonly any_of: readonly A[] })[] {
  return parts.map(({ any_of }) => {
    const [only, ...others] = any_of.map(each);
    return only === undefined || others.length > 0 ? { any_of: any_of.map(each) } : only;
  });
}

/** Sorted ids of those who may fill a place without an escalation. */
export function eligibleBy({ requirement }: Pick<PolicyDecision, 'requirement'>): readonly string[] {
  const quorums: readonly Quorum[] = (requirement?.approvals ?? []).flatMap(({ any_of }) => any_of);
  return [...new Set(quorums.flatMap(({ people }) => people))].toSorted();
}

/** `1 of data-owners, and 1 of database-admins or 2 of engineers` */
export function partWords(parts: readonly AskedPart[]): string {
  if (parts.length === 0) return 'nobody';
  return parts
    .map((part) => ('any_of' in part ? part.any_of.map(quorumWords).join(' or ') : quorumWords(part)))
    .join(', and ');
}

function quorumWords({ from, count }: AskedQuorum): string {
  return `${count} of ${from.join(' or ')}`;
}

/** What would hold it at this moment, were it approved; null where nothing does, and where it is denied. */
export function heldAt({ release }: Pick<PolicyDecision, 'release'>, now: Date): Hold | null {
  return release === null ? null : holdAt(release, now.getTime());
}
