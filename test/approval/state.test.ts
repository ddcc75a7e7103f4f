import { describe, expect, it } from 'vitest';
import { openDecision } from '../../approval/dossier.ts';
import { saying } from '../../approval/instruction.ts';
import { generateSigningKey } from '../../approval/keys.ts';
import {
  CLOSED_STEP,
  type Dossier,
  holdOf,
  isSettled,
  type RequestState,
  standingsOf,
} from '../../approval/state.ts';
import { countersign, signStatement } from '../../approval/statements.ts';
import type {
  DecisionStatement,
  Digest,
  PolicyDecision,
  Requirement,
  Verified,
} from '../../approval/types.ts';
import {
  AUDIENCE,
  allowing,
  asking,
  at,
  decisionOf,
  denying,
  finishOf,
  instructionOf,
  keys,
  OPENS,
  OWNERS,
  POWERS,
  part,
  previewOf,
  RING,
  refusedStanding,
  requestOf,
  situationOf,
  startOf,
  type Told,
  withdrawalOf,
} from './world.ts';

const request = requestOf();
const preview = previewOf(request);
const other = `sha256:${'0'.repeat(64)}` as const;
const decided = (change: Partial<DecisionStatement> = {}) =>
  decisionOf({ request, preview, policy: asking() }, change);
const denial = decided({ verdict: 'deny', person: 'ola' });
const start = startOf(request, 90);
const second = startOf(request, 95);
const withdrawal = withdrawalOf(request);
const closing = (code: string, step = CLOSED_STEP) =>
  signStatement(
    'refusal',
    {
      audience: AUDIENCE,
      activity: 'notify',
      request_id: request.statement.request_id,
      step,
      code,
      refused_at: at(5),
    },
    keys.gateway,
  );

const stateOf = (told: Told) => standingsOf(situationOf(told)).state;

describe('the state of a request', () => {
  it.each<[RequestState, string, Partial<Dossier>, PolicyDecision, number]>([
    ['pending', 'asked', {}, asking(), 0],
    ['pending', 'asked, and not previewed', { previews: [] }, asking(), 99_999],
    ['allowed', 'allowed', {}, allowing, 0],
    ['refused', 'denied by policy', {}, denying, 0],
    ['pending', 'a moment before the deadline', {}, asking(), 3599.999],
    ['expired', 'at the deadline', {}, asking(), 3600],
    ['approved', 'approved', { decisions: [decided()] }, asking(), 100],
    ['approved', 'in the last moment of the grant', { decisions: [decided()] }, asking(), 959.999],
    ['lapsed', 'as old as a grant may become', { decisions: [decided()] }, asking(), 960],
    ['pending', 'one of two', { decisions: [decided()] }, asking({ approvals: [part(2, OWNERS)] }), 100],
    ['pending', 'approved by another rule', { decisions: [decided({ rule_digest: other })] }, asking(), 100],
    [
      'pending',
      'another preview approved',
      { decisions: [decided({ preview_digest: other })] },
      asking(),
      100,
    ],
    ['pending', 'another action approved', { decisions: [decided({ action_digest: other })] }, asking(), 100],
    [
      'pending',
      'a click that was refused',
      { decisions: [decided({ standing: refusedStanding('excluded') })] },
      asking(),
      100,
    ],
    ['denied', 'approved and denied', { decisions: [decided(), denial] }, asking(), 100],
    ['denied', 'denied, and expired since', { decisions: [denial] }, asking(), 9999],
    ['denied', 'denied, and allowed since', { decisions: [denial] }, allowing, 100],
    [
      'denied',
      'denied by another rule',
      { decisions: [decided({ verdict: 'deny', rule_digest: other })] },
      asking(),
      100,
    ],
    [
      'pending',
      'denied by one who may not',
      { decisions: [decided({ verdict: 'deny', standing: refusedStanding('not_eligible') })] },
      asking(),
      100,
    ],
    ['withdrawn', 'withdrawn', { instructions: [withdrawal] }, asking(), 100],
    [
      'withdrawn',
      'approved and withdrawn',
      { decisions: [decided()], instructions: [withdrawal] },
      asking(),
      100,
    ],
    ['denied', 'denied and withdrawn', { decisions: [denial], instructions: [withdrawal] }, asking(), 100],
    ['undeliverable', 'closed as undeliverable', { refusals: [closing('undeliverable')] }, asking(), 100],
    ['flooded', 'closed as flooded', { refusals: [closing('flooded')] }, asking(), 100],
    ['refused', 'closed as denied, which policy does', { refusals: [closing('denied')] }, denying, 100],
    [
      'not_executed',
      'closed as denied before policy changed',
      { refusals: [closing('denied')] },
      asking(),
      100,
    ],
    ['not_executed', 'closed for another reason', { refusals: [closing('terminated')] }, asking(), 100],
    ['pending', 'an attempt refused', { refusals: [closing('flooded', 'request')] }, asking(), 100],
    ['running', 'started', { starts: [start] }, asking(), 149.999],
    ['unknown', 'started, and past its deadline', { starts: [start] }, asking(), 150],
    ['running', 'denied when it ran', { decisions: [denial], starts: [start] }, asking(), 100],
    ['succeeded', 'finished', { starts: [start], finishes: [finishOf(start)] }, asking(), 9999],
    [
      'succeeded',
      'finished, and denied since',
      { decisions: [denial], starts: [start], finishes: [finishOf(start)] },
      denying,
      9999,
    ],
    [
      'failed',
      'failed',
      { starts: [start], finishes: [finishOf(start, { outcome: 'failed', code: 'no' })] },
      asking(),
      9999,
    ],
    [
      'pending',
      'a Start refused, and nobody decided',
      { starts: [start], finishes: [finishOf(start, { outcome: 'refused', code: 'no' })] },
      asking(),
      100,
    ],
    [
      'approved',
      'a Start refused, and the approval stands',
      {
        decisions: [decided()],
        starts: [start],
        finishes: [finishOf(start, { outcome: 'refused', code: 'frozen' })],
      },
      asking(),
      100,
    ],
    [
      'denied',
      'a Start refused, and denied since',
      {
        decisions: [denial],
        starts: [start],
        finishes: [finishOf(start, { outcome: 'refused', code: 'no' })],
      },
      asking(),
      100,
    ],
    [
      'succeeded',
      'the winner finished, the loser refused',
      { starts: [start, second], finishes: [finishOf(start, { outcome: 'refused' }), finishOf(second)] },
      asking(),
      9999,
    ],
    [
      'succeeded',
      'the winner finished, the loser never',
      { starts: [start, second], finishes: [finishOf(second)] },
      asking(),
      9999,
    ],
    [
      'running',
      'the winner runs, the loser refused',
      { starts: [start, second], finishes: [finishOf(start, { outcome: 'refused' })] },
      asking(),
      100,
    ],
    [
      'running',
      'the loser came later and was refused',
      { starts: [start, second], finishes: [finishOf(second, { outcome: 'refused' })] },
      asking(),
      100,
    ],
    ['running', "another Start's Finish", { starts: [start], finishes: [finishOf(second)] }, asking(), 100],
  ])('is %s when %s', (state, _, change, policy, seconds) => {
    expect(stateOf({ dossier: change, policy, seconds })).toBe(state);
  });
});

it('standings name the run, its Finish, the withdrawal and the closing', () => {
  const finish = finishOf(second, { outcome: 'failed' });
  const closed = closing('flooded');
  const dossier = {
    starts: [start, second],
    finishes: [finish],
    instructions: [withdrawal],
    refusals: [closed],
  };
  expect(standingsOf(situationOf({ dossier }))).toMatchObject({ start: second, finish, withdrawal, closed });
  expect(standingsOf(situationOf({}))).toMatchObject({
    timeline: { opens: OPENS },
    tally: { verdict: 'pending' },
    start: null,
    finish: null,
    withdrawal: null,
    closed: null,
    hold: null,
    glass: null,
    settlement: null,
    lease: null,
  });
  expect(standingsOf(situationOf({ policy: allowing }))).toMatchObject({
    timeline: null,
    placed: [],
    tally: null,
  });
});

it.each<[RequestState, boolean]>([
  ['allowed', false],
  ['pending', false],
  ['lapsed', false],
  ['refused', true],
  ['approved', true],
  ['denied', true],
  ['expired', true],
  ['withdrawn', true],
  ['undeliverable', true],
  ['flooded', true],
  ['running', true],
  ['succeeded', true],
  ['active', true],
  ['ended', true],
  ['failed', true],
  ['not_executed', true],
  ['unknown', true],
  ['settled', true],
])('in the state %s no approval can change anything: %s', (state, settled) => {
  expect(isSettled(state)).toBe(settled);
});

describe('a denial that takes two', () => {
  const two = { ...refusedStanding('eligible'), eligible: true, denials: 2 };
  const by = (person: string, change: Partial<DecisionStatement> = {}) =>
    decided({ verdict: 'deny', person, standing: two, ...change });
  const asksTwo = asking({ denials: 2 });

  it.each<[RequestState, string, readonly Verified<'decision'>[], PolicyDecision]>([
    ['pending', 'one', [by('ola')], asksTwo],
    ['pending', 'one, who says it twice', [by('ola'), by('ola', { decided_at: at(70) })], asksTwo],
    ['denied', 'two', [by('ola'), by('per')], asksTwo],
    ['denied', 'two, where policy asks for three by now', [by('ola'), by('per')], asking({ denials: 3 })],
    ['denied', 'two, where policy allows by now', [by('ola'), by('per')], allowing],
    ['pending', 'one, where policy takes one by now', [by('ola')], asking()],
    ['denied', 'two, of whom one said it where one was enough', [by('ola'), denial], asksTwo],
    ['denied', 'one, who said it where one was enough', [denial], asksTwo],
    [
      'pending',
      'one, and one who could not',
      [by('ola'), by('eve', { standing: { ...refusedStanding('not_eligible'), denials: 2 } })],
      asksTwo,
    ],
    [
      'approved',
      'one, beside the approval of another',
      [by('ola'), decided({ card_digest: other })],
      asksTwo,
    ],
    ['pending', "one, over that one's own approval", [by('kari'), decided()], asksTwo],
    [
      'denied',
      'two, of whom one stands for the other by now',
      [by('ola'), by('per')],
      asking({ denials: 2, deputies: [{ principal: 'ola', delegate: 'per', delegation: null }] }),
    ],
  ])('is %s by %s', (state, _, decisions, policy) => {
    expect(stateOf({ dossier: { decisions }, policy })).toBe(state);
  });
});

describe('a revision', () => {
  const drifted = previewOf(request, { revision: 2, facts: { rows: 9 }, previewed_at: at(600) });
  const previews = [preview, drifted];
  const anew = decisionOf({ request, preview: drifted, policy: asking() }, { decided_at: at(650) });
  it.each<[RequestState, string, Partial<Dossier>, number]>([
    ['pending', 'voids the approvals of the one before', { previews, decisions: [decided()] }, 700],
    ['approved', 'has approvals of its own', { previews, decisions: [decided(), anew] }, 700],
    ['denied', 'voids no denial', { previews, decisions: [denial] }, 700],
    ['withdrawn', 'voids no withdrawal', { previews, instructions: [withdrawal] }, 700],
    ['pending', 'has time of its own', { previews }, 4199.999],
    ['expired', 'has no more time than that', { previews }, 4200],
    [
      'pending',
      'is not approved before it was made',
      { previews, decisions: [{ ...anew, statement: { ...anew.statement, decided_at: at(599) } }] },
      700,
    ],
  ])('%s: it %s', (state, _, dossier, seconds) => {
    expect(stateOf({ dossier, seconds })).toBe(state);
  });
});

describe('an approval brings what the rule asks for', () => {
  const own = countersign(decisionOf({ request, preview, policy: asking() }, {}, keys.kari), keys.gateway);
  const byOther = countersign(decisionOf({ request, preview, policy: asking() }, {}, keys.ola), keys.gateway);
  it.each<[RequestState, string, Requirement['require'], Verified<'decision'>]>([
    ['pending', 'no reason', ['reason'], decided()],
    ['pending', 'no reason but blanks', ['reason'], decided({ reason: ' \n' })],
    ['approved', 'a reason', ['reason'], decided({ reason: 'fine' })],
    ['pending', 'nothing typed', ['typed'], decided()],
    ['pending', 'another name typed', ['typed'], decided({ typed: 'Customers' })],
    ['pending', 'a blank more typed', ['typed'], decided({ typed: 'customers ' })],
    ['approved', 'the name typed', ['typed'], decided({ typed: 'customers' })],
    ['pending', "the gateway's word for the person", ['own_key'], decided()],
    ['pending', "another person's key", ['own_key'], byOther],
    ['approved', "the person's key", ['own_key'], own],
    ['pending', 'the key, and no reason', ['own_key', 'reason'], own],
    ['pending', 'a reason, and nothing typed', ['reason', 'typed'], decided({ reason: 'fine' })],
    ['approved', 'a reason and the name', ['reason', 'typed'], decided({ reason: 'x', typed: 'customers' })],
    ['denied', 'a denial, which brings nothing', ['reason', 'typed', 'own_key'], denial],
  ])('%s: %s', (state, _, require, decision) => {
    const opened = openDecision(decision.envelope, RING);
    expect(stateOf({ dossier: { decisions: [opened] }, policy: asking({ require }) })).toBe(state);
  });

  it("no key that is the person's no longer", () => {
    const told = { dossier: { decisions: [own] }, policy: asking({ require: ['own_key'] }) };
    expect(stateOf({ ...told, ring: { ...RING, people: [keys.ola.verifier] } })).toBe('pending');
    expect(
      stateOf({ ...told, ring: { ...RING, people: [generateSigningKey('kari').signing.verifier] } }),
    ).toBe('pending');
  });
});

describe('what is unknown', () => {
  const settle = (of: Verified<'start'>, ran = true) =>
    instructionOf({
      verb: 'settle',
      subject: request.statement.request_id,
      detail: { start: of.digest, ran },
    });
  it.each<[RequestState, string, Partial<Dossier>, number]>([
    ['settled', 'is settled by a word on it', { instructions: [settle(start)] }, 200],
    ['settled', 'is settled where it did not run', { instructions: [settle(start, false)] }, 200],
    ['unknown', 'is not settled by a word on another run', { instructions: [settle(second)] }, 200],
    ['running', 'still runs before its deadline, whatever is said', { instructions: [settle(start)] }, 149],
    [
      'succeeded',
      'has a late Finish, which comes before that word',
      { instructions: [settle(start, false)], finishes: [finishOf(start)] },
      300,
    ],
    [
      'failed',
      'has a late Finish that failed',
      { instructions: [settle(start)], finishes: [finishOf(start, { outcome: 'failed', code: 'no' })] },
      300,
    ],
    ['settled', 'is settled, and denied since', { instructions: [settle(start)], decisions: [denial] }, 200],
  ])('%s: it %s', (state, _, dossier, seconds) => {
    expect(stateOf({ dossier: { starts: [start], ...dossier }, seconds })).toBe(state);
  });

  it('shows that word beside a late Finish, and the first where there are two', () => {
    const dossier = {
      starts: [start],
      instructions: [settle(start, false), settle(start)],
      finishes: [finishOf(start)],
    };
    const { settlement, finish } = standingsOf(situationOf({ dossier }));
    expect(settlement?.statement.detail.ran).toBe(false);
    expect(finish?.digest).toBe(finishOf(start).digest);
  });
});

describe('what has an end', () => {
  const done = finishOf(start);
  const end = (code: string, of = start) => finishOf(of, { code, finished_at: at(700) });
  const revoke = instructionOf({
    verb: 'revoke',
    subject: request.statement.request_id,
    detail: { of: 'lease' },
  });
  const leased = (dossier: Partial<Dossier>, seconds = 200): Told => ({
    dossier: { starts: [start], ...dossier },
    examined: { endsAfter: 600 },
    seconds,
  });
  it.each<[RequestState, string, Partial<Dossier>, number]>([
    ['running', 'begins', {}, 100],
    ['active', 'was done', { finishes: [done] }, 200],
    ['active', 'is past its time, and not undone', { finishes: [done] }, 9999],
    ['active', 'is to be revoked', { finishes: [done], instructions: [revoke] }, 200],
    ['ended', 'was undone in time', { finishes: [done, end('ended')] }, 700],
    ['ended', 'was revoked', { finishes: [done, end('revoked')] }, 300],
    ['ended', 'was undone, and the books stand the other way round', { finishes: [end('ended'), done] }, 700],
    ['active', 'had another run undone', { finishes: [done, end('ended', second)] }, 700],
    ['unknown', 'was undone, and nobody signed how it began', { finishes: [end('ended')] }, 700],
    ['failed', 'failed', { finishes: [finishOf(start, { outcome: 'failed', code: 'no' })] }, 200],
    [
      'failed',
      'failed, and was undone',
      { finishes: [finishOf(start, { outcome: 'failed', code: 'no' }), end('ended')] },
      700,
    ],
    [
      'failed',
      'failed by a code that an end bears',
      { finishes: [finishOf(start, { outcome: 'failed', code: 'revoked' })] },
      200,
    ],
    ['pending', 'was refused', { finishes: [finishOf(start, { outcome: 'refused', code: 'ended' })] }, 200],
  ])('is %s when it %s', (state, _, dossier, seconds) => {
    expect(stateOf(leased(dossier, seconds))).toBe(state);
  });

  it('stands in the standings with its time, and who ended it', () => {
    const { lease, finish } = standingsOf(
      situationOf(leased({ finishes: [end('revoked'), done], instructions: [revoke] })),
    );
    expect(finish?.digest).toBe(done.digest);
    expect(lease).toEqual({ until: at(690), revoked: revoke, ended: end('revoked') });
    expect(standingsOf(situationOf(leased({ starts: [] }))).lease).toBeNull();
  });

  it('is succeeded, whatever is booked, where the action has none', () => {
    expect(stateOf({ dossier: { starts: [start], finishes: [done, end('ended')] } })).toBe('succeeded');
  });
});

describe('held', () => {
  const freeze = instructionOf({
    verb: 'freeze',
    subject: 'everything',
    detail: { scope: { of: 'everything' } },
    reason: 'an incident',
  });
  const frozen: Told['house'] = { freezes: saying([freeze], 'freeze') };
  const closed = [{ from: at(0), to: at(9000), reason: 'Christmas' }];

  it.each<[string, Told, object]>([
    ['frozen', { house: frozen }, { opens: null, words: 'kari froze everything: an incident' }],
    ['not_before', { policy: asking({}, { not_before: at(101) }) }, { opens: at(101) }],
    ['change_freeze', { policy: asking({}, { closed }) }, { opens: at(9000) }],
    [
      'outside_window',
      {
        policy: asking({}, { windows: [{ days: ['tue'], from: '08:00', to: '16:00', zone: 'UTC' }] }),
      },
      { opens: '2026-03-03T08:00:00.000Z' },
    ],
    ['frozen', { house: frozen, policy: asking({}, { not_before: at(101) }) }, { opens: null }],
    ['frozen', { house: frozen, policy: denying }, { opens: null }],
  ])('by %s, and no state changes by it', (code, told, hold) => {
    const dossier = { decisions: [decided()] };
    const { hold: found, state } = standingsOf(situationOf({ dossier, ...told }));
    expect(found).toMatchObject({ code, ...hold });
    expect(state).toBe(told.policy === denying ? 'refused' : 'approved');
  });

  it('by nothing', () => {
    expect(holdOf(situationOf({ policy: asking({}, { not_before: at(100) }) }))).toBeNull();
    expect(holdOf(situationOf({ policy: denying }))).toBeNull();
  });
});

describe('a broken glass', () => {
  const subject = request.statement.request_id;
  const binding = (preview_digest: Digest | null = preview.digest, action_digest = request.digest) => ({
    verb: 'break_glass' as const,
    subject,
    detail: { action_digest, preview_digest },
    person: 'berit',
  });
  const broken = instructionOf(binding());
  const review = (of: Digest, person = 'siv') =>
    instructionOf({ verb: 'review', subject, detail: { break_glass: of, justified: true }, person });

  it.each<[RequestState, string, Told]>([
    ['approved', 'one who may', { dossier: { instructions: [broken] } }],
    [
      'approved',
      'one who may, in its last moment',
      { dossier: { instructions: [broken] }, seconds: 599.999 },
    ],
    ['pending', 'one who may, when it is over', { dossier: { instructions: [broken] }, seconds: 600 }],
    [
      'pending',
      'one who may not',
      { dossier: { instructions: [instructionOf({ ...binding(), person: 'siv' })] } },
    ],
    [
      'pending',
      'one who may no more',
      {
        dossier: { instructions: [broken] },
        policy: { ...asking(), powers: { ...POWERS, break_glass: [] } },
      },
    ],
    [
      'pending',
      'one who saw another preview',
      { dossier: { instructions: [instructionOf(binding(other))] } },
    ],
    ['pending', 'one who saw none', { dossier: { instructions: [instructionOf(binding(null))] } }],
    [
      'pending',
      'one who saw none, where there is none',
      { dossier: { instructions: [instructionOf(binding(null))], previews: [] } },
    ],
    [
      'pending',
      'one who meant another action',
      { dossier: { instructions: [instructionOf(binding(preview.digest, other))] } },
    ],
    [
      'denied',
      'one who may, and denied by another',
      { dossier: { instructions: [broken], decisions: [denial] } },
    ],
    ['withdrawn', 'one who may, and withdrawn', { dossier: { instructions: [broken, withdrawal] } }],
    ['refused', 'one who may, where policy denies', { dossier: { instructions: [broken] }, policy: denying }],
    [
      'allowed',
      'one who may, where nobody is asked',
      { dossier: { instructions: [broken] }, policy: allowing },
    ],
    [
      'approved',
      'one who may, after the deadline of the asking',
      { dossier: { instructions: [broken] }, policy: asking({ timeout_seconds: 60 }) },
    ],
    [
      'approved',
      'one who may, where the grant had lapsed',
      {
        dossier: { instructions: [broken], decisions: [decided({ decided_at: at(1) })] },
        policy: asking({}, { grant_ttl_seconds: 5 }),
      },
    ],
  ])('is %s by %s', (state, _, told) => {
    expect(stateOf(told)).toBe(state);
  });

  it('is shown with its review, which is of it and no other', () => {
    const again = instructionOf({ ...binding(), issued_at: at(30) });
    const glass = (instructions: readonly Verified<'instruction'>[]) =>
      standingsOf(situationOf({ dossier: { instructions } })).glass;
    expect(glass([])).toBeNull();
    expect(glass([broken])).toEqual({ broken, review: null });
    expect(glass([broken, review(broken.digest)])).toEqual({ broken, review: review(broken.digest) });
    expect(glass([broken, review(again.digest)])).toEqual({ broken, review: null });
    expect(glass([broken, review(broken.digest), again])).toEqual({ broken: again, review: null });
  });
});
