/**
 * Who stands for whom now: the directory's out of office and the delegations that people signed.
 *
 * Of those that one person signed for an action the last stands alone. Whoever could send several at once would
 * make one voter of them all, and so keep others from approving together.
 */
import type { Delegation } from '../approval/house.ts';
import { matchesPattern } from '../approval/pattern.ts';
import type { Deputy } from '../approval/types.ts';
import type { Directory } from './directory.ts';

export interface DeputyQuestion {
  readonly directory: Directory;
  /** Those in force now, in order of booking. */
  readonly delegations: readonly Delegation[];
  /** The action's name. */
  readonly action: string;
  /** Whom the rule asks itself: nobody stands for a mere deputy. */
  readonly asked: ReadonlySet<string>;
  readonly isExcluded: (person: string) => boolean;
  readonly now: Date;
}

/** Each pair once, sorted; what the directory says comes before what was signed. */
export function deputiesOf(question: DeputyQuestion): readonly Deputy[] {
  const { directory, delegations, action, asked, isExcluded, now } = question;
  const away = directory
    .awayAt(now)
    .map(({ principal, delegate }) => ({ principal, delegate, delegation: null }));
  const matching = delegations.filter((delegation) => matchesPattern(delegation.action, action));
  // Before anybody is taken out: an exclusion more must not bring back the one who was sent before.
  const last = new Map(matching.map((delegation) => [delegation.principal, delegation]));
  const signed = [...last.values()].map(({ principal, delegate, digest }) => ({
    principal,
    delegate,
    delegation: digest,
  }));
  const pairs = new Map<string, Deputy>();
  for (const deputy of [...away, ...signed]) {
    const { principal, delegate } = deputy;
    const pair = `${principal} ${delegate}`;
    const stands =
      principal !== delegate &&
      asked.has(principal) &&
      directory.person(delegate) !== null &&
      !isExcluded(principal) &&
      !isExcluded(delegate);
    if (stands && !pairs.has(pair)) pairs.set(pair, deputy);
  }
  return [...pairs].toSorted(([a], [b]) => (a < b ? -1 : 1)).map(([, deputy]) => deputy);
}
