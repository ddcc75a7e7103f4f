/** access.grant's definition: what it takes, what policy sees of it, and what reviewers read. */
import { describe, expect, it } from 'vitest';
import { accessGrant } from '../../actions/access/definition.ts';
import { SHOWN } from '../../actions/access/facts.ts';
import { createRegistry } from '../../actions/registry.ts';
import type { Json, JsonObject } from '../../approval/types.ts';

const registry = createRegistry([accessGrant]);
const sound = { database: 'crm', role: 'writer', login: 'alice', minutes: 30 };
const examine = (change: JsonObject = {}) => registry.examine('access.grant', { ...sound, ...change });

it('says what it lends, to whom, where and for how long', () => {
  const { resource, title, description, target, endsAfter } = examine();
  expect(resource).toEqual(sound);
  expect(title).toBe('Grant writer to alice on crm for 30 minutes');
  expect(description).toEqual([
    'Makes the login alice a member of the role writer on the database crm',
    'Ends by itself after 30 minutes: the membership is revoked and every session of alice is ended',
  ]);
  expect(target).toBe('writer');
  expect(endsAfter).toBe(1800);
  expect(examine({ minutes: 1 }).title).toBe('Grant writer to alice on crm for 1 minute');
});

const longest = 'ü'.repeat(31);
it.each([
  ['a name with quotes and spaces', { role: `it's "the" role; DROP ROLE x --` }],
  ['a name in another script', { login: 'アリス' }],
  ['the longest name', { role: `${longest}x` }],
  ['the longest time', { minutes: 1440 }],
] satisfies readonly (readonly [string, JsonObject])[])('takes %s', (_, change) => {
  expect(examine(change).resource).toMatchObject(change);
});

const refused: readonly (readonly [string, Record<string, Json | undefined>])[] = [
  ['no time', { minutes: 0 }],
  ['half a minute', { minutes: 0.5 }],
  ['more than a day', { minutes: 1441 }],
  ['time as text', { minutes: '30' }],
  ['an empty name', { role: '' }],
  ['a name that Postgres would cut', { role: `${longest}xy` }],
  ['a NUL', { login: 'a\0' }],
  ['a line end', { login: 'alice\n' }],
  ['a character that cannot be seen', { login: 'al\u200Bice' }],
  ['a change of direction', { role: 'wri\u202Eter' }],
  ['half a character', { role: 'a\uD800' }],
  ['a database by address', { database: 'postgres://crm' }],
  ['a field more', { admin: true }],
];

it.each(refused)('refuses %s', (_, change) => {
  const input = JSON.parse(JSON.stringify({ ...sound, ...change }));
  expect(() => registry.examine('access.grant', input)).toThrow(
    expect.objectContaining({ code: expect.stringMatching(/^input_/) }),
  );
});

it.each(Object.keys(sound))('refuses to do without %s', (field) => {
  const input = Object.fromEntries(Object.entries(sound).filter(([name]) => name !== field));
  expect(() => registry.examine('access.grant', input)).toThrow(
    expect.objectContaining({ code: 'input_invalid' }),
  );
});

describe('the facts', () => {
  const pair = { role_oid: '16384', login_oid: '16385' };
  const facts = { ...pair, memberships: [], reads: 0, writes: 0, tables: [], functions: [] };
  const impact = (change: JsonObject) => examine().present({ ...facts, ...change }).impact;

  it('are told in words, and what is not there not at all', () => {
    expect(impact({})).toEqual(['The role may read 0 tables and write 0 tables']);
    expect(impact({ reads: 1, writes: 1, tables: ['public.a: SELECT'] })).toEqual([
      'The role may read 1 table and write 1 table',
      'Tables: public.a: SELECT',
    ]);
  });

  it('say where the list is not all of it', () => {
    const tables = Array.from({ length: SHOWN }, (_, n) => `public.t${n}: SELECT`);
    expect(impact({ reads: SHOWN + 1, tables })[1]).toMatch(/^First tables: /);
    expect(impact({ reads: SHOWN, tables })[1]).toMatch(/^Tables: /);
  });

  it("are no other action's", () => {
    expect(() => impact({ rows: 1 })).toThrow(expect.objectContaining({ code: 'facts_malformed' }));
  });

  it('drift in every difference', () => {
    const now = { ...facts, writes: 1, tables: ['public.a: UPDATE'] };
    expect(examine().drift(facts, now, 0)).toHaveLength(2);
    expect(examine().drift(facts, facts, 0)).toEqual([]);
  });
});
