/** http.request at work, on the hosts that the executor lists. */
import { digestOf } from '../../approval/digest.ts';
import { type Implementation, implement } from '../implement.ts';
import type { Resolve } from './address.ts';
import { addressesOf, resolveName } from './connect.ts';
import { httpRequest } from './definition.ts';
import type { RequestFacts } from './facts.ts';
import { checkHosts, type HostEntry, type Hosts } from './listed.ts';
import { type Message, messageOf } from './message.ts';
import { routeOf } from './route.ts';
import { type Limits, send } from './send.ts';

const LIMITS: Limits = { connectMs: 10_000, totalMs: 60_000 };

export interface HttpRequestOptions {
  /** The allow list, by host name. */
  readonly hosts: Hosts;
  /** Default: as the machine resolves names. */
  readonly resolve?: Resolve;
  /** Default: 10 seconds for a connection, 60 for everything. */
  readonly limits?: Limits;
}

/** @throws AssentError `http_options_malformed` */
export function implementHttpRequest(options: HttpRequestOptions): Implementation {
  const { resolve = resolveName, limits = LIMITS } = options;
  const hosts = checkHosts(options.hosts);
  return implement(httpRequest, {
    /** Asks DNS and nobody else. */
    async preview({ input, signal }) {
      const message = messageOf(input);
      const { entry } = routeOf(message, hosts);
      const soon = AbortSignal.any([signal, AbortSignal.timeout(limits.connectMs)]);
      const { reach } = await addressesOf(message.place.host, entry, resolve, soon);
      return { ...factsOf(message, entry, reach, input.body !== null) };
    },
    execute: async ({ input, signal }) =>
      send(messageOf(input), input.redirects, { hosts, resolve, limits }, signal),
  });
}

function factsOf(
  { method, place, headers, secrets, content, type }: Message,
  entry: HostEntry,
  reach: RequestFacts['reach'],
  hasBody: boolean,
): RequestFacts {
  const { methods, schemes, ports, paths } = entry;
  return {
    entry: {
      methods: [...methods],
      schemes: [...schemes],
      ports: ports === null ? null : [...ports],
      paths: paths === null ? null : [...paths],
      private: entry.private,
    },
    reach,
    sends: {
      method,
      url: place.url,
      headers: Object.keys(headers).sort(),
      secrets: [...secrets],
      body: hasBody ? { type, bytes: content.byteLength, sha256: digestOf(content) } : null,
    },
  };
}
