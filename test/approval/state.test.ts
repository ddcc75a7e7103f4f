import { describe, expect, it } from 'vitest';
import {
  CLOSED_STEP,
  type Dossier,
  isSettled,
  type RequestState,
  standingsOf,
} from '../../approval/state.ts';
import { signStatement } from '../../approval/statements.ts';
import type { DecisionStatement, PolicyDecision } from '../../approval/types.ts';
import {
  AUDIENCE,
  allowing,
  asking,
  at,
  decisionOf,
  denying,
  finishOf,
  keys,
  OPENS,
  previewOf,
  refusedStanding,
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

describe('the state of a request', () => {
  it.each<[RequestState, string, Partial<Dossier>, PolicyDecision, number]>([
    ['pending', 'asked', {}, asking(), 0],
    ['pending', 'asked, and not previewed', { preview: null }, asking(), 99_999],
    ['allowed', 'allowed', {}, allowing, 0],
    ['refused', 'denied by policy', {}, denying, 0],
    ['pending', 'a moment before the deadline', {}, asking(), 3599.999],
    ['expired', 'at the deadline', {}, asking(), 3600],
    ['approved', 'approved', { decisions: [decided()] }, asking(), 100],
    ['approved', 'in the last moment of the grant', { decisions: [decided()] }, asking(), 959.999],
    ['not_executed', 'as old as a grant may become', { decisions: [decided()] }, asking(), 960],
    ['pending', 'one of two', { decisions: [decided()] }, asking({ count: 2 }), 100],
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
      'not_executed',
      'a Start refused',
      { starts: [start], finishes: [finishOf(start, { outcome: 'refused', code: 'no' })] },
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
    const standings = standingsOf({ ...empty, ...change }, policy, OPENS + seconds * 1000);
    expect(standings.state).toBe(state);
    expect(isSettled(state)).toBe(state !== 'pending' && state !== 'allowed');
  });
});

it('standings name the run, its Finish, the withdrawal and the closing', () => {
  const finish = finishOf(second, { outcome: 'failed' });
  const closed = closing('flooded');
  const dossier = {
    ...empty,
    starts: [start, second],
    finishes: [finish],
    instructions: [withdrawal],
    refusals: [closed],
  };
  expect(standingsOf(dossier, asking(), OPENS)).toMatchObject({ start: second, finish, withdrawal, closed });
  expect(standingsOf(empty, asking(), OPENS)).toMatchObject({
    timeline: { opens: OPENS },
    tally: { verdict: 'pending' },
    start: null,
    finish: null,
    withdrawal: null,
    closed: null,
  });
  expect(standingsOf(empty, allowing, OPENS)).toMatchObject({ timeline: null, placed: [], tally: null });
});
