import { describe, expect, it } from 'vitest';
import { parseDirectory } from '../../policy/directory.ts';
import { COMPANY } from './company.ts';
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

describe('a directory of all there is', () => {
  const company = parseDirectory(COMPANY, 'directory.yaml');

  it('knows people by Teams, by the number of their GitHub account and by their keys', () => {
    const [tenant, id] = ['72f988bf-86f1-41af-91ab-2d7cd011db47', '48d31887-5fad-4d73-a9f5-3c356e68a038'];
    expect(company.personOfTeams(tenant, id)?.id).toBe('ben');
    expect(company.personOfTeams(id, tenant)).toBeNull();
    expect(company.personOfGitHub(583_231)?.id).toBe('ben');
    expect(company.personOfGitHub(0)).toBeNull();
    const keys = company.peopleKeys.map(({ keyid }) => company.personOfKey(keyid)?.id);
    expect(keys).toEqual(['ana', 'cid', 'cid']);
    expect(company.personOfKey(company.agentKeys[0]?.keyid ?? '')).toBeNull();
  });

  it('opens groups in groups', () => {
    expect(company.membersOf(['board'])).toEqual(['ana', 'ben', 'eli']);
    expect(company.membersOf(['board', 'ben', 'dia'])).toEqual(['ana', 'ben', 'dia', 'eli']);
    expect(company.agent('cron')?.owners).toEqual(['fia', 'olaf']);
    expect(company.agent('robot')?.principals).toEqual(['ana', 'ben', 'mia']);
  });

  it.each([
    ['who is away', 'until: 2026-03-06', 'until: 2026-03-07'],
    ['who stands for them', 'to: fia', 'to: dia'],
    ['a login', 'ben-okafor', 'ben-o'],
    ['an agent that is out of use', 'owners: [olaf]', 'owners: [olaf]\n    disabled: true'],
  ])('has another digest with %s changed', (_, from, to) => {
    expect(COMPANY).toContain(from);
    expect(parseDirectory(COMPANY.replace(from, to), 'directory.yaml').digest).not.toBe(company.digest);
  });

  it('has the same with another spelling of one moment', () => {
    const spelled = COMPANY.replace('from: 2026-03-02', 'from: 2026-03-01T23:00Z');
    expect(parseDirectory(spelled, 'directory.yaml').digest).toBe(company.digest);
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
