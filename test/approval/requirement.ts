/** One requirement and votes on it, as plain data: what timeline and tally are tested with. */
import type { DatedDecision } from '../../approval/timeline.ts';
import type { Asked, Escalation, Part, Quorum, Requirement } from '../../approval/types.ts';

export const OPENS = Date.parse('2026-03-02T09:00:00.000Z');
export const at = (seconds: number): string => new Date(OPENS + seconds * 1000).toISOString();

/** `people` also say where they are from. */
const asked = (people: readonly string[]): Asked => ({ from: people, people });
export const quorum = (count: number, ...people: readonly string[]): Quorum => ({ ...asked(people), count });
export const part = (...any_of: readonly Quorum[]): Part => ({ any_of });
export const adds = (after_seconds: number, ...people: readonly string[]): Escalation => ({
  after_seconds,
  add: asked(people),
  notify: asked([]),
});

/** One of three, and from half of the hour on Siv; never Liv. */
export const ONE_OF_THREE: Requirement = {
  approvals: [part(quorum(1, 'kari', 'ola', 'per'))],
  order: 'parallel',
  denials: 1,
  timeout_seconds: 3600,
  remind_after_seconds: null,
  escalations: [adds(1800, 'siv')],
  excluded: [{ person: 'liv', why: 'owns the agent' }],
  deputies: [],
  require: [],
  risk: 'high',
  channel: null,
};

let votes = 0;
export const vote = (
  person: string | null,
  seconds: number,
  change: Partial<DatedDecision> = {},
): DatedDecision => ({
  digest: `sha256:${String(++votes).padStart(64, '0')}`,
  person,
  verdict: 'approve',
  stood: true,
  denials: 1,
  reason: null,
  decided_at: at(seconds),
  ...change,
});
