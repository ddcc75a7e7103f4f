import { describe, expect, it } from 'vitest';
import { parseDirectory } from '../../policy/directory.ts';
import { DIRECTORY } from './material.ts';

const directory = parseDirectory(DIRECTORY, 'directory.yaml');

describe('the directory', () => {
  it('knows people by id and by account', () => {
    const kari = {
      id: 'kari',
      name: 'Kari Hansen',
      slack: { team: 'T0001', user: 'U0001' },
      teams: null,
      github: null,
      keys: [],
    };
    expect(directory.person('kari')).toEqual(kari);
    expect(directory.personOfSlack('T0001', 'U0001')).toEqual(kari);
    expect(directory.person('siv')?.slack).toBeNull();
  });

  it.each([
    ['another team', 'T0002', 'U0001'],
    ['another user', 'T0001', 'U9999'],
    ['nothing', '', ''],
    ['both in one', 'T0001/U0001', ''],
  ])('knows nobody by %s', (_, team, user) => {
    expect(directory.personOfSlack(team, user)).toBeNull();
  });

  it.each(['security', 'nightly', 'constructor', '__proto__', ''])('has no person %s', (id) => {
    expect(directory.person(id)).toBeNull();
    expect(directory.membersOf([id])).toEqual(id === 'security' ? ['siv'] : []);
  });

  it('lists members sorted, each once', () => {
    expect(directory.membersOf(['siv', 'data-owners', 'kari', 'security'])).toEqual([
      'kari',
      'ola',
      'per',
      'siv',
    ]);
    expect(directory.membersOf(['nobody'])).toEqual([]);
  });

  it('knows what a name stands for', () => {
    expect(['kari', 'security', 'nightly', 'eve', 'toString'].map(directory.kindOf)).toEqual([
      'person',
      'group',
      'agent',
      null,
      null,
    ]);
  });

  it('knows for whom an agent acts', () => {
    const agent = directory.agent('crm-assistant');
    expect(agent?.owners).toEqual(['ola']);
    expect(agent?.keys.map(({ name }) => name)).toEqual(['crm-assistant']);
    expect(['kari', 'siv', 'ola', 'security', 'eve'].map((person) => agent?.actsFor(person))).toEqual([
      true,
      true,
      false,
      false,
      false,
    ]);
    expect(directory.agent('nightly')?.actsFor('liv')).toBe(false);
    expect(directory.agent('kari')).toBeNull();
  });
});

describe('its digest', () => {
  const digest = (text: string) => parseDirectory(text, 'directory.yaml').digest;

  it.each([
    ['a comment', `# who is who\n${DIRECTORY}`],
    ['the order of people', DIRECTORY.replace(/( {2}kari:.*\n)( {2}ola:.*\n)/u, '$2$1')],
    ['the order of members', DIRECTORY.replace('[kari, ola, per]', '[per, kari, ola]')],
    ['the order of keys', DIRECTORY.replace('{team: T0001, user: U0001}', '{user: U0001, team: T0001}')],
    ['quotes', DIRECTORY.replace('name: Siv Berg', "name: 'Siv Berg'")],
    ['block style', DIRECTORY.replace('security: [siv]', 'security:\n    - siv')],
    ['a default written out', DIRECTORY.replace(/$/u, '    acts_for: []\n')],
  ])('is not changed by %s', (_, text) => {
    expect(text).not.toBe(DIRECTORY);
    expect(digest(text)).toBe(directory.digest);
  });

  it.each([
    ['a name', DIRECTORY.replace('Siv Berg', 'Siv Borg')],
    ['an account', DIRECTORY.replace('U0003', 'U0004')],
    ['a member', DIRECTORY.replace('[kari, ola, per]', '[kari, ola]')],
    ['an owner', DIRECTORY.replace('owners: [liv]', 'owners: [siv]')],
    ['for whom an agent acts', DIRECTORY.replace('[kari, security]', '[kari]')],
  ])('is changed by %s', (_, text) => {
    expect(digest(text)).not.toBe(directory.digest);
  });
});
