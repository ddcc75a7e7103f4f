import { describe, expect, it } from 'vitest';
import { openStatement, signStatement } from '../../approval/statements.ts';
import { decide } from '../../gateway/decide.ts';
import { type Handle, SIGNERS } from '../rig/house.ts';
import { asked } from './asked.ts';
import { AUDIENCE, keys } from './case-in-hand.ts';
import { type Move, vectors } from './decision-vectors.ts';

const approve = (person: Handle): Move => ({ person, verdict: 'approve' });
const deny = (person: Handle): Move => ({ person, verdict: 'deny' });
const signerOf = ({ person }: Move) => SIGNERS.find((signer) => signer === person);

describe('the one gate, for a channel', () => {
  it.each(vectors.map((vector) => [vector.name, vector] as const))('%s', async (_, vector) => {
    const { rule, before, move, code, approvals, state } = vector;
    const request = await asked({ rule });
    for (const one of before) await request.step(one);
    const booked = request.book.rows.length;
    expect(await request.bySlack(move)).toMatchObject({ code, outcome: 'booked' });
    // Counted or not, it is on the record, under the gateway's signature.
    expect(request.book.rows.length).toBe(booked + 1);
    expect(request.last('decision').standing).toMatchObject({ eligible: code === 'eligible', code });
    const { standings } = await request.standing();
    expect(standings.tally?.approvals.length).toBe(approvals);
    if (state !== undefined) expect(standings.state).toBe(state);
  });
});

describe('the one gate, for an own key', () => {
  const bySigners = vectors.filter(({ move }) => signerOf(move) !== undefined);
  it.each(bySigners.map((vector) => [vector.name, vector] as const))('%s', async (_, vector) => {
    const { rule, before, move, state } = vector;
    const { code, approvals } = vector.signed ?? vector;
    const request = await asked({ rule });
    for (const one of before) await request.step(one);
    const booked = request.book.rows.length;
    const person = signerOf(move) ?? 'ana';
    const taken = await request.byKey(person, move);
    expect(taken).toMatchObject({ code, outcome: 'booked' });
    expect(request.book.rows.length).toBe(booked + 1);
    const { person: who, channel, standing } = request.last('decision');
    expect([who, channel]).toEqual([person, { name: 'own_key', account: keys[person].keyid }]);
    expect(standing).toMatchObject({ eligible: code === 'eligible', code });
    const { standings, dossier } = await request.standing();
    // What counts bears both signatures; of what does not, the gateway alone speaks.
    const { keyid } = keys.gateway;
    const signers = code === 'eligible' ? [keys[person].keyid, keyid] : [keyid];
    expect(dossier.decisions.at(-1)?.keyids).toEqual(signers);
    expect(standings.tally?.approvals.length).toBe(approvals);
    if (state !== undefined && vector.signed === undefined) expect(standings.state).toBe(state);
  });
});

describe('once', () => {
  it('books the very same click once', async () => {
    const request = await asked({ rule: 'two' });
    for (const person of ['ana', 'mia', 'dan', 'eve'] as const) {
      const outcomes: (string | undefined)[] = [];
      for (let time = 0; time < 3; time++) outcomes.push((await request.bySlack(approve(person)))?.outcome);
      // Ana's second click is another: she has approved already.
      expect(outcomes).toEqual(['booked', person === 'ana' ? 'booked' : 'present', 'present']);
    }
  });

  it.each([
    ['another reason', { reason: 'Still not.' }, 'present'],
    ['another name typed', { typed: 'works' }, 'present'],
  ] as const)('takes a second deferral with %s for the same', async (_, change, outcome) => {
    const request = await asked();
    const move: Move = { person: 'ana', verdict: 'defer', to: 'ben' };
    await request.bySlack(move);
    expect((await request.bySlack({ ...move, ...change }))?.outcome).toBe(outcome);
  });

  it('takes a deferral to another for another', async () => {
    const request = await asked();
    await request.bySlack({ person: 'ana', verdict: 'defer', to: 'ben' });
    expect((await request.bySlack({ person: 'ana', verdict: 'defer', to: 'gus' }))?.outcome).toBe('booked');
  });

  it('takes a second approval where the first no longer suffices', async () => {
    const request = await asked({ rule: 'ordered' });
    // Her first is for the first part; Ben's is too, and after it hers is needed for the second.
    for (const person of ['ana', 'ben'] as const) await request.bySlack(approve(person));
    const again = await request.bySlack(approve('ana'));
    expect(again).toMatchObject({ code: 'eligible', outcome: 'booked' });
    expect((await request.standing()).standings.state).toBe('approved');
  });
});

describe('what a decision must bring', () => {
  it.each(['deny', 'defer'] as const)('a reason, to %s', async (verdict) => {
    for (const reason of [null, '', ' \n']) {
      const request = await asked();
      const decided = await request.bySlack({
        person: 'ana',
        verdict,
        reason,
        ...(verdict === 'defer' ? { to: 'ben' } : {}),
      });
      expect(decided?.code).toBe('reason_missing');
      expect((await request.standing()).standings.state).toBe('pending');
    }
  });

  it('so many denials as the rule asks for, on each of them', async () => {
    const request = await asked({ rule: 'denials' });
    await request.bySlack(deny('ana'));
    expect(request.last('decision').standing.denials).toBe(2);
    await request.bySlack(approve('dan'));
    expect(request.last('decision').standing).toMatchObject({ code: 'not_eligible', denials: 2 });
  });
});

it('lets one of two who click at once approve, where one is asked', async () => {
  const request = await asked();
  const clicks = (['ana', 'ben'] as const).map((person) => request.bySlack(approve(person)));
  const codes = (await Promise.all(clicks)).map((decided) => decided?.code ?? '');
  expect(codes.toSorted()).toEqual(['eligible', 'request_approved']);
});

it.each([
  ['nobody made', false],
  ['nobody saw', true],
])('signs nothing about a request that %s', async (_, made) => {
  const request = await asked(made ? { previewed: false } : {});
  const booked = request.book.rows.length;
  const request_id = made ? request.request_id : '0'.repeat(64);
  const decision = await request.decisionOf('ana', approve('ana'), { request_id });
  expect(await decide({ ...decision, accountFault: null }, request.deps)).toBeNull();
  expect(request.book.rows).toHaveLength(booked);
});

it('decides nothing over a book that somebody altered', async () => {
  const request = await asked();
  await request.bySlack(deny('ana'));
  const trust = { keys: [keys.gateway.verifier], audience: AUDIENCE };
  const denial = openStatement('decision', request.book.rows.pop()?.envelope, trust).statement;
  const approval = { ...denial, verdict: 'approve', reason: null } as const;
  await request.book.append([signStatement('decision', approval, keys.impostor)]);
  await expect(request.bySlack(approve('ben'))).rejects.toMatchObject({ code: 'book_statement_invalid' });
  expect(request.book.rows).toHaveLength(3);
});
