/** Times for people: `2026-03-01 09:30:00`, in UTC, and the times that people give. */
import { AssentError, type Timestamp } from '../client/vocabulary.ts';

export function shortTime(at: Timestamp): string {
  const time = new Date(at);
  return Number.isNaN(time.getTime()) ? '?' : time.toISOString().slice(0, 19).replace('T', ' ');
}

const UNITS: ReadonlyMap<string | undefined, number> = new Map([
  ['s', 1],
  ['m', 60],
  ['h', 3600],
  ['d', 86_400],
]);

/** `90s`, `15m`, `2h`, `3d` in seconds. @throws AssentError `usage` */
export function agoSeconds(text: string): number {
  const [, amount, letter] = /^([1-9][0-9]{0,5})([smhd])$/.exec(text) ?? [];
  const unit = UNITS.get(letter);
  if (unit !== undefined) return Number(amount) * unit;
  throw new AssentError('usage', `${JSON.stringify(text)} is no age; write 90s, 15m, 2h or 3d.`);
}

const DAY = /^\d{4}-\d\d-\d\d$/;
const TIME = /^\d{4}-\d\d-\d\dT\d\d:\d\d(?::\d\d(?:\.\d{1,3})?)?(?:Z|[+-]\d\d:\d\d)?$/;

/**
 * An instant (`2026-03-01T09:00Z`, `…+01:00`), or a day or time by this machine's clock. A day begins with its first
 * moment, and ends with its last.
 *
 * @throws AssentError `usage`
 */
export function momentOf(text: string, edge: 'from' | 'until'): Timestamp {
  const day = DAY.test(text);
  const time = day ? new Date(`${text}T00:00`) : new Date(TIME.test(text) ? text : Number.NaN);
  // JavaScript takes the 30th of February for a day in March.
  const real = new Date(`${text.slice(0, 10)}T00:00Z`).getUTCDate() === Number(text.slice(8, 10));
  if (!real || Number.isNaN(time.getTime())) {
    const such = '2026-03-01, 2026-03-01T09:00 or 2026-03-01T09:00+01:00';
    throw new AssentError('usage', `${JSON.stringify(text)} is no time for --${edge}; write ${such}.`);
  }
  if (day && edge === 'until') time.setDate(time.getDate() + 1);
  return time.toISOString();
}
