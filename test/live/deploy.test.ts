/** The deployment's set-up of Temporal, run against a server that has neither its namespace nor its attributes. */
import { execFile } from 'node:child_process';
import { dirname } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import type { TestWorkflowEnvironment } from '@temporalio/testing';
import { afterAll, beforeAll, expect, inject, test } from 'vitest';
import { searchAttributes } from '../../dev/temporal.ts';
import { localEnvironment } from '../setup/temporal.ts';

const run = promisify(execFile);
const script = fileURLToPath(new URL('../../deploy/temporal-namespace', import.meta.url));

let environment: TestWorkflowEnvironment;

beforeAll(async () => {
  environment = await localEnvironment();
});

afterAll(() => environment.teardown());

test('it makes what is missing, and a second run changes nothing', async () => {
  const env = {
    PATH: `${dirname(inject('temporalCli'))}:/usr/bin:/bin`,
    TEMPORAL_ADDRESS: environment.address,
    TEMPORAL_NAMESPACE: 'fresh',
    RETENTION: '30d',
  };
  await run('sh', [script], { env });
  const { stdout } = await run('sh', [script], { env });
  expect(stdout).not.toContain('added');

  const { config } = await environment.connection.workflowService.describeNamespace({ namespace: 'fresh' });
  expect(Number(config?.workflowExecutionRetentionTtl?.seconds)).toBe(30 * 24 * 3600);
  const { customAttributes } = await environment.connection.operatorService.listSearchAttributes({
    namespace: 'fresh',
  });
  expect(
    Object.keys(customAttributes)
      .filter((name) => name.startsWith('Assent'))
      .toSorted(),
  ).toEqual(Object.keys(searchAttributes).toSorted());
});
