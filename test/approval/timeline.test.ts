import { describe, expect, it } from 'vitest';
import { addedBy, type DatedDecision, type PlacedCode, place, timelineOf } from '../../approval/timeline.ts';
import type { Requirement } from '../../approval/types.ts';
import { adds, at, ONE_OF_THREE, OPENS, part, quorum, vote } from './requirement.ts';

const timeline = timelineOf(at(0), ONE_OF_THREE);

it('opens with the preview, reminds, escalates and ends', () => {
  expect(timelineOf(at(0), { ...ONE_OF_THREE, remind_after_seconds: 600 })).toEqual({
    opens: OPENS,
    deadline: OPENS + 3_600_000,
    escalations: [{ at: OPENS + 1_800_000, index: 0 }],
    reminds_at: OPENS + 600_000,
  });
});

it('has nothing that would come with the deadline or after it', () => {
  const escalations = [3599, 3600, 7200].map((after) => adds(after, 'siv'));
  expect(timelineOf(at(0), { ...ONE_OF_THREE, escalations }).escalations).toEqual([
    { at: OPENS + 3_599_000, index: 0 },
  ]);
  expect(timeline.reminds_at).toBeNull();
  expect(timelineOf(at(0), { ...ONE_OF_THREE, remind_after_seconds: 3600 }).reminds_at).toBeNull();
});

it('adds people step by step', () => {
  const requirement = {
    ...ONE_OF_THREE,
    escalations: [adds(60, 'siv'), adds(120, 'eve'), adds(3600, 'per')],
  };
  const added = (seconds: number) =>
    addedBy(OPENS + seconds * 1000, timelineOf(at(0), requirement), requirement);
  expect([59.999, 60, 120, 9999].map(added)).toEqual([[], ['siv'], ['siv', 'eve'], ['siv', 'eve']]);
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
    ['of those who are added, early', { person: 'siv', decided_at: at(1799.999) }, 'not_asked_yet'],
    ['of those who are added, asked', { person: 'siv', decided_at: at(1800) }, 'counts'],
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
    ['a deferral', { verdict: 'defer' }, 'deferred'],
    ['a deferral after the deadline', { verdict: 'defer', decided_at: at(9999) }, 'deferred'],
    ['a deferral that was refused', { verdict: 'defer', stood: false }, 'not_eligible'],
    ['a deferral of nobody', { verdict: 'defer', person: null }, 'person_unknown'],
  ])('%s', (_, change, code) => {
    const given = vote('kari', 60, change);
    expect(place([given], timeline, ONE_OF_THREE)).toEqual([{ ...given, code }]);
  });

  it('of somebody in any part counts, whenever that is asked', () => {
    const requirement: Requirement = {
      ...ONE_OF_THREE,
      order: 'sequential',
      approvals: [part(quorum(1, 'kari')), part(quorum(2, 'ola', 'per'), quorum(1, 'eve'))],
    };
    expect(place([vote('eve', 1)], timelineOf(at(0), requirement), requirement)).toMatchObject([
      { code: 'counts' },
    ]);
  });

  it.each<[string, Partial<Requirement>]>([
    ['in a part', { approvals: [part(quorum(1, 'liv'))] }],
    ['in an escalation', { escalations: [adds(0, 'liv')] }],
  ])('of an excluded person counts for nothing, though listed %s', (_, change) => {
    const requirement = { ...ONE_OF_THREE, ...change };
    expect(place([vote('liv', 60)], timelineOf(at(0), requirement), requirement)).toMatchObject([
      { code: 'excluded' },
    ]);
  });

  it('of somebody whom an escalation past the deadline would add never comes', () => {
    const requirement = { ...ONE_OF_THREE, escalations: [adds(3600, 'siv')] };
    expect(place([vote('siv', 3599)], timelineOf(at(0), requirement), requirement)).toMatchObject([
      { code: 'not_asked_yet' },
    ]);
  });
});
