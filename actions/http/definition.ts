/** http.request: one HTTP request to a host that the executor lists. */
import { z } from 'zod';
import { defineAction } from '../define.ts';
import { bodySchema } from './body.ts';
import { driftOf, impactOf } from './facts.ts';
import { type Headers, headersSchema } from './headers.ts';
import { type Message, messageOf } from './message.ts';
import { FOLLOWING, METHODS, WITH_BODY } from './method.ts';
import { MAX_URL } from './url.ts';

const MAX_REDIRECTS = 5;

const input = z
  .strictObject({
    method: z.enum(METHODS),
    /** Spelled as it is sent: https://api.example.com/v1/refunds */
    url: z.string().min(1).max(MAX_URL),
    /** By lower-case name; a value, or a secret of the executor: {secret: 'stripe-key'}. `{}` where there are none. */
    headers: headersSchema,
    /** {json: …}, {text: …} or null. */
    body: bodySchema,
    /** How many redirects are followed; 0 for anything but GET and HEAD. */
    redirects: z.int().min(0).max(MAX_REDIRECTS),
  })
  .superRefine(({ method, body, redirects }, context) => {
    if (body !== null && !WITH_BODY.has(method)) {
      context.addIssue({ code: 'custom', path: ['body'], message: `${method} has no body; write null` });
    }
    if (redirects > 0 && !FOLLOWING.has(method)) {
      const message = `a redirect of ${method} is an answer, and not followed; write 0`;
      context.addIssue({ code: 'custom', path: ['redirects'], message });
    }
  });

export type RequestInput = z.infer<typeof input>;

export const httpRequest = defineAction<RequestInput>({
  name: 'http.request',
  input,
  resource(given) {
    const { method, place, secrets } = messageOf(given);
    const { scheme, host, port, path, queryKeys } = place;
    return {
      host,
      method,
      path,
      scheme,
      port,
      query_keys: queryKeys,
      has_body: given.body !== null,
      secrets,
      redirects: given.redirects,
    };
  },
  title: (given) => `${given.method} to ${messageOf(given).place.host}`,
  describe(given) {
    const message = messageOf(given);
    return [
      `Sends ${message.method} ${message.place.url}`,
      headersInWords(given.headers),
      bodyInWords(message, given.body !== null),
      given.redirects === 0
        ? 'Follows no redirect'
        : `Follows up to ${given.redirects} redirects, within the executor's list`,
    ];
  },
  target: (given) => messageOf(given).place.host,
  fields: {
    resource: ['host', 'method', 'path', 'scheme', 'port', 'query_keys', 'has_body', 'secrets', 'redirects'],
    preview: ['entry', 'reach', 'sends'],
  },
  impact: impactOf,
  drift: driftOf,
  maxSeconds: 120,
});

function headersInWords(headers: Headers): string {
  const words = Object.entries(headers).map(([name, value]) =>
    typeof value === 'string' ? `${name}: ${value}` : `${name} from the executor's secret ${value.secret}`,
  );
  return words.length === 0 ? 'Sets no header of its own' : `Sets ${words.join('; ')}`;
}

function bodyInWords({ content, type }: Message, present: boolean): string {
  return present ? `Its body: ${content.byteLength} bytes of ${type ?? 'a secret type'}` : 'Without a body';
}
