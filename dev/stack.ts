/**
 * The whole stack on this machine: Temporal with its UI, Postgres, a Slack with a web page, keys, policy, and
 * Assent's own processes. Every part is a real one; each listens on a port that it picks.
 */
import { mkdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import {
  agentEnvironment,
  type EnvironmentParts,
  type ProcessName,
  personEnvironment,
  processEnvironment,
  processNames,
} from './environments.ts';
import { type PersonHandle, type StackFiles, writeFiles } from './files.ts';
import { type BookUrls, makeBook, slackFor, type TemporalPlace, temporalFor } from './parts.ts';
import { freePort } from './port.ts';
import { type Postgres, startPostgres } from './postgres.ts';
import { type RunningProcess, startProcess } from './process.ts';
import { startSlackBridge } from './slack/bridge.ts';
import type { LocalSlack } from './slack/local-slack.ts';
import { createTarget, type TargetDatabase } from './target.ts';

/** A stack of which some parts may be yours. */
export interface MixedStack {
  readonly directory: string;
  readonly files: StackFiles;
  readonly temporal: TemporalPlace;
  readonly postgres: Postgres;
  readonly target: TargetDatabase;
  /** Null where Slack itself is used. */
  readonly slack: LocalSlack | null;
  /** `http://127.0.0.1:<port>` */
  readonly gateway: string;
  readonly databases: BookUrls;
  /** What an agent needs in its environment. */
  readonly agentEnvironment: Readonly<Record<string, string>>;
  /** What a person needs in theirs. */
  readonly personEnvironment: (person: PersonHandle) => Readonly<Record<string, string>>;
  /** One of Assent's processes, as it runs now. */
  process(name: ProcessName): RunningProcess;
  /** Starts a process again that has ended. */
  restart(name: ProcessName): Promise<void>;
  stop(): Promise<void>;
}

export interface Stack extends MixedStack {
  readonly temporal: TemporalPlace & { readonly ui: string };
  readonly slack: LocalSlack;
}

export interface StackOptions {
  /** A directory of this run's own; it is emptied first. */
  readonly directory: string;
  /** The text of policy.yaml. */
  readonly policy: string;
  /** Told what is being started, for people who wait. */
  readonly tell?: (what: string) => void;
}

/** Every part is this stack's own, whatever the environment says. */
export async function startStack(options: StackOptions): Promise<Stack> {
  const { slack, temporal, ...stack } = await startMixedStack(options, {});
  if (slack === null || temporal.ui === null) throw new Error('a stack of its own parts has all of them');
  return { ...stack, slack, temporal: { ...temporal, ui: temporal.ui } };
}

/**
 * Uses what `yours` names instead of starting its own: TEMPORAL_ADDRESS, DATABASE_URL (the book's, as a login that
 * may create roles), SLACK_BOT_TOKEN with SLACK_SIGNING_SECRET and SLACK_CHANNEL, and the ASSENT_ files.
 */
export async function startMixedStack(
  { directory, policy, tell = () => undefined }: StackOptions,
  yours: NodeJS.ProcessEnv,
): Promise<MixedStack> {
  await rm(directory, { recursive: true, force: true });
  await mkdir(directory, { recursive: true, mode: 0o700 });
  const log = (name: string) => join(directory, 'logs', `${name}.log`);
  const stops: (() => Promise<void>)[] = [];
  const started = <T extends { stop(): Promise<void> }>(part: T): T => {
    stops.unshift(() => part.stop());
    return part;
  };
  const stop = async () => {
    for (const end of stops.splice(0)) await end();
  };

  try {
    tell('Postgres, Temporal and Slack');
    const gatewayPort = Number(yours.ASSENT_GATEWAY_PORT ?? (await freePort()));
    const gateway = `http://127.0.0.1:${gatewayPort}`;
    const starting = await Promise.allSettled([
      startPostgres({ directory: join(directory, 'postgres'), logFile: log('postgres') }).then(started),
      temporalFor(yours, log('temporal'), started),
      slackFor(yours, { gateway, directory: join(directory, 'slack'), logFile: log('slack') }, started),
    ]);
    const [postgres, temporal, local] = [settled(starting[0]), settled(starting[1]), settled(starting[2])];
    const slack = local === null ? null : { local, bridge: started(await startSlackBridge(local.url)) };
    const [target, databases] = await Promise.all([createTarget(postgres), makeBook(postgres, yours)]);
    const files = await writeFiles({ directory, policy, userIds: local?.userIds ?? {}, target });

    tell('worker, executor and gateway');
    const processes = createProcesses({ files, temporal, slack, databases, gatewayPort }, yours, log);
    stops.unshift(processes.stop);
    await Promise.all(processNames.map(processes.start));
    return {
      directory,
      files,
      temporal,
      postgres,
      target,
      slack: local,
      gateway,
      databases,
      agentEnvironment: agentEnvironment({ temporal, files }, yours),
      personEnvironment: (person) => personEnvironment(person, { files, databases, gatewayPort }, yours),
      process: processes.running,
      restart: processes.start,
      stop,
    };
  } catch (error) {
    await stop();
    throw error;
  }
}

function settled<T>(result: PromiseSettledResult<T>): T {
  if (result.status === 'rejected') throw result.reason;
  return result.value;
}

const MAIN = (name: ProcessName) =>
  fileURLToPath(new URL(name === 'gateway' ? '../gateway/main.ts' : '../worker/main.ts', import.meta.url));

function createProcesses(parts: EnvironmentParts, yours: NodeJS.ProcessEnv, log: (name: string) => string) {
  const latest = new Map<ProcessName, RunningProcess>();
  let count = 0;
  const start = async (name: ProcessName): Promise<void> => {
    count += 1;
    const running = await startProcess({
      name: `The ${name}`,
      command: process.execPath,
      args: [MAIN(name), name],
      logFile: log(latest.has(name) ? `${name}-${count}` : name),
      ready: /"msg":"running"/,
      env: processEnvironment(name, parts, yours),
    });
    latest.set(name, running);
  };
  return {
    start,
    running: (name: ProcessName): RunningProcess => {
      const running = latest.get(name);
      if (running === undefined) throw new Error(`${name} was never started`);
      return running;
    },
    stop: async () => {
      await Promise.all([...latest.values()].map((running) => running.stop()));
    },
  };
}
