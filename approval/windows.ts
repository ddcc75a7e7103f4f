/**
 * The clock of a release: may it run at a moment by `not_before`, its windows and its change freezes, and when next.
 *
 * A window is read off the wall clock of its zone: what the clock skips in spring does not occur, and what it
 * shows twice in autumn occurs twice. Whatever does not parse holds.
 */
import type { Release, Timestamp, Weekday, Window } from './types.ts';
import { offsetAt } from './zone-offset.ts';

/** Why a release waits. */
export interface Hold {
  readonly code: 'not_before' | 'outside_window' | 'change_freeze';
  /** The next moment at which it may run; null for none within a year. */
  readonly opens: Timestamp | null;
  /** One sentence. */
  readonly words: string;
}

type Clock = Pick<Release, 'not_before' | 'windows' | 'closed'>;

const DAY = 86_400_000;
const YEAR = 366 * DAY;
const WEEKDAYS: readonly Weekday[] = ['sun', 'mon', 'tue', 'wed', 'thu', 'fri', 'sat'];

/**
 * @param now milliseconds since the epoch
 * @returns null where it may run at that moment
 * @throws RangeError where a window's zone is none
 */
export function holdAt(release: Clock, now: number): Hold | null {
  const held = heldBy(release, now);
  if (held === null) return null;
  const next = nextOpening(release, now);
  return { ...held, opens: next === null ? null : new Date(next).toISOString() };
}

function heldBy({ not_before, windows, closed }: Clock, moment: number): Omit<Hold, 'opens'> | null {
  if (not_before !== null && !(moment >= Date.parse(not_before))) {
    return { code: 'not_before', words: `It may not run before ${not_before}.` };
  }
  const freeze = closed.find((one) => !isPast(one, moment) && !isAhead(one, moment));
  if (freeze !== undefined) {
    return { code: 'change_freeze', words: `A change freeze until ${freeze.to}: ${freeze.reason}.` };
  }
  if (windows.length === 0 || windows.some((window) => opening(window, moment, moment) !== null)) return null;
  return { code: 'outside_window', words: `It runs only ${windows.map(inWords).join(', or ')}.` };
}

type Closed = Release['closed'][number];
const isAhead = ({ from }: Closed, moment: number) => moment < Date.parse(from);
const isPast = ({ to }: Closed, moment: number) => moment >= Date.parse(to);

function inWords({ days, from, to, zone }: Window): string {
  const every = WEEKDAYS.every((day) => days.includes(day));
  return `${every ? 'daily' : days.join(', ')} ${from} to ${to} ${zone}`;
}

/** Steps from obstacle to obstacle until there is none. */
function nextOpening({ not_before, windows, closed }: Clock, now: number): number | null {
  const last = now + YEAR;
  let moment = not_before === null ? now : Math.max(now, Date.parse(not_before));
  while (moment <= last) {
    const from = moment;
    if (windows.length > 0) {
      const openings = windows.flatMap((window) => opening(window, from, last) ?? []);
      if (openings.length === 0) return null;
      moment = Math.min(...openings);
    }
    const at = moment;
    const freeze = closed.find((one) => !isPast(one, at) && !isAhead(one, at));
    if (freeze === undefined) return moment;
    moment = Date.parse(freeze.to);
  }
  return null;
}

/** The first moment from `from` to `last`, both inclusive, at which the window is open. */
function opening(window: Window, from: number, last: number): number | null {
  const [opens, closes] = [minutesOf(window.from), minutesOf(window.to)];
  if (!(opens < closes) || window.days.length === 0) return null;
  for (let start = from; start <= last; ) {
    const offset = offsetAt(window.zone, start);
    const end = Math.min(steadyUntil(window.zone, start, offset), last + 1);
    const local = { start: start + offset, end: end + offset };
    for (let day = Math.floor(local.start / DAY) * DAY; day < local.end; day += DAY) {
      const weekday = WEEKDAYS[new Date(day).getUTCDay()];
      const first = Math.max(day + opens, local.start);
      const isOpen = weekday !== undefined && window.days.includes(weekday) && first < day + closes;
      if (isOpen && first < local.end) return first - offset;
    }
    start = end;
  }
  return null;
}

/** `HH:MM` in milliseconds since midnight; not a number where it is something else. */
function minutesOf(clock: string): number {
  const [, hours, minutes] = /^([01]\d|2[0-3]|24(?=:00$)):([0-5]\d)$/.exec(clock) ?? [];
  return (Number(hours) * 60 + Number(minutes)) * 60_000;
}

/** How far from a moment, a day at most, the zone keeps its offset: until the millisecond of the change. */
function steadyUntil(zone: string, start: number, offset: number): number {
  let [low, high] = [start, start + DAY];
  if (offsetAt(zone, high) === offset) return high;
  while (high - low > 1) {
    const middle = Math.floor((low + high) / 2);
    if (offsetAt(zone, middle) === offset) low = middle;
    else high = middle;
  }
  return high;
}
