import { describe, expect, it } from 'vitest';
import { digestOfJson } from '../../approval/digest.ts';
import { signStatement } from '../../approval/statements.ts';
import type { DecisionStatement, Instruction } from '../../approval/types.ts';
import { AGENT, OTHER_AGENT, type Signer } from '../rig/house.ts';
import { type Asked, asked, withSignature } from './asked.ts';
import { keys } from './case-in-hand.ts';
import type { Move } from './decision-vectors.ts';

const yes: Move = { person: 'ana', verdict: 'approve' };
const no: Move = { person: 'ana', verdict: 'deny' };

const signed = async (
  request: Asked,
  { person = 'ana', move = yes, key }: { person?: Signer; move?: Move; key?: keyof typeof keys },
  change: Partial<DecisionStatement> = {},
) => signStatement('decision', await request.decisionOf(person, move, change), keys[key ?? person]).envelope;

const off = (request: Asked, milliseconds: number) =>
  new Date(request.clock.now + milliseconds).toISOString();

type Make = (request: Asked) => unknown;
const junk: readonly (readonly [string, Make, string])[] = [
  ['nothing', () => '', 'body_malformed'],
  ['no JSON', () => '{', 'body_malformed'],
  ['no envelope', () => '{"verdict":"approve"}', 'envelope_malformed'],
  ['a request', ({ request }) => request.envelope, 'statement_not_taken'],
  [
    'a decision that calls itself a preview',
    async (request) => ({
      ...(await signed(request, {})),
      payloadType: 'application/vnd.assent.preview.v1+json',
    }),
    'statement_not_taken',
  ],
  [
    'a payload type that nobody knows',
    async (request) => ({ ...(await signed(request, {})), payloadType: 'text/plain' }),
    'envelope_type',
  ],
  [
    "a key that only bears somebody's name",
    (request) => signed(request, { key: 'false_ana' }),
    'key_unknown',
  ],
  ["an agent's key on a decision", (request) => signed(request, { key: 'agent' }), 'key_unknown'],
  ["the gateway's own key", (request) => signed(request, { key: 'gateway' }), 'key_unknown'],
  ["the executor's key", (request) => signed(request, { key: 'executor' }), 'key_unknown'],
  [
    'other bytes than were signed',
    async (request) => {
      const { payload } = await signed(request, { move: no });
      return { ...(await signed(request, {})), payload };
    },
    'signature_invalid',
  ],
  [
    'a second signature that is junk',
    async (request) => withSignature(await signed(request, {}), keys.false_ana, 'junk'),
    'statement_countersigned',
  ],
  [
    'what the gateway has countersigned already',
    async (request) => {
      await request.byKey('ana', { ...yes, card: 'stale' });
      await request.byKey('ana', no);
      const countersigned = request.book.rows.pop();
      request.book.rows.pop();
      return countersigned?.envelope;
    },
    'statement_countersigned',
  ],
  ['another audience', (request) => signed(request, {}, { audience: 'production' }), 'audience_mismatch'],
  [
    'a minute too old',
    (request) => signed(request, {}, { decided_at: off(request, -60_000) }),
    'statement_stale',
  ],
  [
    'a minute too early',
    (request) => signed(request, {}, { decided_at: off(request, 60_100) }),
    'statement_early',
  ],
  [
    "another channel's name",
    (request) => signed(request, {}, { channel: { name: 'slack', account: 'T1/ana' } }),
    'channel_mismatch',
  ],
  [
    "another key's account",
    (request) => signed(request, {}, { channel: { name: 'own_key', account: keys.ben.keyid } }),
    'channel_mismatch',
  ],
  [
    'a request that nobody made',
    (request) => signed(request, {}, { request_id: 'f'.repeat(64) }),
    'request_unknown',
  ],
];

describe('what is not taken, and leaves nothing in the book', () => {
  it.each(junk)('%s', async (_, make, code) => {
    const request = await asked();
    const envelope = await make(request);
    await expect(request.post(envelope)).rejects.toMatchObject({ code });
    expect(request.book.rows).toHaveLength(2);
  });
});

describe('whoever speaks for another', () => {
  it.each([
    ['a decision', async (request: Asked) => signed(request, { key: 'ben' })],
    [
      'a decision of nobody',
      async (request: Asked) =>
        signed(
          request,
          {},
          {
            person: null,
            standing: {
              eligible: false,
              code: 'person_unknown',
              denials: 1,
              directory_digest: digestOfJson('d'),
            },
          },
        ),
    ],
  ])('is on the record, and says nothing: %s', async (_, make) => {
    const request = await asked();
    await expect(request.post(await make(request))).rejects.toMatchObject({ code: 'person_mismatch' });
    expect(request.last('refusal')).toMatchObject({ activity: 'statements', code: 'person_mismatch' });
    const { standings } = await request.standing();
    expect([request.book.rows.length, standings.state]).toEqual([3, 'pending']);
  });
});

describe('what an own signature claims', () => {
  const claims: readonly (readonly [string, Move, Partial<DecisionStatement>, string])[] = [
    [
      'another directory',
      yes,
      { standing: { eligible: true, code: 'eligible', denials: 1, directory_digest: digestOfJson('other') } },
      'statement_differs',
    ],
    [
      'another number of denials',
      yes,
      { standing: { eligible: true, code: 'eligible', denials: 2, directory_digest: digestOfJson('other') } },
      'statement_differs',
    ],
    ['another action', yes, { action_digest: digestOfJson('other') }, 'statement_differs'],
    ['another preview', yes, { preview_digest: digestOfJson('other') }, 'statement_differs'],
    ['another rule', yes, { rule_digest: digestOfJson('other') }, 'statement_differs'],
    ['another card', yes, { card_digest: digestOfJson('other') }, 'card_stale'],
    [
      'another preview, of a deferral',
      { person: 'ana', verdict: 'defer', to: 'ben' },
      { preview_digest: digestOfJson('other') },
      'statement_differs',
    ],
  ];
  it.each(claims)('%s: does not count, and the attempt is on record', async (_, move, change, code) => {
    const request = await asked();
    expect(await request.post(await signed(request, { move }, change))).toMatchObject({
      code,
      outcome: 'booked',
    });
    expect(request.last('decision')).toMatchObject({ person: 'ana', standing: { eligible: false, code } });
    expect((await request.standing()).dossier.decisions.at(-1)?.keyids).toEqual([keys.gateway.keyid]);
  });

  it('a denial counts whatever its author took to be so', async () => {
    const request = await asked();
    const stale = await signed(request, { move: no }, { preview_digest: digestOfJson('other') });
    expect(await request.post(stale)).toMatchObject({ code: 'eligible', outcome: 'booked' });
    expect((await request.standing()).standings.state).toBe('denied');
  });

  it('that it does not count, as the gateway finds: the very envelope is booked', async () => {
    const request = await asked();
    const { policy } = await request.standing();
    const standing = {
      eligible: false,
      code: 'not_eligible',
      denials: 1,
      directory_digest: policy.directory_digest,
    };
    const envelope = await signed(request, { person: 'dan' }, { standing });
    expect(await request.post(envelope)).toMatchObject({ code: 'not_eligible', outcome: 'booked' });
    const { dossier } = await request.standing();
    expect(dossier.decisions.at(-1)?.keyids).toEqual([keys.dan.keyid, keys.gateway.keyid]);
  });

  it('that it does not count, where it would: it does not', async () => {
    const request = await asked();
    const { policy } = await request.standing();
    const standing = {
      eligible: false,
      code: 'not_eligible',
      denials: 1,
      directory_digest: policy.directory_digest,
    };
    expect(await request.post(await signed(request, {}, { standing }))).toMatchObject({
      code: 'statement_differs',
    });
    expect((await request.standing()).standings.state).toBe('pending');
  });

  it('a time at which its author could not have decided yet', async () => {
    const request = await asked();
    request.clock.now += 5000;
    const before = await signed(request, {}, { decided_at: off(request, -30_000) });
    expect(await request.post(before)).toMatchObject({ code: 'not_asked_yet' });
    expect((await request.standing()).standings.state).toBe('pending');
  });
});

it('is said once, however often it is sent', async () => {
  const request = await asked({ rule: 'signed' });
  const envelope = await signed(request, {});
  const first = await request.post(envelope);
  expect(first).toMatchObject({ outcome: 'booked', code: 'eligible' });
  expect(await request.post(envelope)).toEqual({ ...first, outcome: 'present' });
  expect(await request.post(envelope)).toEqual({ ...first, outcome: 'present' });
  expect([request.book.rows.length, request.begun.length]).toEqual([3, 2]);
  request.clock.now += 60_000;
  await expect(request.post(envelope)).rejects.toMatchObject({ code: 'statement_stale' });
});

describe('a withdrawal', () => {
  const withdrawal = (
    request: Asked,
    change: Partial<Instruction<'withdraw'>> = {},
  ): Instruction<'withdraw'> => ({
    ...request.said({}),
    verb: 'withdraw',
    subject: request.request_id,
    detail: { agent: AGENT },
    person: null,
    ...change,
  });

  it('of the agent that asked ends the request, once', async () => {
    const request = await asked();
    const statement = withdrawal(request);
    expect(await request.say(statement, keys.agent)).toMatchObject({ outcome: 'booked', code: 'eligible' });
    expect(await request.say(statement, keys.agent)).toMatchObject({ outcome: 'present', code: 'eligible' });
    const { standings } = await request.standing();
    expect([standings.state, request.book.rows.length]).toEqual(['withdrawn', 3]);
  });

  it('of what has run is on the record and ends nothing', async () => {
    const request = await asked();
    await request.run('succeeded');
    expect(await request.say(withdrawal(request), keys.agent)).toMatchObject({
      outcome: 'booked',
      code: 'request_succeeded',
    });
  });

  it.each([
    ["by another agent's key", {}, 'rival', 'signer_mismatch'],
    ['of another agent', { detail: { agent: OTHER_AGENT } }, 'rival', 'signer_mismatch'],
    ["by a person's key", {}, 'ana', 'signer_mismatch'],
    ['by a key that nobody knows', {}, 'impostor', 'key_unknown'],
    ['of a request that nobody made', { subject: 'f'.repeat(64) }, 'agent', 'request_unknown'],
    ['that has expired', { expires_at: '2026-03-02T09:00:00.000Z' }, 'agent', 'statement_stale'],
    ['of yesterday', { issued_at: '2026-03-01T09:00:00.000Z' }, 'agent', 'statement_stale'],
  ] as const)('%s is none', async (_, change, key, code) => {
    const request = await asked();
    await expect(request.say(withdrawal(request, change), keys[key])).rejects.toMatchObject({ code });
    expect(request.book.rows).toHaveLength(2);
  });

  it("is all that an agent's key says", async () => {
    const request = await asked();
    const frozen = {
      ...request.said({}),
      verb: 'freeze',
      subject: 'everything',
      detail: { scope: { of: 'everything' } },
      person: 'dan',
    } as const;
    await expect(request.say(frozen, keys.agent)).rejects.toMatchObject({ code: 'person_mismatch' });
    expect(request.book.rows).toHaveLength(2);
  });
});
