/** Global set-up: Temporal's command line and test server are there before any test starts, and their paths known. */
import type { TestProject } from 'vitest/node';
import { findTemporalCli, findTestServer } from '../../dev/toolchain/find.ts';

declare module 'vitest' {
  interface ProvidedContext {
    /** Path of the `temporal` executable. */
    temporalCli: string;
    /** Path of the time-skipping test server's executable. */
    testServer: string;
  }
}

export default async function setup(project: TestProject): Promise<void> {
  const [cli, server] = await Promise.all([findTemporalCli(), findTestServer()]);
  project.provide('temporalCli', cli.path);
  project.provide('testServer', server.path);
}
