/** Separation of duties: who may not decide what an agent asks for, and why. */
import type { RequestStatement } from '../approval/types.ts';
import type { Names } from './asks.ts';
import type { Agent, Directory } from './directory.ts';

export interface Exclusion {
  /** In words, one for each reason; empty for whoever may decide. */
  reasons(person: string): readonly string[];
  excludes(person: string): boolean;
  /** Sorted ids of those who are out whomever the rule asks. */
  readonly named: readonly string[];
}

export interface ExclusionQuestion {
  /** Null for one that the directory does not know. */
  readonly agent: Agent | null;
  readonly claims: Pick<RequestStatement['claims'], 'on_behalf_of'>;
  /** Beyond separation of duties. */
  readonly exclude: Names;
  readonly directory: Directory;
}

/**
 * An agent that does not say for whom it asks excludes everyone for whom it may: leaving the name out must not let
 * the one who set the agent to work approve it.
 */
export function exclusionOf({ agent, claims, exclude, directory }: ExclusionQuestion): Exclusion {
  const { on_behalf_of } = claims;
  const owners = agent?.owners ?? [];
  const excluded = directory.membersOf(exclude);
  const [owning, ruledOut] = [new Set(owners), new Set(excluded)];
  const asksFor = (person: string) =>
    on_behalf_of === null ? agent?.actsFor(person) === true : on_behalf_of === person;
  const who = agent?.name ?? 'the agent';
  const why =
    on_behalf_of === null
      ? `${who} may ask on their behalf and does not say on whose it does`
      : `${who} asks on their behalf`;
  return {
    reasons: (person) => [
      ...(asksFor(person) ? [why] : []),
      ...(owning.has(person) ? [`they own ${who}`] : []),
      ...(ruledOut.has(person) ? ['the rule excludes them'] : []),
    ],
    excludes: (person) => asksFor(person) || owning.has(person) || ruledOut.has(person),
    named: [
      ...new Set([...(on_behalf_of === null ? [] : [on_behalf_of]), ...owners, ...excluded]),
    ].toSorted(),
  };
}
