/** How far the wall clock of a time zone is ahead of UTC. */

const formats = new Map<string, Intl.DateTimeFormat>();

/**
 * What the zone's wall clock is ahead of UTC at a moment; both in milliseconds.
 *
 * @throws RangeError where the zone is none
 */
export function offsetAt(zone: string, moment: number): number {
  const format = formats.get(zone) ?? formatOf(zone);
  formats.set(zone, format);
  const read = new Map(format.formatToParts(moment).map(({ type, value }) => [type, Number(value)]));
  const part = (type: Intl.DateTimeFormatPartTypes) => read.get(type) ?? Number.NaN;
  const local = Date.UTC(
    part('year'),
    part('month') - 1,
    part('day'),
    part('hour'),
    part('minute'),
    part('second'),
  );
  return local - Math.floor(moment / 1000) * 1000;
}

function formatOf(timeZone: string): Intl.DateTimeFormat {
  return new Intl.DateTimeFormat('en-u-ca-gregory-nu-latn', {
    timeZone,
    hourCycle: 'h23',
    year: 'numeric',
    month: 'numeric',
    day: 'numeric',
    hour: 'numeric',
    minute: 'numeric',
    second: 'numeric',
  });
}
