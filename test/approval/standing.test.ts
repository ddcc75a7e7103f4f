import { describe, expect, it } from 'vitest';
import { type StandingQuestion, standingCode } from '../../approval/standing.ts';
import { type Dossier, standingsOf } from '../../approval/state.ts';
import type { PolicyDecision } from '../../approval/types.ts';
import {
  allowing,
  asking,
  decisionOf,
  finishOf,
  OPENS,
  previewOf,
  requestOf,
  startOf,
  withdrawalOf,
} from './world.ts';

const request = requestOf();
const preview = previewOf(request);
const empty: Dossier = {
  request,
  preview,
  decisions: [],
  instructions: [],
  starts: [],
  finishes: [],
  refusals: [],
};
const approval = decisionOf({ request, preview, policy: asking() });
const denial = decisionOf({ request, preview, policy: asking() }, { verdict: 'deny', person: 'ola' });
const start = startOf(request, 90);

interface Click extends Partial<Omit<StandingQuestion, 'standings' | 'now' | 'policy'>> {
  readonly dossier?: Partial<Dossier>;
  readonly policy?: PolicyDecision;
  readonly seconds?: number;
}

function codeOf({ dossier = {}, policy = asking(), seconds = 100, ...asked }: Click): string {
  const now = OPENS + seconds * 1000;
  const standings = standingsOf({ ...empty, ...dossier }, policy, now);
  return standingCode({
    person: 'kari',
    verdict: 'approve',
    cardCurrent: true,
    ...asked,
    standings,
    policy,
    now,
  });
}

const two = asking({ count: 2 });
const deny = { verdict: 'deny' } as const;

describe('who may decide', () => {
  it.each<[string, string, Click]>([
    ['eligible', 'one who is asked', {}],
    ['eligible', 'one who is asked, to deny', deny],
    ['eligible', 'the second of two', { person: 'ola', policy: two, dossier: { decisions: [approval] } }],
    ['eligible', 'one who approved, to deny', { ...deny, policy: two, dossier: { decisions: [approval] } }],
    [
      'eligible',
      'one who denies what is approved',
      { ...deny, person: 'per', dossier: { decisions: [approval] } },
    ],
    ['eligible', 'one who denies by an old card', { ...deny, cardCurrent: false }],
    ['eligible', 'the next people, asked', { person: 'siv', seconds: 1800 }],
    ['person_unknown', 'nobody', { person: null }],
    ['excluded', 'an excluded person', { person: 'liv' }],
    ['excluded', 'an excluded person, to deny', { ...deny, person: 'liv' }],
    ['not_eligible', 'a stranger', { person: 'eve' }],
    ['not_eligible', 'a stranger, whatever the state', { person: 'eve', dossier: { decisions: [denial] } }],
    ['not_asked_yet', 'the next people, early', { person: 'siv' }],
    ['not_asked_yet', 'the next people, early, to deny', { ...deny, person: 'siv' }],
    ['card_stale', 'one who approves by an old card', { cardCurrent: false }],
    ['already_approved', 'one who approved', { policy: two, dossier: { decisions: [approval] } }],
    ['request_approved', 'one more than is needed', { person: 'ola', dossier: { decisions: [approval] } }],
    ['request_denied', 'one who comes after a denial', { dossier: { decisions: [denial] } }],
    ['request_denied', 'one who denies again', { ...deny, dossier: { decisions: [denial] } }],
    [
      'request_withdrawn',
      'one who comes after a withdrawal',
      { dossier: { instructions: [withdrawalOf(request)] } },
    ],
    ['request_expired', 'one who is late', { seconds: 3600 }],
    ['request_expired', 'one who denies late', { ...deny, seconds: 3600 }],
    ['request_running', 'one who approves what runs', { dossier: { starts: [start] } }],
    ['request_running', 'one who denies what runs', { ...deny, dossier: { starts: [start] } }],
    [
      'request_unknown',
      'one who denies what may have run',
      { ...deny, seconds: 200, dossier: { starts: [start] } },
    ],
    [
      'request_succeeded',
      'one who denies what ran',
      { ...deny, dossier: { starts: [start], finishes: [finishOf(start)] } },
    ],
    ['request_pending', 'anyone before the preview', { dossier: { preview: null } }],
    ['request_allowed', 'anyone, where nobody is asked', { policy: allowing }],
  ])('%s: %s', (code, _, click) => {
    expect(codeOf(click)).toBe(code);
  });
});
