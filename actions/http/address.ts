/** Which addresses may be connected to: public ones, and private ones for hosts that are configured as private. */
import ipaddr from 'ipaddr.js';
import { AssentError } from '../../approval/error.ts';

export type AddressClass = 'public' | 'private' | 'never';

/** Give out credentials to whoever asks, and lie in ranges that are otherwise public or merely private. */
const METADATA: ReadonlySet<string> = new Set(['fd00:ec2::254', '100.100.100.200', '168.63.129.16']);
const PRIVATE: ReadonlySet<string> = new Set(['loopback', 'private', 'carrierGradeNat', 'uniqueLocal']);

/**
 * Public is what IANA gives out as such, and nothing that embeds another address (mapped, 6to4, NAT64, Teredo).
 * Link-local, multicast, reserved and unspecified addresses are connected to never.
 */
export function classOf(address: string): AddressClass {
  if (!ipaddr.isValid(address)) return 'never';
  const parsed = ipaddr.parse(address);
  if (METADATA.has(parsed.toString())) return 'never';
  const range = parsed.range();
  if (PRIVATE.has(range)) return 'private';
  if (range !== 'unicast') return 'never';
  // Of IPv6, only 2000::/3 is given out: the rest of what no list names is not public either.
  if (parsed.kind() === 'ipv6' && ((parsed.toByteArray()[0] ?? 0) & 0xe0) !== 0x20) return 'never';
  return 'public';
}

/** A name's addresses, as text, in the order in which they are tried. */
export type Resolve = (host: string) => Promise<readonly string[]>;

export interface Addresses {
  /** At least one. */
  readonly list: readonly string[];
  /** `private` where any is. */
  readonly reach: 'public' | 'private';
}

/**
 * One refused address refuses the name: which of them is used is not for the name's owner to choose.
 *
 * @throws AssentError `target_unreachable`, `address_refused`
 */
export function checkAddresses(host: string, list: readonly string[], admitPrivate: boolean): Addresses {
  if (list.length === 0) {
    throw new AssentError('target_unreachable', `The name ${host} has no address; check its DNS.`);
  }
  const classes = list.map(classOf);
  if (classes.includes('never') || (classes.includes('private') && !admitPrivate)) {
    throw new AssentError(
      'address_refused',
      `The name ${host} leads to an address that is not public; where that is meant, the executor's configuration says private: true for this host (link-local and metadata addresses are never reached).`,
    );
  }
  return { list, reach: classes.includes('private') ? 'private' : 'public' };
}
