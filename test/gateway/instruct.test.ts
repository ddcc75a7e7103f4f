import { describe, expect, it } from 'vitest';
import { digestOfJson } from '../../approval/digest.ts';
import type { Digest, Instruction, Verb } from '../../approval/types.ts';
import { instruct } from '../../gateway/instruct.ts';
import type { Signer } from '../rig/house.ts';
import { type Asked, asked } from './asked.ts';
import { keys } from './case-in-hand.ts';

type Of<V extends Verb> = Partial<Instruction<V>>;
const NONE = digestOfJson('nothing');
const MINUTE = 60_000;
const DAY = 24 * 60 * MINUTE;

const by = (request: Asked, person: Signer) => ({ ...request.said({}), subject: request.request_id, person });
const settle = (request: Asked, person: Signer, start: Digest, change: Of<'settle'> = {}) =>
  request.say(
    { ...by(request, person), verb: 'settle', detail: { start, ran: true }, ...change },
    keys[person],
  );
const freeze = (request: Asked, person: Signer, change: Of<'freeze'> = {}) => {
  const everything = { subject: 'everything', detail: { scope: { of: 'everything' } } } as const;
  return request.say({ ...by(request, person), verb: 'freeze', ...everything, ...change }, keys[person]);
};
const unfreeze = (request: Asked, person: Signer, subject: string, change: Of<'unfreeze'> = {}) =>
  request.say({ ...by(request, person), verb: 'unfreeze', detail: {}, ...change, subject }, keys[person]);
const breakGlass = async (request: Asked, person: Signer, change: Of<'break_glass'> = {}) => {
  const { preview } = await request.standing();
  const detail = { action_digest: request.request.digest, preview_digest: preview?.digest ?? null };
  return request.say({ ...by(request, person), verb: 'break_glass', detail, ...change }, keys[person]);
};
const review = (request: Asked, person: Signer, break_glass: Digest, change: Of<'review'> = {}) => {
  const detail = { break_glass, justified: false };
  return request.say({ ...by(request, person), verb: 'review', detail, ...change }, keys[person]);
};
const revoke = (request: Asked, person: Signer, change: Of<'revoke'> = {}) =>
  request.say({ ...by(request, person), verb: 'revoke', detail: { of: 'lease' }, ...change }, keys[person]);
const delegate = (request: Asked, person: Signer, subject: string, change: Of<'delegate'> = {}) => {
  const detail = { action: 'test.*', starts_at: new Date(request.clock.now).toISOString() };
  const ends = { expires_at: new Date(request.clock.now + 5 * DAY).toISOString() };
  return request.say(
    { ...by(request, person), verb: 'delegate', detail, ...ends, ...change, subject },
    keys[person],
  );
};
const later = (request: Asked, milliseconds: number) =>
  new Date(request.clock.now + milliseconds).toISOString();
const lent = () => asked({ action: { name: 'test.lend', input: { rule: 'one', id: 'a' } } });

const stateOf = async (request: Asked) => (await request.standing()).standings.state;
const taken = { outcome: 'booked', code: 'eligible' };

/** Refused, on the record, and without any other effect. */
async function refused(request: Asked, verb: Verb, code: string, say: () => Promise<unknown>): Promise<void> {
  const before = request.book.rows.length;
  const state = await stateOf(request);
  expect(await say()).toEqual({ digest: null, outcome: 'refused', code });
  expect(request.last('refusal')).toMatchObject({ activity: 'instruct', step: verb, code });
  expect([request.book.rows.length, await stateOf(request)]).toEqual([before + 1, state]);
}

describe('settling', () => {
  it('puts on record what the target shows, once', async () => {
    const request = await asked();
    const { digest } = await request.run('unknown');
    expect(await settle(request, 'ana', digest)).toMatchObject(taken);
    const { standings, dossier } = await request.standing();
    expect([standings.state, standings.settlement?.statement.detail.ran]).toEqual(['settled', true]);
    expect(dossier.instructions.at(-1)?.keyids).toEqual([keys.ana.keyid, keys.gateway.keyid]);
    await refused(request, 'settle', 'already_said', () => settle(request, 'ben', digest, {}));
  });

  it('is booked once, however often it is sent', async () => {
    const request = await asked();
    const { digest } = await request.run('unknown');
    const statement = {
      ...by(request, 'ana'),
      verb: 'settle',
      detail: { start: digest, ran: false },
    } as const;
    const first = await request.say(statement, keys.ana);
    expect(await request.say(statement, keys.ana)).toEqual({ ...first, outcome: 'present' });
  });

  it.each([
    ['of what nobody ran', 'pending', 'ana', {}, 'request_pending'],
    ['of what has an end', 'succeeded', 'ana', {}, 'request_succeeded'],
    ['by somebody who could not have approved', 'unknown', 'dan', {}, 'not_eligible'],
    ['by the requester', 'unknown', 'mia', {}, 'not_eligible'],
    ['of another run', 'unknown', 'ana', { detail: { start: NONE, ran: true } }, 'binds_other'],
    ['without a reason', 'unknown', 'ana', { reason: null }, 'reason_missing'],
    ['with a blank reason', 'unknown', 'ana', { reason: ' ' }, 'reason_missing'],
  ] as const)('%s is refused', async (_, state, person, change, code) => {
    const request = await asked();
    const start = state === 'pending' ? NONE : (await request.run(state)).digest;
    await refused(request, 'settle', code, () => settle(request, person, start, change));
  });

  it.each([
    ['for longer than it may be booked', 0, 5 * MINUTE + 1000],
    ['when it may be booked no longer', -50_000, -10_000],
  ])('%s is refused', async (_, issued, expires) => {
    const request = await asked();
    const { digest } = await request.run('unknown');
    const change = { issued_at: later(request, issued), expires_at: later(request, expires) };
    await refused(request, 'settle', 'period_invalid', () => settle(request, 'ana', digest, change));
  });
});

describe('breaking glass', () => {
  it('releases what is frozen, and is reviewed by others', async () => {
    const request = await asked();
    await freeze(request, 'dan');
    const broken = await breakGlass(request, 'sam', { expires_at: later(request, 15 * MINUTE) });
    expect(broken).toMatchObject(taken);
    const { standings } = await request.standing();
    expect([standings.state, standings.hold]).toEqual(['approved', null]);
    const { digest } = standings.glass?.broken ?? {};
    await refused(request, 'review', 'not_eligible', () => review(request, 'sam', digest ?? NONE));
    await refused(request, 'review', 'binds_other', () => review(request, 'ana', NONE));
    expect(await review(request, 'ana', digest ?? NONE)).toMatchObject(taken);
    await refused(request, 'review', 'already_said', () => review(request, 'dan', digest ?? NONE));
  });

  it('does so for fifteen minutes', async () => {
    const request = await asked();
    await breakGlass(request, 'sam', { expires_at: later(request, 15 * MINUTE) });
    await refused(request, 'break_glass', 'already_said', () => breakGlass(request, 'dan'));
    request.clock.now += 16 * MINUTE;
    expect(await stateOf(request)).toBe('pending');
    expect(await breakGlass(request, 'dan')).toMatchObject(taken);
  });

  it.each([
    ['by somebody who may not', 'ben', {}, 'not_eligible'],
    ['by the requester, who is of the group', 'mia', {}, 'not_eligible'],
    ['of another action', 'sam', { detail: { action_digest: NONE, preview_digest: null } }, 'binds_other'],
    ['without a reason', 'sam', { reason: null }, 'reason_missing'],
    ['for longer', 'sam', { expires_at: '2026-03-02T09:16:00.000Z' }, 'period_invalid'],
    ['for less than nothing', 'sam', { expires_at: '2026-03-02T09:00:00.100Z' }, 'period_invalid'],
  ] as const)('%s is refused', async (_, person, change, code) => {
    const request = await asked();
    await refused(request, 'break_glass', code, () => breakGlass(request, person, change));
  });

  it('of what was denied is refused', async () => {
    const request = await asked();
    await request.bySlack({ person: 'ana', verdict: 'deny' });
    await refused(request, 'break_glass', 'request_denied', () => breakGlass(request, 'sam'));
  });

  it('nobody reviews what nobody broke', async () => {
    const request = await asked();
    await refused(request, 'review', 'request_not_broken', () => review(request, 'ana', NONE));
  });
});

describe('ending early', () => {
  it('ends what is in force, once, by whoever is involved', async () => {
    const request = await lent();
    await request.run('succeeded');
    expect(await stateOf(request)).toBe('active');
    await refused(request, 'revoke', 'reason_missing', () => revoke(request, 'olaf', { reason: '' }));
    expect(await revoke(request, 'olaf')).toMatchObject(taken);
    await refused(request, 'revoke', 'already_said', () => revoke(request, 'ana'));
  });

  it('what has no end is refused', async () => {
    const request = await asked();
    await request.run('succeeded');
    await refused(request, 'revoke', 'request_without_end', () => revoke(request, 'ana'));
  });

  it('what never ran is refused', async () => {
    const request = await lent();
    await refused(request, 'revoke', 'request_without_end', () => revoke(request, 'ana'));
  });
});

describe('a freeze', () => {
  it('of an operator holds, until an operator lifts it', async () => {
    const request = await asked();
    const { digest } = await freeze(request, 'dan');
    expect((await request.standing()).standings.hold?.code).toBe('frozen');
    expect(request.begun).toEqual(['forwarding a statement', 'painting after a statement']);
    await refused(request, 'unfreeze', 'not_eligible', () => unfreeze(request, 'ana', digest ?? NONE));
    await refused(request, 'unfreeze', 'freeze_unknown', () => unfreeze(request, 'dan', NONE));
    await refused(request, 'unfreeze', 'reason_missing', () =>
      unfreeze(request, 'olaf', digest ?? NONE, { reason: '' }),
    );
    expect(await unfreeze(request, 'olaf', digest ?? NONE)).toMatchObject(taken);
    expect((await request.standing()).standings.hold).toBeNull();
    await refused(request, 'unfreeze', 'freeze_unknown', () => unfreeze(request, 'olaf', digest ?? NONE));
  });

  it.each([
    ['by somebody who is no operator', 'ana', {}, 'not_eligible'],
    ['of something else than it says', 'dan', { subject: 'agent:robot' }, 'binds_other'],
    [
      'of an agent that nobody knows',
      'dan',
      { subject: 'agent:robots', detail: { scope: { of: 'agent', agent: 'robots' } } },
      'agent_unknown',
    ],
    ['without a reason', 'dan', { reason: null }, 'reason_missing'],
    ['to be booked some day', 'dan', { expires_at: '2026-03-03T09:00:00.000Z' }, 'period_invalid'],
  ] as const)('%s is refused', async (_, person, change, code) => {
    const request = await asked();
    await refused(request, 'freeze', code, () => freeze(request, person, change));
    expect((await request.standing()).standings.hold).toBeNull();
  });
});

describe('a delegation', () => {
  it('has another stand for its principal, until one of them or an operator ends it', async () => {
    for (const ends of ['ana', 'olaf'] as const) {
      const request = await asked();
      expect(await request.bySlack({ person: 'dan', verdict: 'approve' })).toMatchObject({
        code: 'not_eligible',
      });
      const { digest } = await delegate(request, 'ana', 'dan');
      const end = { subject: digest ?? '', detail: { of: 'delegation' } } as const;
      await refused(request, 'revoke', 'not_eligible', () => revoke(request, 'ben', end));
      expect(await request.bySlack({ person: 'dan', verdict: 'approve' })).toMatchObject({
        code: 'eligible',
      });
      expect(await revoke(request, ends, end)).toMatchObject(taken);
      expect(await stateOf(request)).toBe('pending');
      await refused(request, 'revoke', 'delegation_unknown', () => revoke(request, ends, end));
    }
  });

  it('gives nobody what they are excluded from', async () => {
    const request = await asked();
    expect(await delegate(request, 'ana', 'olaf')).toMatchObject(taken);
    expect(await request.bySlack({ person: 'olaf', verdict: 'approve' })).toMatchObject({ code: 'excluded' });
  });

  const from = (milliseconds: number) => ({
    action: 'test.*',
    starts_at: new Date(Date.parse('2026-03-02T09:00:00.500Z') + milliseconds).toISOString(),
  });
  it.each([
    ['to oneself', 'ana', {}, 'delegate_self'],
    ['to somebody whom nobody knows', 'nobody', {}, 'delegate_unknown'],
    ['to a group', 'security', {}, 'delegate_unknown'],
    ['without a reason', 'dan', { reason: null }, 'reason_missing'],
    ['that ends before it starts', 'dan', { detail: from(6 * DAY) }, 'period_invalid'],
    ['for over ninety days', 'dan', { expires_at: '2026-06-01T09:00:00.000Z' }, 'period_invalid'],
    [
      'that starts in over ninety days',
      'dan',
      { detail: from(91 * DAY), expires_at: '2026-06-10T09:00:00.000Z' },
      'period_invalid',
    ],
  ] as const)('%s is refused', async (_, to, change, code) => {
    const request = await asked();
    await refused(request, 'delegate', code, () => delegate(request, 'ana', to, change));
  });
});

describe('an account of a channel', () => {
  const order = (request: Asked, start: Digest, person: string | null) =>
    ({ ...by(request, 'ana'), verb: 'settle', detail: { start, ran: true }, person }) as const;

  it.each([
    ['that may not speak for its person', 'ana', 'account_guest', 'account_guest'],
    ['that is bound to nobody', null, null, 'person_unknown'],
  ])('%s instructs nobody', async (_, person, accountFault, code) => {
    const request = await asked();
    const { digest } = await request.run('unknown');
    const statement = order(request, digest, person);
    const said = await instruct({ statement, accountFault, own: null }, request.deps);
    expect([said?.code, said?.said]).toEqual([code, null]);
    expect([request.last('refusal').code, await stateOf(request)]).toEqual([code, 'unknown']);
  });

  it('is signed for by the gateway alone', async () => {
    const request = await asked();
    const { digest } = await request.run('unknown');
    const statement = order(request, digest, 'ana');
    await instruct({ statement, accountFault: null, own: null }, request.deps);
    const { dossier } = await request.standing();
    expect(dossier.instructions.at(-1)?.keyids).toEqual([keys.gateway.keyid]);
  });
});

it('instructs nothing about a request that nobody made', async () => {
  const request = await asked();
  const subject = 'f'.repeat(64);
  await expect(revoke(request, 'ana', { subject })).rejects.toMatchObject({ code: 'request_unknown' });
  expect(request.book.rows).toHaveLength(2);
});
