import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Release, Weekday, Window } from '../../approval/types.ts';
import { holdAt } from '../../approval/windows.ts';

const WEEK: readonly Weekday[] = ['mon', 'tue', 'wed', 'thu', 'fri', 'sat', 'sun'];
const WORKDAYS = WEEK.slice(0, 5);
const window = (change: Partial<Window> = {}): Window => ({
  days: WEEK,
  from: '08:00',
  to: '16:00',
  zone: 'Europe/Oslo',
  ...change,
});
const release = (change: Partial<Release>): Release => ({
  grant_ttl_seconds: 900,
  not_before: null,
  windows: [],
  closed: [],
  limit: null,
  slack_percent: 0,
  ...change,
});
const closed = (from: string, to: string, reason = 'Year end') => ({ from, to, reason });
/** `yes`, or the code and the next moment. */
const ask = (change: Partial<Release>, now: string): string => {
  const held = holdAt(release(change), Date.parse(now));
  return held === null ? 'yes' : `${held.code} ${held.opens}`;
};

describe('a release', () => {
  it('without conditions may always run', () => {
    expect(holdAt(release({}), 0)).toBeNull();
  });

  it.each([
    ['2026-03-02T08:59:59.999Z', 'not_before 2026-03-02T09:00:00.000Z'],
    ['2026-03-02T09:00:00.000Z', 'yes'],
    ['2025-01-02T09:00:00.000Z', 'not_before null'],
  ])('not before nine, asked at %s: %s', (now, answer) => {
    expect(ask({ not_before: '2026-03-02T09:00:00.000Z' }, now)).toBe(answer);
  });

  it.each([
    ['2026-12-19T23:59:59.999Z', 'yes'],
    ['2026-12-20T00:00:00.000Z', 'change_freeze 2027-01-02T00:00:00.000Z'],
    ['2027-01-01T23:59:59.999Z', 'change_freeze 2027-01-02T00:00:00.000Z'],
    ['2027-01-02T00:00:00.000Z', 'yes'],
  ])('in a change freeze, asked at %s: %s', (now, answer) => {
    expect(ask({ closed: [closed('2026-12-20T00:00:00.000Z', '2027-01-02T00:00:00.000Z')] }, now)).toBe(
      answer,
    );
  });

  it('waits for the end of freezes that overlap', () => {
    const freezes = [
      closed('2026-12-25T00:00:00.000Z', '2027-01-10T00:00:00.000Z'),
      closed('2026-12-20T00:00:00.000Z', '2026-12-27T00:00:00.000Z'),
    ];
    expect(ask({ closed: freezes }, '2026-12-21T00:00:00.000Z')).toBe(
      'change_freeze 2027-01-10T00:00:00.000Z',
    );
  });

  it('opens when all of its conditions hold', () => {
    const change = {
      not_before: '2026-12-18T20:00:00.000Z',
      windows: [window({ days: WORKDAYS })],
      closed: [closed('2026-12-21T00:00:00.000Z', '2027-01-02T10:00:00.000Z')],
    };
    // Friday night, a weekend, the freeze, and the weekend in which it ends.
    expect(ask(change, '2026-12-17T12:00:00.000Z')).toBe('not_before 2027-01-04T07:00:00.000Z');
    expect(ask(change, '2026-12-19T12:00:00.000Z')).toBe('outside_window 2027-01-04T07:00:00.000Z');
    expect(ask(change, '2026-12-22T12:00:00.000Z')).toBe('change_freeze 2027-01-04T07:00:00.000Z');
  });

  it('says why in words', () => {
    const words = (change: Partial<Release>) =>
      holdAt(release(change), Date.parse('2026-03-07T12:00Z'))?.words;
    expect(words({ not_before: '2026-04-01T00:00:00.000Z' })).toBe(
      'It may not run before 2026-04-01T00:00:00.000Z.',
    );
    expect(words({ closed: [closed('2026-03-01T00:00:00.000Z', '2026-04-01T00:00:00.000Z', 'Audit')] })).toBe(
      'A change freeze until 2026-04-01T00:00:00.000Z: Audit.',
    );
    expect(words({ windows: [window({ days: ['mon', 'fri'] }), window({ to: '09:00' })] })).toBe(
      'It runs only mon, fri 08:00 to 16:00 Europe/Oslo, or daily 08:00 to 09:00 Europe/Oslo.',
    );
  });
});

describe('a window', () => {
  it.each<[string, Partial<Window>, string, string]>([
    ['opens with its first minute', {}, '2026-03-02T07:00:00.000Z', 'yes'],
    [
      'is shut a millisecond before',
      {},
      '2026-03-02T06:59:59.999Z',
      'outside_window 2026-03-02T07:00:00.000Z',
    ],
    ['closes with its last', {}, '2026-03-02T15:00:00.000Z', 'outside_window 2026-03-03T07:00:00.000Z'],
    ['is open until then', {}, '2026-03-02T14:59:59.999Z', 'yes'],
    [
      'keeps to its days',
      { days: WORKDAYS },
      '2026-03-07T12:00:00.000Z',
      'outside_window 2026-03-09T07:00:00.000Z',
    ],
    ['ends with the day at 24:00', { to: '24:00' }, '2026-03-02T22:59:59.999Z', 'yes'],
    [
      '… and not after',
      { to: '24:00' },
      '2026-03-02T23:00:00.000Z',
      'outside_window 2026-03-03T07:00:00.000Z',
    ],
    ['goes on over midnight as two', { from: '00:00', to: '24:00' }, '2026-03-02T23:00:00.000Z', 'yes'],
    [
      'in half hours',
      { zone: 'Asia/Kolkata' },
      '2026-03-02T02:29:59.000Z',
      'outside_window 2026-03-02T02:30:00.000Z',
    ],
    ['in UTC', { zone: 'UTC' }, '2026-03-02T08:00:00.000Z', 'yes'],
    // Clocks go forward at 01:00Z on 29 March.
    ['before spring', {}, '2026-03-28T16:00:00.000Z', 'outside_window 2026-03-29T06:00:00.000Z'],
    [
      'in the skipped hour',
      { from: '02:00', to: '02:45', days: ['sun'] },
      '2026-03-28T16:00:00.000Z',
      'outside_window 2026-04-05T00:00:00.000Z',
    ],
    ['into the skipped hour', { from: '01:30', to: '02:30' }, '2026-03-29T00:59:59.999Z', 'yes'],
    [
      '… which ends it',
      { from: '01:30', to: '02:30' },
      '2026-03-29T01:00:00.000Z',
      'outside_window 2026-03-29T23:30:00.000Z',
    ],
    [
      'out of the skipped hour',
      { from: '02:15', to: '04:00' },
      '2026-03-29T00:59:59.999Z',
      'outside_window 2026-03-29T01:00:00.000Z',
    ],
    // Clocks go back at 01:00Z on 25 October.
    ['before autumn', {}, '2026-10-24T16:00:00.000Z', 'outside_window 2026-10-25T07:00:00.000Z'],
    ['in the hour that comes twice', { from: '02:15', to: '02:45' }, '2026-10-25T00:30:00.000Z', 'yes'],
    [
      '… between',
      { from: '02:15', to: '02:45' },
      '2026-10-25T00:45:00.000Z',
      'outside_window 2026-10-25T01:15:00.000Z',
    ],
    ['… again', { from: '02:15', to: '02:45' }, '2026-10-25T01:30:00.000Z', 'yes'],
    [
      'ended and back',
      { from: '01:30', to: '02:30' },
      '2026-10-25T00:30:00.000Z',
      'outside_window 2026-10-25T01:00:00.000Z',
    ],
    [
      'New York in spring',
      { zone: 'America/New_York' },
      '2026-03-08T05:00:00.000Z',
      'outside_window 2026-03-08T12:00:00.000Z',
    ],
    [
      'New York in autumn',
      { zone: 'America/New_York' },
      '2026-11-01T05:00:00.000Z',
      'outside_window 2026-11-01T13:00:00.000Z',
    ],
    ['Chatham in its summer', { zone: 'Pacific/Chatham' }, '2026-03-01T00:00:00.000Z', 'yes'],
    [
      'Chatham back at 03:45',
      { zone: 'Pacific/Chatham', from: '03:00', to: '03:30' },
      '2026-04-04T14:00:00.000Z',
      'outside_window 2026-04-04T14:15:00.000Z',
    ],
    [
      'Chatham forward at 02:45',
      { zone: 'Pacific/Chatham', from: '03:00', to: '04:00' },
      '2026-09-26T13:59:00.000Z',
      'outside_window 2026-09-26T14:00:00.000Z',
    ],
  ])('%s', (_, change, now, answer) => {
    expect(ask({ windows: [window(change)] }, now)).toBe(answer);
  });

  it.each<[string, Partial<Window>]>([
    ['ends before it begins', { from: '16:00', to: '08:00' }],
    ['is empty', { from: '08:00', to: '08:00' }],
    ['has no days', { days: [] }],
    ['has no hours', { from: 'nine' }],
    ['begins at 24:30', { from: '24:30', to: '25:00' }],
    ['ends at 24:01', { to: '24:01' }],
  ])('that %s never opens', (_, change) => {
    expect(ask({ windows: [window(change)] }, '2026-03-02T12:00:00.000Z')).toBe('outside_window null');
  });

  it('of a zone that is none is an error', () => {
    expect(() => ask({ windows: [window({ zone: 'Europe/Atlantis' })] }, '2026-03-02T12:00Z')).toThrow(
      /Europe\/Atlantis/,
    );
  });

  it('is one of several', () => {
    const windows = [window({ from: '12:00' }), window({ to: '09:00', zone: 'America/New_York' })];
    expect(ask({ windows }, '2026-03-02T15:00:00.000Z')).toBe('outside_window 2026-03-03T11:00:00.000Z');
    expect(ask({ windows }, '2026-03-02T13:30:00.000Z')).toBe('yes');
  });
});

describe('whatever does not parse', () => {
  it.each<[string, Partial<Release>, string]>([
    ['not_before', { not_before: 'soon' }, 'not_before null'],
    [
      "a freeze's beginning",
      { closed: [closed('?', '2026-04-01T00:00:00.000Z')] },
      'change_freeze 2026-04-01T00:00:00.000Z',
    ],
    ["a freeze's end", { closed: [closed('2026-03-01T00:00:00.000Z', '?')] }, 'change_freeze null'],
  ])('%s holds', (_, change, answer) => {
    expect(ask(change, '2026-03-02T12:00:00.000Z')).toBe(answer);
  });
});

describe('laws', () => {
  const QUARTER = 900_000;
  const clock = (quarter: number) =>
    `${String(Math.floor(quarter / 4)).padStart(2, '0')}:${String((quarter % 4) * 15).padStart(2, '0')}`;
  const windows = fc.array(
    fc
      .record({
        days: fc.subarray([...WEEK], { minLength: 1 }),
        span: fc.uniqueArray(fc.integer({ min: 0, max: 96 }), { minLength: 2, maxLength: 2 }),
        zone: fc.constantFrom(
          'Europe/Oslo',
          'America/New_York',
          'Asia/Kolkata',
          'Pacific/Chatham',
          'Australia/Lord_Howe',
        ),
      })
      .map(({ days, span, zone }): Window => {
        const [from = 0, to = 0] = span.toSorted((a, b) => a - b);
        return { days, from: clock(from), to: clock(to), zone };
      }),
    { minLength: 1, maxLength: 2 },
  );
  /** The days on which some clock changes, and any others. */
  const days = fc.oneof(
    fc.constantFrom(
      '2026-03-08',
      '2026-03-28',
      '2026-04-04',
      '2026-09-26',
      '2026-10-03',
      '2026-10-24',
      '2026-11-01',
    ),
    fc.integer({ min: 0, max: 364 }).map((day) => new Date(Date.UTC(2026, 0, 1 + day)).toISOString()),
  );
  const moments = fc
    .tuple(days, fc.integer({ min: 0, max: 96 }))
    .map(([day, quarter]) => Date.parse(day) + quarter * QUARTER);

  it('the next opening is the first quarter at which every wall clock says so', () => {
    fc.assert(
      fc.property(windows, moments, (given, now) => {
        const found = holdAt(release({ windows: given }), now);
        let moment = now;
        while (!given.some((one) => shows(one, moment)) && moment < now + 15 * 86_400_000) moment += QUARTER;
        expect(found === null ? now : Date.parse(found.opens ?? '')).toBe(moment);
      }),
      { numRuns: 300 },
    );
  });

  it('it may run when it opens, and not before', () => {
    fc.assert(
      fc.property(windows, moments, (given, now) => {
        const held = holdAt(release({ windows: given }), now);
        fc.pre(held !== null);
        const opens = Date.parse(held.opens ?? '');
        expect(holdAt(release({ windows: given }), opens)).toBeNull();
        expect(holdAt(release({ windows: given }), opens - 1)?.opens).toBe(held.opens);
      }),
      { numRuns: 300 },
    );
  });

  const clocks = new Map<string, Intl.DateTimeFormat>();
  /** By what the clock on the wall shows, and nothing else. */
  function shows({ days: open, from, to, zone }: Window, moment: number): boolean {
    const wall =
      clocks.get(zone) ??
      new Intl.DateTimeFormat('en-GB', {
        timeZone: zone,
        weekday: 'short',
        hour: '2-digit',
        minute: '2-digit',
      });
    clocks.set(zone, wall);
    const [day = '', time = ''] = wall.format(moment).split(/,? /);
    return open.some((one) => one === day.toLowerCase()) && from <= time && time < to;
  }
});
