/** Who must approve and who may not: a rule's people, with separation of duties taken out, over people. */
import type { RequestStatement, Requirement } from '../approval/types.ts';
import type { Agent, Directory } from './directory.ts';
import type { Effect } from './policy.ts';

export type ApprovalEffect = Extract<Effect, { kind: 'require_approval' }>;

/** How long after the requirement was first met the action may still start. */
const GRANT_TTL_SECONDS = 15 * 60;

/** What a rule asks of a request by this agent, with everyone out who may not decide about it. */
export function requirementOf(
  effect: ApprovalEffect,
  agent: Agent,
  claims: RequestStatement['claims'],
  directory: Directory,
): Requirement {
  const asked = directory.membersOf(effect.steps.flatMap(({ from }) => from));
  const excluded = exclusionsOf(agent, claims.on_behalf_of, asked);
  const out = new Set(excluded.map(({ person }) => person));
  return {
    count: effect.count,
    timeout_seconds: effect.timeout_seconds,
    stages: effect.steps.map(({ after_seconds, from }) => ({
      after_seconds,
      from,
      people: directory.membersOf(from).filter((person) => !out.has(person)),
    })),
    excluded,
    grant_ttl_seconds: GRANT_TTL_SECONDS,
    risk: effect.risk,
    channel: effect.channel,
  };
}

/**
 * Each person once with every reason, by id.
 *
 * An agent that does not say for whom it asks excludes, of those asked, everyone for whom it may: leaving the
 * name out must not let the one who set the agent to work approve it.
 */
function exclusionsOf(
  agent: Agent,
  onBehalfOf: string | null,
  asked: readonly string[],
): Requirement['excluded'] {
  const principals = onBehalfOf === null ? asked.filter((person) => agent.actsFor(person)) : [onBehalfOf];
  const why =
    onBehalfOf === null
      ? `${agent.name} may ask on their behalf and does not say on whose it does`
      : `${agent.name} asks on their behalf`;
  return [...new Set([...principals, ...agent.owners])].toSorted().map((person) => ({
    person,
    why: [
      ...(principals.includes(person) ? [why] : []),
      ...(agent.owners.includes(person) ? [`they own ${agent.name}`] : []),
    ].join(', and '),
  }));
}

/** `true` where no passing of time brings enough people. */
export function isOutOfReach({ count, stages }: Requirement): boolean {
  return new Set(stages.flatMap(({ people }) => people)).size < count;
}
