import { describe, expect, it } from 'vitest';
import { askedAt, type DatedDecision, type PlacedCode, place, timelineOf } from '../../approval/timeline.ts';
import type { Requirement } from '../../approval/types.ts';
import { at, OPENS, REQUIREMENT } from './world.ts';

const timeline = timelineOf(at(0), REQUIREMENT);
const vote = (change: Partial<DatedDecision>): DatedDecision => ({
  digest: 'sha256:a',
  person: 'kari',
  verdict: 'approve',
  stood: true,
  reason: null,
  decided_at: at(60),
  ...change,
});

it('opens with the first preview, escalates and ends', () => {
  expect(timeline).toEqual({
    opens: OPENS,
    deadline: OPENS + 3_600_000,
    escalations: [{ at: OPENS + 1_800_000, stage: 1 }],
  });
});

it('has no escalation that would come with the deadline or after it', () => {
  const stages = [0, 3599, 3600, 7200].map((after_seconds) => ({ after_seconds, from: [], people: [] }));
  expect(timelineOf(at(0), { ...REQUIREMENT, stages }).escalations).toEqual([
    { at: OPENS + 3_599_000, stage: 1 },
  ]);
});

it.each([
  [-1, []],
  [0, ['kari', 'ola', 'per']],
  [1_799_999, ['kari', 'ola', 'per']],
  [1_800_000, ['kari', 'ola', 'per', 'siv']],
])('%d ms in, %j are asked', (moment, people) => {
  expect([...askedAt(OPENS + moment, timeline, REQUIREMENT)]).toEqual(people);
});

describe('the place of a decision', () => {
  const denies = { verdict: 'deny' } as const;
  it.each<[string, Partial<DatedDecision>, PlacedCode]>([
    ['an approval by one who is asked', {}, 'counts'],
    ['at the very start', { decided_at: at(0) }, 'counts'],
    ['a millisecond before it', { decided_at: at(-0.001) }, 'before_preview'],
    ['in the last millisecond', { decided_at: at(3599.999) }, 'counts'],
    ['at the deadline', { decided_at: at(3600) }, 'after_deadline'],
    ['at no time', { decided_at: 'never' }, 'before_preview'],
    ['of the next people, early', { person: 'siv', decided_at: at(1799.999) }, 'not_asked_yet'],
    ['of the next people, asked', { person: 'siv', decided_at: at(1800) }, 'counts'],
    ['of nobody', { person: null }, 'person_unknown'],
    ['of a stranger', { person: 'eve' }, 'not_eligible'],
    ['of an excluded person', { person: 'liv' }, 'excluded'],
    ['that was refused when it was given', { stood: false }, 'not_eligible'],
    ['early and refused', { person: 'siv', stood: false }, 'not_asked_yet'],
    ['a denial', denies, 'counts'],
    ['a denial before the preview', { ...denies, decided_at: at(-60) }, 'counts'],
    ['a denial after the deadline', { ...denies, decided_at: at(9999) }, 'counts'],
    ['a denial by one who left', { ...denies, person: 'eve' }, 'counts'],
    ['a denial by one who is excluded since', { ...denies, person: 'liv' }, 'counts'],
    ['a denial that was refused', { ...denies, stood: false }, 'not_eligible'],
    ['a denial of nobody', { ...denies, person: null, stood: false }, 'person_unknown'],
  ])('%s', (_, change, code) => {
    expect(place([vote(change)], timeline, REQUIREMENT)).toEqual([{ ...vote(change), code }]);
  });

  it('of an excluded person counts for nothing, wherever the policy lists them', () => {
    const stages = [{ after_seconds: 0, from: ['liv'], people: ['liv'] }];
    const requirement: Requirement = { ...REQUIREMENT, stages };
    expect(place([vote({ person: 'liv' })], timeline, requirement)).toMatchObject([{ code: 'excluded' }]);
  });
});
