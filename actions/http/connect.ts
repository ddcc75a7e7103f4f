/** A connection to exactly the addresses that were checked, encrypted and authenticated where the scheme says so. */
import { promises as dns } from 'node:dns';
import net from 'node:net';
import tls from 'node:tls';
import { AssentError } from '../../approval/error.ts';
import { type Addresses, checkAddresses, type Resolve } from './address.ts';
import type { HostEntry } from './listed.ts';
import type { Place } from './url.ts';

/** As the machine resolves names, its hosts file included. */
export const resolveName: Resolve = async (host) => {
  const found = await dns.lookup(host, { all: true, order: 'verbatim' });
  return found.map(({ address }) => address);
};

/**
 * Asks once for the name's addresses, and checks them all.
 *
 * @throws AssentError `target_unreachable`, `address_refused`, `cancelled`
 */
export async function addressesOf(
  host: string,
  entry: HostEntry,
  resolve: Resolve,
  signal: AbortSignal,
): Promise<Addresses> {
  const asking = signal.aborted ? Promise.reject(signal.reason) : resolve(host);
  const list = await beforeAbort(asking, signal).catch((error: unknown) => {
    throw unreachable(host, signal, error);
  });
  return checkAddresses(host, list, entry.private);
}

/** @throws AssentError `target_unreachable`, `cancelled`; nothing of the request has been sent */
export async function connect(
  place: Place,
  entry: HostEntry,
  { list }: Addresses,
  signal: AbortSignal,
): Promise<net.Socket> {
  const { host, port, scheme } = place;
  // Whatever DNS says by now is not asked: the name was resolved when it was checked.
  const checked = list.map((address) => ({ address, family: net.isIP(address) }));
  const lookup: net.LookupFunction = (_name, _options, answer) => answer(null, checked);
  // Tries one after the other, and so asks for all of them.
  const where = { host, port, lookup, autoSelectFamily: true };
  const socket =
    scheme === 'http'
      ? net.connect(where)
      : tls.connect({
          ...where,
          servername: host,
          ALPNProtocols: ['http/1.1'],
          minVersion: 'TLSv1.2',
          // Said, so that no environment variable can unsay it.
          rejectUnauthorized: true,
          ...(entry.ca === null ? {} : { ca: entry.ca }),
        });
  try {
    await ready(socket, scheme === 'http' ? 'connect' : 'secureConnect', signal);
  } catch (error) {
    socket.destroy();
    throw unreachable(host, signal, error);
  }
  return socket;
}

function ready(socket: net.Socket, event: string, signal: AbortSignal): Promise<void> {
  const opened = new Promise<void>((resolve, reject) => {
    socket.once(event, () => resolve());
    // Stays, so that an error between two listeners ends no process; the request hears of it as well.
    socket.on('error', reject);
    socket.once('close', () => reject(new Error('closed')));
  });
  return beforeAbort(opened, signal);
}

async function beforeAbort<T>(work: Promise<T>, signal: AbortSignal): Promise<T> {
  const over = Promise.withResolvers<never>();
  const stop = () => over.reject(signal.reason);
  if (signal.aborted) stop();
  signal.addEventListener('abort', stop, { once: true });
  try {
    return await Promise.race([work, over.promise]);
  } finally {
    signal.removeEventListener('abort', stop);
  }
}

/** Before anything was sent, so that this can be told as a failure. */
function unreachable(host: string, signal: AbortSignal, error: unknown): AssentError {
  const timedOut = signal.reason instanceof DOMException && signal.reason.name === 'TimeoutError';
  if (signal.aborted && !timedOut) {
    return new AssentError('cancelled', `The request to ${host} was cancelled before it was sent.`);
  }
  const code = signal.aborted ? 'it took too long' : codeOf(error);
  return new AssentError(
    'target_unreachable',
    `There is no connection to ${host} that can be trusted (${code}), so nothing was sent; check its name, port and certificate.`,
  );
}

function codeOf(error: unknown): string {
  if (typeof error !== 'object' || error === null || !('code' in error)) return 'no code';
  return typeof error.code === 'string' ? error.code : 'no code';
}
