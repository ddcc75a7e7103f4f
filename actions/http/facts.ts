/** The facts of a request's preview: what would be sent, on which entry of the list, and how far it reaches. */
import { z } from 'zod';
import { AssentError } from '../../approval/error.ts';
import type { JsonObject } from '../../approval/types.ts';
import { differences } from '../differences.ts';

const schema = z.strictObject({
  /** What the allow list says of the host. */
  entry: z.strictObject({
    methods: z.array(z.string()),
    schemes: z.array(z.string()),
    ports: z.array(z.int()).nullable(),
    paths: z.array(z.string()).nullable(),
    private: z.boolean(),
  }),
  /** What the name's addresses are; `private` where one is. The addresses themselves may change. */
  reach: z.enum(['public', 'private']),
  sends: z.strictObject({
    method: z.string(),
    url: z.string(),
    /** The names of every header that is sent, sorted. */
    headers: z.array(z.string()),
    secrets: z.array(z.string()),
    body: z.strictObject({ type: z.string().nullable(), bytes: z.int(), sha256: z.string() }).nullable(),
  }),
});

export type RequestFacts = z.infer<typeof schema>;

/** @throws AssentError `facts_malformed` */
function parseFacts(facts: JsonObject): RequestFacts {
  const parsed = schema.safeParse(facts);
  if (parsed.success) return parsed.data;
  const [issue] = parsed.error.issues;
  throw new AssentError(
    'facts_malformed',
    `These are not the facts of a preview of http.request: ${issue?.path.join('.')}: ${issue?.message}.`,
  );
}

export function impactOf(facts: JsonObject): readonly string[] {
  const { entry, reach, sends } = parseFacts(facts);
  const paths = entry.paths === null ? 'every path' : entry.paths.join(', ');
  return [
    sends.body === null
      ? `${sends.method} without a body would be sent`
      : `${sends.method} with a body of ${sends.body.bytes} bytes would be sent (${sends.body.sha256})`,
    reach === 'private' ? 'The host is in a private network' : 'The host is on the public Internet',
    `The list allows: ${entry.methods.join(', ')} on ${paths}`,
  ];
}

/** A wider list lets nothing else be sent, and a narrower one is refused by itself; addresses come and go. */
export function driftOf(approved: JsonObject, now: JsonObject): readonly string[] {
  const [before, after] = [parseFacts(approved), parseFacts(now)];
  return differences({ reach: before.reach, ...before.sends }, { reach: after.reach, ...after.sends });
}
