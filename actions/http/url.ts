/**
 * The URL of a request, in one spelling only: what a person reads and policy judges is what will be sent.
 *
 *     https://api.example.com/v1/refunds?expand=charge
 *
 * Every other spelling that some server, proxy or parser takes for the same place is refused, not repaired.
 */
import { AssentError } from '../../approval/error.ts';

export const MAX_URL = 2048;

export const SCHEMES = ['https', 'http'] as const;
export type Scheme = (typeof SCHEMES)[number];

export interface Place {
  /** As it is sent and shown. */
  readonly url: string;
  readonly scheme: Scheme;
  readonly host: string;
  readonly port: number;
  readonly path: string;
  /** Path and query, as they stand in the request line. */
  readonly requestTarget: string;
  /** The names in the query, sorted, each once. */
  readonly queryKeys: readonly string[];
}

/** A name of lower-case labels, in ASCII (`xn--…` for others); no address, no dot at the end. */
export const HOST =
  /^(?=.{1,253}$)(?!.*\.\d+$)(?!\d+$)[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?(\.[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?)*$/;

/** @throws AssentError `url_refused` */
export function readUrl(text: string): Place {
  const url = text.length <= MAX_URL ? URL.parse(text) : null;
  if (url === null) throw refused(`it is no absolute URL of at most ${MAX_URL} characters`);
  const scheme = SCHEMES.find((known) => `${known}:` === url.protocol);
  if (scheme === undefined) throw refused('only https and http are spoken');
  if (!HOST.test(url.hostname))
    throw refused('name the host, without an address and without a dot at its end');
  const requestTarget = url.pathname + url.search;
  // Without user, password and fragment, which are refused by that.
  const sent = `${url.protocol}//${url.host}${requestTarget}`;
  if (sent !== text) throw refused(`write it as it would be sent, ${sent}`);
  const fault = pathFault(url.pathname);
  if (fault !== null) throw refused(fault);
  return {
    url: text,
    scheme,
    host: url.hostname,
    port: url.port === '' ? DEFAULT_PORT[scheme] : Number(url.port),
    path: url.pathname,
    requestTarget,
    queryKeys: [...new Set(url.searchParams.keys())].sort(),
  };
}

export const DEFAULT_PORT: Readonly<Record<Scheme, number>> = { https: 443, http: 80 };

/** Decoded once more, or cut at a `;`, these would become a step upwards; several spellings would name one path. */
export function pathFault(path: string): string | null {
  if (!path.startsWith('/')) return 'a path begins with /';
  if (path.includes('//')) return 'the path has an empty step; write / once';
  if (/%(?![0-9A-F]{2})/.test(path)) return 'write % and two digits of 0-9 and A-F, or %25';
  if (/%(2D|2E|5F|7E|3[0-9]|[46][1-9A-F]|[57][0-9A])/.test(path))
    return 'the path encodes a plain character; write it as it is';
  if (/%(25[0-9A-Fa-f]{2}|5C|[01][0-9A-F]|7F)/.test(path) || path.includes('\\'))
    return 'the path encodes a control character, a backslash or another encoding';
  const steps = path.replaceAll('%2F', '/').replaceAll('%3B', ';').split('/');
  if (steps.some((step) => /^\.{1,2}(;|$)/.test(step))) return 'the path steps upwards';
  return null;
}

function refused(why: string): AssentError {
  return new AssentError('url_refused', `The URL is refused: ${why}.`);
}
