/** What directory.yaml must also hold to: one meaning a name, one person an account, one agent a key. */
import { keyBits } from '../approval/trust.ts';
import type { YamlDocument } from '../approval/yaml.ts';
import type { Fault } from '../approval/yaml-fault.ts';
import type { YamlPath } from '../approval/yaml-place.ts';
import type { DirectoryFile } from './directory-file.ts';

type Kind = 'person' | 'group' | 'agent';
type File = YamlDocument<DirectoryFile>;

export function directoryFaults(document: File): readonly Fault[] {
  const kinds = kindsOf(document.value);
  return [
    ...sharedNames(document),
    ...sharedAccounts(document),
    ...groupFaults(document, kinds),
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
  const uses = Object.entries(document.value.people).flatMap(([id, { slack }]) =>
    slack === undefined ? [] : [{ id: `${slack.team}/${slack.user}`, path: ['people', id, 'slack'] }],
  );
  return repeated(
    document,
    uses,
    ({ id }, line) => `the Slack account ${id} is already bound at line ${line}; one account is one person`,
  );
}

function sharedKeys(document: File): readonly Fault[] {
  const uses = Object.entries(document.value.agents).flatMap(([agent, { keys }]) =>
    keys.map((key, index) => ({ id: keyBits(key), path: ['agents', agent, 'keys', index] })),
  );
  return repeated(
    document,
    uses,
    (_, line) => `is the key of line ${line}; give each agent keys of its own, each once`,
  );
}

function groupFaults(document: File, kinds: ReadonlyMap<string, Kind>): readonly Fault[] {
  return Object.entries(document.value.groups).flatMap(([group, members]) =>
    peopleFaults(document, kinds, ['groups', group], members),
  );
}

function agentFaults(document: File, kinds: ReadonlyMap<string, Kind>): readonly Fault[] {
  return Object.entries(document.value.agents).flatMap(([agent, { keys, owners, acts_for }]) => [
    ...keys.flatMap((key, index) =>
      key.name === agent
        ? []
        : [
            document.faultAt(
              ['agents', agent, 'keys', index],
              `is named ${key.name}; a key bears its agent's name, so make one named ${agent}`,
            ),
          ],
    ),
    ...peopleFaults(document, kinds, ['agents', agent, 'owners'], owners),
    ...memberFaults(document, ['agents', agent, 'acts_for'], acts_for, (id) =>
      unknownFault(kinds.get(id), id),
    ),
  ]);
}

function peopleFaults(
  document: File,
  kinds: ReadonlyMap<string, Kind>,
  path: YamlPath,
  ids: readonly string[],
): readonly Fault[] {
  return memberFaults(document, path, ids, (id) =>
    kinds.get(id) === 'group' ? `${id} is a group; list its people instead` : unknownFault(kinds.get(id), id),
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
  return ids.flatMap((id, index) => {
    const message = ids.indexOf(id) < index ? `${id} stands here twice; keep one` : fault(id);
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
  const first = new Map<string, number>();
  return uses
    .map((use) => ({ use, here: document.faultAt(use.path, '', { key: use.key ?? false }) }))
    .toSorted((a, b) => a.here.line - b.here.line || a.here.column - b.here.column)
    .flatMap(({ use, here }) => {
      const line = first.get(use.id);
      if (line === undefined) {
        first.set(use.id, here.line);
        return [];
      }
      return [{ ...here, message: message(use, line) }];
    });
}
