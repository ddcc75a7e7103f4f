/**
 * A binary by the SDK's own download (`@temporalio/testing`, `cached-download`), which no hash guards.
 *
 * The download runs in native code that can't be cancelled, and waits for ever where a firewall drops packets
 * silently; so it runs in a process of its own that is ended when its time is up.
 */
import { readdir, readFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { z } from 'zod';
import type { Tool } from './pins.ts';
import { run } from './run.ts';

const testingPackage = createRequire(import.meta.url).resolve('@temporalio/testing');

const timeoutMs = 60_000;

const program = `
const { TestWorkflowEnvironment } = require(process.argv[1]);
const server = { executable: { type: 'cached-download', downloadDir: process.argv[3] } };
TestWorkflowEnvironment[process.argv[2]]({ server })
  .then((env) => env.teardown())
  .catch((error) => { console.error(error.message); process.exitCode = 1; });
`;

/** Downloads into `directory` and returns the binary's path. Rejects when it can't be had in a minute. */
export async function sdkDownload(tool: Tool, directory: string, env: NodeJS.ProcessEnv): Promise<string> {
  await run(process.execPath, ['-e', program, testingPackage, tool.sdk, directory], { env, timeoutMs });
  const [file] = await readdir(directory);
  if (file === undefined) throw new Error(`the SDK left no file in ${directory}`);
  return join(directory, file);
}

/** Version of the SDK, which decides what its download fetches. */
export async function sdkVersion(): Promise<string> {
  const file = join(dirname(testingPackage), '../package.json');
  return z.object({ version: z.string() }).parse(JSON.parse(await readFile(file, 'utf8'))).version;
}
