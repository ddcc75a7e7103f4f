/** guard: a sensitive action as an async function that runs when it may, and says why when it may not. */
import { randomUUID } from 'node:crypto';
import type { Action } from '../actions/define.ts';
import { AssentError } from '../approval/error.ts';
import type { JsonObject } from '../approval/types.ts';
import type { AskClaims } from './ask.ts';
import { AssentClient } from './client.ts';
import { failureCode, type Outcome } from './outcome.ts';

export interface GuardDefaults extends AskClaims {
  /** Connected already; without one the first call connects by environment, for as long as the process lives. */
  readonly client?: Pick<AssentClient, 'run'>;
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
  const connected = client === undefined ? connectOnce() : async () => client;
  return async (input, { key = randomUUID(), ...claims } = {}) => {
    action.parse(input);
    const asking = await connected();
    const ended = await asking.run({ ...defaults, ...claims, key, action: action.name, input });
    if (ended.outcome === 'succeeded' && ended.result !== null) return ended.result;
    throw failure(action.name, ended);
  };
}

/** One connection for all calls, those at the same time too; where it fails, the next call tries again. */
function connectOnce(): () => Promise<AssentClient> {
  let connecting: Promise<AssentClient> | null = null;
  return () => {
    connecting ??= AssentClient.connect().catch((error: unknown) => {
      connecting = null;
      throw error;
    });
    return connecting;
  };
}

function failure(action: string, ended: Outcome): AssentError {
  const { resolution, outcome, code, reason, evidence } = ended;
  const what = {
    succeeded: 'succeeded without a result',
    failed: 'ran and failed',
    unknown: 'may have run: nobody knows how it ended; look at the target before you ask again',
    not_executed: resolution === 'approved' ? 'was approved, but did not run' : `did not run: ${resolution}`,
  }[outcome];
  const why = [code === resolution ? [] : code, reason ?? []].flat().join(': ');
  return new AssentError(failureCode(ended), `${action} ${what}${why === '' ? '' : ` (${why})`}.`, {
    evidence: { resolution, outcome, code, reason, ...evidence },
  });
}
