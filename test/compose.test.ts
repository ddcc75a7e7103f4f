/** docker-compose.yml, held against the Compose specification's schema and against what it promises. */
import { existsSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { Ajv2020 } from 'ajv/dist/2020.js';
import { expect, test } from 'vitest';
import { parse } from 'yaml';
import { z } from 'zod';

const root = new URL('..', import.meta.url);
const read = (file: string) => readFileSync(new URL(file, root), 'utf8');
const file: unknown = parse(read('docker-compose.yml'), { merge: true });

const service = z.object({
  image: z.string(),
  build: z.string().optional(),
  command: z.array(z.string()).optional(),
  environment: z.record(z.string(), z.string()).default({}),
  ports: z.array(z.string()).default([]),
  networks: z.array(z.string()),
  volumes: z.array(z.string()).default([]),
  configs: z.array(z.string()).default([]),
  secrets: z.array(z.string()).default([]),
  restart: z.string(),
  healthcheck: z.object({ test: z.array(z.string()) }).optional(),
  depends_on: z.record(z.string(), z.object({ condition: z.string() })).default({}),
  cap_drop: z.array(z.string()),
  security_opt: z.array(z.string()),
  read_only: z.boolean(),
  deploy: z.object({ resources: z.object({ limits: z.object({ memory: z.string() }) }) }),
});
const source = z.object({ file: z.string() });
const compose = z.object({
  services: z.record(z.string(), service),
  networks: z.record(z.string(), z.object({ internal: z.boolean().default(false) })),
  volumes: z.record(z.string(), z.unknown()),
  configs: z.record(z.string(), source),
  secrets: z.record(z.string(), source),
});
const { services, networks, volumes, configs, secrets } = compose.parse(file);
const everyService = Object.entries(services);
const ours = ['worker', 'executor', 'gateway'] as const;
const users = (wanted: (one: z.infer<typeof service>) => boolean) =>
  everyService.filter(([, one]) => wanted(one)).map(([name]) => name);

const schema: unknown = JSON.parse(read('test/fixtures/compose-spec.json'));
const validate = new Ajv2020({
  strict: false,
  allErrors: true,
  formats: { duration: /^(\d+(\.\d+)?(us|ms|s|m|h))+$/ },
}).compile(z.record(z.string(), z.unknown()).parse(schema));

test('it is valid by the Compose specification', () => {
  validate(file);
  expect(validate.errors).toBeNull();
});

test('the schema notices what it should', () => {
  const broken = { services: { worker: { image: 'x', healthchek: {} } } };
  expect(validate(broken)).toBe(false);
});

test('only the gateway and, on this machine alone, the UI have a port on the host', () => {
  const published = everyService.flatMap(([name, { ports }]) => ports.map((port) => `${name} ${port}`));
  expect(published).toEqual(['gateway 3000:3000', 'temporal-ui 127.0.0.1:8080:8080']);
});

test('what goes on running has a health check; what runs once is waited for until it has succeeded', () => {
  for (const [name, { restart, healthcheck }] of everyService) {
    if (restart.startsWith('on-failure')) continue;
    expect(restart, name).toBe('unless-stopped');
    expect(healthcheck, name).toBeDefined();
  }
  for (const [name, { depends_on }] of everyService) {
    for (const [other, { condition }] of Object.entries(depends_on)) {
      const once = services[other]?.restart.startsWith('on-failure');
      expect(condition, `${name} on ${other}`).toBe(
        once ? 'service_completed_successfully' : 'service_healthy',
      );
    }
  }
  for (const name of ours) expect(Object.keys(services[name]?.depends_on ?? {})).toContain('migrate');
});

test('the book and Temporal have a database of their own each, on named volumes', () => {
  const databases = everyService.filter(
    ([, { image, healthcheck }]) => image.startsWith('postgres:') && healthcheck,
  );
  const held = databases.map(([name, one]) => [name, one.volumes, one.networks]);
  expect(held).toEqual([
    ['book', ['book:/var/lib/postgresql'], ['book']],
    ['temporal-database', ['temporal:/var/lib/postgresql'], ['temporal-store']],
  ]);
  for (const [name, one] of everyService) {
    for (const mount of one.volumes) expect(Object.keys(volumes), name).toContain(mount.split(':')[0]);
  }
});

test('only the gateway reaches the world, and only the executor the targets', () => {
  expect(users((one) => one.networks.includes('world'))).toEqual(['gateway']);
  expect(users((one) => one.networks.includes('targets'))).toEqual(['executor']);
  expect(users((one) => one.networks.includes('operators'))).toEqual(['temporal-ui']);
  const open = Object.entries(networks).filter(([, { internal }]) => !internal);
  expect(open.map(([name]) => name)).toEqual(['world', 'operators']);
});

test('keys, passwords and tokens are secrets, each with those who need it', () => {
  const holders = Object.keys(secrets).map((name) => [name, users((one) => one.secrets.includes(name))]);
  expect(Object.fromEntries(holders)).toEqual({
    book_admin_password: ['book', 'migrate', 'logins'],
    worker_database_password: ['worker', 'logins'],
    executor_database_password: ['executor', 'logins'],
    gateway_database_password: ['gateway', 'logins'],
    temporal_database_password: ['temporal-database', 'temporal-schema', 'temporal'],
    executor_key: ['executor'],
    gateway_key: ['gateway'],
    'targets.yaml': ['executor'],
    slack_bot_token: ['gateway'],
    slack_signing_secret: ['gateway'],
  });
  for (const [name, { environment }] of everyService) {
    for (const [variable, value] of Object.entries(environment)) {
      if (/PASSWORD|TOKEN|SECRET|KEY/.test(variable))
        expect(value, `${name} ${variable}`).toMatch(/^\/run\/secrets\//);
      if (variable === 'DATABASE_URL') expect(new URL(value).password, name).toBe('');
      for (const [, secret] of value.matchAll(/\/run\/secrets\/([\w.]+)/g))
        expect(services[name]?.secrets).toContain(secret);
    }
  }
});

test('every process logs in to the book under a name of its own', () => {
  const logins = ours.map((name) => new URL(services[name]?.environment.DATABASE_URL ?? '').username);
  expect(logins).toEqual(['assent_worker_login', 'assent_executor_login', 'assent_gateway_login']);
  for (const login of logins) expect(read('deploy/logins.sql')).toContain(`alter role ${login} `);
});

test('every file that it mounts and that is no secret of the operator lies in the repository', () => {
  const mounted = Object.values(configs).map((one) => one.file);
  const absent = mounted.filter(
    (path) => !existsSync(new URL(path, root)) && !path.startsWith('deploy/config/'),
  );
  expect(absent).toEqual([]);
  for (const { file: path } of Object.values(secrets)) expect(path).toMatch(/^deploy\/secrets\//);
  expect(read('.gitignore').split('\n')).toEqual(
    expect.arrayContaining(['deploy/config/', 'deploy/secrets/']),
  );
});

test('images are pinned, and one image with several commands is ours', () => {
  for (const [name, { image }] of everyService) expect(image, name).toMatch(/:\d+\.\d+/);
  const built = everyService
    .filter(([, { build }]) => build !== undefined)
    .map(([, one]) => [one.image, one.command]);
  const version = z.object({ version: z.string() }).parse(JSON.parse(read('package.json'))).version;
  const processes = ['worker', 'executor', 'gateway', 'migrate'];
  expect(built).toEqual(processes.map((name) => [`assent:${version}`, [name]]));
  expect(existsSync(fileURLToPath(new URL('Dockerfile', root)))).toBe(true);
});

test('every container gives up its rights and has limits', () => {
  for (const [name, one] of everyService) {
    expect(one.cap_drop, name).toEqual(['ALL']);
    expect(one.security_opt, name).toEqual(['no-new-privileges:true']);
  }
  expect(users((one) => !one.read_only)).toEqual(['temporal-ui']);
});

test('the namespace gets the search attributes that the workflows set', async () => {
  const { searchAttributes } = await import('../dev/temporal.ts');
  const script = read('deploy/temporal-namespace');
  for (const name of Object.keys(searchAttributes)) expect(script).toMatch(new RegExp(`\\b${name}\\b`));
});
