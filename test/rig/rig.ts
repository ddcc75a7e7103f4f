/** A whole stack for one live test file, with hands on its parts: real processes that can be killed, a Slack that fails. */
import { randomUUID } from 'node:crypto';
import { mkdirSync, mkdtempSync, writeFileSync } from 'node:fs';
import { readFile, rm, writeFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { Client, Connection } from '@temporalio/client';
import type { Kysely } from 'kysely';
import pino from 'pino';
import { inject } from 'vitest';
import type { Document } from 'yaml';
import { readPages } from '../../activities/paint.ts';
import { watchJudge } from '../../activities/process/house.ts';
import { generateSigningKey, type SigningKey } from '../../approval/keys.ts';
import { cardDigest } from '../../approval/view.ts';
import { type Case, caseOf } from '../../audit/case.ts';
import type { HouseJudge } from '../../audit/judge.ts';
import { type Book, createBook } from '../../book/book.ts';
import { openDatabase } from '../../book/database.ts';
import type { Database } from '../../book/schema.ts';
import { short } from '../../channels/slack/markup.ts';
import type { Ask } from '../../client/ask.ts';
import { type Asked, AssentClient } from '../../client/client.ts';
import { processNames } from '../../dev/environments.ts';
import { freePort } from '../../dev/port.ts';
import { type RunningProcess, startProcess } from '../../dev/process.ts';
import { startSlackBridge } from '../../dev/slack/bridge.ts';
import { type FaultProxy, startFaultProxy } from '../../dev/slack/fault-proxy.ts';
import { type LocalSlack, type SlackMessage, startLocalSlack } from '../../dev/slack/local-slack.ts';
import { type MixedStack, startMixedStack } from '../../dev/stack.ts';
import { startTemporal, type TemporalServer } from '../../dev/temporal.ts';
import { SLACK_PATH } from '../../gateway/app.ts';
import { STATEMENTS_PATH } from '../../gateway/statements.ts';
import { type GuardFiles, loadGuard } from '../../policy/guard.ts';
import '../setup/toolchain.ts';
import { edit } from './edits.ts';
import {
  AGENT,
  directoryText,
  FLAGS,
  HANDLES,
  type Handle,
  OTHER_AGENT,
  POLICY,
  type Signer,
  userOf,
} from './house.ts';
import {
  clickOf,
  denialOf,
  type Form,
  form,
  type Inputs,
  type Place,
  signedHeaders,
  submissionOf,
} from './slack-body.ts';
import { until } from './until.ts';

/** A request whose card is out. */
export interface AskedCard extends Asked, Place {
  readonly id: string;
}

export interface AskOptions {
  readonly rule?: string;
  readonly hold?: boolean;
  readonly note?: string;
  /** By the other agent: one gets sixty previews a minute, and a long file asks for more. */
  readonly byRival?: boolean;
}

export interface Rig {
  readonly stack: MixedStack;
  readonly slack: LocalSlack;
  readonly faults: FaultProxy;
  readonly temporal: Client;
  readonly temporalServer: TemporalServer;
  readonly agent: AssentClient;
  readonly agentKey: SigningKey;
  readonly rival: AssentClient;
  /** As of now, by the same files as the stack's. */
  judge(): HouseJudge;
  /** What somebody needs in their environment to speak from the command line. */
  environmentOf(person: Signer): Readonly<Record<string, string>>;
  /** Changes policy or directory; resolves once every process judges by it. */
  edit(file: keyof GuardFiles, change: (document: Document) => void): Promise<void>;
  /** Of every process that judges, as it was started first. */
  readonly logs: readonly string[];
  /** Keys of their own. */
  readonly keys: Readonly<Record<Signer, SigningKey>>;
  readonly db: Kysely<Database>;
  readonly book: Book;
  /** The team's own executor, as it runs now. */
  executor(): RunningProcess;
  startExecutor(): Promise<void>;
  /** One more gateway on a port of its own; `gateway` is its address. */
  startGateway(): Promise<RunningProcess & { readonly gateway: string }>;
  /** Asks and does not wait for the card. */
  ask(options?: AskOptions): Promise<Asked & { readonly id: string }>;
  askCard(options?: AskOptions): Promise<AskedCard>;
  /** Any action, by its agent's own words. */
  askFor(ask: Ask): Promise<AskedCard>;
  /** The card of a request that was asked. */
  card(asked: Asked & { readonly id: string }): Promise<AskedCard>;
  /** Posts to the gateway as Slack does. */
  post(payload: unknown, gateway?: string): Promise<Response>;
  approve(person: Handle, place: Place, gateway?: string): Promise<Response>;
  deny(person: Handle, place: Place, reason: string): Promise<Response>;
  /** Submits one of a card's modals. */
  submit(person: Handle, place: Place, kind: Form, inputs: Inputs): Promise<Response>;
  /** Sends an envelope as the command line does. */
  say(envelope: unknown): Promise<Response>;
  /** Where the request stands by the book. */
  standing(requestId: string): Promise<Case>;
  /** Waits until the card's text begins with these words. */
  cardSays(asked: AskedCard, words: string, timeoutMs?: number): Promise<SlackMessage>;
  /** All messages of the channel about a request: the card and its thread. */
  messagesOf(asked: AskedCard): Promise<readonly SlackMessage[]>;
  /** How often the action ran. */
  runs(id: string): Promise<number>;
  release(id: string): Promise<void>;
  stop(): Promise<void>;
}

/** Each in its file, too, as the command line reads it. */
function ownKeys(fileOf: (person: Signer) => string): Readonly<Record<Signer, SigningKey>> {
  const key = (person: Signer) => {
    const { pem, signing } = generateSigningKey(person);
    writeFileSync(fileOf(person), pem, { mode: 0o600 });
    return signing;
  };
  return {
    ana: key('ana'),
    ben: key('ben'),
    dan: key('dan'),
    mia: key('mia'),
    olaf: key('olaf'),
    sam: key('sam'),
  };
}

export interface RigOptions {
  /** The text of policy.yaml. */
  readonly policy?: string;
}

export async function startRig(name: string, { policy = POLICY }: RigOptions = {}): Promise<Rig> {
  mkdirSync('.assent', { recursive: true });
  const directory = resolve(mkdtempSync(join('.assent', `test-${name}-`)));
  const at = (file: string) => join(directory, file);
  const stops: (() => Promise<unknown>)[] = [() => rm(directory, { recursive: true, force: true })];
  const started = <T extends { stop(): Promise<void> }>(part: T): T => {
    stops.unshift(() => part.stop());
    return part;
  };
  const stop = async () => {
    for (const end of stops.splice(0)) await end();
  };
  try {
    const port = await freePort();
    const [slack, temporalServer] = await Promise.all([
      startLocalSlack({
        people: HANDLES.map((handle) => ({ handle, name: handle })),
        interactivityUrl: `http://127.0.0.1:${port}${SLACK_PATH}`,
        directory: at('slack'),
        logFile: at('slack.log'),
      }).then(started),
      startTemporal({ cli: inject('temporalCli'), logFile: at('temporal.log') }).then(started),
    ]);
    const faults = started(await startFaultProxy(started(await startSlackBridge(slack.url)).url));
    for (const [handle, flags] of Object.entries(FLAGS)) faults.faults.user(userOf(handle), flags);

    const keys = { [AGENT]: generateSigningKey(AGENT), [OTHER_AGENT]: generateSigningKey(OTHER_AGENT) };
    const agents = Object.entries(keys);
    const texts = agents.map(([agent, { signing }]) => [agent, signing.verifier.text]);
    const own = ownKeys((person) => at(`${person}.pem`));
    const owned = Object.entries(own).map(([person, { verifier }]) => [person, verifier.text]);
    await writeFile(
      at('directory.yaml'),
      directoryText(Object.fromEntries(texts), Object.fromEntries(owned)),
    );
    await Promise.all(agents.map(([agent, { pem }]) => writeFile(at(`${agent}.pem`), pem, { mode: 0o600 })));
    const yours = {
      TEMPORAL_ADDRESS: temporalServer.address,
      SLACK_BOT_TOKEN: slack.token,
      SLACK_SIGNING_SECRET: slack.signingSecret,
      SLACK_CHANNEL: slack.channelId,
      SLACK_API_URL: faults.url,
      ASSENT_DIRECTORY: at('directory.yaml'),
      ASSENT_ACTIONS: fileURLToPath(new URL('actions.ts', import.meta.url)),
      ASSENT_GATEWAY_PORT: `${port}`,
    };
    const stack = started(await startMixedStack({ directory: at('stack'), policy }, yours));
    const { files, databases } = stack;
    const shared = {
      ...process.env,
      ...yours,
      RIG_DIRECTORY: directory,
      ASSENT_POLICY: files.policy,
      ASSENT_TRUST: files.trust,
      ASSENT_EXECUTOR_KEY_FILE: files.keys.executor,
      ASSENT_GATEWAY_KEY_FILE: files.keys.gateway,
    };
    const start = async (script: string, log: string, ready: RegExp, env: NodeJS.ProcessEnv) =>
      started(
        await startProcess({
          name: script,
          command: process.execPath,
          args: [fileURLToPath(new URL(script, import.meta.url))],
          logFile: at(`${log}.log`),
          ready,
          env: { ...shared, ...env },
        }),
      );
    let executors = 0;
    const startExecutor = async () => {
      executors += 1;
      executor = await start('executor.ts', `executor-${executors}`, /^running$/, {
        DATABASE_URL: databases.assent_executor,
      });
    };
    let executor: RunningProcess | undefined;
    await startExecutor();

    const connection = await Connection.connect({ address: temporalServer.address });
    stops.unshift(() => connection.close());
    const temporal = new Client({ connection });
    const client = (agent: string) =>
      AssentClient.connect({ agent, keyFile: at(`${agent}.pem`), trust: files.trust }, temporal);
    const live = await watchJudge(
      {
        ASSENT_POLICY: files.policy,
        ASSENT_DIRECTORY: yours.ASSENT_DIRECTORY,
        ASSENT_TRUST: files.trust,
        ASSENT_ACTIONS: yours.ASSENT_ACTIONS,
      },
      pino({ level: 'silent' }),
    );
    stops.unshift(async () => live.close());
    const { judge } = live;
    const db = openDatabase(databases.owner, { max: 4 });
    stops.unshift(() => db.destroy());
    const book = createBook(db);
    const [agent, rival] = [await client(AGENT), await client(OTHER_AGENT)];

    const findCase = async (requestId: string) =>
      caseOf(requestId, await readPages(requestId, book), judge(), Date.now()) ?? undefined;
    const post = async (payload: unknown, gateway = stack.gateway) => {
      const body = form(payload);
      const headers = signedHeaders(body, slack.signingSecret);
      return fetch(`${gateway}${SLACK_PATH}`, { method: 'POST', headers, body });
    };
    const ask: Rig['ask'] = async ({ rule = 'one', hold = false, note, byRival = false } = {}) => {
      const id = `job-${randomUUID()}`;
      const input = { rule, id, hold, ...(note === undefined ? {} : { note }) };
      const asker = byRival ? rival : agent;
      return { id, ...(await asker.request({ key: id, action: 'test.work', input, onBehalfOf: 'mia' })) };
    };
    const isCard = ({ thread_ts, blocks }: SlackMessage, requestId: string) =>
      thread_ts === undefined && JSON.stringify(blocks ?? []).includes(`Request \`${short(requestId)}\``);
    const card: Rig['card'] = async (asked) => {
      const { ts } = await slack.until((all) => all.find((message) => isCard(message, asked.requestId)), {
        timeoutMs: 20_000,
      });
      const { content } = await until('the request is in the book', () => findCase(asked.requestId));
      if (content === null) throw new Error('policy asks nobody');
      const reference = { request_id: asked.requestId, card_digest: cardDigest(content) };
      return { ...asked, card: reference, channel: slack.channelId, message_ts: ts };
    };
    const judged = { policy: files.policy, directory: yours.ASSENT_DIRECTORY };
    const logs = [
      ...processNames.map((process) => join(stack.directory, 'logs', `${process}.log`)),
      at('executor-1.log'),
    ];
    return {
      stack,
      slack,
      faults,
      temporal,
      temporalServer,
      agent,
      agentKey: keys[AGENT].signing,
      rival,
      judge,
      edit: async (file, change) => {
        await edit({ files: judged, file, logs, change });
        const { policy, directory } = await loadGuard(judged);
        await until('the rig judges by it too', async () => {
          const { guard } = judge();
          return guard.policy.digest === policy.digest && guard.directory.digest === directory.digest;
        });
      },
      logs,
      environmentOf: (person) => ({
        ASSENT_PERSON: person,
        ASSENT_PERSON_KEY_FILE: at(`${person}.pem`),
        ASSENT_GATEWAY: stack.gateway,
        ASSENT_POLICY: files.policy,
        ASSENT_DIRECTORY: yours.ASSENT_DIRECTORY,
        ASSENT_TRUST: files.trust,
        ASSENT_ACTIONS: yours.ASSENT_ACTIONS,
        DATABASE_URL: databases.assent_reader,
      }),
      keys: own,
      db,
      book,
      executor: () => {
        if (executor === undefined) throw new Error('it was never started');
        return executor;
      },
      startExecutor,
      startGateway: async () => {
        const own = await freePort();
        const running = await start('../../gateway/main.ts', `gateway-${own}`, /"msg":"running"/, {
          DATABASE_URL: databases.assent_gateway,
          ASSENT_GATEWAY_PORT: `${own}`,
        });
        return { ...running, gateway: `http://127.0.0.1:${own}` };
      },
      ask,
      askCard: async (options) => card(await ask(options)),
      askFor: async (wanted) => card({ id: wanted.key, ...(await agent.request(wanted)) }),
      card,
      post,
      approve: (person, place, gateway) => post(clickOf(person, place, 'approve'), gateway),
      deny: (person, place, reason) => post(denialOf(person, place, reason)),
      submit: (person, place, kind, inputs) => post(submissionOf(person, place, kind, inputs)),
      say: (envelope) =>
        fetch(`${stack.gateway}${STATEMENTS_PATH}`, { method: 'POST', body: JSON.stringify(envelope) }),
      standing: (requestId) => until('the request is in the book', () => findCase(requestId)),
      cardSays: ({ message_ts }, words, timeoutMs = 20_000) =>
        slack.until((all) => all.find(({ ts, text }) => ts === message_ts && text.startsWith(words)), {
          timeoutMs,
        }),
      messagesOf: async ({ requestId, message_ts }) =>
        (await slack.messages()).filter(
          (message) =>
            isCard(message, requestId) || (message.thread_ts === message_ts && message.ts !== message_ts),
        ),
      runs: async (id) => {
        const text = await readFile(at(`${id}.ran`), 'utf8').catch(() => '');
        return text.split('\n').length - 1;
      },
      release: (id) => writeFile(at(`${id}.release`), ''),
      stop,
    };
  } catch (error) {
    await stop();
    throw error;
  }
}
