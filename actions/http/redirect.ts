/** Where a redirect leads: judged as the first place was, and refused where a request may not go. */
import { AssentError } from '../../approval/error.ts';
import { type Answer, repeatsSecret } from './answer.ts';
import { type Listed, secretsIn } from './listed.ts';
import { type Message, movedTo } from './message.ts';
import { routeOf } from './route.ts';

const REDIRECTS: ReadonlySet<number> = new Set([301, 302, 303, 307, 308]);

export function locationOf({ status, headers }: Answer, from: string): string | null {
  const { location } = headers;
  if (!REDIRECTS.has(status) || location === undefined) return null;
  const url = URL.parse(location, from);
  if (url === null) throw redirectRefused(from, 'its location is no URL');
  // Where it is in a page is for the reader, not for the server.
  url.hash = '';
  return url.href;
}

/** What the target says of where to go is quoted nowhere: it could bear a secret. */
export function redirected(message: Message, location: string, hosts: Listed): Message {
  const { url, scheme } = message.place;
  try {
    const next = movedTo(message, location);
    routeOf(next, hosts);
    if (repeatsSecret(location, secretsIn(hosts))) throw redirectRefused(url, 'it repeats a secret');
    if (scheme === 'https' && next.place.scheme === 'http') throw redirectRefused(url, 'it leaves https');
    return next;
  } catch (error) {
    if (!(error instanceof AssentError) || error.code === 'redirect_refused') throw error;
    throw redirectRefused(url, error.code);
  }
}

export function redirectRefused(url: string, why: string): AssentError {
  return new AssentError(
    'redirect_refused',
    `${url} was asked and redirects to where this request may not go (${why}).`,
  );
}
