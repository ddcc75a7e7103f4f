/** A corpus of directories, each broken in one way that its name says, with the exact fault. */
import { expect, it } from 'vitest';
import { AssentError } from '../../approval/error.ts';
import { generateSigningKey, signingKey } from '../../approval/keys.ts';
import { parseDirectory } from '../../policy/directory.ts';
import { DIRECTORY, key } from './material.ts';

const swap = (from: string, to: string): string => {
  expect(DIRECTORY).toContain(from);
  return DIRECTORY.replace(from, to);
};
const agentKey = /keys: \[(crm-assistant\S+)\]/u.exec(DIRECTORY)?.[1] ?? '';
const name = 'is no name; write 1 to 100 of a-z, 0-9 and . _ @ - between letters or digits';

const CORPUS: readonly (readonly [string, string, ...string[]])[] = [
  ['empty', '', '1:1: the file is empty; write its sections'],
  [
    'people-missing',
    swap('people:', 'persons:'),
    '1:1: people: is missing; add it',
    '1:1: persons: unknown key; known here: people, groups, agents',
  ],
  ['person-twice', swap('  ola:', '  kari:'), '3:3: this key stands twice in its map; keep one of the two'],
  [
    'person-without-a-name',
    swap('siv: {name: Siv Berg}', 'siv: {}'),
    '5:3: people.siv.name: is missing; add it',
  ],
  [
    'person-with-a-blank-name',
    swap('Siv Berg', '" "'),
    '5:15: people.siv.name: is blank; write the name that reviewers know',
  ],
  [
    'person-with-a-hidden-turn',
    swap('Siv Berg', '"Siv\\u202eBerg"'),
    '5:15: people.siv.name: is no name of a person; write 1 to 100 visible characters',
  ],
  ['person-with-capitals', swap('  siv:', '  Siv:').replace('[siv]', '[liv]'), `5:3: people.Siv: ${name}`],
  [
    'person-named-like-a-prototype',
    swap('  siv:', '  __proto__:'),
    '5:3: people: this key is reserved by JavaScript; use another',
  ],
  [
    'person-with-unknown-key',
    swap('{name: Siv Berg}', '{name: Siv Berg, phone: siv}'),
    '5:25: people.siv.phone: unknown key; known here: name, slack, teams, github, keys, away',
  ],
  [
    'slack-handle',
    swap('user: U0001', 'user: "@kari"'),
    '2:56: people.kari.slack.user: is no Slack user id; write U… or W…, not the handle',
  ],
  [
    'slack-without-a-team',
    swap('{team: T0001, user: U0001}', '{user: U0001}'),
    '2:29: people.kari.slack.team: is missing; add it',
  ],
  [
    'one-account-two-people',
    swap('U0002', 'U0001'),
    '3:36: people.ola.slack: the Slack account T0001/U0001 is already bound at line 2; one account is one person',
  ],
  [
    'group-named-like-a-person',
    swap('  security: [siv]', '  kari: [siv]').replace(', security]', ']'),
    '9:3: groups.kari: kari is already the name of line 2; rename one',
  ],
  [
    'agent-named-like-a-group',
    swap('  nightly:', '  nobody:'),
    '16:3: agents.nobody: nobody is already the name of line 10; rename one',
    "17:12: agents.nobody.keys[0]: is named nightly; a key bears its agent's name, so make one named nobody",
  ],
  [
    'group-of-nobodies',
    swap('security: [siv]', 'security: [eve]'),
    '9:14: groups.security[0]: eve is nobody in this file; add the person or correct the name',
  ],
  [
    'agent-in-a-group',
    swap('security: [siv]', 'security: [nightly]'),
    '9:14: groups.security[0]: nightly is an agent; name people',
  ],
  [
    'member-twice',
    swap('security: [siv]', 'security: [siv, siv]'),
    '9:19: groups.security[1]: siv stands here twice; keep one',
  ],
  [
    'member-as-number',
    swap('security: [siv]', 'security: [7]'),
    '9:14: groups.security[0]: is a number; write text',
  ],
  [
    'agent-without-keys',
    swap(`[${agentKey}]`, '[]'),
    '13:11: agents.crm-assistant.keys: is empty; give the agent at least one key',
  ],
  [
    'agent-with-a-cut-key',
    swap(agentKey, agentKey.slice(0, -1)),
    '13:12: agents.crm-assistant.keys[0]: is no verifier key; write name+hex8+base64 on one line',
  ],
  [
    'agent-with-another-name-in-its-key',
    swap(agentKey, key('other')),
    "13:12: agents.crm-assistant.keys[0]: is named other; a key bears its agent's name, so make one named crm-assistant",
  ],
  [
    'agent-with-a-key-twice',
    swap(`[${agentKey}]`, `[${agentKey}, ${agentKey}]`),
    `13:${14 + agentKey.length}: agents.crm-assistant.keys[1]: is the key of line 13; give each person and agent keys of their own, each once`,
  ],
  [
    'agent-without-owners',
    swap('owners: [ola]', 'owners: []'),
    '14:13: agents.crm-assistant.owners: is empty; name at least one person who answers for the agent',
  ],
  [
    'agent-owners-missing',
    swap('    owners: [ola]\n', ''),
    '12:3: agents.crm-assistant.owners: is missing; add it',
  ],
  [
    'agent-owned-by-nobody',
    swap('owners: [ola]', 'owners: [eve]'),
    '14:14: agents.crm-assistant.owners[0]: eve is nobody in this file; add the person or correct the name',
  ],
  [
    'agent-for-an-agent',
    swap('[kari, security]', '[nightly]'),
    '15:16: agents.crm-assistant.acts_for[0]: nightly is an agent; name people',
  ],
  [
    'agent-for-nobody-known',
    swap('[kari, security]', '[eve]'),
    '15:16: agents.crm-assistant.acts_for[0]: eve is nobody in this file; add the person or correct the name',
  ],
  [
    'many-at-once',
    swap('[siv]', '[eve]').replace('U0002', 'U0001').replace('owners: [liv]', 'owners: [bob]'),
    '3:36: people.ola.slack: the Slack account T0001/U0001 is already bound at line 2; one account is one person',
    '9:14: groups.security[0]: eve is nobody in this file; add the person or correct the name',
    '18:14: agents.nightly.owners[0]: bob is nobody in this file; add the person or correct the name',
  ],
];

it.each(CORPUS)('%s', (_, text, ...faults) => {
  const error = refusal(text);
  expect(error.code).toBe('directory_invalid');
  expect(error.message.split('\n')).toEqual(faults.map((fault) => `directory.yaml:${fault}`));
});

it('refuses one key under the names of two agents', () => {
  const { pem } = generateSigningKey('crm-assistant');
  const [first, second] = ['crm-assistant', 'nightly'].map(
    (owner) => signingKey(pem, owner, 'pem').verifier.text,
  );
  const text = DIRECTORY.replace(/crm-assistant\+[^\]]+/u, first ?? '').replace(
    /nightly\+[^\]]+/u,
    second ?? '',
  );
  expect(refusal(text).message).toBe(
    'directory.yaml:17:12: agents.nightly.keys[0]: is the key of line 13; give each person and agent keys of their own, each once',
  );
});

function refusal(text: string): AssentError {
  try {
    parseDirectory(text, 'directory.yaml');
  } catch (error) {
    if (error instanceof AssentError) return error;
    throw error;
  }
  throw new Error('The directory was taken.');
}
