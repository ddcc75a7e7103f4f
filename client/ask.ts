/** What an agent asks for, and the signed Request that it becomes. */
import { canonicalize, MAX_JSON_BYTES } from '../approval/canonical-json.ts';
import { requestIdOf } from '../approval/digest.ts';
import { AssentError } from '../approval/error.ts';
import type { SigningKey } from '../approval/keys.ts';
import { signStatement } from '../approval/statements.ts';
import type { Claims, JsonObject, RequestStatement, Verified } from '../approval/types.ts';

/** Everything but the action is the agent's own word: shown as such, recorded, and decisive for nothing. */
export interface AskClaims {
  /** The person for whom the agent acts, by the directory's id. The directory says for whom it may. */
  readonly onBehalfOf?: string;
  /** What that person asked for, in their own words, and where they said it. */
  readonly intent?: { readonly statement: string; readonly source?: string };
  readonly reason?: string;
  /** What set this off. */
  readonly trigger?: { readonly type: string; readonly id: string; readonly url?: string };
  readonly context?: JsonObject;
}

export interface Ask extends AskClaims {
  /** Yours, unique for this one action: asking again with the same key asks nothing new. */
  readonly key: string;
  readonly action: string;
  readonly input: JsonObject;
}

export interface Asker {
  readonly audience: string;
  readonly agent: string;
  readonly key: SigningKey;
  now(): number;
}

/** @throws AssentError `request_too_large`, `canonical_json_refused`, `statement_malformed` */
export function signRequest(ask: Ask, asker: Asker): Verified<'request'> {
  const { audience, agent, key, now } = asker;
  const statement: RequestStatement = {
    audience,
    request_id: requestIdOf(audience, agent, ask.key),
    key: ask.key,
    agent,
    action: { name: ask.action, input: ask.input },
    claims: claimsOf(ask),
    attested: null,
    requested_at: new Date(now()).toISOString(),
  };
  const bytes = Buffer.byteLength(canonicalize(statement));
  if (bytes > MAX_JSON_BYTES) {
    throw new AssentError(
      'request_too_large',
      `The request has ${bytes} bytes; at most ${MAX_JSON_BYTES} are taken.`,
    );
  }
  return signStatement('request', statement, key);
}

export function claimsOf({ onBehalfOf, intent, reason, trigger, context }: AskClaims): Claims {
  return {
    on_behalf_of: onBehalfOf ?? null,
    intent: intent === undefined ? null : { statement: intent.statement, source: intent.source ?? null },
    reason: reason ?? null,
    trigger: trigger === undefined ? null : { type: trigger.type, id: trigger.id, url: trigger.url ?? null },
    context: context ?? {},
  };
}
