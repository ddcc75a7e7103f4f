/** What must hold of any requirement, any decisions and any deputies. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { approvedAlready, askedAt, tally } from '../../approval/tally.ts';
import { type DatedDecision, place, timelineOf } from '../../approval/timeline.ts';
import type { Digest, Requirement } from '../../approval/types.ts';
import { bruteTally } from './brute-tally.ts';
import { at, OPENS } from './requirement.ts';

const TIMEOUT = 3600;

const PEOPLE = ['kari', 'ola', 'per', 'siv', 'liv', 'eve'];
const person = fc.constantFrom(...PEOPLE);
/** Few, so that decisions meet in one moment, and some before the preview and after the deadline. */
const moment = fc.integer({ min: -1, max: 10 }).map((tick) => at(tick * 400));

const decision: fc.Arbitrary<DatedDecision> = fc.record({
  digest: fc.stringMatching(/^[0-9a-f]{16}$/).map((hex): Digest => `sha256:${hex}`),
  person: fc.option(person, { nil: null, freq: 12 }),
  verdict: fc.constantFrom('approve', 'approve', 'approve', 'approve', 'approve', 'deny', 'defer'),
  stood: fc.constantFrom(true, true, true, true, false),
  denials: fc.integer({ min: 1, max: 3 }),
  reason: fc.constant(null),
  decided_at: moment,
});
const approval = decision.map((one): DatedDecision => ({ ...one, verdict: 'approve' }));
const decisions = fc.uniqueArray(decision, { minLength: 1, maxLength: 9, selector: ({ digest }) => digest });

/** Decisions in time, and the same with their moments dealt out anew. */
const shuffled = decisions
  .chain((given) => fc.tuple(fc.constant(given), fc.shuffledSubarray(given, { minLength: given.length })))
  .map(([given, other]) => {
    const inTime = given.map((one, index): DatedDecision => ({ ...one, decided_at: at(index * 100) }));
    const dealt = other.map((one, index): DatedDecision => ({ ...one, decided_at: at(index * 100) }));
    return [inTime, dealt] as const;
  });
const ticks = fc.integer({ min: -1, max: 10 }).map((tick) => tick * 400 + 1);

const people = fc.subarray(PEOPLE, { minLength: 1 });
const quorum = fc.record({
  from: fc.constant<string[]>([]),
  people,
  count: fc.constantFrom(1, 1, 1, 2),
});
const part = fc.record({ any_of: fc.array(quorum, { minLength: 1, maxLength: 2 }) });
const requirement: fc.Arbitrary<Requirement> = fc.record({
  approvals: fc.array(part, { minLength: 1, maxLength: 3 }),
  order: fc.constantFrom('parallel', 'sequential'),
  denials: fc.integer({ min: 1, max: 3 }),
  timeout_seconds: fc.constant(TIMEOUT),
  remind_after_seconds: fc.constant(null),
  escalations: fc.array(
    fc.record({
      after_seconds: fc.integer({ min: 0, max: 10 }).map((tick) => tick * 400),
      add: fc.record({ from: fc.constant<string[]>([]), people: fc.subarray(PEOPLE, { maxLength: 2 }) }),
      notify: fc.constant({ from: [], people: [] }),
    }),
    { maxLength: 1 },
  ),
  excluded: fc
    .subarray(PEOPLE, { maxLength: 2 })
    .map((excluded) => excluded.map((one) => ({ person: one, why: 'owns the agent' }))),
  deputies: fc.array(fc.record({ principal: person, delegate: person, delegation: fc.constant(null) }), {
    maxLength: 2,
  }),
  require: fc.constant([]),
  risk: fc.constant('high'),
  channel: fc.constant(null),
});

const count = (given: readonly DatedDecision[], required: Requirement) => {
  const timeline = timelineOf(at(0), required);
  return tally(place(given, timeline, required), required, timeline);
};
const RANK = { denied: 0, pending: 1, approved: 2 };

/** Takes a person out of every group, and out of nothing else. */
const without = (required: Requirement, gone: string): Requirement => {
  const stay = <T extends { readonly people: readonly string[] }>(asked: T): T => ({
    ...asked,
    people: asked.people.filter((one) => one !== gone),
  });
  return {
    ...required,
    approvals: required.approvals.map(({ any_of }) => ({ any_of: any_of.map(stay) })),
    escalations: required.escalations.map((step) => ({ ...step, add: stay(step.add) })),
  };
};

describe('a tally', () => {
  it('agrees with the rules word by word', () => {
    fc.assert(
      fc.property(decisions, requirement, (given, required) => {
        const { verdict, met_at, parts, needed, filled } = count(given, required);
        const opened = parts.filter(({ open }) => open);
        const asked =
          required.order === 'parallel' ? { needed, filled } : (opened.at(-1) ?? { needed, filled });
        const missing = asked.needed - asked.filled;
        expect({ verdict, met_at, opened: opened.length, missing }).toEqual(
          bruteTally(given, required, OPENS),
        );
      }),
      { numRuns: 3000 },
    );
  });

  it('fills each place by somebody who may, and nobody fills two', () => {
    fc.assert(
      fc.property(decisions, requirement, (given, required) => {
        const { approvals, parts, filled, verdict, met_at } = count(given, required);
        const seated = approvals.filter((one) => one.place !== null);
        expect(seated).toHaveLength(filled);
        const clusters = seated.map((one) => clusterOf(one.person, required));
        expect(new Set(clusters).size).toBe(seated.length);
        for (const [index, { needed, filled: inPart }] of parts.entries()) {
          expect(seated.filter((one) => one.place === index)).toHaveLength(inPart);
          expect(inPart).toBeLessThanOrEqual(needed);
        }
        for (const { person: who, place: index, decided_at } of seated) {
          const listed = required.approvals[index ?? -1]?.any_of.some((one) => one.people.includes(who));
          const added = required.escalations.some(
            (step) => step.add.people.includes(who) && at(step.after_seconds) <= decided_at,
          );
          expect(listed || added).toBe(true);
          expect(required.excluded.map((one) => one.person)).not.toContain(who);
        }
        if (required.order === 'sequential') {
          const last = seated
            .map((one) => one.decided_at)
            .toSorted()
            .at(-1);
          if (verdict === 'approved' && given.every(stillCounts(required))) expect(met_at).toBe(last);
          for (const one of seated)
            for (const other of seated)
              if ((one.place ?? 0) < (other.place ?? 0)) expect(one.decided_at < other.decided_at).toBe(true);
        }
      }),
      { numRuns: 500 },
    );
  });
});

describe('whatever else is said', () => {
  const approvals = fc.array(approval, { minLength: 1, maxLength: 3 });

  it('more approvals never turn approved into less, nor make it later', () => {
    fc.assert(
      fc.property(decisions, approvals, requirement, (given, more, required) => {
        const [before, after] = [count(given, required), count([...given, ...more], required)];
        expect(RANK[after.verdict]).toBeGreaterThanOrEqual(RANK[before.verdict]);
        if (before.met_at !== null) expect((after.met_at ?? '') <= before.met_at).toBe(true);
      }),
      { numRuns: 1000 },
    );
  });

  it('what is denied stays denied', () => {
    fc.assert(
      fc.property(decisions, decisions, requirement, (given, more, required) => {
        fc.pre(count(given, required).verdict === 'denied');
        expect(count([...given, ...more], required).verdict).toBe('denied');
      }),
      { numRuns: 200 },
    );
  });

  it('the order in which decisions arrive does not matter', () => {
    fc.assert(
      fc.property(decisions, requirement, (given, required) => {
        const { reasons: _, ...forth } = count(given, required);
        const { reasons: __, ...back } = count(given.toReversed(), required);
        expect(back).toEqual(forth);
      }),
    );
  });

  it('the order in which decisions are made does not matter to a parallel requirement', () => {
    fc.assert(
      fc.property(shuffled, requirement, ([given, other], required) => {
        const parallel: Requirement = { ...required, order: 'parallel', escalations: [] };
        expect(count(other, parallel).verdict).toBe(count(given, parallel).verdict);
        expect(count(other, parallel).filled).toBe(count(given, parallel).filled);
      }),
      { numRuns: 500 },
    );
  });

  it('excluded people change no verdict but by a denial that stood', () => {
    fc.assert(
      fc.property(decisions, requirement, (given, required) => {
        const out = new Set(required.excluded.map((one) => one.person));
        const heard = given.filter(
          (one) => !out.has(one.person ?? '') || (one.verdict === 'deny' && one.stood),
        );
        const { verdict, filled } = count(heard, required);
        expect(count(given, required)).toMatchObject({ verdict, filled });
      }),
      { numRuns: 500 },
    );
  });

  it('whoever leaves every group takes their approval along and no denial', () => {
    fc.assert(
      fc.property(decisions, requirement, person, (given, required, gone) => {
        const [before, after] = [count(given, required), count(given, without(required, gone))];
        expect(after.approvals.map((one) => one.person)).not.toContain(gone);
        expect(after.denials).toEqual(before.denials);
        expect(RANK[after.verdict]).toBeLessThanOrEqual(RANK[before.verdict]);
        if (after.met_at !== null) expect(after.met_at <= (before.met_at ?? '')).toBe(true);
      }),
      { numRuns: 1000 },
    );
  });

  it('another exclusion makes nobody eligible and nothing more approved, nor younger', () => {
    fc.assert(
      fc.property(decisions, requirement, person, ticks, (given, required, out, tick) => {
        const excluded = [...required.excluded, { person: out, why: 'asked for it' }];
        const stricter = { ...required, excluded };
        const [before, after] = [count(given, required), count(given, stricter)];
        expect(RANK[after.verdict]).toBeLessThanOrEqual(RANK[before.verdict]);
        if (after.met_at !== null) expect(after.met_at <= (before.met_at ?? '')).toBe(true);
        const [asked, fewer] = [required, stricter].map((one) => askedOf(given, one, tick));
        expect(asked).toEqual(expect.arrayContaining([...(fewer ?? [])]));
        expect(fewer).not.toContain(out);
      }),
      { numRuns: 500 },
    );
  });

  it('time revives nothing: what comes after the deadline changes nothing but by denial', () => {
    const late = fc
      .array(approval, { maxLength: 5 })
      .map((more) => more.map((one, index): DatedDecision => ({ ...one, decided_at: at(TIMEOUT + index) })));
    fc.assert(
      fc.property(decisions, late, requirement, (given, more, required) => {
        const { reasons: _, ...before } = count(given, required);
        expect(count([...given, ...more], required)).toMatchObject(before);
      }),
    );
  });

  it('an approval that was refused when it was given never counts', () => {
    fc.assert(
      fc.property(decisions, approvals, requirement, (given, more, required) => {
        const refused = more.map((one): DatedDecision => ({ ...one, stood: false }));
        const { reasons: _, ...before } = count(given, required);
        expect(count([...given, ...refused], required)).toMatchObject(before);
      }),
    );
  });

  it('people who are joined by a deputy count no more than before', () => {
    fc.assert(
      fc.property(decisions, requirement, person, person, (given, required, principal, delegate) => {
        const said = given.filter(({ verdict }) => verdict === 'approve');
        const deputies = [...required.deputies, { principal, delegate, delegation: null }];
        const [apart, joined] = [count(said, required), count(said, { ...required, deputies })];
        expect(RANK[joined.verdict]).toBeLessThanOrEqual(RANK[apart.verdict]);
        const both = joined.approvals.filter(
          (one) => one.place !== null && [principal, delegate].includes(one.person),
        );
        expect(both.length).toBeLessThanOrEqual(1);
      }),
      { numRuns: 500 },
    );
  });

  it.each([0, -1, 1.5, Number.NaN, Number.POSITIVE_INFINITY])('%d places are never filled', (places) => {
    fc.assert(
      fc.property(decisions, requirement, (given, required) => {
        const [first, ...others] = required.approvals;
        const any_of = (first?.any_of ?? []).map((one) => ({ ...one, count: places }));
        const { verdict, met_at } = count(given, { ...required, approvals: [...others, { any_of }] });
        expect(verdict).not.toBe('approved');
        expect(met_at).toBeNull();
      }),
      { numRuns: 50 },
    );
  });
});

describe('whoever is asked', () => {
  it('belongs to a part that is open, or was added, and is not excluded', () => {
    fc.assert(
      fc.property(decisions, requirement, ticks, (given, required, tick) => {
        const before = given.filter(({ decided_at }) => decided_at < at(tick));
        const { opened } = bruteTally(before, required, OPENS);
        const parts = required.approvals.slice(0, opened).flatMap(({ any_of }) => any_of);
        const added = required.escalations.filter(
          ({ after_seconds }) => after_seconds <= tick && after_seconds < TIMEOUT,
        );
        const out = required.excluded.map((one) => one.person);
        const asked = [...parts, ...added.map(({ add }) => add)].flatMap((one) => one.people);
        const plain = tick < 0 ? [] : PEOPLE.filter((one) => asked.includes(one) && !out.includes(one));
        expect(askedOf(given, required, tick)).toEqual(plain);
      }),
      { numRuns: 1000 },
    );
  });

  it('is never told that they approved already while nobody else can complete it', () => {
    const early = requirement.map(
      (required): Requirement => ({
        ...required,
        escalations: required.escalations.map((step) => ({ ...step, after_seconds: step.after_seconds / 4 })),
      }),
    );
    const turns = fc.shuffledSubarray(PEOPLE, { minLength: PEOPLE.length });
    fc.assert(
      fc.property(early, turns, (required, order) => {
        const [told, untold] = [clicks(required, order, true), clicks(required, order, false)];
        expect(count(told, required).verdict).toBe(count(untold, required).verdict);
      }),
      { numRuns: 200 },
    );
  });

  it('and is told so adds nothing by approving again', () => {
    fc.assert(
      fc.property(decisions, requirement, person, ticks, (given, required, who, tick) => {
        const before = given.filter(({ decided_at }) => decided_at < at(tick));
        const timeline = timelineOf(at(0), required);
        const placed = place(before, timeline, required);
        fc.pre(approvedAlready(who, OPENS + tick * 1000, timeline, required, placed));
        const again = approvalBy(who, tick);
        const [once, twice] = [count(before, required), count([...before, again], required)];
        expect(twice).toMatchObject({ verdict: once.verdict, met_at: once.met_at });
        expect(twice.needed - twice.filled).toBe(once.needed - once.filled);
      }),
      { numRuns: 200 },
    );
  });
});

/** Round after round everybody approves who is asked; `told` keeps those from it who did already. */
function clicks(required: Requirement, order: readonly string[], told: boolean): readonly DatedDecision[] {
  const timeline = timelineOf(at(0), required);
  const given: DatedDecision[] = [];
  for (let second = 50; second < TIMEOUT; second += 50) {
    const who = order[(second / 50) % order.length] ?? '';
    const placed = place(given, timeline, required);
    const now = OPENS + second * 1000;
    if (!askedAt(now, timeline, required, placed).has(who)) continue;
    if (told && approvedAlready(who, now, timeline, required, placed)) continue;
    given.push(approvalBy(who, second));
    if (count(given, required).verdict === 'approved') break;
  }
  return given;
}

function approvalBy(who: string, second: number): DatedDecision {
  const digest: Digest = `sha256:${second}`;
  return {
    digest,
    person: who,
    verdict: 'approve',
    stood: true,
    denials: 1,
    reason: null,
    decided_at: at(second),
  };
}

function askedOf(given: readonly DatedDecision[], required: Requirement, tick: number): readonly string[] {
  const timeline = timelineOf(at(0), required);
  return [...askedAt(OPENS + tick * 1000, timeline, required, place(given, timeline, required))].toSorted(
    (a, b) => PEOPLE.indexOf(a) - PEOPLE.indexOf(b),
  );
}

/** Nothing lapsed and nobody denied: what is counted now is what was counted then. */
const stillCounts = (required: Requirement) => (one: DatedDecision) => {
  const [placed] = place([one], timelineOf(at(0), required), required);
  return one.verdict === 'approve' && placed?.code !== 'excluded' && placed?.code !== 'not_eligible';
};

/** The least of those whom deputies join somebody with. */
function clusterOf(who: string, { deputies }: Requirement): string {
  const found = new Set([who]);
  for (const _ of PEOPLE)
    for (const { principal, delegate } of deputies)
      if (found.has(principal) || found.has(delegate)) found.add(principal).add(delegate);
  return [...found].toSorted()[0] ?? who;
}
