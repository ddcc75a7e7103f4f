/** Whatever is changed in the book without a signature on it, nothing runs. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { canonicalize } from '../../approval/canonical-json.ts';
import { digestOf } from '../../approval/digest.ts';
import type { BookedStatement } from '../../approval/dossier.ts';
import { parseEnvelope } from '../../approval/dsse.ts';
import { countersign, payloadTypeOf, signStatement, statementKinds } from '../../approval/statements.ts';
import type { Digest, Json } from '../../approval/types.ts';
import {
  AUDIENCE,
  asked,
  asking,
  at,
  decisionOf,
  finishOf,
  instructionOf,
  keys,
  OWNERS,
  part,
  previewOf,
  refusalOf,
  refusedStanding,
  rowOf,
  startOf,
  verify,
  type World,
} from './world.ts';

const policy = asking({ approvals: [part(2, OWNERS)], denials: 2 });

/** Approved by two, on a page that holds some of every kind, under a house that froze another agent. */
function full(): World {
  const world = asked(policy);
  const { request } = world;
  const subject = request.statement.request_id;
  const refused = startOf(request, 90);
  const standing = { ...refusedStanding('eligible'), eligible: true, denials: 2 };
  world.books(
    countersign(decisionOf(world, { reason: 'fine' }, keys.kari), keys.gateway),
    decisionOf(world, { person: 'ola' }),
    decisionOf(world, { person: 'per', verdict: 'deny', standing }),
    decisionOf(world, { person: 'eve', standing: refusedStanding('not_eligible') }),
    refused,
    finishOf(refused, { outcome: 'refused', code: 'frozen' }),
    instructionOf({ verb: 'revoke', subject, detail: { of: 'lease' } }),
    signStatement(
      'refusal',
      { audience: AUDIENCE, activity: 'x', request_id: subject, step: 'x', code: 'x', refused_at: at(5) },
      keys.gateway,
    ),
  );
  const scope = { of: 'agent', agent: 'nightly' } as const;
  world.book.houseRows.push(
    rowOf(instructionOf({ verb: 'freeze', subject: 'agent:nightly', detail: { scope } })),
    rowOf(instructionOf({ verb: 'unfreeze', subject: previewOf(request).digest, detail: {} })),
    rowOf(
      instructionOf({
        verb: 'delegate',
        subject: 'siv',
        detail: { action: 'sql.*', starts_at: at(0) },
        expires_at: at(9000),
      }),
    ),
  );
  return world;
}

type Path = readonly (string | number)[];

function pathsOf(value: Json, here: Path = []): readonly Path[] {
  if (typeof value !== 'object' || value === null) return [here];
  const inside = Object.entries(value).flatMap(([key, one]) => pathsOf(one, [...here, key]));
  return here.length === 0 ? inside : [here, ...inside];
}

function atPath(value: Json, [key, ...rest]: Path): Json {
  if (key === undefined) return value;
  const inside: Json | undefined = Object.entries(value ?? {}).find(([name]) => name === String(key))?.[1];
  return atPath(inside ?? null, rest);
}

/** The value with another one at a path; `undefined` takes it away. */
function withAt(value: Json, [key, ...rest]: Path, change: Json | undefined): Json {
  if (key === undefined) return change ?? null;
  const entries = Object.entries(value ?? {}).flatMap(([name, one]): readonly [string, Json][] => {
    if (name !== String(key)) return [[name, one]];
    if (rest.length > 0) return [[name, withAt(one, rest, change)]];
    return change === undefined ? [] : [[name, change]];
  });
  return Array.isArray(value) ? entries.map(([, one]) => one) : Object.fromEntries(entries);
}

const payloadOf = ({ envelope }: BookedStatement): Json =>
  JSON.parse(Buffer.from(parseEnvelope(envelope).payload, 'base64').toString());

const sample = full();
/** The same book again, as it was. */
function fresh(): World {
  const world = asked(policy);
  world.book.rows.splice(0, world.book.rows.length, ...sample.book.rows);
  world.book.houseRows.push(...sample.book.houseRows);
  return world;
}

const targets = (['rows', 'houseRows'] as const).flatMap((page) =>
  sample.book[page].flatMap((row, index) =>
    pathsOf(payloadOf(row)).map((path) => ({ page, index, path, kind: row.kind })),
  ),
);

/** Values that a schema would take somewhere, so that it is the signature that refuses. */
const plausible = fc.constantFrom<(before: Json) => Json | undefined>(
  () => undefined,
  () => null,
  () => true,
  () => false,
  () => 1,
  () => 'approve',
  () => 'deny',
  () => 'kari',
  () => 'siv',
  () => 'eligible',
  () => at(70),
  () => sample.preview.digest,
  () => ({}),
  () => [],
  (before) => (typeof before === 'string' ? `${before}x` : before),
  (before) => (typeof before === 'number' ? before + 1 : before),
);
const junk: fc.Arbitrary<Json> = fc.oneof(
  fc.string(),
  fc.integer(),
  fc.array(fc.integer(), { maxLength: 2 }),
  fc.dictionary(fc.stringMatching(/^[a-z]{1,5}$/), fc.string(), { maxKeys: 2 }),
);
const change = fc.oneof(
  { weight: 3, arbitrary: plausible },
  { weight: 1, arbitrary: junk.map((value) => () => value) },
);

async function refusesAll(world: World): Promise<void> {
  const before = [...world.book.rows];
  const refusal = await refusalOf(world);
  expect(refusal.start).toBeNull();
  expect(world.book).toMatchObject({ rows: before, consumptions: [] });
}

it('runs as it stands', async () => {
  const world = full();
  await verify(world);
  expect(world.book.consumptions).toHaveLength(1);
  expect(new Set(sample.book.rows.map(({ kind }) => kind))).toEqual(new Set(statementKinds));
});

it('whatever single field of any statement is changed without signing it again, nothing runs', async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.constantFrom(...targets),
      change,
      fc.boolean(),
      async ({ page, index, path }, change, redigested) => {
        const world = fresh();
        const row = world.book[page][index];
        if (row === undefined) throw new Error('There is no such row.');
        const before = payloadOf(row);
        const after = withAt(before, path, change(atPath(before, path)));
        fc.pre(canonicalize(after) !== canonicalize(before));
        const payload = Buffer.from(canonicalize(after));
        const envelope = { ...parseEnvelope(row.envelope), payload: payload.toString('base64') };
        const digest: Digest = redigested ? digestOf(payload) : row.digest;
        world.book[page][index] = { ...row, digest, envelope };
        await refusesAll(world);
      },
    ),
    { numRuns: 300 },
  );
});

describe('of each booked statement', () => {
  const rows = (['rows', 'houseRows'] as const).flatMap((page) =>
    sample.book[page].map((row, index) => ({ page, index, kind: row.kind })),
  );
  const mutations: readonly [string, (row: BookedStatement) => BookedStatement][] = [
    ['another digest', (row) => ({ ...row, digest: `sha256:${'0'.repeat(64)}` })],
    [
      'a signature flipped',
      (row) => {
        const envelope = parseEnvelope(row.envelope);
        const signatures = envelope.signatures.map(({ keyid, sig }) => ({
          keyid,
          sig: sig.startsWith('A') ? `B${sig.slice(1)}` : `A${sig.slice(1)}`,
        }));
        return { ...row, envelope: { ...envelope, signatures } };
      },
    ],
    [
      'no key that anybody knows',
      (row) => {
        const envelope = parseEnvelope(row.envelope);
        const signatures = envelope.signatures.map(({ sig }) => ({ keyid: 'nobody+00000000', sig }));
        return { ...row, envelope: { ...envelope, signatures } };
      },
    ],
    ['no envelope', (row) => ({ ...row, envelope: null })],
    [
      'an envelope of another kind',
      (row) => ({
        ...row,
        envelope: {
          ...parseEnvelope(row.envelope),
          payloadType: payloadTypeOf(row.kind === 'start' ? 'finish' : 'start'),
        },
      }),
    ],
    [
      'blanks in its payload',
      (row) => {
        const envelope = parseEnvelope(row.envelope);
        const text = JSON.stringify(payloadOf(row), null, 1);
        return { ...row, envelope: { ...envelope, payload: Buffer.from(text).toString('base64') } };
      },
    ],
  ];
  it.each(mutations)('%s', async (_, mutate) => {
    for (const { page, index } of rows) {
      const world = fresh();
      const row = world.book[page][index];
      const mutated = row === undefined ? null : mutate(row);
      if (mutated === null) throw new Error('There is no such row.');
      world.book[page][index] = mutated;
      await refusesAll(world);
    }
  });

  it('shelved as any other kind', async () => {
    for (const { page, index, kind } of rows.filter(({ page: one }) => one === 'rows')) {
      for (const other of statementKinds.filter((one) => one !== kind)) {
        const world = fresh();
        const row = world.book[page][index];
        if (row === undefined) throw new Error('There is no such row.');
        world.book[page][index] = { ...row, kind: other };
        await refusesAll(world);
      }
    }
  });
});
