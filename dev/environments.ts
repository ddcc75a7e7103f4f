/** The environment of each of Assent's processes, of an agent, and of people at a terminal. */
import { AGENT, type PersonHandle, type StackFiles } from './files.ts';
import type { BookUrls, TemporalPlace } from './parts.ts';
import type { SlackBridge } from './slack/bridge.ts';
import type { LocalSlack } from './slack/local-slack.ts';

export const processNames = ['worker', 'executor', 'gateway'] as const;
export type ProcessName = (typeof processNames)[number];

export interface EnvironmentParts {
  readonly files: StackFiles;
  readonly temporal: TemporalPlace;
  /** Null where Slack itself is used. */
  readonly slack: { readonly local: LocalSlack; readonly bridge: SlackBridge } | null;
  readonly databases: BookUrls;
  readonly gatewayPort: number;
}

const OURS = /^(TEMPORAL_|ASSENT_|SLACK_|DATABASE_URL$)/;
const AGENTS = ['ASSENT_AGENT', 'ASSENT_AGENT_KEY_FILE', 'ASSENT_TRUST'] as const;

export function processEnvironment(
  name: ProcessName,
  parts: EnvironmentParts,
  yours: NodeJS.ProcessEnv,
): NodeJS.ProcessEnv {
  const { DATABASE_URL: _, ...chosen } = pick(yours, (key) => OURS.test(key));
  return { ...pick(process.env, (key) => !OURS.test(key)), ...ours(parts)[name], ...chosen };
}

export function agentEnvironment(
  { temporal, files }: Pick<EnvironmentParts, 'temporal' | 'files'>,
  yours: NodeJS.ProcessEnv,
): Readonly<Record<string, string>> {
  const environment: Record<string, string> = {
    ...temporalEnvironment(temporal),
    ASSENT_AGENT: AGENT,
    ASSENT_AGENT_KEY_FILE: files.keys.agent,
    ASSENT_TRUST: files.trust,
  };
  for (const name of AGENTS) environment[name] = yours[name] ?? environment[name] ?? '';
  return environment;
}

const FILES = ['ASSENT_POLICY', 'ASSENT_DIRECTORY', 'ASSENT_TRUST', 'ASSENT_ACTIONS'] as const;

/** What a person needs to speak with their own key from the command line. */
export function personEnvironment(
  person: PersonHandle,
  { files, databases, gatewayPort }: Pick<EnvironmentParts, 'files' | 'databases' | 'gatewayPort'>,
  yours: NodeJS.ProcessEnv,
): Readonly<Record<string, string>> {
  const house: Readonly<Record<string, string>> = {
    ASSENT_POLICY: files.policy,
    ASSENT_DIRECTORY: files.directory,
    ASSENT_TRUST: files.trust,
  };
  return {
    ASSENT_PERSON: person,
    ASSENT_PERSON_KEY_FILE: files.personKey(person),
    ASSENT_GATEWAY: `http://127.0.0.1:${gatewayPort}`,
    DATABASE_URL: databases.assent_reader,
    ...Object.fromEntries(
      FILES.flatMap((name) => {
        const value = yours[name] ?? house[name];
        return value === undefined ? [] : [[name, value]];
      }),
    ),
  };
}

function ours({ files, temporal, slack, databases, gatewayPort }: EnvironmentParts) {
  const house = {
    ...temporalEnvironment(temporal),
    ASSENT_POLICY: files.policy,
    ASSENT_DIRECTORY: files.directory,
    ASSENT_TRUST: files.trust,
  };
  return {
    worker: { ...house, DATABASE_URL: databases.assent_worker },
    executor: {
      ...house,
      DATABASE_URL: databases.assent_executor,
      ASSENT_EXECUTOR_KEY_FILE: files.keys.executor,
      ASSENT_TARGETS: files.targets,
    },
    gateway: {
      ...house,
      DATABASE_URL: databases.assent_gateway,
      ASSENT_GATEWAY_KEY_FILE: files.keys.gateway,
      ASSENT_GATEWAY_PORT: `${gatewayPort}`,
      ...(temporal.ui === null ? {} : { ASSENT_TEMPORAL_UI: temporal.ui }),
      ...(slack === null ? {} : slackEnvironment(slack)),
    },
  };
}

function temporalEnvironment({ address, namespace }: TemporalPlace) {
  return { TEMPORAL_ADDRESS: address, TEMPORAL_NAMESPACE: namespace };
}

function slackEnvironment({ local, bridge }: NonNullable<EnvironmentParts['slack']>) {
  return {
    SLACK_BOT_TOKEN: local.token,
    SLACK_SIGNING_SECRET: local.signingSecret,
    SLACK_CHANNEL: local.channelId,
    SLACK_API_URL: bridge.url,
  };
}

function pick(environment: NodeJS.ProcessEnv, wanted: (name: string) => boolean): NodeJS.ProcessEnv {
  return Object.fromEntries(Object.entries(environment).filter(([name]) => wanted(name)));
}
