/** Which headers a request may set, and with what; the rest belongs to the connection or would say who is asking. */
import { z } from 'zod';

const REFUSED: ReadonlySet<string> = new Set([
  // The connection's and the message's own (RFC 9110, 7.6.1; RFC 9112)
  'host',
  'connection',
  'keep-alive',
  'te',
  'trailer',
  'transfer-encoding',
  'upgrade',
  'http2-settings',
  'content-length',
  'content-encoding',
  'content-location',
  'expect',
  'accept-encoding',
  'max-forwards',
  'via',
  'forwarded',
  // Another method or path than the one that is shown
  'x-http-method',
  'x-http-method-override',
  'x-method-override',
  'x-original-url',
  'x-original-uri',
  'x-rewrite-url',
  'x-real-ip',
  'x-client-ip',
  'true-client-ip',
  'cf-connecting-ip',
]);

const REFUSED_FAMILIES = /^(proxy|x-forwarded|x-original|sec)-/;

/** Of these, the value is always a secret. */
const CREDENTIALS: ReadonlySet<string> = new Set([
  'authorization',
  'cookie',
  'api-key',
  'apikey',
  'x-api-key',
  'x-auth-token',
  'x-access-token',
  'private-token',
]);

/** No underscore: some servers read x_a and x-a as one. */
export const headerName = z
  .string()
  .regex(/^[a-z][a-z0-9-]{0,63}$/, 'write header names in lower case, of letters, digits and -');

export const secretName = z.string().regex(/^[a-z][a-z0-9_-]{0,62}$/, 'must be a name like stripe-key');

/** Visible ASCII on one line: no CR, LF or NUL, and nothing at its ends that a server would cut off. */
const plainValue = z
  .string()
  .max(1024)
  .regex(/^[!-~]([ -~]*[!-~])?$/);

const headerValue = z.union([plainValue, z.strictObject({ secret: secretName })], {
  error: 'a header value is one line of visible ASCII, or {secret: name}',
});

export type HeaderValue = string | { readonly secret: string };
export type Headers = Readonly<Record<string, HeaderValue>>;

export function isSettable(name: string): boolean {
  return !REFUSED.has(name) && !REFUSED_FAMILIES.test(name);
}

export const headersSchema = z.record(headerName, headerValue).superRefine((headers, context) => {
  if (Object.keys(headers).length > 32) {
    context.addIssue({ code: 'custom', message: 'a request sets at most 32 headers' });
  }
  for (const [name, value] of Object.entries(headers)) {
    if (!isSettable(name)) {
      context.addIssue({ code: 'custom', path: [name], message: 'a request may not set this header' });
    } else if (CREDENTIALS.has(name) && typeof value === 'string') {
      context.addIssue({
        code: 'custom',
        path: [name],
        message: 'a credential never stands in plain; name a secret of the executor, {secret: name}',
      });
    }
  }
});

/** Names of the secrets that the headers refer to, sorted, each once. */
export function secretsOf(headers: Headers): readonly string[] {
  const names = Object.values(headers).flatMap((value) => (typeof value === 'string' ? [] : [value.secret]));
  return [...new Set(names)].sort();
}
