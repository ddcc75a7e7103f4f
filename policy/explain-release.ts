/** When something may run, in words. */
import type { Release } from '../approval/types.ts';
import { durationWords } from './duration.ts';
import { LONGEST_LIST } from './explain.ts';

export function releaseWords(release: Release): readonly string[] {
  const { not_before, windows, closed, limit, slack_percent } = release;
  return [
    ...(not_before === null ? [] : [`It may not run before ${not_before}.`]),
    ...(windows.length === 0
      ? []
      : [
          `It runs only ${windows
            .map(({ days, from, to, zone }) => `${dayWords(days)} from ${from} to ${to} (${zone})`)
            .join(', or ')}.`,
        ]),
    ...closed
      .slice(0, LONGEST_LIST)
      .map(({ from, to, reason }) => `It may not run from ${from} until ${to}: ${reason}.`),
    ...(closed.length > LONGEST_LIST ? [`${closed.length - LONGEST_LIST} more periods are closed.`] : []),
    ...(limit === null
      ? []
      : [
          `At most ${limit.count} of one agent run under this rule in ${durationWords(limit.per_seconds)}; what is over is held.`,
        ]),
    ...(slack_percent === 0
      ? []
      : [`At execution a number may be ${slack_percent} percent over what was previewed.`]),
  ];
}

function dayWords(days: Release['windows'][number]['days']): string {
  return days.length === 7 ? 'every day' : days.join(', ');
}
