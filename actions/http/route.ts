/** The way that a message goes: its host's entry of the list, and its headers with the secrets in them. */
import { AssentError } from '../../approval/error.ts';
import type { HeaderValue } from './headers.ts';
import { type HostEntry, type Listed, listedEntry } from './listed.ts';
import type { Message } from './message.ts';

export interface Route {
  readonly entry: HostEntry;
  readonly headers: Readonly<Record<string, string>>;
}

/** @throws AssentError `…_not_listed`, `secret_unknown`, `secret_misplaced` */
export function routeOf(message: Message, hosts: Listed): Route {
  const { method, place, headers } = message;
  const entry = listedEntry(hosts, place, method);
  const filled = (header: string, value: HeaderValue): string => {
    if (typeof value === 'string') return value;
    const secret = Object.hasOwn(entry.secrets, value.secret) ? entry.secrets[value.secret] : undefined;
    if (secret === undefined) {
      throw new AssentError(
        'secret_unknown',
        `The executor holds no secret ${value.secret} for ${place.host}; a secret goes to its own host only.`,
      );
    }
    if (secret.header !== header) {
      throw new AssentError(
        'secret_misplaced',
        `The secret ${value.secret} of ${place.host} may stand in the header ${secret.header} only.`,
      );
    }
    return secret.prefix + secret.value;
  };
  const lines = Object.entries(headers).map(([header, value]) => [header, filled(header, value)] as const);
  return { entry, headers: Object.fromEntries(lines) };
}
