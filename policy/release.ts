/** When what a rule lets through may run: the file's terms, normalised, and what is wrong with them. */
import type { Release } from '../approval/types.ts';
import type { YamlDocument } from '../approval/yaml.ts';
import type { Fault } from '../approval/yaml-fault.ts';
import type { YamlPath } from '../approval/yaml-place.ts';
import { periodFaults, periodOf } from './moment.ts';
import type { PolicyFile, ReleaseFile } from './policy-file.ts';
import { WEEKDAYS } from './release-file.ts';

/** Nobody has to be waited for, so what is allowed and did not start by then was held up by something else. */
const ALLOWED_TTL_SECONDS = 5 * 60;

/** Of a rule without releaseFaults. */
export function releaseOf(rule: ReleaseFile): Release {
  const { not_before, windows, closed, limits, slack } = rule;
  return {
    grant_ttl_seconds: rule.effect === 'allow' ? ALLOWED_TTL_SECONDS : rule.grant_ttl,
    not_before: not_before ?? null,
    windows: windows.map(({ days, from, to, zone }) => ({
      days: WEEKDAYS.filter((day) => days.includes(day)),
      from,
      to,
      zone,
    })),
    closed: closed
      .map(({ reason, ...period }) => ({ ...periodOf(period), reason }))
      .toSorted((a, b) => compare(a.from, b.from) || compare(a.to, b.to) || compare(a.reason, b.reason)),
    limit: limits === undefined ? null : { count: limits.count, per_seconds: limits.per },
    slack_percent: slack,
  };
}

export function releaseFaults({ value, faultAt }: YamlDocument<PolicyFile>): readonly Fault[] {
  return value.rules.flatMap((rule, index) =>
    rule.effect === 'deny'
      ? []
      : termFaults(rule).map(({ path, message }) => faultAt(['rules', index, ...path], message)),
  );
}

interface TermFault {
  readonly path: YamlPath;
  readonly message: string;
}

function termFaults({ windows, closed }: ReleaseFile): readonly TermFault[] {
  return [
    ...windows.flatMap(({ days, from, to }, index): TermFault[] => [
      ...days.flatMap((day, position) =>
        days.indexOf(day) < position
          ? [{ path: ['windows', index, 'days', position], message: `${day} stands here twice; keep one` }]
          : [],
      ),
      ...(from < to
        ? []
        : [
            {
              path: ['windows', index, 'to'],
              message:
                'is not after from; for a night write two windows, one to "24:00" and one from "00:00"',
            },
          ]),
    ]),
    ...closed.flatMap((period, index) =>
      periodFaults(period, 'to').map(({ field, message }) => ({
        path: ['closed', index, ...field],
        message,
      })),
    ),
  ];
}

function compare(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}
