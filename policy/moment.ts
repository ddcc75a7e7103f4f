/**
 * Moments as the two files write them, read as UTC.
 *
 * An instant bears its offset (`2026-12-24T12:00:00+01:00`, `2026-12-24T11:00Z`). A local date or date-time
 * (`2026-12-24`, `2026-12-24T12:00`) is of the zone that stands beside it: a date as a beginning is that day's first
 * moment, as an end its last, so that `from: 2026-12-20, to: 2026-12-27` holds for eight whole days.
 */
import { z } from 'zod';
import { instantsOf, isZone } from './zone.ts';

const DATE = String.raw`\d{4}-(?:0[1-9]|1[0-2])-(?:0[1-9]|[12]\d|3[01])`;
const TIME = String.raw`(?:[01]\d|2[0-3]):[0-5]\d(?::[0-5]\d)?`;
const OFFSET = String.raw`(?:Z|[+-](?:0\d|1[0-4]):[0-5]\d)`;
const INSTANT = new RegExp(`^${DATE}T${TIME}${OFFSET}$`, 'u');
const LOCAL = new RegExp(`^${DATE}(?:T${TIME})?$`, 'u');
const MOMENT = new RegExp(`^${DATE}(?:T${TIME}${OFFSET}?)?$`, 'u');

const ABSENT = 'is no day of the calendar; correct it';

export const zoneSchema = z
  .string()
  .refine(isZone, 'is no time zone; write its IANA name, such as Europe/Oslo')
  .meta({ description: 'An IANA time zone, such as Europe/Oslo.' });

/** Text in, `2026-12-24T11:00:00.000Z` out. */
export const instantSchema = z
  .string()
  .regex(INSTANT, {
    error: 'is no instant; write date, time and offset, such as 2026-12-24T12:00:00+01:00',
    abort: true,
  })
  .refine(isDay, ABSENT)
  .transform((text) => new Date(text).toISOString())
  .meta({ description: 'Date, time and offset, such as 2026-12-24T12:00:00+01:00 or 2026-12-24T11:00Z.' });

export const momentSchema = z
  .string()
  .regex(MOMENT, {
    error:
      'is no moment; write a date, a date and time, or these with an offset, such as 2026-12-24T12:00:00+01:00',
    abort: true,
  })
  .refine(isDay, ABSENT)
  .meta({
    description:
      "A local date, or date and time, of the zone, or an instant with its offset. A date is the whole day: as a period's end it is included.",
  });

export interface PeriodFault {
  readonly field: readonly string[];
  readonly message: string;
}

/** From inclusive, to exclusive; the zone is that of local times. */
export interface PeriodFile {
  readonly from: string;
  readonly to: string;
  readonly zone?: string | undefined;
}

/** Of a period without periodFaults, where clocks show a time twice, the longer reading. */
export function periodOf({ from, to, zone }: PeriodFile): { readonly from: string; readonly to: string } {
  return { from: isoOf(beginning(from, zone)), to: isoOf(ending(to, zone)) };
}

/** @param end what the file calls the period's end */
export function periodFaults(period: PeriodFile, end: string): readonly PeriodFault[] {
  const { from, to, zone } = period;
  const local = [from, to].some((text) => LOCAL.test(text));
  if (local && zone === undefined) {
    const message =
      'zone is missing, and a local time means nothing without; add it, or an offset to the times';
    return [{ field: [], message }];
  }
  if (!local && zone !== undefined) {
    return [{ field: ['zone'], message: 'is not read, since both times bear an offset; leave it out' }];
  }
  if (beginning(from, zone) < ending(to, zone)) return [];
  return [{ field: [end], message: 'is not after from; make it later' }];
}

function beginning(text: string, zone: string | undefined): number {
  if (zone === undefined || INSTANT.test(text)) return Date.parse(text);
  return instantsOf(localOf(text), zone)[0];
}

function ending(text: string, zone: string | undefined): number {
  if (zone === undefined || INSTANT.test(text)) return Date.parse(text);
  return instantsOf(text.length === 10 ? `${dayAfter(text)}T00:00:00` : localOf(text), zone)[1];
}

function localOf(text: string): string {
  return text.length === 10 ? `${text}T00:00:00` : text;
}

function dayAfter(date: string): string {
  return isoOf(Date.parse(`${date}T00:00:00Z`) + 86_400_000).slice(0, 10);
}

function isoOf(instant: number): string {
  return new Date(instant).toISOString();
}

/** Date.parse moves the 30th of February into March. */
function isDay(text: string): boolean {
  const date = text.slice(0, 10);
  const midnight = new Date(`${date}T00:00:00Z`);
  return !Number.isNaN(midnight.getTime()) && midnight.toISOString().startsWith(date);
}
