/** Who stands for whom now: the directory's out of office and the delegations that people signed. */
import type { Delegation } from '../approval/house.ts';
import { matchesPattern } from '../approval/pattern.ts';
import type { Deputy } from '../approval/types.ts';
import type { Directory } from './directory.ts';

export interface DeputyQuestion {
  readonly directory: Directory;
  /** Those in force now. */
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
  const signed = delegations
    .filter((delegation) => matchesPattern(delegation.action, action))
    .map(({ principal, delegate, digest }) => ({ principal, delegate, delegation: digest }))
    .toSorted((a, b) => (a.delegation < b.delegation ? -1 : 1));
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
