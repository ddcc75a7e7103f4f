import { expect, it } from 'vitest';
import {
  executorEnvironment,
  gatewayEnvironment,
  migrateEnvironment,
  readEnvironment,
  workerEnvironment,
} from '../../../activities/process/environment.ts';
import { AssentError } from '../../../approval/error.ts';

const house = {
  DATABASE_URL: 'postgres://worker:secret@db:5432/assent',
  ASSENT_POLICY: 'policy.yaml',
  ASSENT_DIRECTORY: 'directory.yaml',
  ASSENT_TRUST: 'trust.yaml',
};
const gateway = {
  ...house,
  ASSENT_GATEWAY_KEY_FILE: 'gateway.pem',
  ASSENT_GATEWAY_PORT: '8080',
  SLACK_BOT_TOKEN: 'xoxb-secret',
  SLACK_SIGNING_SECRET: 'signing secret',
  SLACK_CHANNEL: 'C0123456789',
};

function faultOf(read: () => unknown): string {
  try {
    read();
  } catch (error) {
    if (error instanceof AssentError && error.code === 'environment_incomplete') return error.message;
    throw error;
  }
  throw new Error('nothing was thrown');
}

it('reads what is there, and leaves out what a process does not need', () => {
  expect(readEnvironment(workerEnvironment, { ...gateway, PATH: '/bin' })).toEqual(house);
  expect(readEnvironment(gatewayEnvironment, gateway)).toMatchObject({
    ASSENT_GATEWAY_PORT: 8080,
    ASSENT_GATEWAY_HOST: '127.0.0.1',
  });
  expect(readEnvironment(migrateEnvironment, house)).toEqual({ DATABASE_URL: house.DATABASE_URL });
});

it('names everything that is missing at once', () => {
  const message = faultOf(() => readEnvironment(executorEnvironment, {}));
  for (const name of [
    'DATABASE_URL',
    'ASSENT_POLICY',
    'ASSENT_DIRECTORY',
    'ASSENT_TRUST',
    'ASSENT_EXECUTOR_KEY_FILE',
    'ASSENT_TARGETS',
  ]) {
    expect(message).toContain(`${name} is not set`);
  }
  expect(message).not.toContain('ASSENT_HEALTH_PORT');
});

const wrong: readonly (readonly [string, string, string])[] = [
  ['ASSENT_GATEWAY_PORT', '', 'port'],
  ['ASSENT_GATEWAY_PORT', ' 80', 'port'],
  ['ASSENT_GATEWAY_PORT', '0x50', 'port'],
  ['ASSENT_GATEWAY_PORT', '1e3', 'port'],
  ['ASSENT_GATEWAY_PORT', '-1', 'port'],
  ['ASSENT_GATEWAY_PORT', '65536', 'port'],
  ['ASSENT_HEALTH_PORT', 'eighty', 'port'],
  ['DATABASE_URL', 'db.example.com', 'postgres://'],
  ['DATABASE_URL', 'https://db.example.com', 'postgres://'],
  ['SLACK_CHANNEL', '#approvals', "Slack's id"],
  ['SLACK_API_URL', 'ftp://slack.example.com', 'https://'],
  ['ASSENT_TEMPORAL_UI', 'javascript:alert(1)', 'https://'],
  ['ASSENT_POLICY', '', 'must name a file'],
  ['SLACK_SIGNING_SECRET', '', ''],
];

it.each(wrong)('%s=%s: refused, saying what it must be', (name, value, cure) => {
  const message = faultOf(() => readEnvironment(gatewayEnvironment, { ...gateway, [name]: value }));
  expect(message).toContain(name);
  expect(message).toContain(cure);
});

it('quotes no value: secrets stand in them', () => {
  const password = 'hunter2';
  const variables = { ...gateway, DATABASE_URL: `mysql://root:${password}@db`, SLACK_CHANNEL: password };
  expect(faultOf(() => readEnvironment(gatewayEnvironment, variables))).not.toContain(password);
});
