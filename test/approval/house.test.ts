import { describe, expect, it } from 'vitest';
import { openBooked, openInstruction } from '../../approval/dossier.ts';
import { delegationsAt, freezeOf, freezeSubject, type House, houseOf } from '../../approval/house.ts';
import type { Digest, FreezeScope, JsonObject, Verified } from '../../approval/types.ts';
import { at, instructionOf, keys, OPENS, RING, requestOf, rowOf } from './world.ts';

const asked = { agent: 'crm-assistant', action: { name: 'sql.export', input: {} } };
const resource: JsonObject = { database: 'crm', table: { schema: 'public', name: 'customers' } };

const freeze = (scope: FreezeScope, seconds = 20) =>
  instructionOf({ verb: 'freeze', subject: freezeSubject(scope), detail: { scope }, issued_at: at(seconds) });
const unfreeze = (subject: string) => instructionOf({ verb: 'unfreeze', subject, detail: {} });
const delegate = (change: { action?: string; starts_at?: string; expires_at?: string } = {}) => {
  const { action = 'github.*', starts_at = at(100), expires_at = at(200) } = change;
  return instructionOf({ verb: 'delegate', subject: 'ola', detail: { action, starts_at }, expires_at });
};
const revoke = (subject: string, of: 'lease' | 'delegation' = 'delegation') =>
  instructionOf({ verb: 'revoke', subject, detail: { of } });
const everything = freeze({ of: 'everything' });
const other: Digest = `sha256:${'0'.repeat(64)}`;

describe('a freeze', () => {
  it.each<[boolean, string, FreezeScope, JsonObject?]>([
    [true, 'everything', { of: 'everything' }],
    [true, 'the agent', { of: 'agent', agent: 'crm-assistant' }],
    [false, 'another agent', { of: 'agent', agent: 'nightly' }],
    [false, 'an agent whose name begins so', { of: 'agent', agent: 'crm' }],
    [false, 'an agent by a pattern, which none is', { of: 'agent', agent: '*' }],
    [true, 'the action', { of: 'action', action: 'sql.export' }],
    [true, 'its family', { of: 'action', action: 'sql.*' }],
    [true, 'all actions', { of: 'action', action: '**' }],
    [false, 'another action', { of: 'action', action: 'sql.execute' }],
    [false, 'actions of one word', { of: 'action', action: '*' }],
    [true, 'the whole resource', { of: 'resource', resource }],
    [true, 'a field of the resource', { of: 'resource', resource: { database: 'crm' } }],
    [
      true,
      'a field in another order of keys',
      { of: 'resource', resource: { table: { name: 'customers', schema: 'public' } } },
    ],
    [false, 'another value of a field', { of: 'resource', resource: { database: 'erp' } }],
    [false, 'part of a field', { of: 'resource', resource: { table: { name: 'customers' } } }],
    [false, 'one field right and one wrong', { of: 'resource', resource: { database: 'crm', table: 'x' } }],
    [false, 'a field that is missing', { of: 'resource', resource: { host: 'db1' } }],
    [false, 'a field that is missing, as null', { of: 'resource', resource: { host: null } }],
    [false, 'a field that every object inherits', { of: 'resource', resource: { constructor: null } }],
    [false, 'a text for a number', { of: 'resource', resource: { rows: '1' } }, { rows: 1 }],
    [true, 'no field at all, which every resource has', { of: 'resource', resource: {} }],
    [true, 'no field of no resource', { of: 'resource', resource: {} }, {}],
  ])('stops (%s): %s', (stops, _, scope, touched = resource) => {
    const house = houseOf([freeze(scope)]);
    expect(freezeOf(house, asked, touched)?.digest ?? null).toBe(stops ? freeze(scope).digest : null);
  });

  it.each<[FreezeScope, string]>([
    [{ of: 'everything' }, 'everything'],
    [{ of: 'agent', agent: 'nightly' }, 'agent:nightly'],
    [{ of: 'action', action: 'sql.*' }, 'action:sql.*'],
    [{ of: 'resource', resource: { b: 1, a: 'x' } }, 'resource:{"a":"x","b":1}'],
  ])('of %j has the subject %s', (scope, subject) => {
    expect(freezeSubject(scope)).toBe(subject);
  });

  it.each<[string, readonly Verified<'instruction'>[]]>([
    ['its own time to be booked is over', [everything]],
    [
      'another one is lifted',
      [everything, freeze({ of: 'everything' }, 21), unfreeze(freeze({ of: 'everything' }, 21).digest)],
    ],
    ['what nobody froze is lifted', [everything, unfreeze(other)]],
    ['a delegation of its digest is revoked', [everything, revoke(everything.digest)]],
    ['what lifted it is lifted', [everything, unfreeze(unfreeze(other).digest)]],
  ])('stands when %s', (_, said) => {
    expect(freezeOf(houseOf(said), asked, resource)?.digest).toBe(everything.digest);
  });

  it.each<[string, readonly Verified<'instruction'>[]]>([
    ['afterwards', [everything, unfreeze(everything.digest)]],
    ['by a row that was booked before it', [unfreeze(everything.digest), everything]],
    ['twice', [everything, unfreeze(everything.digest), unfreeze(everything.digest)]],
  ])('is lifted %s', (_, said) => {
    expect(houseOf(said).freezes).toEqual([]);
  });

  it('that is the oldest of those that stop it is the one that is named', () => {
    const said = [
      freeze({ of: 'agent', agent: 'nightly' }),
      freeze({ of: 'action', action: 'sql.*' }),
      everything,
    ];
    expect(freezeOf(houseOf(said), asked, resource)?.digest).toBe(said[1]?.digest);
  });
});

describe('a delegation', () => {
  const inForce = (said: readonly Verified<'instruction'>[], seconds: number) =>
    delegationsAt(houseOf(said), OPENS + seconds * 1000).map(({ digest }) => digest);

  it('says who stands for whom, of which actions, by which statement', () => {
    expect(delegationsAt(houseOf([delegate()]), OPENS + 150_000)).toEqual([
      { principal: 'kari', delegate: 'ola', action: 'github.*', digest: delegate().digest },
    ]);
  });

  it.each<[boolean, string, number, readonly Verified<'instruction'>[]]>([
    [false, 'a moment before it starts', 99.999, [delegate()]],
    [true, 'as it starts', 100, [delegate()]],
    [true, 'a moment before it ends', 199.999, [delegate()]],
    [false, 'as it ends', 200, [delegate()]],
    [false, 'when it ends before it starts', 150, [delegate({ starts_at: at(200), expires_at: at(100) })]],
    [false, 'when it is revoked', 150, [delegate(), revoke(delegate().digest)]],
    [false, 'when it was revoked before it was booked', 150, [revoke(delegate().digest), delegate()]],
    [true, 'when another one is revoked', 150, [delegate(), revoke(other)]],
    [true, 'when a freeze of its digest is lifted', 150, [delegate(), unfreeze(delegate().digest)]],
    [true, 'when everything is frozen', 150, [delegate(), everything]],
  ])('is in force (%s) %s', (expected, _, seconds, said) => {
    expect(inForce(said, seconds)).toEqual(expected ? [delegate().digest] : []);
  });

  it('of the same is another one where its time is another', () => {
    const longer = delegate({ expires_at: at(300) });
    expect(inForce([delegate(), longer, revoke(delegate().digest)], 150)).toEqual([longer.digest]);
  });
});

describe("the house's page", () => {
  const open = (said: Verified<'instruction'>): House =>
    houseOf([
      openBooked('instruction', rowOf(said), null, RING, () => openInstruction(rowOf(said).envelope, RING)),
    ]);
  const said = { verb: 'freeze', subject: 'everything', detail: { scope: { of: 'everything' } } } as const;

  it('holds what the gateway signed', () => {
    expect(open(instructionOf(said)).freezes).toHaveLength(1);
  });

  it.each([
    ["by an agent's key", instructionOf(said, keys.agent)],
    ["by a person's key alone", instructionOf(said, keys.kari)],
    ["by the executor's key", instructionOf(said, keys.executor)],
    ["by another of the gateway's name", instructionOf(said, keys.impostor)],
    ['for another deployment', instructionOf({ ...said, audience: 'staging' })],
    [
      'about a request',
      instructionOf({ verb: 'revoke', subject: requestOf().statement.request_id, detail: { of: 'lease' } }),
    ],
  ])('is none with an instruction %s', (_, instruction) => {
    expect(() => open(instruction)).toThrow(expect.objectContaining({ code: 'book_statement_invalid' }));
  });
});
