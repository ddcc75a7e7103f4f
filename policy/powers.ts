/** Who may do what else about a request, beside deciding it. */
import type { Powers, Requirement } from '../approval/types.ts';
import type { Asks } from './asks.ts';
import type { Agent, Directory } from './directory.ts';
import type { Exclusion } from './exclusion.ts';
import type { Policy } from './policy.ts';
import { decidersOf, peopleOf } from './requirement.ts';

/** Where the evaluation itself fails, nobody may anything. */
export const NO_POWERS: Powers = { settle: [], break_glass: [], review: [], revoke: [] };

export interface PowersQuestion {
  readonly policy: Policy;
  readonly directory: Directory;
  readonly agent: Agent | null;
  readonly exclusion: Exclusion;
  /** Null where nobody is asked. */
  readonly asked: { readonly asks: Asks; readonly requirement: Requirement } | null;
  /** Glass is broken for what people would have decided, never for what policy denies. */
  readonly denied: boolean;
}

export function powersOf({ policy, directory, agent, exclusion, asked, denied }: PowersQuestion): Powers {
  const { breakGlass, operators } = policy;
  const unexcluded = (people: readonly string[]) => people.filter((person) => !exclusion.excludes(person));
  const settle = asked === null ? unexcluded(directory.membersOf(operators)) : peopleOf(asked.requirement);
  const names = asked === null ? [operators] : [operators, ...decidersOf(asked.asks)];
  return {
    settle,
    break_glass: denied || breakGlass === null ? [] : unexcluded(directory.membersOf(breakGlass.from)),
    review: breakGlass === null ? [] : unexcluded(directory.membersOf(breakGlass.review)),
    // Anybody involved may end a privilege early, whoever asked for it.
    revoke: [
      ...new Set([...settle, ...names.flatMap(directory.membersOf), ...(agent?.owners ?? [])]),
    ].toSorted(),
  };
}
