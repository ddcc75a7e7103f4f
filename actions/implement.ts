/** implement: what an action does, loaded by its executor alone. */
import type { JsonObject } from '../approval/types.ts';
import type { Action, AnyAction } from './define.ts';

export interface PreviewCall<Input> {
  readonly input: Input;
  readonly resource: JsonObject;
  readonly signal: AbortSignal;
}

export interface ExecuteCall<Input> extends PreviewCall<Input> {
  /** The facts of the preview that was approved; null where policy allowed the action without one. */
  readonly approved: JsonObject | null;
  /** Says that the execution is still alive. */
  heartbeat(): void;
}

export interface Work<Input> {
  /** Looks, with read-only access, and changes nothing. Its facts are signed and shown to reviewers. */
  preview?(call: PreviewCall<Input>): Promise<JsonObject>;
  /** Runs once. What it returns goes to the agent and, as a digest, into the Finish. */
  execute(call: ExecuteCall<Input>): Promise<JsonObject>;
}

/** An implementation of an action of any input, which parses for itself what it is called with. */
export interface Implementation {
  readonly action: AnyAction;
  /** Null where the action has no preview. */
  readonly preview: ((call: PreviewCall<JsonObject>) => Promise<JsonObject>) | null;
  execute(call: ExecuteCall<JsonObject>): Promise<JsonObject>;
}

export function implement<Input extends object>(action: Action<Input>, work: Work<Input>): Implementation {
  const { preview } = work;
  return {
    action,
    preview:
      preview === undefined ? null : async (call) => preview({ ...call, input: action.parse(call.input) }),
    execute: async (call) => work.execute({ ...call, input: action.parse(call.input) }),
  };
}
