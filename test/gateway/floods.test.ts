/** What one person with a key of their own can heap up, on a request's page and on the house's. */
import { describe, expect, it } from 'vitest';
import { digestOfJson } from '../../approval/digest.ts';
import { signStatement } from '../../approval/statements.ts';
import type { DecisionStatement } from '../../approval/types.ts';
import { FLOOD_LIMIT } from '../../workflows/messages.ts';
import type { Signer } from '../rig/house.ts';
import { type Asked, asked } from './asked.ts';
import { keys } from './case-in-hand.ts';
import type { Move } from './decision-vectors.ts';

const heaped = async (
  request: Asked,
  { person, move }: { readonly person: Signer; readonly move: Move },
  change: (time: number) => Partial<DecisionStatement>,
): Promise<readonly string[]> => {
  const before = request.book.rows.length;
  const codes = new Set<string>();
  for (let time = 0; time < FLOOD_LIMIT / 10; time++) {
    request.clock.now += 1;
    const statement = await request.decisionOf(person, move, change(time));
    codes.add((await request.post(signStatement('decision', statement, keys[person]).envelope)).code);
  }
  expect(request.book.rows.length - before).toBe(codes.size);
  return [...codes];
};

describe('the page that every judgement reads', () => {
  const delegate = (request: Asked, minutes: number) =>
    request.say(
      request.said({
        verb: 'delegate',
        subject: 'ben',
        person: 'ana',
        detail: { action: 'test.*', starts_at: new Date(request.clock.now).toISOString() },
        expires_at: new Date(request.clock.now + minutes * 60_000).toISOString(),
      }),
      keys.ana,
    );

  it('takes ten delegations a day of one person, however short and at once', async () => {
    const request = await asked();
    const taken = await Promise.all(Array.from({ length: 12 }, (_, time) => delegate(request, time + 1)));
    expect(taken.map(({ code }) => code)).toEqual([
      ...Array.from({ length: 10 }, () => 'eligible'),
      'delegated_too_often',
      'delegated_too_often',
    ]);
    const revoked = request.said({
      verb: 'revoke',
      subject: String(taken[0]?.digest),
      person: 'ana',
      detail: { of: 'delegation' },
    } as const);
    expect(await request.say(revoked, keys.ana)).toMatchObject({ code: 'eligible' });
    expect(await delegate(request, 60)).toMatchObject({ code: 'delegated_too_often' });
    request.clock.now += 24 * 3_600_000;
    expect(await delegate(request, 60)).toMatchObject({ code: 'eligible' });
  });
});

describe('a request is not flooded by one person', () => {
  it.each([
    ['who may not decide it, of card after card', 'dan', 'approve', 'not_eligible'],
    ['who may, of cards that nobody was shown', 'ana', 'approve', 'card_stale'],
    ['who may not, denying card after card', 'olaf', 'deny', 'excluded'],
  ] as const)('%s', async (_, person, verdict, code) => {
    const request = await asked();
    const codes = await heaped(request, { person, move: { person, verdict } }, (time) => ({
      card_digest: digestOfJson(time),
    }));
    expect(codes).toEqual([code]);
  });

  it('who may not decide it, and hands it to one after the other', async () => {
    const request = await asked();
    const move = { person: 'dan', verdict: 'defer', to: 'ana' } as const;
    expect(await heaped(request, { person: 'dan', move }, (time) => ({ to: `somebody-${time}` }))).toEqual([
      'not_eligible',
    ]);
  });

  it('whose one denial does not suffice', async () => {
    const request = await asked({ rule: 'denials' });
    const move = { person: 'ana', verdict: 'deny' } as const;
    const codes = await heaped(request, { person: 'ana', move }, (time) => ({
      card_digest: digestOfJson(time),
    }));
    expect(codes).toEqual(['eligible']);
  });
});
