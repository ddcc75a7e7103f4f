/** The directory: who there is, by which accounts, in which groups, and which agents act for whom. */
import { digestOfJson } from '../approval/digest.ts';
import type { VerifierKey } from '../approval/keys.ts';
import type { Digest } from '../approval/types.ts';
import { parseYaml } from '../approval/yaml.ts';
import { directoryFaults } from './directory-check.ts';
import { type DirectoryFile, directorySchema } from './directory-file.ts';

export interface Person {
  readonly id: string;
  readonly name: string;
  readonly slack: { readonly team: string; readonly user: string } | null;
}

export interface Agent {
  readonly name: string;
  /** Any of them signs for the agent. */
  readonly keys: readonly VerifierKey[];
  /** Ids of the people who answer for it. */
  readonly owners: readonly string[];
  /** Whether it may ask on this person's behalf. */
  actsFor(person: string): boolean;
}

export interface Directory {
  /** Of the parsed canonical form: neither a comment nor the order of keys and members changes it. */
  readonly digest: Digest;
  person(id: string): Person | null;
  /** Whose account this is; null where it is bound to nobody. */
  personOfSlack(team: string, user: string): Person | null;
  /** Sorted ids of the named people and of the named groups' members, each once; unknown names add nobody. */
  membersOf(names: readonly string[]): readonly string[];
  /** What a name stands for; null where it stands for nothing. */
  kindOf(name: string): 'person' | 'group' | 'agent' | null;
  agent(name: string): Agent | null;
  /** Of every agent; a key bears its agent's name. */
  readonly agentKeys: readonly VerifierKey[];
}

/** @throws AssentError `directory_invalid` with `evidence.faults` */
export function parseDirectory(text: string, file: string): Directory {
  const document = parseYaml(text, { file, code: 'directory_invalid', schema: directorySchema });
  document.refuse(directoryFaults(document));
  return directoryOf(document.value);
}

function directoryOf(file: DirectoryFile): Directory {
  const people = new Map(
    Object.entries(file.people).map(([id, { name, slack = null }]): [string, Person] => [
      id,
      { id, name, slack },
    ]),
  );
  const accounts = new Map(
    [...people.values()].flatMap((person): [string, Person][] =>
      person.slack === null ? [] : [[accountOf(person.slack.team, person.slack.user), person]],
    ),
  );
  const groups = new Map(Object.entries(file.groups));
  const membersOf = (names: readonly string[]) =>
    sorted(new Set(names.flatMap((name) => groups.get(name) ?? (people.has(name) ? [name] : []))));
  const agents = new Map(
    Object.entries(file.agents).map(([name, { keys, owners, acts_for }]): [string, Agent] => {
      const principals = new Set(membersOf(acts_for));
      const actsFor = (person: string) => principals.has(person);
      return [name, { name, keys, owners: sorted(owners), actsFor }];
    }),
  );
  return {
    digest: digestOfJson(canonicalForm(file)),
    person: (id) => people.get(id) ?? null,
    personOfSlack: (team, user) => accounts.get(accountOf(team, user)) ?? null,
    membersOf,
    kindOf: (name) =>
      people.has(name) ? 'person' : groups.has(name) ? 'group' : agents.has(name) ? 'agent' : null,
    agent: (name) => agents.get(name) ?? null,
    agentKeys: [...agents.values()].flatMap((agent) => agent.keys),
  };
}

function canonicalForm({ people, groups, agents }: DirectoryFile) {
  return {
    people: mapValues(people, ({ name, slack = null }) => ({ name, slack })),
    groups: mapValues(groups, sorted),
    agents: mapValues(agents, ({ keys, owners, acts_for }) => ({
      keys: sorted(keys.map(({ text }) => text)),
      owners: sorted(owners),
      acts_for: sorted(acts_for),
    })),
  };
}

function mapValues<A, B>(entries: Readonly<Record<string, A>>, change: (value: A) => B): Record<string, B> {
  return Object.fromEntries(Object.entries(entries).map(([key, value]) => [key, change(value)]));
}

function sorted(names: Iterable<string>): readonly string[] {
  return [...names].toSorted();
}

function accountOf(team: string, user: string): string {
  return `${team}/${user}`;
}
