import { describe, expect, it } from 'vitest';
import { approvedAlready, askedAt, openedAt, tally } from '../../approval/tally.ts';
import { type DatedDecision, place, timelineOf } from '../../approval/timeline.ts';
import type { Requirement } from '../../approval/types.ts';
import { at, ONE_OF_THREE, OPENS, part, quorum, vote } from './requirement.ts';

const count = (decisions: readonly DatedDecision[], requirement: Requirement = ONE_OF_THREE) => {
  const timeline = timelineOf(at(0), requirement);
  return tally(place(decisions, timeline, requirement), requirement, timeline);
};
const needs = (...approvals: Requirement['approvals']): Requirement => ({ ...ONE_OF_THREE, approvals });
const two = needs(part(quorum(2, 'kari', 'ola', 'per')));
const denial = (person: string, seconds: number, change: Partial<DatedDecision> = {}) =>
  vote(person, seconds, { verdict: 'deny', ...change });
const seats = ({ approvals }: ReturnType<typeof count>) =>
  approvals.map(({ person, place: index }) => `${person} ${index ?? 'spare'}`);

describe('a tally', () => {
  it('of nothing is pending', () => {
    expect(count([])).toEqual({
      verdict: 'pending',
      approvals: [],
      denials: [],
      denial: null,
      parts: [
        {
          needed: 1,
          filled: 0,
          from: ['kari', 'ola', 'per'],
          open: true,
          people: ['kari', 'ola', 'per'],
        },
      ],
      needed: 1,
      filled: 0,
      met_at: null,
      reasons: ['0 of 1 approvals: none yet.'],
    });
  });

  it('is met by the last approval that was needed, in order of deciding', () => {
    const [late, early, between] = [vote('kari', 90), vote('ola', 10), vote('per', 50)];
    const counted = count([late, early, between], two);
    expect(counted).toMatchObject({ verdict: 'approved', needed: 2, filled: 2, met_at: at(50) });
    expect(seats(counted)).toEqual(['ola 0', 'per 0', 'kari spare']);
    expect(counted.reasons).toEqual([
      '2 of 2 approvals: ola, per.',
      'Not needed, or not for a place that is open: kari.',
    ]);
  });

  it("counts a person's first approval", () => {
    const [first, again] = [vote('kari', 10), vote('kari', 20)];
    expect(count([again, first], two)).toMatchObject({
      verdict: 'pending',
      approvals: [{ person: 'kari', digest: first.digest, decided_at: at(10), place: 0 }],
      met_at: null,
    });
  });

  it('says of each decision that does not count why', () => {
    const { reasons } = count([
      vote('liv', 10),
      vote(null, 10),
      vote('siv', 10),
      vote('per', 10, { verdict: 'defer' }),
      denial('eve', 10, { stood: false }),
    ]);
    expect(reasons.slice(1)).toEqual([
      "liv's approve does not count: excluded.",
      "An unknown person's approve does not count: person_unknown.",
      "siv's approve does not count: not_asked_yet.",
      "per's defer does not count: deferred.",
      "eve's deny does not count: not_eligible.",
    ]);
  });

  it.each<[string, Requirement['approvals']]>([
    ['no parts', []],
    ['a part without alternatives', [part(quorum(1, 'kari')), part()]],
    ['half a place', [part(quorum(0.5, 'kari'))]],
  ])('of a requirement with %s is never met', (_, approvals) => {
    expect(count([vote('kari', 10)], needs(...approvals))).toMatchObject({
      verdict: 'pending',
      met_at: null,
    });
  });
});

describe('a denial', () => {
  it('ends the request, whoever approved', () => {
    const first = denial('ola', 40, { reason: 'Not on a Friday' });
    const counted = count([denial('per', 41), first, vote('kari', 10), vote('ola', 20)]);
    expect(counted).toMatchObject({
      verdict: 'denied',
      denial: { person: 'ola', digest: first.digest, reason: 'Not on a Friday' },
    });
    expect(counted.denials.map(({ person }) => person)).toEqual(['ola', 'per']);
    expect(counted.reasons).toContain('Denied by ola: Not on a Friday.');
  });

  it.each([
    ['one of two', [denial('ola', 40, { denials: 2 })], 'pending'],
    ['two of two', [denial('ola', 40, { denials: 2 }), denial('per', 41, { denials: 2 })], 'denied'],
    ['twice the same', [denial('ola', 40, { denials: 2 }), denial('ola', 41, { denials: 2 })], 'pending'],
    ['the least that any of them asks for', [denial('ola', 40, { denials: 3 }), denial('per', 41)], 'denied'],
    ['by a number that is none', [denial('ola', 40, { denials: Number.NaN })], 'denied'],
  ])('%s', (_, denials, verdict) => {
    expect(count(denials)).toMatchObject({ verdict, denial: { person: 'ola' } });
  });

  it('that is not enough is said so', () => {
    expect(count([denial('ola', 40, { denials: 2 })]).reasons).toContain(
      'More denials are needed to end the request.',
    );
  });

  it.each([10, 30])('overrides the approval that its person gave at %d', (seconds) => {
    const counted = count([denial('ola', 20, { denials: 2 }), vote('ola', seconds), vote('per', 40)], two);
    expect(seats(counted)).toEqual(['per 0']);
    expect(counted).toMatchObject({ verdict: 'pending', parts: [{ people: ['kari'] }] });
  });

  it('given after the requirement was met does not make it younger', () => {
    const given = [vote('kari', 1), vote('ola', 10), denial('ola', 20, { denials: 2 }), vote('per', 3000)];
    expect(count(given, two)).toMatchObject({ verdict: 'approved', met_at: at(10) });
  });

  it("given before its person's approval is no approval in between", () => {
    const given = [vote('kari', 1), denial('ola', 10, { denials: 2 }), vote('ola', 20), vote('per', 3000)];
    expect(count(given, two)).toMatchObject({ verdict: 'approved', met_at: at(3000) });
  });
});

describe('a requirement of several parts', () => {
  const parts = needs(part(quorum(1, 'kari', 'ola')), part(quorum(1, 'ola', 'per')));

  it('lets whoever may fill either fill the one that is left', () => {
    expect(seats(count([vote('ola', 10), vote('kari', 20)], parts))).toEqual(['ola 1', 'kari 0']);
    expect(seats(count([vote('ola', 10), vote('per', 20)], parts))).toEqual(['ola 0', 'per 1']);
  });

  it('is not met by one who may fill both', () => {
    const counted = count([vote('ola', 10), vote('ola', 20)], parts);
    expect(counted).toMatchObject({ verdict: 'pending', needed: 2, filled: 1 });
    expect(counted.reasons).toEqual([
      '1 of 2 approvals.',
      'Part 1, kari or ola: 1 of 1: ola.',
      'Part 2, ola or per: 0 of 1: none yet.',
    ]);
    expect(counted.parts.map(({ people }) => people)).toEqual([[], ['per']]);
  });

  it('is nearest to being met by the alternative that lacks least', () => {
    const either = needs(part(quorum(3, 'kari', 'ola', 'per'), quorum(1, 'siv')));
    const shown = (...given: readonly DatedDecision[]) => count(given, either).parts[0];
    expect(shown()).toMatchObject({ needed: 1, filled: 0, from: ['siv'] });
    expect(shown(vote('kari', 10), vote('ola', 20))).toMatchObject({ needed: 3, filled: 2, people: ['per'] });
    expect(count([vote('kari', 10), vote('siv', 20)], either)).toMatchObject({
      verdict: 'approved',
      needed: 1,
    });
  });

  it('names nobody who is excluded as one who may still fill it', () => {
    expect(count([], needs(part(quorum(1, 'liv', 'ola')))).parts[0]?.people).toEqual(['ola']);
  });

  it('is shown by the alternative that is filled more, of those that lack the same', () => {
    const either = needs(part(quorum(1, 'siv'), quorum(2, 'kari', 'ola')));
    const shown = { needed: 2, filled: 1, from: ['kari', 'ola'] };
    expect(count([vote('kari', 10)], either).parts).toMatchObject([shown]);
    expect(count([vote('kari', 10)], { ...either, order: 'sequential' }).parts).toMatchObject([shown]);
  });

  it('has only so many combinations looked at, in the order in which they are listed', () => {
    const people = ['kari', 'ola', 'per', 'siv', 'eve', 'tor', 'una'];
    const never = Array.from({ length: 4 }, () => quorum(1, 'nobody'));
    const far = people.map(() => part(...never, quorum(1, ...people)));
    const near = far.map(({ any_of }) => part(...any_of.toReversed()));
    const given = people.map((person) => vote(person, 10));
    expect(count(given, needs(...near)).verdict).toBe('approved');
    expect(count(given, needs(...far)).verdict).toBe('pending');
  });

  it.each([
    ['as asked from then on', 1800, 'approved'],
    ['not before', 1799, 'pending'],
  ])('takes whom an escalation adds for any place, %s', (_, seconds, verdict) => {
    const given = [vote('kari', 10), vote('ola', 20), vote('siv', seconds)];
    expect(
      count(given, needs(part(quorum(1, 'kari')), part(quorum(1, 'kari', 'ola')), part(quorum(1, 'tor')))),
    ).toMatchObject({ verdict });
  });
});

describe('people who are joined by a deputy', () => {
  const deputy = (principal: string, delegate: string) => ({ principal, delegate, delegation: null });
  const joined = { ...two, deputies: [deputy('kari', 'per')] };

  it('count once', () => {
    const counted = count([vote('kari', 10), vote('per', 20)], joined);
    expect(counted).toMatchObject({ verdict: 'pending', parts: [{ filled: 1, people: ['ola'] }] });
    expect(seats(counted)).toEqual(['kari 0', 'per spare']);
    expect(count([vote('per', 10), vote('ola', 20)], joined).verdict).toBe('approved');
  });

  it('deny each for themselves, and take away what the other approved', () => {
    const given = [denial('kari', 10, { denials: 2 }), denial('per', 20, { denials: 2 })];
    expect(count(given, joined)).toMatchObject({
      verdict: 'denied',
      denials: [{ person: 'kari' }, { person: 'per' }],
    });
    expect(seats(count([vote('per', 5), denial('kari', 10, { denials: 2 })], joined))).toEqual([]);
  });

  it('approved already when one of them did', () => {
    const timeline = timelineOf(at(0), joined);
    const placed = place([vote('kari', 10)], timeline, joined);
    const already = (person: string) => approvedAlready(person, OPENS + 20_000, timeline, joined, placed);
    expect(['kari', 'per', 'ola'].map(already)).toEqual([true, true, false]);
  });

  it('over somebody between them are one as well', () => {
    const deputies = [deputy('kari', 'per'), deputy('ola', 'per')];
    expect(count([vote('kari', 10), vote('ola', 20)], { ...two, deputies }).verdict).toBe('pending');
  });
});

describe('when it was first met', () => {
  it.each<[string, Partial<DatedDecision>, string]>([
    ['one who left since', { person: 'eve' }, at(20)],
    ['one who is excluded since', { person: 'liv' }, at(20)],
    ['one who was refused then', { person: 'eve', stood: false }, at(3000)],
    ['one who was early', { person: 'siv' }, at(3000)],
    ['nobody', { person: 'ola', decided_at: at(-1) }, at(3000)],
  ])('with %s is as old as that', (_, change, met) => {
    const decisions = [vote('kari', 10), vote('ola', 20, change), vote('per', 3000)];
    expect(count(decisions, two)).toMatchObject({ verdict: 'approved', met_at: met });
  });

  it('is nothing while those who count now do not meet it', () => {
    expect(count([vote('kari', 10), vote('eve', 20)], two)).toMatchObject({
      verdict: 'pending',
      met_at: null,
    });
  });
});

describe('a sequential requirement', () => {
  const chain: Requirement = {
    ...needs(part(quorum(1, 'kari', 'ola')), part(quorum(2, 'ola', 'per', 'eve'))),
    order: 'sequential',
  };
  const opened = (seconds: number, ...given: readonly DatedDecision[]) => {
    const timeline = timelineOf(at(0), chain);
    const placed = place(given, timeline, chain);
    const { part: index, at: since } = openedAt(OPENS + seconds * 1000, timeline, chain, placed);
    const asked = [...askedAt(OPENS + seconds * 1000, timeline, chain, placed)].toSorted();
    return { part: index, since: (since - OPENS) / 1000, asked };
  };
  const already = (person: string, seconds: number, ...given: readonly DatedDecision[]) => {
    const timeline = timelineOf(at(0), chain);
    return approvedAlready(person, OPENS + seconds * 1000, timeline, chain, place(given, timeline, chain));
  };

  it('asks its parts one after the other', () => {
    expect(count([vote('per', 5)], chain)).toMatchObject({
      verdict: 'pending',
      filled: 0,
      parts: [{ open: true }, { open: false, filled: 0, needed: 2 }],
    });
    const counted = count([vote('per', 5), vote('kari', 10), vote('ola', 20)], chain);
    expect(seats(counted)).toEqual(['per spare', 'kari 0', 'ola 1']);
    expect(counted).toMatchObject({
      verdict: 'pending',
      parts: [{ open: true }, { open: true, people: ['eve', 'per'] }],
    });
    expect(counted.reasons).toContain('Part 2, ola or per or eve: 1 of 2: ola.');
    expect(count([], chain).reasons).toContain('Part 2, ola or per or eve: not asked yet.');
  });

  it('takes nothing for the next part that is not later', () => {
    expect(count([vote('kari', 10), vote('per', 10), vote('eve', 20)], chain)).toMatchObject({ filled: 2 });
    expect(count([vote('kari', 10), vote('per', 10.001), vote('eve', 20)], chain)).toMatchObject({
      verdict: 'approved',
      met_at: at(20),
    });
  });

  it('takes of several approvals the one that serves', () => {
    const given = [vote('ola', 5), vote('kari', 10), vote('ola', 20), vote('per', 30)];
    const counted = count(given, chain);
    expect(counted).toMatchObject({ verdict: 'approved', met_at: at(30) });
    expect(counted.approvals.map(({ decided_at }) => decided_at)).toEqual([at(10), at(20), at(30)]);
  });

  it('is met by the first who serve, not by the first who spoke', () => {
    const given = [vote('per', 1), vote('kari', 5), vote('eve', 6), vote('ola', 7), vote('per', 8)];
    const counted = count(given, chain);
    expect(counted).toMatchObject({ verdict: 'approved', met_at: at(7) });
    expect(seats(counted)).toEqual(['per spare', 'kari 0', 'eve 1', 'ola 1']);
    const short = { ...chain, approvals: [part(quorum(1, 'kari', 'ola')), part(quorum(1, 'ola', 'per'))] };
    const either = count([vote('ola', 5), vote('kari', 6), vote('ola', 7), vote('per', 8)], short);
    expect(seats(either)).toEqual(['kari 0', 'ola 1', 'per spare']);
  });

  it('shows a part that is not asked yet by the alternative that takes fewest', () => {
    const either = [part(quorum(1, 'kari')), part(quorum(3, 'ola', 'per', 'eve'), quorum(1, 'siv'))];
    expect(count([], { ...chain, approvals: either }).parts[1]).toMatchObject({ needed: 1, from: ['siv'] });
  });

  it('opens a part a moment after the one before is met', () => {
    expect(opened(10, vote('kari', 10))).toEqual({ part: 0, since: 0, asked: ['kari', 'ola'] });
    expect(opened(10.001, vote('kari', 10))).toEqual({
      part: 1,
      since: 10,
      asked: ['eve', 'kari', 'ola', 'per'],
    });
    expect(opened(-0.001).asked).toEqual([]);
    expect(opened(1800).asked).toEqual(['kari', 'ola', 'siv']);
  });

  it('hears somebody again once another part may need them', () => {
    expect(already('ola', 10)).toBe(false);
    expect(already('kari', 10, vote('kari', 5))).toBe(false);
    expect(already('ola', 20, vote('kari', 5), vote('ola', 10))).toBe(true);
    expect(already('ola', 20, vote('ola', 5), vote('kari', 10))).toBe(false);
    expect(already('ola', 10, vote('ola', 10))).toBe(false);
    // Kari may fill the first part instead, and then the second needs an approval after hers.
    const again = [vote('ola', 5), vote('ola', 7), vote('kari', 10)];
    expect(already('ola', 20, ...again)).toBe(false);
    expect(opened(20, ...again)).toMatchObject({ part: 1, since: 5 });
  });

  it('weighs eight who recur, whoever approves twice to the same end', () => {
    const crowd = (name: string) => Array.from({ length: 8 }, (_, index) => `${name}-${index}`);
    const approve = (name: string, seconds: number) => crowd(name).map((person) => vote(person, seconds));
    const [lead, admin] = [crowd('lead'), crowd('admin')];
    const first = part(quorum(9, ...lead, ...admin, 'kari'));
    const both: Requirement = { ...chain, approvals: [first, part(quorum(8, ...lead))] };
    const early = [...approve('lead', 10), ...approve('admin', 11), ...approve('admin', 12)];
    const given = [...early, vote('kari', 20), ...approve('lead', 30)];
    expect(count(given, both)).toMatchObject({ verdict: 'approved', met_at: at(30) });
  });

  it('weighs the approvals of so many who recur, and is not stopped by more', () => {
    const crowd = Array.from({ length: 14 }, (_, index) => `lead-${index}`);
    const [first, second] = [quorum(7, ...crowd), quorum(8, ...crowd, 'kari')];
    const both: Requirement = { ...needs(part(first), part(second)), order: 'sequential' };
    const given = crowd.flatMap((person, index) => [vote(person, index), vote(person, 100 + index)]);
    expect(count(given, both)).toMatchObject({ verdict: 'pending', filled: 14 });
    expect(count([...given, vote('kari', 200)], both)).toMatchObject({
      verdict: 'approved',
      met_at: at(200),
    });
  });

  it('is as old as those who count make it where more who lapsed recur than are weighed', () => {
    const crowd = (name: string) => Array.from({ length: 8 }, (_, index) => `${name}-${index}`);
    const approve = (name: string, seconds: number) => crowd(name).map((person) => vote(person, seconds));
    const [lead, admin] = [crowd('lead'), crowd('admin')];
    const both = {
      ...needs(part(quorum(9, ...lead, ...admin, 'kari')), part(quorum(8, ...lead))),
      order: 'sequential',
    } as const;
    const given = [
      ...[...approve('gone', 1), ...approve('gone', 2), ...approve('lead', 10), ...approve('admin', 11)],
      ...[vote('kari', 20), ...approve('lead', 30), vote('lead-0', 50)],
    ];
    expect(count(given, both)).toMatchObject({ verdict: 'approved', met_at: at(30) });
  });
});

describe('in a parallel requirement', () => {
  const parts = needs(part(quorum(1, 'kari', 'siv')), part(quorum(1, 'per')));
  const timeline = timelineOf(at(0), parts);
  const already = (person: string, seconds: number, ...given: readonly DatedDecision[]) =>
    approvedAlready(person, OPENS + seconds * 1000, timeline, parts, place(given, timeline, parts));

  it('everybody is asked from the beginning, and whom an escalation adds from then on', () => {
    const asked = (seconds: number) => [...askedAt(OPENS + seconds * 1000, timeline, ONE_OF_THREE, [])];
    expect(asked(0)).toEqual(['kari', 'ola', 'per']);
    expect(asked(1800)).toEqual(['kari', 'ola', 'per', 'siv']);
    expect(openedAt(OPENS + 1, timeline, parts, [])).toEqual({ part: 1, at: OPENS });
  });

  it('somebody is heard again when an escalation opens another place to them', () => {
    expect(already('siv', 20, vote('siv', 10))).toBe(true);
    expect(already('siv', 1800, vote('siv', 10))).toBe(false);
    expect(already('siv', 1900, vote('siv', 1800))).toBe(true);
  });
});
