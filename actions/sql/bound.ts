/** How many rows were approved: the previewed count, and what the rule lets it be more by. */
import type { Json, JsonObject } from '../../approval/types.ts';
import { differences } from '../differences.ts';

/** The facts of any preview that counts. */
interface Counted {
  readonly rows: number;
  readonly estimate: boolean;
  readonly server: JsonObject;
  readonly [field: string]: Json;
}

/** @param slack percent; part of a row is none */
export function boundOf(rows: number, slack: number): number {
  return Math.floor((rows * (100 + slack)) / 100);
}

/** More rows than approved, and whatever else is not the same. Fewer rows are no drift, nor is a server's update. */
export function driftOf(approved: Counted, now: Counted, slack: number): readonly string[] {
  const bound = boundOf(approved.rows, slack);
  const more =
    now.rows <= bound ? [] : [`rows: at most ${rowsInWords(bound)} were approved, now there are ${now.rows}`];
  return [...more, ...differences(lasting(approved), lasting(now))];
}

function lasting({ rows: _, estimate: __, server: ___, ...facts }: Counted): JsonObject {
  return facts;
}

const grouped = new Intl.NumberFormat('en-US');

export function rowsInWords(rows: number): string {
  return `${grouped.format(rows)} ${rows === 1 ? 'row' : 'rows'}`;
}
