/** The directory: who there is, by which accounts and keys, in which groups, and which agents act for whom. */
import { digestOfJson } from '../approval/digest.ts';
import type { VerifierKey } from '../approval/keys.ts';
import type { Digest } from '../approval/types.ts';
import { parseYaml } from '../approval/yaml.ts';
import { type Absence, absencesOf } from './away.ts';
import { directoryFaults } from './directory-check.ts';
import { type DirectoryFile, directorySchema, type PersonFile } from './directory-file.ts';
import { peopleByGroup } from './groups.ts';

export interface Person {
  readonly id: string;
  readonly name: string;
  readonly slack: { readonly team: string; readonly user: string } | null;
  /** `id` is the aadObjectId. */
  readonly teams: { readonly tenant: string; readonly id: string } | null;
  /** The login may change; the id does not. */
  readonly github: { readonly id: number; readonly login: string } | null;
  /** Their own, which bear their id. */
  readonly keys: readonly VerifierKey[];
}

export interface Agent {
  readonly name: string;
  /** Any of them signs for the agent. */
  readonly keys: readonly VerifierKey[];
  /** Sorted ids of the people who answer for it. */
  readonly owners: readonly string[];
  /** Sorted ids of those on whose behalf it may ask. */
  readonly principals: readonly string[];
  /** Whatever it asks for is denied. */
  readonly disabled: boolean;
  /** Whether it may ask on this person's behalf. */
  actsFor(person: string): boolean;
}

export interface Directory {
  /** Of the parsed canonical form: neither a comment nor the order of keys and members changes it. */
  readonly digest: Digest;
  person(id: string): Person | null;
  /** Whose account this is; null where it is bound to nobody. */
  personOfSlack(team: string, user: string): Person | null;
  personOfTeams(tenant: string, id: string): Person | null;
  /** By the number of the account. */
  personOfGitHub(id: number): Person | null;
  /** Whose own key has this keyid, `name+hex8`. */
  personOfKey(keyid: string): Person | null;
  /**
   * Sorted ids of the named people and of the named groups' members, groups in groups too, each once; unknown names
   * add nobody. The same list object is answered from memory.
   */
  membersOf(names: readonly string[]): readonly string[];
  /** What a name stands for; null where it stands for nothing. */
  kindOf(name: string): 'person' | 'group' | 'agent' | null;
  agent(name: string): Agent | null;
  /** By name. */
  readonly agents: readonly Agent[];
  /** Who is away at this moment, and who stands for them. */
  awayAt(now: Date): readonly Absence[];
  /** Of every agent, disabled ones too; a key bears its agent's name. */
  readonly agentKeys: readonly VerifierKey[];
  /** Of every person; a key bears its person's id. */
  readonly peopleKeys: readonly VerifierKey[];
}

/** @throws AssentError `directory_invalid` with `evidence.faults` */
export function parseDirectory(text: string, file: string): Directory {
  const document = parseYaml(text, { file, code: 'directory_invalid', schema: directorySchema });
  document.refuse(directoryFaults(document));
  return directoryOf(document.value);
}

function directoryOf(file: DirectoryFile): Directory {
  const people = new Map(Object.entries(file.people).map(([id, person]) => [id, personOf(id, person)]));
  const groups = peopleByGroup(file.groups);
  const membersOf = membership(people, groups);
  const agents = new Map(
    Object.entries(file.agents).map(([name, agent]) => [name, agentOf(name, agent, membersOf)]),
  );
  const everyone = [...people.values()];
  const bySlack = index(everyone, ({ slack }) => slack && [accountOf(slack.team, slack.user)]);
  const byTeams = index(everyone, ({ teams }) => teams && [accountOf(teams.tenant, teams.id)]);
  const byGitHub = index(everyone, ({ github }) => github && [github.id]);
  const byKey = index(everyone, ({ keys }) => keys.map(({ keyid }) => keyid));
  const absences = absencesOf(file);
  return {
    digest: digestOfJson(canonicalForm(file)),
    person: (id) => people.get(id) ?? null,
    personOfSlack: (team, user) => bySlack.get(accountOf(team, user)) ?? null,
    personOfTeams: (tenant, id) => byTeams.get(accountOf(tenant, id)) ?? null,
    personOfGitHub: (id) => byGitHub.get(id) ?? null,
    personOfKey: (keyid) => byKey.get(keyid) ?? null,
    membersOf,
    kindOf: (name) =>
      people.has(name) ? 'person' : groups.has(name) ? 'group' : agents.has(name) ? 'agent' : null,
    agent: (name) => agents.get(name) ?? null,
    agents: [...agents.values()].toSorted((a, b) => (a.name < b.name ? -1 : 1)),
    awayAt: (now) => absences.filter(({ from, until }) => from <= now.getTime() && now.getTime() < until),
    agentKeys: [...agents.values()].flatMap(({ keys }) => keys),
    peopleKeys: everyone.flatMap(({ keys }) => keys),
  };
}

function personOf(
  id: string,
  {
    name,
    slack = null,
    teams = null,
    github = null,
    keys,
  }: Omit<PersonFile, 'slack' | 'teams' | 'github'> & {
    readonly slack?: Person['slack'] | undefined;
    readonly teams?: Person['teams'] | undefined;
    readonly github?: Person['github'] | undefined;
  },
): Person {
  return { id, name, slack, teams, github, keys };
}

function agentOf(
  name: string,
  { keys, owners, acts_for, disabled }: DirectoryFile['agents'][string],
  membersOf: Directory['membersOf'],
): Agent {
  const principals = membersOf(acts_for);
  const all = new Set(principals);
  return {
    name,
    keys,
    owners: membersOf(owners),
    principals,
    disabled,
    actsFor: (person) => all.has(person),
  };
}

function membership(
  people: ReadonlyMap<string, Person>,
  groups: ReadonlyMap<string, readonly string[]>,
): Directory['membersOf'] {
  const known = new WeakMap<readonly string[], readonly string[]>();
  const membersOfOne = (name: string) => groups.get(name) ?? (people.has(name) ? [name] : []);
  return (names) => {
    const before = known.get(names);
    if (before !== undefined) return before;
    const [only = ''] = names;
    const members = names.length === 1 ? membersOfOne(only) : sorted(new Set(names.flatMap(membersOfOne)));
    known.set(names, members);
    return members;
  };
}

function index<Key>(
  people: readonly Person[],
  keysOf: (person: Person) => readonly Key[] | null,
): ReadonlyMap<Key, Person> {
  return new Map(
    people.flatMap((person) => (keysOf(person) ?? []).map((key): [Key, Person] => [key, person])),
  );
}

function canonicalForm(file: DirectoryFile) {
  const absences = absencesOf(file);
  return {
    people: mapValues(file.people, ({ name, slack = null, teams = null, github = null, keys }, id) => ({
      name,
      slack,
      teams,
      github,
      keys: texts(keys),
      away: absences
        .filter(({ principal }) => principal === id)
        .map(({ from, until, delegate }) => ({ from, until, to: delegate })),
    })),
    groups: mapValues(file.groups, sorted),
    agents: mapValues(file.agents, ({ keys, owners, acts_for, disabled }) => ({
      keys: texts(keys),
      owners: sorted(owners),
      acts_for: sorted(acts_for),
      disabled,
    })),
  };
}

function texts(keys: readonly VerifierKey[]): readonly string[] {
  return sorted(keys.map(({ text }) => text));
}

function mapValues<A, B>(
  entries: Readonly<Record<string, A>>,
  change: (value: A, key: string) => B,
): Record<string, B> {
  return Object.fromEntries(Object.entries(entries).map(([key, value]) => [key, change(value, key)]));
}

function sorted(names: Iterable<string>): readonly string[] {
  return [...names].toSorted();
}

function accountOf(home: string, account: string): string {
  return `${home}/${account}`;
}
