import { describe, expect, it } from 'vitest';
import { instantSchema, periodOf } from '../../policy/moment.ts';
import { isZone } from '../../policy/zone.ts';

describe('a period', () => {
  it.each([
    ['whole days', '2026-12-20', '2026-12-27', '2026-12-19T23:00:00.000Z', '2026-12-27T23:00:00.000Z'],
    ['one day', '2026-07-01', '2026-07-01', '2026-06-30T22:00:00.000Z', '2026-07-01T22:00:00.000Z'],
    [
      'local times',
      '2026-07-01T08:00',
      '2026-07-01T16:30:15',
      '2026-07-01T06:00:00.000Z',
      '2026-07-01T14:30:15.000Z',
    ],
    [
      'a local time and an instant',
      '2026-07-01T08:00',
      '2026-07-01T16:00Z',
      '2026-07-01T06:00:00.000Z',
      '2026-07-01T16:00:00.000Z',
    ],
    [
      'the day of 23 hours',
      '2026-03-29',
      '2026-03-29',
      '2026-03-28T23:00:00.000Z',
      '2026-03-29T22:00:00.000Z',
    ],
    [
      'a time that clocks skip, past the jump',
      '2026-03-29T02:30',
      '2026-03-29T12:00',
      '2026-03-29T01:30:00.000Z',
      '2026-03-29T10:00:00.000Z',
    ],
    [
      'times that clocks show twice, the longer way',
      '2026-10-25T02:15',
      '2026-10-25T02:45',
      '2026-10-25T00:15:00.000Z',
      '2026-10-25T01:45:00.000Z',
    ],
    [
      'the last day of a leap year',
      '2028-02-29',
      '2028-02-29',
      '2028-02-28T23:00:00.000Z',
      '2028-02-29T23:00:00.000Z',
    ],
  ])('of %s', (_, from, to, begins, ends) => {
    expect(periodOf({ from, to, zone: 'Europe/Oslo' })).toEqual({ from: begins, to: ends });
  });

  it.each([
    ['Pacific/Apia', '2011-12-31', '2011-12-30T10:00:00.000Z'],
    ['Asia/Kathmandu', '2026-01-01', '2025-12-31T18:15:00.000Z'],
    ['America/Sao_Paulo', '2018-11-04', '2018-11-04T03:00:00.000Z'],
    ['UTC', '2026-01-01', '2026-01-01T00:00:00.000Z'],
  ])('in %s', (zone, from, begins) => {
    expect(periodOf({ from, to: from, zone }).from).toBe(begins);
  });
});

describe('an instant', () => {
  it.each([
    ['2026-12-24T12:00:00+01:00', '2026-12-24T11:00:00.000Z'],
    ['2026-12-24T12:00Z', '2026-12-24T12:00:00.000Z'],
    ['2026-12-24T23:59:59-14:00', '2026-12-25T13:59:59.000Z'],
  ])('%s is %s', (text, utc) => {
    expect(instantSchema.parse(text)).toBe(utc);
  });

  it.each([
    '2026-12-24',
    '2026-12-24T12:00',
    '2026-12-24T24:00Z',
    '2026-12-24 12:00Z',
    '2026-02-29T12:00Z',
    '',
    'Z',
  ])('%j is none', (text) => {
    expect(instantSchema.safeParse(text).success).toBe(false);
  });
});

it.each([
  ['Europe/Oslo', true],
  ['America/Argentina/Buenos_Aires', true],
  ['UTC', true],
  ['+01:00', false],
  ['Europe/Olso', false],
  ['', false],
])('%j as a zone: %s', (zone, known) => {
  expect(isZone(zone)).toBe(known);
});
