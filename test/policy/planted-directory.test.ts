/** A corpus of directories, each with one fault in its accounts, keys, groups or absences, with the exact fault. */
import { expect, it } from 'vitest';
import { AssentError } from '../../approval/error.ts';
import { parseDirectory } from '../../policy/directory.ts';
import { COMPANY } from './company.ts';
import { key } from './material.ts';

const d = (...changes: readonly (readonly [string, string])[]): string =>
  changes.reduce((changed, [from, to]) => {
    expect(changed).toContain(from);
    return changed.replace(from, to);
  }, COMPANY);

const keyOf = (owner: string) => new RegExp(`\\[(${owner}\\+[^\\],]*)`, 'u').exec(COMPANY)?.[1] ?? '';
const [anaKey, robotKey] = [keyOf('ana'), keyOf('robot')];

const CORPUS: readonly (readonly [string, string, ...string[]])[] = [
  [
    'teams-uuid',
    d(['tenant: 72f988bf', 'tenant: 72F988BF']),
    '5:21: people.ben.teams.tenant: is no id of a tenant; write its UUID in lower case, as Entra shows it',
  ],
  [
    'teams-mail',
    d(['id: 48d31887-5fad-4d73-a9f5-3c356e68a038', 'id: ben@example.com']),
    '5:63: people.ben.teams.id: is no id of a user; write its UUID in lower case, as Entra shows it',
  ],
  ['github-id', d(['id: 583231', 'id: ben']), '6:18: people.ben.github.id: is text; write a number'],
  [
    'github-zero',
    d(['id: 583231', 'id: 0']),
    '6:18: people.ben.github.id: is no id of a GitHub account; write the number, which stays when the login changes',
  ],
  [
    'github-login',
    d(['login: ben-okafor', 'login: "@ben"']),
    '6:33: people.ben.github.login: is no GitHub login; write it without the @',
  ],
  ['github-no-id', d(['id: 583231, ', '']), '6:5: people.ben.github.id: is missing; add it'],
  [
    'teams-shared',
    d([
      'dia: {name: Dia Roy}',
      'dia: {name: Dia Roy, teams: {tenant: 72f988bf-86f1-41af-91ab-2d7cd011db47, id: 48d31887-5fad-4d73-a9f5-3c356e68a038}}',
    ]),
    '8:31: people.dia.teams: the Teams account 72f988bf-86f1-41af-91ab-2d7cd011db47/48d31887-5fad-4d73-a9f5-3c356e68a038 is already bound at line 5; one account is one person',
  ],
  [
    'github-shared',
    d(['dia: {name: Dia Roy}', 'dia: {name: Dia Roy, github: {id: 583231, login: Ben-Okafor}}']),
    '8:37: people.dia.github.id: the GitHub account 583231 is already bound at line 6; one account is one person',
    '8:52: people.dia.github.login: the GitHub login ben-okafor is already bound at line 6; one account is one person',
  ],
  [
    'key-of-another',
    d([anaKey, key('anna')]),
    "2:69: people.ana.keys[0]: is named anna; a key bears its person's id, so make one named ana",
  ],
  [
    'key-agent-bits',
    d([robotKey, anaKey]),
    "20:12: agents.robot.keys[0]: is named ana; a key bears its agent's name, so make one named robot",
    '20:12: agents.robot.keys[0]: is the key of line 2; give each person and agent keys of their own, each once',
  ],
  [
    'keys-empty',
    COMPANY.replace(/keys: \[ana[^\]]*\]/, 'keys: []'),
    '2:68: people.ana.keys: is empty; leave it out where they have none',
  ],
  [
    'away-self',
    d(['to: fia', 'to: eli']),
    "9:92: people.eli.away[0].to: eli can't stand for themselves; name somebody else",
  ],
  [
    'away-unknown',
    d(['to: fia', 'to: fie']),
    '9:92: people.eli.away[0].to: fie is nobody in this file; add the person or correct the name',
  ],
  ['away-group', d(['to: fia', 'to: ops']), '9:92: people.eli.away[0].to: ops is a group; name one person'],
  ['away-agent', d(['to: fia', 'to: robot']), '9:92: people.eli.away[0].to: robot is an agent; name people'],
  [
    'away-zone',
    d([', zone: Europe/Oslo', '']),
    '9:31: people.eli.away[0]: zone is missing, and a local time means nothing without; add it, or an offset to the times',
  ],
  [
    'away-order',
    d(['until: 2026-03-06', 'until: 2026-03-01']),
    '9:57: people.eli.away[0].until: is not after from; make it later',
  ],
  [
    'away-zone-bad',
    d(['Europe/Oslo', 'Oslo']),
    '9:75: people.eli.away[0].zone: is no time zone; write its IANA name, such as Europe/Oslo',
  ],
  [
    'away-empty',
    d(['away: [{from: 2026-03-02, until: 2026-03-06, zone: Europe/Oslo, to: fia}]', 'away: []']),
    '9:30: people.eli.away: is empty; leave it out where they are here',
  ],
  [
    'cycle',
    d(['leads: [ana, ben]', 'leads: [ana, board]']),
    '16:16: groups.board[1]: the group holds itself: leads → board → leads; break the circle',
  ],
  [
    'cycle-self',
    d(['leads: [ana, ben]', 'leads: [ana, leads]']),
    '14:16: groups.leads[1]: the group holds itself: leads → leads; break the circle',
  ],
  [
    'cycle3',
    d(['leads: [ana, ben]', 'leads: [ana, ops]'], ['ops: [fia, olaf]', 'ops: [board]']),
    '16:16: groups.board[1]: the group holds itself: leads → ops → board → leads; break the circle',
  ],
  [
    'owners-empty-group',
    d(['owners: [olaf]', 'owners: [none]'], ['groups:', 'groups:\n  none: []']),
    '22:13: agents.robot.owners: are groups with nobody in them; name somebody who answers',
  ],
  [
    'disabled-word',
    d(['owners: [olaf]', 'owners: [olaf]\n    disabled: "yes"']),
    '22:15: agents.robot.disabled: is text; write true or false',
  ],
];

it.each(CORPUS)('%s', (_, text, ...faults) => {
  const error = refusal(text);
  expect(error.code).toBe('directory_invalid');
  expect(error.message.split('\n')).toEqual(faults.map((fault) => `directory.yaml:${fault}`));
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
