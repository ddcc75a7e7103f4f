/** Whatever a history holds, derive answers: real histories with anything at all in place of anything. */
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { derive, MAX_RECORD_BYTES } from '../../audit/derive.ts';
import { bytesOfRecord } from '../../audit/records.ts';
import { historyNames, readHistory } from '../histories/read.ts';
import { holdsNumber } from './numbers.ts';

// The longest ids that Temporal takes, of what canonical JSON writes longest.
const where = { namespace: 'n'.repeat(255), workflow_id: '\u0001'.repeat(1000), run_id: 'r'.repeat(36) };

function check(history: Parameters<typeof derive>[0]): void {
  const records = derive(history, where);
  const texts = records.map((record) => bytesOfRecord(record).toString());
  for (const text of texts) {
    expect(Buffer.byteLength(text)).toBeLessThan(MAX_RECORD_BYTES);
    expect(holdsNumber(text)).toBe(false);
  }
  const keys = records.map(({ event_id, kind }) => `${event_id} ${kind}`);
  expect(new Set(keys).size).toBe(keys.length);
  for (const { event_id } of records) expect(event_id).toMatch(/^(0|[1-9][0-9]{0,18})$/);
  expect(derive(history, where).map((record) => bytesOfRecord(record).toString())).toEqual(texts);
}

/** Every object and array of a message, with every key under which something lies. */
function places(
  value: unknown,
  found: { holder: object; key: string }[] = [],
  within = new Set<object>(),
): { holder: object; key: string }[] {
  // Bytes hold nothing but bytes, and what holds itself is entered once.
  if (typeof value !== 'object' || value === null || ArrayBuffer.isView(value) || within.has(value)) {
    return found;
  }
  within.add(value);
  for (const [key, held] of Object.entries(value)) {
    found.push({ holder: value, key });
    places(held, found, within);
  }
  return found;
}

const json = (value: unknown) => ({
  metadata: { encoding: Buffer.from('json/plain') },
  data: Buffer.from(JSON.stringify(value) ?? ''),
});
const long = fc.oneof(
  fc.string({ unit: 'binary', maxLength: 40 }).map((text) => text.repeat(200)),
  fc.constantFrom('\ud800', '\u0001'.repeat(5000)),
);
const foreign = fc.oneof(
  fc.anything({ withBigInt: true, withTypedArray: true, withMap: true, withNullPrototype: true }),
  long,
  fc.uint8Array().map((data) => ({ metadata: { encoding: Buffer.from('json/plain') }, data })),
  fc.json().map((text) => json(JSON.parse(text))),
);

test.each(historyNames.filter((name) => name !== 'flooded'))('%s with foreign values in it', (name) => {
  const change = fc.record({ at: fc.nat(), value: foreign });
  fc.assert(
    fc.property(fc.array(change, { minLength: 1, maxLength: 6 }), (changes) => {
      const history = readHistory(name);
      for (const { at, value } of changes) {
        const all = places(history);
        const place = all[at % all.length];
        if (place !== undefined) Reflect.set(place.holder, place.key, value);
      }
      check(history);
    }),
    { numRuns: 20 },
  );
});

test.each(historyNames)('%s with events lost, doubled and out of order', (name) => {
  const { events } = readHistory(name);
  const picked = fc.array(fc.nat({ max: (events?.length ?? 1) - 1 }), { maxLength: 80 });
  fc.assert(
    fc.property(picked, (indexes) => check({ events: indexes.flatMap((index) => events?.[index] ?? []) })),
    { numRuns: 20 },
  );
});

test('what activities and signals say is any JSON', () => {
  const said = fc.oneof(
    fc.jsonValue(),
    fc.array(
      fc.record({
        kind: fc.constantFrom('decision', 'withdrawal', 'x'),
        admitted: fc.boolean(),
        code: long,
        person: long,
        verdict: long,
        digest: long,
      }),
    ),
    fc.record({
      outcome: long,
      code: long,
      step: long,
      effect: long,
      rule: long,
      resolution: long,
      start: fc.jsonValue(),
      finish: fc.record({ payload: long, payloadType: long }),
    }),
  );
  fc.assert(
    fc.property(fc.array(said, { minLength: 40, maxLength: 40 }), (values) => {
      const history = readHistory('attacked');
      let next = 0;
      for (const { holder, key } of places(history)) {
        if (key === 'payloads') Reflect.set(holder, key, [json(values[next++ % values.length])]);
      }
      check(history);
    }),
    { numRuns: 60 },
  );
});

test('no history at all', () => {
  check({});
  check({ events: [] });
  check({ events: [{}] });
});
