/** What is said to and by the workflow `agentAction`: names, shapes and task queues. Types and constants only. */
import type { Envelope, Json, Outcome, Resolution, Timestamp } from '../approval/types.ts';

export type {
  AdmitInput,
  Admitted,
  Again,
  Closing,
  Executed,
  Notified,
  NotifyInput,
  Previewed,
  Revoked,
  Ruling,
} from '../activities/types.ts';
export { QUEUES, SEARCH_ATTRIBUTES, SIGNALS } from '../approval/types.ts';

export const AGENT_ACTION = 'agentAction';

export const STATUS_QUERY = 'status';

/** Values of the search attribute AssentState at which the answer is known while the workflow stays open. */
export const ANSWERED_STATES: readonly string[] = ['active', 'unknown'];

/** More signals than this close a request as flooded: real ones are few, and each costs the history an event. */
export const FLOOD_LIMIT = 100;

export interface AgentActionInput {
  /** The agent's signed Request. */
  readonly request: Envelope;
}

export type Phase =
  | 'evaluating'
  | 'previewing'
  /** Something keeps it from going on: `held` says what. */
  | 'held'
  | 'delivering'
  | 'pending'
  | 'executing'
  | 'unanswered'
  /** It may have run; a person is to say what the target shows. */
  | 'unsettled'
  /** It ran, and is in force until its end. */
  | 'active'
  | 'closed';

/** Answer of the query `status`. */
export interface AgentActionStatus {
  readonly phase: Phase;
  readonly resolution: Resolution | null;
  readonly approvals: readonly string[];
  readonly needed: number;
  readonly deadline: Timestamp | null;
  /** What holds it now, by its code, and until when where that is known. */
  readonly held: { readonly code: string; readonly until: Timestamp | null } | null;
  /** What came of it, as soon as that is known: the workflow may stay open for what follows. */
  readonly answer: AgentActionResult | null;
}

export interface AgentActionResult {
  readonly request_id: string | null;
  readonly resolution: Resolution;
  readonly outcome: Outcome;
  /** Stable: why it ended so. */
  readonly code: string;
  /** In words, for the agent; a denier's reason where there is one. */
  readonly reason: string | null;
  /** What the action returned; its digest stands in the Finish. */
  readonly result: Json;
  readonly start: Envelope | null;
  readonly finish: Envelope | null;
  /** Of an action that has an end: when it is undone. */
  readonly until: Timestamp | null;
  /** What a person said of an unknown outcome. */
  readonly settlement: {
    readonly person: string | null;
    readonly ran: boolean;
    readonly reason: string | null;
  } | null;
}
