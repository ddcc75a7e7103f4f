import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { tally } from '../../approval/tally.ts';
import { type DatedDecision, place, timelineOf } from '../../approval/timeline.ts';
import type { Digest, Requirement } from '../../approval/types.ts';
import { at, OPENS, REQUIREMENT } from './world.ts';

const count = (decisions: readonly DatedDecision[], requirement: Requirement = REQUIREMENT) =>
  tally(place(decisions, timelineOf(at(0), requirement), requirement), requirement);
let votes = 0;
const vote = (
  person: string | null,
  seconds: number,
  change: Partial<DatedDecision> = {},
): DatedDecision => ({
  digest: `sha256:${String(++votes).padStart(64, '0')}`,
  person,
  verdict: 'approve',
  stood: true,
  reason: null,
  decided_at: at(seconds),
  ...change,
});
const needs = (needed: number): Requirement => ({ ...REQUIREMENT, count: needed });

describe('a tally', () => {
  it('of nothing is pending', () => {
    expect(count([])).toEqual({
      verdict: 'pending',
      approvals: [],
      denial: null,
      needed: 1,
      met_at: null,
      reasons: ['0 of 1 approvals: none yet.'],
    });
  });

  it('is met by the last approval that was needed, in order of deciding', () => {
    const [late, early, between] = [vote('kari', 90), vote('ola', 10), vote('per', 50)];
    const counted = count([late, early, between], needs(2));
    expect(counted).toMatchObject({ verdict: 'approved', met_at: at(50) });
    expect(counted.approvals.map(({ person }) => person)).toEqual(['ola', 'per', 'kari']);
    expect(counted.reasons).toEqual(['3 of 2 approvals: ola, per, kari.']);
  });

  it("counts a person's first approval", () => {
    const [first, again] = [vote('kari', 10), vote('kari', 20)];
    expect(count([again, first], needs(2))).toMatchObject({
      verdict: 'pending',
      approvals: [{ person: 'kari', digest: first.digest, decided_at: at(10) }],
      met_at: null,
    });
  });

  it('is denied by the first denial, whoever approved', () => {
    const denial = vote('ola', 40, { verdict: 'deny', reason: 'Not on a Friday' });
    const later = vote('per', 41, { verdict: 'deny' });
    const counted = count([later, denial, vote('kari', 10), vote('ola', 20)]);
    expect(counted).toMatchObject({
      verdict: 'denied',
      denial: { person: 'ola', digest: denial.digest, reason: 'Not on a Friday' },
    });
    expect(counted.reasons).toContain('Denied by ola: Not on a Friday.');
  });

  it('says of each decision that does not count why', () => {
    const { reasons } = count([
      vote('liv', 10),
      vote(null, 10),
      vote('siv', 10),
      vote('eve', 10, { verdict: 'deny', stood: false }),
    ]);
    expect(reasons.slice(1)).toEqual([
      "liv's approve does not count: excluded.",
      "An unknown person's approve does not count: person_unknown.",
      "siv's approve does not count: not_asked_yet.",
      "eve's deny does not count: not_eligible.",
    ]);
  });

  it.each([0, -1, 1.5, Number.NaN, Number.POSITIVE_INFINITY])(
    'needing %d approvals is never met',
    (needed) => {
      const counted = count(
        ['kari', 'ola', 'per'].map((person) => vote(person, 10)),
        needs(needed),
      );
      expect(counted).toMatchObject({ verdict: 'pending', met_at: null });
    },
  );

  it.each<[string, Partial<DatedDecision> & { person?: string }, string]>([
    ['one who left since', { person: 'eve' }, at(20)],
    ['one who is excluded since', { person: 'liv' }, at(20)],
    ['one who was refused then', { person: 'eve', stood: false }, at(3000)],
    ['one who was early', { person: 'siv' }, at(3000)],
    ['nobody', { person: 'ola', decided_at: at(-1) }, at(3000)],
  ])('once met with %s is as old as that', (_, change, met) => {
    const decisions = [vote('kari', 10), vote('ola', 20, change), vote('per', 3000)];
    expect(count(decisions, needs(2))).toMatchObject({ verdict: 'approved', met_at: met });
  });
});

describe('laws', () => {
  const PEOPLE = ['kari', 'ola', 'per', 'siv', 'liv', 'eve'];
  const decision = fc.record({
    digest: fc.stringMatching(/^[0-9a-f]{64}$/).map((hex): Digest => `sha256:${hex}`),
    person: fc.option(fc.constantFrom(...PEOPLE), { nil: null }),
    verdict: fc.constantFrom('approve', 'approve', 'approve', 'deny'),
    stood: fc.boolean(),
    reason: fc.constant(null),
    decided_at: fc.integer({ min: -2, max: 40 }).map((tick) => at(tick * 100)),
  });
  const approval = decision.map((one): DatedDecision => ({ ...one, verdict: 'approve' }));
  const decisions = fc.uniqueArray(decision, { maxLength: 10, selector: ({ digest }) => digest });
  const requirement = fc.record({
    count: fc.integer({ min: 1, max: 3 }),
    stages: fc
      .array(
        fc.record({
          after_seconds: fc.integer({ min: 0, max: 40 }).map((tick) => tick * 100),
          people: fc.subarray(PEOPLE),
        }),
        { maxLength: 3 },
      )
      .map((stages) => stages.map((stage) => ({ ...stage, from: [] }))),
    excluded: fc.subarray(PEOPLE).map((people) => people.map((person) => ({ person, why: '' }))),
  });
  const asks = requirement.map((change): Requirement => ({ ...REQUIREMENT, ...change }));
  const RANK = { denied: 0, pending: 1, approved: 2 };

  it('agree with the rules in plain words', () => {
    fc.assert(
      fc.property(decisions, asks, (given, required) => {
        const { verdict, approvals, met_at } = count(given, required);
        const plain = plainly(given, required);
        expect({ verdict, people: approvals.map(({ person }) => person).toSorted(), met_at }).toEqual(plain);
      }),
      { numRuns: 1000 },
    );
  });

  it('another approval never turns approved into less', () => {
    fc.assert(
      fc.property(decisions, approval, asks, (given, more, required) => {
        const [before, after] = [count(given, required), count([...given, more], required)];
        expect(RANK[after.verdict]).toBeGreaterThanOrEqual(RANK[before.verdict]);
      }),
    );
  });

  it('another decision never makes a grant younger', () => {
    fc.assert(
      fc.property(decisions, decision, asks, (given, more, required) => {
        const [before, after] = [count(given, required), count([...given, more], required)];
        if (before.met_at !== null) expect((after.met_at ?? '') <= before.met_at).toBe(true);
      }),
    );
  });

  it('nobody who loses the right makes a grant younger or more approved', () => {
    fc.assert(
      fc.property(decisions, asks, fc.constantFrom(...PEOPLE), (given, required, person) => {
        const stages = required.stages.map((stage) => ({
          ...stage,
          people: stage.people.filter((one) => one !== person),
        }));
        const excluded = [...required.excluded, { person, why: '' }];
        const before = count(given, required);
        for (const lost of [
          { ...required, stages },
          { ...required, excluded },
        ]) {
          const after = count(given, lost);
          expect(RANK[after.verdict]).toBeLessThanOrEqual(RANK[before.verdict]);
          if (after.met_at !== null) expect(after.met_at <= (before.met_at ?? '')).toBe(true);
        }
      }),
    );
  });

  it('the order in which decisions arrive does not matter', () => {
    fc.assert(
      fc.property(decisions, asks, (given, required) => {
        const { reasons: _, ...forth } = count(given, required);
        const { reasons: __, ...back } = count(given.toReversed(), required);
        expect(back).toEqual(forth);
      }),
    );
  });

  it('a denial that stood always wins', () => {
    fc.assert(
      fc.property(decisions, asks, decision, fc.constantFrom(...PEOPLE), (given, required, one, person) => {
        const denial: DatedDecision = { ...one, verdict: 'deny', stood: true, person };
        expect(count([...given, denial], required).verdict).toBe('denied');
      }),
    );
  });

  it('excluded and refused people change no verdict, but by a denial that stood', () => {
    fc.assert(
      fc.property(decisions, asks, (given, required) => {
        const excluded = new Set(required.excluded.map(({ person }) => person));
        const heard = given.filter(({ person, verdict, stood }) =>
          verdict === 'deny' ? stood : stood && person !== null && !excluded.has(person),
        );
        expect(count(heard, required).verdict).toBe(count(given, required).verdict);
      }),
    );
  });

  it('one person counts once', () => {
    fc.assert(
      fc.property(decisions, asks, (given, required) => {
        const people = count(given, required).approvals.map(({ person }) => person);
        expect(new Set(people).size).toBe(people.length);
      }),
    );
  });
});

/** The rules once more, second by second of the story and person by person. */
function plainly(
  decisions: readonly DatedDecision[],
  { count: needed, stages, excluded, timeout_seconds }: Requirement,
) {
  const seconds = ({ decided_at }: DatedDecision) => (Date.parse(decided_at) - OPENS) / 1000;
  const yes = (person: string, one: DatedDecision) =>
    one.person === person && one.verdict === 'approve' && one.stood;
  const inTime = (one: DatedDecision) => seconds(one) >= 0 && seconds(one) < timeout_seconds;
  const people = [...new Set(decisions.flatMap(({ person }) => (person === null ? [] : [person])))];
  const isExcluded = (person: string) => excluded.some((one) => one.person === person);
  const listed = (person: string) => stages.some((stage) => stage.people.includes(person));
  const askedBy = (person: string, second: number) =>
    stages.some((stage) => stage.people.includes(person) && stage.after_seconds <= second);
  const firstOf = (person: string, also: (one: DatedDecision) => boolean): number =>
    Math.min(...decisions.filter((one) => yes(person, one) && inTime(one) && also(one)).map(seconds));

  const now = people.filter(
    (person) =>
      !isExcluded(person) &&
      firstOf(person, (one) => askedBy(person, seconds(one))) < Number.POSITIVE_INFINITY,
  );
  // Whoever is listed now was asked when the list says; of whoever is not, the gateway's word is all there is.
  const then = people
    .map((person) =>
      firstOf(person, (one) => isExcluded(person) || !listed(person) || askedBy(person, seconds(one))),
    )
    .filter(Number.isFinite)
    .toSorted((a, b) => a - b);
  const met = now.length >= needed ? (then[needed - 1] ?? null) : null;
  const denied = decisions.some(
    ({ person, verdict, stood }) => verdict === 'deny' && stood && person !== null,
  );
  return {
    verdict: denied ? 'denied' : met === null ? 'pending' : 'approved',
    people: now.toSorted(),
    met_at: met === null ? null : at(met),
  };
}
