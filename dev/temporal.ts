/** A Temporal development server with its UI, in memory, on free loopback ports. */
import { setTimeout } from 'node:timers/promises';
import { Connection } from '@temporalio/client';
import proto from '@temporalio/proto';
import { AssentError } from '../approval/error.ts';
import { SEARCH_ATTRIBUTES } from '../approval/types.ts';
import { freePort } from './port.ts';
import { startProcess } from './process.ts';

/** The search attributes by which operators find requests (Temporal's UI and visibility queries). */
export const searchAttributes: Readonly<Record<string, 'Keyword' | 'Datetime'>> = Object.fromEntries(
  Object.values(SEARCH_ATTRIBUTES).map((name) => [
    name,
    name === SEARCH_ATTRIBUTES.deadline ? 'Datetime' : 'Keyword',
  ]),
);

export interface TemporalServer {
  /** `127.0.0.1:<port>`, as TEMPORAL_ADDRESS wants it. */
  readonly address: string;
  readonly namespace: string;
  /** The UI's address, with no slash at its end. */
  readonly ui: string;
  readonly pid: number;
  readonly ended: Promise<string>;
  stop(): Promise<void>;
}

export interface TemporalServerOptions {
  /** Path of the `temporal` executable (toolchain/find.ts). */
  readonly cli: string;
  readonly logFile: string;
  readonly namespace?: string;
}

const readyTimeoutMs = 20_000;

/** Resolves when the namespace answers and knows the search attributes. @throws {AssentError} `start_failed`. */
export async function startTemporal(options: TemporalServerOptions): Promise<TemporalServer> {
  const { cli, logFile, namespace = 'default' } = options;
  const port = await freePort();
  const uiPort = await freePort();
  const listen = ['--ip', '127.0.0.1', '--port', `${port}`, '--ui-port', `${uiPort}`];
  const attributes = Object.entries(searchAttributes).flatMap(([key, type]) => [
    '--search-attribute',
    `${key}=${type}`,
  ]);
  const server = await startProcess({
    name: 'The Temporal development server',
    command: cli,
    args: [
      'server',
      'start-dev',
      ...listen,
      '--namespace',
      namespace,
      '--log-level',
      'error',
      '--ui-disable-news-fetch',
      ...attributes,
    ],
    logFile,
    ready: /^Temporal Server:/,
  });
  const address = `127.0.0.1:${port}`;
  try {
    await untilNamespaceReady(address, namespace);
  } catch (error) {
    await server.stop();
    throw error;
  }
  return { address, namespace, ui: `http://127.0.0.1:${uiPort}`, ...server };
}

/** Registration goes on for a moment after the server answers, and no event tells its end: so ask again. */
async function untilNamespaceReady(address: string, namespace: string): Promise<void> {
  const connection = await Connection.connect({ address });
  const deadline = Date.now() + readyTimeoutMs;
  try {
    for (;;) {
      const missing = await missingAttributes(connection, namespace);
      if (missing === '') return;
      if (Date.now() > deadline)
        throw new AssentError(
          'start_failed',
          `Namespace ${namespace} at ${address} is not ready: ${missing}`,
        );
      await setTimeout(50);
    }
  } finally {
    await connection.close();
  }
}

async function missingAttributes(connection: Connection, namespace: string): Promise<string> {
  try {
    const { customAttributes } = await connection.operatorService.listSearchAttributes({ namespace });
    return Object.keys(searchAttributes)
      .filter((name) => !(name in customAttributes))
      .join(', ');
  } catch (error) {
    return error instanceof Error ? error.message : String(error);
  }
}

/** Registers the search attributes with a server that was started without them. */
export async function registerSearchAttributes(connection: Connection, namespace: string): Promise<void> {
  const { INDEXED_VALUE_TYPE_DATETIME, INDEXED_VALUE_TYPE_KEYWORD } =
    proto.temporal.api.enums.v1.IndexedValueType;
  const types = { Keyword: INDEXED_VALUE_TYPE_KEYWORD, Datetime: INDEXED_VALUE_TYPE_DATETIME };
  await connection.operatorService.addSearchAttributes({
    namespace,
    searchAttributes: Object.fromEntries(
      Object.entries(searchAttributes).map(([name, type]) => [name, types[type]]),
    ),
  });
}
