/** Sends a request and follows its redirects by hand. */
import type { JsonObject } from '../../approval/types.ts';
import type { Resolve } from './address.ts';
import { type Hop, resultOf } from './answer.ts';
import { addressesOf, connect } from './connect.ts';
import { exchange } from './exchange.ts';
import { type Listed, secretsIn } from './listed.ts';
import type { Message } from './message.ts';
import { locationOf, redirected, redirectRefused } from './redirect.ts';
import { routeOf } from './route.ts';

export interface Limits {
  /** For each connection, its name's resolution included. */
  readonly connectMs: number;
  /** For everything, redirects included. */
  readonly totalMs: number;
}

export interface Ways {
  readonly hosts: Listed;
  readonly resolve: Resolve;
  readonly limits: Limits;
}

/**
 * @throws AssentError as `routeOf`, `connect` and `exchange` do, and `redirect_refused`
 */
export async function send(
  first: Message,
  redirects: number,
  { hosts, resolve, limits }: Ways,
  cancelled: AbortSignal,
): Promise<JsonObject> {
  const total = AbortSignal.any([cancelled, AbortSignal.timeout(limits.totalMs)]);
  const hops: Hop[] = [];
  let message = first;
  for (;;) {
    const route = routeOf(message, hosts);
    const connecting = AbortSignal.any([total, AbortSignal.timeout(limits.connectMs)]);
    const addresses = await addressesOf(message.place.host, route.entry, resolve, connecting);
    const socket = await connect(message.place, route.entry, addresses, connecting);
    const answer = await exchange(socket, message, route.headers, total);
    const { url } = message.place;
    const location = redirects === 0 ? null : locationOf(answer, url);
    if (location === null) return resultOf(answer, { url, hops, secrets: secretsIn(hosts) });
    hops.push({ status: answer.status, url });
    if (hops.length > redirects) throw redirectRefused(url, `there are more than ${redirects}`);
    message = redirected(message, location, hosts);
  }
}
