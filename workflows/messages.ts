/** What is said to and by the workflow `agentAction`: names, shapes and task queues. Types and constants only. */
import type { Envelope, Json, Outcome, Resolution, Timestamp } from '../approval/types.ts';

export type {
  AdmitInput,
  Admitted,
  Closing,
  Executed,
  Notified,
  NotifyInput,
  Previewed,
  Ruling,
} from '../activities/types.ts';
export { QUEUES, SEARCH_ATTRIBUTES, SIGNALS } from '../approval/types.ts';

export const AGENT_ACTION = 'agentAction';

export const STATUS_QUERY = 'status';

/** More signals than this close a request as flooded: real ones are few, and each costs the history an event. */
export const FLOOD_LIMIT = 100;

export interface AgentActionInput {
  /** The agent's signed Request. */
  readonly request: Envelope;
}

export type Phase =
  | 'evaluating'
  | 'previewing'
  | 'delivering'
  | 'pending'
  | 'executing'
  | 'unanswered'
  | 'closed';

/** Answer of the query `status`. */
export interface AgentActionStatus {
  readonly phase: Phase;
  readonly resolution: Resolution | null;
  readonly approvals: readonly string[];
  readonly needed: number;
  readonly deadline: Timestamp | null;
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
}
