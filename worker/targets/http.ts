/**
 * The section `http` of targets.yaml: the allow list of http.request, and the secrets that it sends.
 *
 *     http:
 *       hosts:
 *         api.stripe.com:
 *           methods: [GET, POST]
 *           paths: [/v1/refunds, /v1/charges]
 *           secrets:
 *             stripe-key: {header: authorization, prefix: "Bearer ", file: /run/secrets/stripe}
 *         tickets.internal:
 *           methods: [POST]
 *           schemes: [http]
 *           ports: [8080]
 *           private: true
 *         vault.internal:
 *           methods: [GET]
 *           private: true
 *           ca: /etc/assent/internal-ca.pem
 *           secrets:
 *             vault: {header: x-vault-token, env: VAULT_TOKEN}
 */
import { X509Certificate } from 'node:crypto';
import { z } from 'zod';
import { secretName } from '../../actions/http/headers.ts';
import { implementHttpRequest } from '../../actions/http/implementation.ts';
import {
  type HostEntry,
  hostName,
  limits,
  type Secret,
  secretHeader,
  secretPrefix,
  secretValue,
} from '../../actions/http/listed.ts';
import type { Implementation } from '../../actions/implement.ts';
import { AssentError } from '../../approval/error.ts';
import { readOwnersOnly } from '../../approval/keys.ts';
import { readConfiguration } from '../../approval/yaml.ts';
import { mapping } from '../../approval/yaml-fault.ts';

const secret = mapping({
  header: secretHeader,
  prefix: secretPrefix.optional(),
  file: z.string().min(1).optional(),
  env: z.string().min(1).optional(),
}).refine(({ file, env }) => (file === undefined) !== (env === undefined), {
  error: 'name either a file or env, a variable of the environment',
});

const host = mapping({
  methods: limits.methods,
  schemes: limits.schemes.optional(),
  ports: limits.ports.optional(),
  paths: limits.paths.optional(),
  private: z.boolean().optional(),
  secrets: z.record(secretName, secret).optional(),
  /** A file in PEM. */
  ca: z.string().min(1).optional(),
});

export const httpSection = mapping({ hosts: z.record(hostName, host) });

type Environment = Readonly<Record<string, string | undefined>>;

/** @throws AssentError `file_unreadable`, `key_file_unreadable`, `key_file_open`, `secret_malformed`, `ca_malformed`, `http_options_malformed` */
export async function implementHttp(
  { hosts }: z.infer<typeof httpSection>,
  environment: Environment,
): Promise<readonly Implementation[]> {
  const entries = Object.entries(hosts).map(
    async ([name, given]) => [name, await entryOf(given, environment)] as const,
  );
  return [implementHttpRequest({ hosts: Object.fromEntries(await Promise.all(entries)) })];
}

async function entryOf(given: z.infer<typeof host>, environment: Environment): Promise<HostEntry> {
  const { methods, schemes = ['https'], ports = null, paths = null, ca, secrets = {} } = given;
  const held = Object.entries(secrets).map(
    async ([name, one]) => [name, await secretOf(name, one, environment)] as const,
  );
  return {
    methods,
    schemes,
    ports,
    paths,
    private: given.private ?? false,
    secrets: Object.fromEntries(await Promise.all(held)),
    ca: ca === undefined ? null : await readAuthority(ca),
  };
}

async function secretOf(
  name: string,
  { header, prefix = '', file, env = '' }: z.infer<typeof secret>,
  environment: Environment,
): Promise<Secret> {
  const place = file ?? `the environment's ${env}`;
  const found = file === undefined ? (environment[env] ?? '') : await readOwnersOnly(file);
  // Editors and most secret stores end a file with a line break.
  const parsed = secretValue.safeParse(found.replace(/\r?\n$/, ''));
  if (parsed.success) return { header, prefix, value: parsed.data };
  const [issue] = parsed.error.issues;
  throw new AssentError('secret_malformed', `The secret ${name}, from ${place}, ${issue?.message}.`);
}

async function readAuthority(file: string): Promise<string> {
  const pem = await readConfiguration(file);
  try {
    new X509Certificate(pem);
    return pem;
  } catch (cause) {
    throw new AssentError('ca_malformed', `${file} holds no certificate in PEM.`, { cause });
  }
}
