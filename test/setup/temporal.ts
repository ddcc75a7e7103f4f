/**
 * A Temporal server for one test file, with the project's search attributes. Time is one for a whole server, so
 * a file makes its own environment, runs its tests one after the other and calls `teardown()` at its end.
 */
import { TestWorkflowEnvironment } from '@temporalio/testing';
import { inject } from 'vitest';
import { registerSearchAttributes, searchAttributes } from '../../dev/temporal.ts';
import './toolchain.ts';

/** A server that skips time while a workflow's result is awaited: an hour's timer takes 0.2 s. */
export async function timeSkippingEnvironment(): Promise<TestWorkflowEnvironment> {
  const environment = await TestWorkflowEnvironment.createTimeSkipping({
    server: { executable: { type: 'existing-path', path: inject('testServer') } },
  });
  await registerSearchAttributes(environment.connection, environment.namespace ?? 'default');
  return environment;
}

/** A whole development server in real time, for what the other does not do (reset, visibility, standalone activities). */
export async function localEnvironment(): Promise<TestWorkflowEnvironment> {
  const extraArgs = Object.entries(searchAttributes).flatMap(([name, type]) => [
    '--search-attribute',
    `${name}=${type}`,
  ]);
  return await TestWorkflowEnvironment.createLocal({
    server: { executable: { type: 'existing-path', path: inject('temporalCli') }, extraArgs },
  });
}
