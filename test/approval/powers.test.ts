import { describe, expect, it } from 'vitest';
import { type Power, powerCode } from '../../approval/powers.ts';
import { type RequestState, type Standings, standingsOf } from '../../approval/state.ts';
import type { Powers } from '../../approval/types.ts';
import {
  asking,
  at,
  finishOf,
  instructionOf,
  previewOf,
  requestOf,
  situationOf,
  startOf,
  type Told,
} from './world.ts';

const request = requestOf();
const subject = request.statement.request_id;
const preview = previewOf(request);
const start = startOf(request, 90);
const settle = instructionOf({ verb: 'settle', subject, detail: { start: start.digest, ran: true } });
const revoke = instructionOf({ verb: 'revoke', subject, detail: { of: 'lease' } });
const broken = instructionOf({
  verb: 'break_glass',
  subject,
  detail: { action_digest: request.digest, preview_digest: preview.digest },
  person: 'berit',
});
const review = instructionOf({
  verb: 'review',
  subject,
  detail: { break_glass: broken.digest, justified: false },
  person: 'siv',
});

const powers: Powers = {
  settle: ['kari'],
  break_glass: ['berit'],
  review: ['berit', 'siv'],
  revoke: ['liv'],
};
const code = (power: Power, person: string | null, standings: Standings) =>
  powerCode({ power, person, standings, powers });

/** Something with an end that was begun, and whose glass was broken before. */
const told: Told = {
  dossier: { starts: [start], instructions: [broken] },
  examined: { endsAfter: 600 },
  seconds: 200,
};
const begun = standingsOf(situationOf(told));

const STATES: readonly RequestState[] = [
  'allowed',
  'refused',
  'pending',
  'approved',
  'lapsed',
  'denied',
  'expired',
  'withdrawn',
  'undeliverable',
  'flooded',
  'running',
  'succeeded',
  'active',
  'ended',
  'failed',
  'not_executed',
  'unknown',
  'settled',
];

describe.each<[Power, string, readonly RequestState[]]>([
  ['settle', 'kari', ['unknown']],
  ['break_glass', 'berit', ['allowed', 'pending', 'approved', 'lapsed']],
  ['review', 'siv', STATES],
  ['revoke', 'liv', ['running', 'active', 'failed', 'unknown', 'settled']],
])('%s', (power, who, open) => {
  it.each(STATES)('of what is %s', (state) => {
    const expected = open.includes(state) ? 'eligible' : `request_${state}`;
    expect(code(power, who, { ...begun, state })).toBe(expected);
  });

  it.each(STATES)('of what is %s is for those who have the power, and nobody else', (state) => {
    const standings = { ...begun, state };
    expect(code(power, 'eve', standings)).toBe('not_eligible');
    expect(code(power, null, standings)).toBe('person_unknown');
    const nobody = { settle: [], break_glass: [], review: [], revoke: [] };
    expect(powerCode({ power, person: who, standings, powers: nobody })).toBe('not_eligible');
  });

  it('is no power of those who have every other', () => {
    const others = { settle: ['eve'], break_glass: ['eve'], review: ['eve'], revoke: ['eve'], [power]: [] };
    expect(powerCode({ power, person: 'eve', standings: begun, powers: others })).toBe('not_eligible');
  });
});

describe('once is enough', () => {
  const also = (change: Told['dossier'], seconds = 200): Standings =>
    standingsOf(situationOf({ ...told, dossier: { ...told.dossier, ...change }, seconds }));
  const done = finishOf(start);

  it.each<[string, Power, string, Standings]>([
    ['what is settled', 'settle', 'kari', also({ instructions: [settle] })],
    [
      'what is settled, though it finished since',
      'settle',
      'kari',
      also({ instructions: [settle], finishes: [done] }),
    ],
    ['what is reviewed', 'review', 'berit', also({ instructions: [broken, review] })],
    ['what is revoked', 'revoke', 'liv', also({ instructions: [revoke], finishes: [done] })],
    ['what has ended', 'revoke', 'liv', also({ finishes: [done, finishOf(start, { code: 'ended' })] })],
  ])('%s: %s', (_, power, who, standings) => {
    expect(code(power, who, standings)).toBe('already_said');
  });

  it.each<[string, Power, string, string, Standings]>([
    ['the glass is not broken', 'review', 'siv', 'request_not_broken', also({ instructions: [] })],
    ['it was oneself who broke it', 'review', 'berit', 'not_eligible', begun],
    [
      'it has no end',
      'revoke',
      'liv',
      'request_without_end',
      standingsOf(situationOf({ dossier: { starts: [start], finishes: [done] } })),
    ],
    ['it did not begin', 'revoke', 'liv', 'request_without_end', also({ starts: [] })],
    [
      'its Start was refused',
      'revoke',
      'liv',
      'request_pending',
      also({ instructions: [], finishes: [finishOf(start, { outcome: 'refused', code: 'frozen' })] }),
    ],
    ['nothing is unknown yet', 'settle', 'kari', 'request_running', also({}, 100)],
    ['it is known since', 'settle', 'kari', 'request_active', also({ finishes: [done] })],
  ])('not where %s: %s by %s is %s', (_, power, who, expected, standings) => {
    expect(code(power, who, standings)).toBe(expected);
  });

  it('a glass that was broken again waits for a review again, by others than who broke it last', () => {
    const second = instructionOf({ ...broken.statement, person: 'siv', issued_at: at(30) });
    const standings = also({ instructions: [broken, review, second] });
    expect(code('review', 'berit', standings)).toBe('eligible');
    expect(code('review', 'siv', standings)).toBe('not_eligible');
  });

  it('what released a request can be released again when it is over', () => {
    const over = standingsOf(
      situationOf({ dossier: { instructions: [broken] }, policy: asking(), seconds: 700 }),
    );
    expect(code('break_glass', 'berit', over)).toBe('eligible');
  });
});
