/** Out of office: who is away when, and who stands for them meanwhile. */
import type { Fault, FaultAt } from '../approval/yaml-fault.ts';
import type { DirectoryFile } from './directory-file.ts';
import { periodFaults, periodOf } from './moment.ts';

/** From inclusive, until exclusive, both in milliseconds since 1970. */
export interface Absence {
  readonly principal: string;
  readonly delegate: string;
  readonly from: number;
  readonly until: number;
}

/** Of a directory without awayFaults, in order of time for each person. */
export function absencesOf({ people }: DirectoryFile): readonly Absence[] {
  return Object.entries(people).flatMap(([principal, { away }]) =>
    away
      .map(({ from, until, zone, to }) => {
        const period = periodOf({ from, to: until, zone });
        return { principal, delegate: to, from: Date.parse(period.from), until: Date.parse(period.to) };
      })
      .toSorted((a, b) => a.from - b.from || a.until - b.until || (a.delegate < b.delegate ? -1 : 1)),
  );
}

/** @param nobody why a name is no person's; null where it is */
export function awayFaults(
  { people }: DirectoryFile,
  faultAt: FaultAt,
  nobody: (name: string) => string | null,
): readonly Fault[] {
  return Object.entries(people).flatMap(([id, { away }]) =>
    away.flatMap(({ from, until, zone, to }, index) => {
      const path = ['people', id, 'away', index];
      const message = to === id ? `${id} can't stand for themselves; name somebody else` : nobody(to);
      return [
        ...periodFaults({ from, to: until, zone }, 'until').map(({ field, message: what }) =>
          faultAt([...path, ...field], what),
        ),
        ...(message === null ? [] : [faultAt([...path, 'to'], message)]),
      ];
    }),
  );
}
