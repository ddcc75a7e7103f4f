/** Local times of a time zone as instants. */
import { offsetAt } from '../approval/zone-offset.ts';

/** IANA names only: an offset knows nothing of summer time. */
export function isZone(zone: string): boolean {
  if (!/^[A-Za-z][A-Za-z0-9_+-]*(?:\/[A-Za-z0-9_+-]+)*$/u.test(zone)) return false;
  try {
    offsetAt(zone, 0);
    return true;
  } catch (error) {
    if (error instanceof RangeError) return false;
    throw error;
  }
}

/**
 * The instants, in milliseconds since 1970, at which clocks of the zone show `local` (`2026-12-24T12:00:00`): two
 * where they are put back over it; where they are put forward over it, the moment as far past the jump.
 *
 * @throws RangeError where the zone is none
 */
export function instantsOf(local: string, zone: string): readonly [first: number, last: number] {
  const shown = Date.parse(`${local}Z`);
  const day = 86_400_000;
  const [before, after] = [shown - offsetAt(zone, shown - day), shown - offsetAt(zone, shown + day)];
  const real = [before, after].filter((instant) => instant + offsetAt(zone, instant) === shown);
  if (real.length === 0) return [before, before];
  return [Math.min(...real), Math.max(...real)];
}
