/** The allow list: which hosts, and of each which methods, schemes, ports and paths. */
import { z } from 'zod';
import { AssentError } from '../../approval/error.ts';
import { headerName, isSettable, secretName } from './headers.ts';
import { METHODS, type Method } from './method.ts';
import { DEFAULT_PORT, HOST, type Place, pathFault, SCHEMES } from './url.ts';

export const hostName = z.string().regex(HOST, 'must be a name in lower case, not an address, without port');
export const pathPrefix = z
  .string()
  .refine((path) => pathFault(path) === null && /^[!-~]+$/.test(path) && !/[?#]/.test(path), {
    error: 'must be a path as it is sent, /v1/refunds',
  });
export const secretHeader = headerName.refine(isSettable, {
  error: 'is a header that a request may not set',
});
export const secretPrefix = z.string().regex(/^[!-~]+ ?$/, 'must be a word before the value, like "Bearer "');

export const MAX_SECRET = 4096;

/** In a header, a secret's value is one visible line; a shorter one could be found by chance in an answer. */
export const secretValue = z
  .string()
  .regex(/^[!-~]([ -~]*[!-~])?$/, 'must be one line of visible ASCII')
  .min(8, 'must have at least 8 characters')
  .max(MAX_SECRET, `must have at most ${MAX_SECRET} characters`);

const secret = z.strictObject({
  /** The one header that it may stand in. */
  header: secretHeader,
  /** Sent before the value: `Bearer `. */
  prefix: z.union([secretPrefix, z.literal('')]),
  value: secretValue,
});

export const limits = {
  methods: z.array(z.enum(METHODS)).min(1),
  schemes: z.array(z.enum(SCHEMES)).min(1),
  ports: z.array(z.int().min(1).max(65_535)).min(1),
  paths: z.array(pathPrefix).min(1),
};

const entry = z.strictObject({
  methods: limits.methods,
  schemes: limits.schemes,
  /** Null: the scheme's own. */
  ports: limits.ports.nullable(),
  /** Null: every path. A prefix covers whole steps: /v1 covers /v1/a and not /v10. */
  paths: limits.paths.nullable(),
  /** Whether it may lead to a private address. */
  private: z.boolean(),
  secrets: z.record(secretName, secret),
  /** PEM of the certificate authority that alone is trusted for this host; null: the well-known ones. */
  ca: z.string().nullable(),
});

export type Secret = Readonly<z.infer<typeof secret>>;
export type HostEntry = Readonly<z.infer<typeof entry>>;
export type Hosts = Readonly<Record<string, HostEntry>>;
/** Checked, by host name. */
export type Listed = ReadonlyMap<string, HostEntry>;

const schema = z.record(hostName, entry);

/** @throws AssentError `http_options_malformed`, quoting no value */
export function checkHosts(hosts: Hosts): Listed {
  const parsed = schema.safeParse(hosts);
  const [issue] = parsed.error?.issues ?? [];
  if (issue !== undefined) throw malformed(issue.path.join('.'), issue.message);
  for (const [host, { secrets, schemes }] of Object.entries(hosts)) {
    if (schemes.includes('http') && Object.keys(secrets).length > 0) {
      throw malformed(`${host}.schemes`, 'secrets are sent over https only; leave out http');
    }
  }
  return new Map(Object.entries(hosts));
}

/** @throws AssentError `host_not_listed`, `method_not_listed`, `scheme_not_listed`, `port_not_listed`, `path_not_listed` */
export function listedEntry(hosts: Listed, place: Place, method: Method): HostEntry {
  const found = hosts.get(place.host);
  if (found === undefined) throw notListed('host', place.host, 'the host');
  if (!found.methods.includes(method)) throw notListed('method', place.host, method);
  if (!found.schemes.includes(place.scheme)) throw notListed('scheme', place.host, place.scheme);
  const ports = found.ports ?? [DEFAULT_PORT[place.scheme]];
  if (!ports.includes(place.port)) throw notListed('port', place.host, `port ${place.port}`);
  if (found.paths !== null && !found.paths.some((prefix) => covers(prefix, place.path))) {
    throw notListed('path', place.host, 'the path');
  }
  return found;
}

export function secretsIn(hosts: Listed): readonly Secret[] {
  return [...hosts.values()].flatMap(({ secrets }) => Object.values(secrets));
}

function covers(prefix: string, path: string): boolean {
  return path === prefix || path.startsWith(prefix.endsWith('/') ? prefix : `${prefix}/`);
}

function notListed(what: string, host: string, words: string): AssentError {
  return new AssentError(
    `${what}_not_listed`,
    `For ${host}, ${words} is not on the executor's list; ask whoever keeps its targets.yaml.`,
  );
}

function malformed(place: string, why: string): AssentError {
  return new AssentError('http_options_malformed', `http.hosts.${place}: ${why}.`);
}
