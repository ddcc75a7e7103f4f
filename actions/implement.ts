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
  /** How many percent more than approved the rule lets a number be. */
  readonly slack: number;
  /** Says that the execution is still alive. */
  heartbeat(): void;
  /** True from the deadline of its Start on: what has an end may have been ended by then, so give nothing any more. */
  overdue(): boolean;
}

/** The undoing of what has an end. */
export interface EndCall<Input> extends PreviewCall<Input> {
  /** The facts of the preview that was approved; null where policy allowed the action without one. */
  readonly approved: JsonObject | null;
  /** True where `execute` threw and its Finish says so: what undoes itself when it throws has nothing to end. */
  readonly failed: boolean;
}

export interface Work<Input> {
  /** Looks, with read-only access, and changes nothing. Its facts are signed and shown to reviewers. */
  preview?(call: PreviewCall<Input>): Promise<JsonObject>;
  /**
   * What must still be so when it runs (this commit, this row version, this file's digest): each thing that is
   * not, in words. Read-only; asked after approval and before the Start.
   */
  preconditions?(call: PreviewCall<Input>): Promise<readonly string[]>;
  /** Runs once. What it returns goes to the agent and, as a digest, into the Finish. */
  execute(call: ExecuteCall<Input>): Promise<JsonObject>;
  /**
   * Undoes what `execute` did; for an action with `endsAfter`, and for no other. It may be called again, and after
   * an execution that never came so far: it resolves only once it has checked that nothing is left.
   */
  end?(call: EndCall<Input>): Promise<void>;
}

/** An implementation of an action of any input, which parses for itself what it is called with. */
export interface Implementation {
  readonly action: AnyAction;
  /** Null where the action has no preview. */
  readonly preview: ((call: PreviewCall<JsonObject>) => Promise<JsonObject>) | null;
  preconditions(call: PreviewCall<JsonObject>): Promise<readonly string[]>;
  execute(call: ExecuteCall<JsonObject>): Promise<JsonObject>;
  /** Null where the action has no end. */
  readonly end: ((call: EndCall<JsonObject>) => Promise<void>) | null;
}

export function implement<Input extends object>(action: Action<Input>, work: Work<Input>): Implementation {
  const { preview, preconditions, end } = work;
  const read = <Call extends PreviewCall<JsonObject>>(call: Call) => ({
    ...call,
    input: action.parse(call.input),
  });
  return {
    action,
    preview: preview === undefined ? null : async (call) => preview(read(call)),
    preconditions: async (call) => (await preconditions?.(read(call))) ?? [],
    execute: async (call) => work.execute(read(call)),
    end: end === undefined ? null : async (call) => end(read(call)),
  };
}
