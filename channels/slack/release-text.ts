/** When something that was approved may run, in plain lines. */
import type { Release } from '../../approval/types.ts';
import { duration } from './markup.ts';

export function releaseText(release: Release | null): readonly string[] {
  if (release === null) return ['never'];
  const { grant_ttl_seconds, not_before, windows, closed, limit, slack_percent } = release;
  return [
    `within ${duration(grant_ttl_seconds)} of its approval`,
    ...(not_before === null ? [] : [`not before ${not_before}`]),
    ...windows.map(({ days, from, to, zone }) => `${days.join(', ')} from ${from} to ${to}, ${zone}`),
    ...closed.map(({ from, to, reason }) => `not from ${from} to ${to}: ${reason}`),
    ...(limit === null
      ? []
      : [`at most ${limit.count} of this agent’s in ${duration(limit.per_seconds)} under this rule`]),
    ...(slack_percent === 0 ? [] : [`a number may be ${slack_percent} percent more than what was previewed`]),
  ];
}
