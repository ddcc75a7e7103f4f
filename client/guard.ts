/** guard: a sensitive action as an async function that runs when it may, and says why when it may not. */
import { randomUUID } from 'node:crypto';
import type { Action } from '../actions/define.ts';
import { AssentError } from '../approval/error.ts';
import type { JsonObject } from '../approval/types.ts';
import type { AskClaims } from './ask.ts';
import { AssentClient } from './client.ts';
import { failureCode } from './outcome.ts';

export interface GuardDefaults extends AskClaims {
  /** Connected already; without one the first call connects by environment. */
  readonly client?: AssentClient;
}

export interface CallClaims extends AskClaims {
  /** Yours, unique for this one action; a new one for each call where you give none. */
  readonly key?: string;
}

/**
 * The action's function. It resolves with the action's result, once somebody let it run and it ran.
 *
 * It throws AssentError with the code `denied`, `expired`, `withdrawn`, `undeliverable`, `flooded`,
 * `not_executed`, `failed` or `unknown`, and with the signed evidence attached; or with what
 * {@link AssentClient.request} and {@link AssentClient.wait} throw.
 */
export function guard<Input extends object>(
  action: Action<Input>,
  { client, ...defaults }: GuardDefaults = {},
): (input: Input & JsonObject, claims?: CallClaims) => Promise<JsonObject> {
  let connected = client;
  return async (input, { key = randomUUID(), ...claims } = {}) => {
    action.parse(input);
    connected ??= await AssentClient.connect();
    const ended = await connected.run({ ...defaults, ...claims, key, action: action.name, input });
    if (ended.outcome === 'succeeded') return ended.result ?? {};
    const { resolution, outcome, code, reason, evidence } = ended;
    const words = reason ?? code;
    throw new AssentError(failureCode(ended), `${action.name} did not run to its end (${code}): ${words}`, {
      evidence: { resolution, outcome, code, reason, ...evidence },
    });
  };
}
