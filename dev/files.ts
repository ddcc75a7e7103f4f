/** What a fresh stack is configured with: keys, trust, directory, policy and targets, written where it may read them. */
import { chmod, mkdir, writeFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { stringify } from 'yaml';
import { generateSigningKey } from '../approval/keys.ts';
import type { TargetDatabase } from './target.ts';

export const AUDIENCE = 'assent-dev';
export const AGENT = 'reporter';
export const TEAM = 'T0ASSENTDEV';

/** Who there is: Mia asks, Ana and Ben answer for data, Sam for security, Olaf owns the agent. */
export const PEOPLE = [
  { handle: 'ana', name: 'Ana Castro' },
  { handle: 'mia', name: 'Mia Lund' },
  { handle: 'ben', name: 'Ben Okafor' },
  { handle: 'sam', name: 'Sam Weiss' },
  { handle: 'olaf', name: 'Olaf Brandt' },
] as const;
export type PersonHandle = (typeof PEOPLE)[number]['handle'];

export const GROUPS = { 'data-owners': ['ana', 'ben', 'mia'], security: ['sam'] } as const;

export interface StackFiles {
  readonly policy: string;
  readonly directory: string;
  readonly trust: string;
  readonly targets: string;
  readonly exports: string;
  /** Where config.set may change files; holds `app.yaml`. */
  readonly configs: string;
  readonly keys: { readonly agent: string; readonly executor: string; readonly gateway: string };
  /** Each person's own key. */
  readonly personKey: (person: PersonHandle) => string;
}

export interface FilesInput {
  readonly directory: string;
  readonly policy: string;
  readonly userIds: Readonly<Record<string, string>>;
  readonly target: TargetDatabase;
}

export async function writeFiles({ directory, policy, userIds, target }: FilesInput): Promise<StackFiles> {
  // Processes that run elsewhere find them, too.
  const at = (name: string) => resolve(directory, name);
  await mkdir(at('keys'), { recursive: true, mode: 0o700 });
  const [agent, executor, gateway] = [AGENT, 'executor', 'gateway'].map((name) => generateSigningKey(name));
  if (!agent || !executor || !gateway) throw new Error('three keys were asked for');
  const files: StackFiles = {
    policy: at('policy.yaml'),
    directory: at('directory.yaml'),
    trust: at('trust.yaml'),
    targets: at('targets.yaml'),
    exports: at('exports'),
    configs: at('configs'),
    keys: { agent: at('keys/agent.pem'), executor: at('keys/executor.pem'), gateway: at('keys/gateway.pem') },
    personKey: (person) => at(`keys/people/${person}.pem`),
  };
  await mkdir(at('keys/people'), { recursive: true, mode: 0o700 });
  const people = PEOPLE.map(({ handle, name }) => ({ handle, name, key: generateSigningKey(handle) }));
  await Promise.all(
    [files.exports, files.configs].map((name) => mkdir(name, { recursive: true, mode: 0o700 })),
  );
  const trust = {
    audience: AUDIENCE,
    keys: { gateway: [gateway.signing.verifier.text], executor: [executor.signing.verifier.text] },
  };
  await Promise.all([
    secret(files.keys.agent, agent.pem),
    secret(files.keys.executor, executor.pem),
    secret(files.keys.gateway, gateway.pem),
    ...people.map(({ handle, key }) => secret(files.personKey(handle), key.pem)),
    secret(files.targets, stringify(targetsOf(files.exports, files.configs, target))),
    writeFile(files.policy, policy),
    writeFile(join(files.configs, 'app.yaml'), APP_CONFIG, { mode: 0o600 }),
    writeFile(files.trust, stringify(trust)),
    writeFile(files.directory, stringify(directoryOf(people, userIds, agent.signing.verifier.text))),
  ]);
  return files;
}

/** What an example may change. */
const APP_CONFIG = `# The order desk's own settings.
mail:
  from: desk@example.com
  batch: 50 # letters an hour
maintenance: false
`;

async function secret(file: string, text: string): Promise<void> {
  await writeFile(file, text, { mode: 0o600 });
  await chmod(file, 0o600);
}

interface KeyedPerson {
  readonly handle: PersonHandle;
  readonly name: string;
  readonly key: ReturnType<typeof generateSigningKey>;
}

function directoryOf(
  people: readonly KeyedPerson[],
  userIds: Readonly<Record<string, string>>,
  agentKey: string,
) {
  const entries = people.map(({ handle, name, key }) => [
    handle,
    { name, slack: { team: TEAM, user: userIds[handle] }, keys: [key.signing.verifier.text] },
  ]);
  return {
    people: Object.fromEntries(entries),
    groups: GROUPS,
    agents: { [AGENT]: { keys: [agentKey], owners: ['olaf'], acts_for: ['mia'] } },
  };
}

function targetsOf(exports: string, configs: string, target: TargetDatabase) {
  const personal_data = ['customers.name', 'customers.email', 'customers.phone'];
  const { previewUrl: preview, exportUrl, executeUrl: execute, accessUrl } = target;
  const crm = { preview, export: exportUrl, execute, personal_data };
  return {
    sql: { exports, databases: { crm } },
    access: { databases: { crm: { url: accessUrl, roles: ['order_desk'], logins: ['intern'] } } },
    config: { roots: { app: configs } },
  };
}
