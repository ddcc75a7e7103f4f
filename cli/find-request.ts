/** Finds the one request that somebody means by the beginning of its id. */
import type { Kysely } from 'kysely';
import { requestsBeginning } from '../audit/find-request.ts';
import type { Database } from '../book/schema.ts';
import { AssentError } from '../client/vocabulary.ts';

const SHORTEST = 4;
const NAMED = 5;

/** @throws AssentError `request_id_malformed` */
export function prefixOf(given: string): string {
  const prefix = given.toLowerCase();
  if (prefix.length >= SHORTEST && /^[0-9a-f]{1,64}$/.test(prefix)) return prefix;
  throw new AssentError(
    'request_id_malformed',
    `${given} is no request id; give at least ${SHORTEST} of its 64 hex digits (\`assent list\` tells them).`,
  );
}

/**
 * The whole id.
 *
 * @throws AssentError `request_unknown`, `request_id_ambiguous`
 */
export async function requestBeginning(db: Kysely<Database>, prefix: string): Promise<string> {
  const [id, ...others] = await requestsBeginning(db, prefix, NAMED + 1);
  if (id === undefined) {
    throw new AssentError('request_unknown', `No request begins with ${prefix}; \`assent list\` tells them.`);
  }
  if (others.length === 0) return id;
  const some = [id, ...others].slice(0, NAMED);
  const more = others.length >= NAMED ? ' and more' : '';
  throw new AssentError(
    'request_id_ambiguous',
    `Several requests begin with ${prefix}; give more of the id: ${some.map((one) => one.slice(0, prefix.length + 8)).join(', ')}${more}.`,
  );
}
