/** What directory.yaml must also hold to: one meaning a name, one person an account, one holder a key. */

import type { VerifierKey } from '../approval/keys.ts';
import { keyBits } from '../approval/trust.ts';
import type { YamlDocument } from '../approval/yaml.ts';
import type { Fault } from '../approval/yaml-fault.ts';
import type { YamlPath } from '../approval/yaml-place.ts';
import { awayFaults } from './away.ts';
import type { DirectoryFile } from './directory-file.ts';
import { circlesOf, peopleByGroup } from './groups.ts';

type Kind = 'person' | 'group' | 'agent';
type File = YamlDocument<DirectoryFile>;

export function directoryFaults(document: File): readonly Fault[] {
  const kinds = kindsOf(document.value);
  return [
    ...sharedNames(document),
    ...sharedAccounts(document),
    ...groupFaults(document, kinds),
    ...personFaults(document, kinds),
    ...agentFaults(document, kinds),
    ...sharedKeys(document),
  ];
}

function kindsOf({ people, groups, agents }: DirectoryFile): ReadonlyMap<string, Kind> {
  return new Map<string, Kind>([
    ...Object.keys(agents).map((id): [string, Kind] => [id, 'agent']),
    ...Object.keys(groups).map((id): [string, Kind] => [id, 'group']),
    ...Object.keys(people).map((id): [string, Kind] => [id, 'person']),
  ]);
}

/** A `from` in a policy names a person or a group by the same word, so no two things share one. */
function sharedNames(document: File): readonly Fault[] {
  const { people, groups, agents } = document.value;
  const uses = Object.entries({ people, groups, agents }).flatMap(([section, entries]) =>
    Object.keys(entries).map((id) => ({ id, path: [section, id], key: true })),
  );
  return repeated(document, uses, ({ id }, line) => `${id} is already the name of line ${line}; rename one`);
}

function sharedAccounts(document: File): readonly Fault[] {
  const accounts = Object.entries(document.value.people).flatMap(([id, { slack, teams, github }]) => [
    ...(slack === undefined
      ? []
      : [{ id: `Slack account ${slack.team}/${slack.user}`, path: [id, 'slack'] }]),
    ...(teams === undefined
      ? []
      : [{ id: `Teams account ${teams.tenant}/${teams.id}`, path: [id, 'teams'] }]),
    ...(github === undefined
      ? []
      : [
          { id: `GitHub account ${github.id}`, path: [id, 'github', 'id'] },
          { id: `GitHub login ${github.login.toLowerCase()}`, path: [id, 'github', 'login'] },
        ]),
  ]);
  const uses = accounts.map(({ id, path }) => ({ id, path: ['people', ...path] }));
  return repeated(
    document,
    uses,
    ({ id }, line) => `the ${id} is already bound at line ${line}; one account is one person`,
  );
}

function sharedKeys(document: File): readonly Fault[] {
  const { people, agents } = document.value;
  const usesIn = (section: string, holders: Readonly<Record<string, { keys: readonly VerifierKey[] }>>) =>
    Object.entries(holders).flatMap(([holder, { keys }]) =>
      keys.map((key, index) => ({ id: keyBits(key), path: [section, holder, 'keys', index] })),
    );
  const uses = [...usesIn('people', people), ...usesIn('agents', agents)];
  return repeated(
    document,
    uses,
    (_, line) => `is the key of line ${line}; give each person and agent keys of their own, each once`,
  );
}

function groupFaults(document: File, kinds: ReadonlyMap<string, Kind>): readonly Fault[] {
  const { groups } = document.value;
  return [
    ...Object.entries(groups).flatMap(([group, members]) =>
      memberFaults(document, ['groups', group], members, (id) => unknownFault(kinds.get(id), id)),
    ),
    ...circlesOf(groups).map(({ group, index, way }) =>
      document.faultAt(
        ['groups', group, index],
        `the group holds itself: ${way.join(' → ')}; break the circle`,
      ),
    ),
  ];
}

function personFaults(document: File, kinds: ReadonlyMap<string, Kind>): readonly Fault[] {
  return [
    ...Object.entries(document.value.people).flatMap(([id, { keys }]) =>
      keyNameFaults(
        document,
        ['people', id, 'keys'],
        keys,
        `a key bears its person's id, so make one named ${id}`,
      ),
    ),
    ...awayFaults(document.value, document.faultAt, (name) =>
      kinds.get(name) === 'group'
        ? `${name} is a group; name one person`
        : unknownFault(kinds.get(name), name),
    ),
  ];
}

function agentFaults(document: File, kinds: ReadonlyMap<string, Kind>): readonly Fault[] {
  const { agents, groups } = document.value;
  const people = circlesOf(groups).length > 0 ? null : peopleByGroup(groups);
  return Object.entries(agents).flatMap(([agent, { keys, owners, acts_for }]) => {
    const path = ['agents', agent];
    const list = (field: string, names: readonly string[]) =>
      memberFaults(document, [...path, field], names, (id) => unknownFault(kinds.get(id), id));
    const known = owners.every((id) => kinds.get(id) === 'group' || kinds.get(id) === 'person');
    const nobody = owners.every((id) => people?.get(id)?.length === 0);
    return [
      ...keyNameFaults(
        document,
        [...path, 'keys'],
        keys,
        `a key bears its agent's name, so make one named ${agent}`,
      ),
      ...list('owners', owners),
      ...(known && nobody
        ? [document.faultAt([...path, 'owners'], 'are groups with nobody in them; name somebody who answers')]
        : []),
      ...list('acts_for', acts_for),
    ];
  });
}

function keyNameFaults(
  document: File,
  path: YamlPath,
  keys: readonly VerifierKey[],
  cure: string,
): readonly Fault[] {
  const owner = path[1];
  return keys.flatMap((key, index) =>
    key.name === owner ? [] : [document.faultAt([...path, index], `is named ${key.name}; ${cure}`)],
  );
}

function unknownFault(kind: Kind | undefined, id: string): string | null {
  if (kind === undefined) return `${id} is nobody in this file; add the person or correct the name`;
  return kind === 'agent' ? `${id} is an agent; name people` : null;
}

function memberFaults(
  document: File,
  path: YamlPath,
  ids: readonly string[],
  fault: (id: string) => string | null,
): readonly Fault[] {
  const seen = new Set<string>();
  return ids.flatMap((id, index) => {
    const message = seen.has(id) ? `${id} stands here twice; keep one` : fault(id);
    seen.add(id);
    return message === null ? [] : [document.faultAt([...path, index], message)];
  });
}

interface Use {
  readonly id: string;
  readonly path: YamlPath;
  readonly key?: boolean;
}

/** A fault at each use of an id but its first in the file. */
function repeated(
  document: File,
  uses: readonly Use[],
  message: (use: Use, line: number) => string,
): readonly Fault[] {
  return [...Map.groupBy(uses, ({ id }) => id).values()].flatMap((alike) => {
    // Looking places up costs more than all the rest: none is where nothing is repeated.
    if (alike.length === 1) return [];
    const [first, ...later] = alike
      .map((use) => ({ use, here: document.faultAt(use.path, '', { key: use.key ?? false }) }))
      .toSorted((a, b) => a.here.line - b.here.line || a.here.column - b.here.column);
    return later.map(({ use, here }) => ({ ...here, message: message(use, first?.here.line ?? 0) }));
  });
}
