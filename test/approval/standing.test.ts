import { describe, expect, it } from 'vitest';
import { type StandingQuestion, standingCode } from '../../approval/standing.ts';
import { type Dossier, standingsOf } from '../../approval/state.ts';
import type { DecisionStatement, PolicyDecision } from '../../approval/types.ts';
import {
  allowing,
  asking,
  at,
  decisionOf,
  finishOf,
  instructionOf,
  OWNERS,
  part,
  previewOf,
  refusedStanding,
  requestOf,
  situationOf,
  startOf,
  withdrawalOf,
} from './world.ts';

const request = requestOf();
const preview = previewOf(request);
const approval = decisionOf({ request, preview, policy: asking() });
const denial = decisionOf({ request, preview, policy: asking() }, { verdict: 'deny', person: 'ola' });
const start = startOf(request, 90);

interface Click extends Partial<Omit<StandingQuestion, 'standings' | 'now' | 'policy'>> {
  readonly dossier?: Partial<Dossier>;
  readonly policy?: PolicyDecision;
  readonly seconds?: number;
}

function codeOf({ dossier = {}, policy = asking(), seconds = 100, ...asked }: Click): string {
  const situation = situationOf({ dossier, policy, seconds });
  return standingCode({
    person: 'kari',
    verdict: 'approve',
    to: null,
    cardCurrent: true,
    ...asked,
    standings: standingsOf(situation),
    policy,
    now: situation.now,
  });
}

const two = asking({ approvals: [part(2, OWNERS)] });
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
    ['request_pending', 'anyone before the preview', { dossier: { previews: [] } }],
    ['request_allowed', 'anyone, where nobody is asked', { policy: allowing }],
    ['not_eligible', 'who denies where nobody is asked', { ...deny, policy: allowing }],
    [
      'not_eligible',
      'who denies what may be running, where nobody is asked any more',
      { ...deny, policy: allowing, dossier: { starts: [start] } },
    ],
  ])('%s: %s', (code, _, click) => {
    expect(codeOf(click)).toBe(code);
  });
});

describe('handing it to another', () => {
  const defer = { verdict: 'defer', to: 'ola' } as const;
  it.each<[string, string, Click]>([
    ['eligible', 'who is asked too', defer],
    [
      'eligible',
      'who is asked too, after one approved',
      { ...defer, policy: two, dossier: { decisions: [approval] } },
    ],
    ['eligible', 'by an old card', { ...defer, cardCurrent: false }],
    ['other_not_eligible', 'who is nobody', { ...defer, to: null }],
    ['other_not_eligible', 'who is oneself', { ...defer, to: 'kari' }],
    ['other_not_eligible', 'who is a stranger', { ...defer, to: 'eve' }],
    ['other_not_eligible', 'who is excluded', { ...defer, to: 'liv' }],
    ['other_not_eligible', 'who is not asked yet', { ...defer, to: 'siv' }],
    ['eligible', 'who is asked by now', { ...defer, to: 'siv', seconds: 1800 }],
    ['not_eligible', 'by a stranger', { ...defer, person: 'eve' }],
    ['excluded', 'by one who is excluded', { ...defer, person: 'liv' }],
    ['not_asked_yet', 'by one who is not asked yet', { ...defer, person: 'siv' }],
    [
      'request_approved',
      'when it is approved',
      { ...defer, person: 'per', dossier: { decisions: [approval] } },
    ],
    ['request_expired', 'when it is late', { ...defer, seconds: 3600 }],
  ])('%s: %s', (code, _, click) => {
    expect(codeOf(click)).toBe(code);
  });
});

describe('one denial of two', () => {
  const policy = asking({ denials: 2, approvals: [part(2, OWNERS)] });
  const standing = { ...refusedStanding('eligible'), eligible: true, denials: 2 };
  const bound = { request, preview, policy };
  const denied = decisionOf(bound, { verdict: 'deny', person: 'ola', standing });
  const dossier = { decisions: [denied] };
  it.each<[string, string, Click]>([
    ['already_denied', 'the one who denied can approve no more', { person: 'ola' }],
    ['eligible', 'nor is that one kept from denying', { ...deny, person: 'ola' }],
    ['eligible', 'another one may approve', { person: 'per' }],
    ['eligible', 'another one may deny', { ...deny, person: 'per' }],
    [
      'eligible',
      'one whose denial was refused may approve',
      {
        person: 'ola',
        dossier: {
          decisions: [decisionOf(bound, { ...denied.statement, standing: refusedStanding('not_eligible') })],
        },
      },
    ],
    [
      'request_denied',
      'nobody after the second',
      {
        person: 'kari',
        dossier: { decisions: [denied, decisionOf(bound, { verdict: 'deny', person: 'per', standing })] },
      },
    ],
  ])('%s: %s', (code, _, click) => {
    expect(codeOf({ dossier, policy, ...click })).toBe(code);
  });
});

describe('where one part is asked after the other', () => {
  const policy = asking({
    order: 'sequential',
    approvals: [part(1, ['kari', 'ola']), part(1, ['per', 'ola'], ['security'])],
  });
  const first = (person: string, change: Partial<DecisionStatement> = {}) =>
    decisionOf({ request, preview, policy }, { person, ...change });
  const begun = { decisions: [first('kari')] };
  it.each<[string, string, Click]>([
    ['eligible', 'the first part is asked', {}],
    ['not_asked_yet', 'the second is not', { person: 'per' }],
    ['not_asked_yet', 'the second is not, to deny', { ...deny, person: 'per' }],
    ['not_asked_yet', 'the second is not, to hand it on', { verdict: 'defer', to: 'kari', person: 'per' }],
    ['other_not_eligible', 'nor is it handed to the second', { verdict: 'defer', to: 'per' }],
    ['eligible', 'the second is asked once the first is met', { person: 'per', dossier: begun }],
    ['eligible', 'and it is handed to the second then', { verdict: 'defer', to: 'per', dossier: begun }],
    [
      'not_asked_yet',
      'not in the very moment in which it was met',
      { person: 'per', dossier: begun, seconds: 60 },
    ],
    [
      'not_asked_yet',
      'not by an approval of another rule',
      { person: 'per', dossier: { decisions: [first('kari', { rule_digest: `sha256:${'0'.repeat(64)}` })] } },
    ],
    [
      'not_asked_yet',
      'not by a click that was refused',
      { person: 'per', dossier: { decisions: [first('kari', { standing: refusedStanding('card_stale') })] } },
    ],
    ['eligible', 'one who met the first may be heard once more in the second', { dossier: begun }],
    [
      'already_approved',
      'but not twice',
      { dossier: { decisions: [first('kari'), first('kari', { decided_at: at(70) })] } },
    ],
    ['excluded', 'an excluded person is that first', { person: 'liv', dossier: begun }],
    ['not_eligible', 'a stranger is that first', { person: 'eve', dossier: begun }],
    ['not_asked_yet', 'not before the preview', { seconds: -1 }],
  ])('%s: %s', (code, _, click) => {
    expect(codeOf({ policy, ...click })).toBe(code);
  });

  it('is asked from the first part on when a revision voided what was approved', () => {
    const drifted = previewOf(request, { revision: 2, previewed_at: at(80) });
    const dossier = { ...begun, previews: [preview, drifted] };
    expect(codeOf({ policy, person: 'per', dossier })).toBe('not_asked_yet');
    expect(codeOf({ policy, dossier })).toBe('eligible');
  });
});

describe('what is about to be asked anew', () => {
  const lapsed: Click = { dossier: { decisions: [approval] }, seconds: 960, person: 'ola' };
  it.each<[string, string, Click]>([
    ['request_lapsed', 'is approved by nobody', lapsed],
    ['request_lapsed', 'is handed on by nobody', { ...lapsed, verdict: 'defer', to: 'per' }],
    ['request_lapsed', 'not by an old card either', { ...lapsed, cardCurrent: false }],
    ['eligible', 'is denied by one who may', { ...lapsed, ...deny }],
    ['eligible', 'is denied by one who approved it', { ...lapsed, ...deny, person: 'kari' }],
    ['excluded', 'is denied by nobody else', { ...lapsed, ...deny, person: 'liv' }],
  ])('%s: it %s', (code, _, click) => {
    expect(codeOf(click)).toBe(code);
  });
});

it('a broken glass leaves nothing to approve, and it can still be denied', () => {
  const broken = instructionOf({
    verb: 'break_glass',
    subject: request.statement.request_id,
    detail: { action_digest: request.digest, preview_digest: preview.digest },
    person: 'berit',
  });
  const dossier = { instructions: [broken] };
  expect(codeOf({ dossier })).toBe('request_approved');
  expect(codeOf({ dossier, ...deny })).toBe('eligible');
});
