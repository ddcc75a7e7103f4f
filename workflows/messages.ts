/** What is said to and by the workflow `agentAction`: names, shapes and task queues. Types and constants only. */
import type {
  Digest,
  Envelope,
  Json,
  Outcome,
  Requirement,
  Resolution,
  Timestamp,
} from '../approval/types.ts';

export const AGENT_ACTION = 'agentAction';

/** One deployment has a namespace of its own, so its task queues have fixed names. */
export const QUEUES = { worker: 'assent', executor: 'assent-executor', gateway: 'assent-gateway' } as const;

export const SIGNALS = { decide: 'decide', withdraw: 'withdraw' } as const;
export const STATUS_QUERY = 'status';

/** Search attributes, all Keyword but the deadline (Datetime). They are never encrypted: no personal data. */
export const SEARCH_ATTRIBUTES = {
  state: 'AssentState',
  action: 'AssentAction',
  agent: 'AssentAgent',
  risk: 'AssentRisk',
  rule: 'AssentRule',
  deadline: 'AssentDeadline',
} as const;

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

/** What `evaluatePolicy` says of a request. */
export interface Ruling {
  /** Null where the envelope is not even a request. */
  readonly request_id: string | null;
  readonly action_digest: Digest | null;
  readonly action: string | null;
  readonly agent: string | null;
  readonly effect: 'allow' | 'deny' | 'require_approval';
  readonly code: string;
  readonly rule: string | null;
  readonly rule_digest: Digest | null;
  readonly requirement: Requirement | null;
  readonly explanation: readonly string[];
  readonly task_queue: string;
  readonly max_seconds: number;
}

/** What `preview` says: the facts themselves go to reviewers, through the book, and not through here. */
export type Previewed =
  | { readonly ok: true; readonly preview_digest: Digest; readonly previewed_at: Timestamp }
  | { readonly ok: false; readonly step: string; readonly code: string; readonly reason: string };

/** Why orchestration gave a request up; such an end closes nothing in the book. */
export type Closing = 'flooded' | 'undeliverable' | 'cancelled';

export interface NotifyInput {
  readonly request: Envelope;
  /** Withdrawals that the agent signed and that nobody has booked yet. */
  readonly statements: readonly Envelope[];
  /** Why nothing will come of the request, where orchestration gave it up. */
  readonly closing: Closing | null;
}

export interface Notified {
  readonly request_id: string;
  readonly delivered: boolean;
  /** `delivered`, or why not. */
  readonly code: string;
  /** Where the request stands by the book. */
  readonly state: string;
}

/** What `admitDecisions` says of each signal, in their order. */
export type Admitted =
  | {
      readonly kind: 'decision';
      readonly admitted: true;
      readonly digest: Digest;
      readonly code: string;
      readonly person: string | null;
      readonly verdict: 'approve' | 'deny';
      readonly stood: boolean;
      readonly reason: string | null;
      readonly decided_at: Timestamp;
    }
  | {
      readonly kind: 'withdrawal';
      readonly admitted: true;
      readonly digest: Digest;
      readonly reason: string | null;
      readonly envelope: Envelope;
    }
  | { readonly kind: 'decision' | 'withdrawal' | 'unknown'; readonly admitted: false; readonly code: string };

export interface AdmitInput {
  readonly request: Envelope;
  readonly preview_digest: Digest | null;
  readonly rule_digest: Digest | null;
  readonly messages: readonly { readonly signal: string; readonly envelope: unknown }[];
}

export interface Executed {
  readonly request_id: string | null;
  readonly outcome: 'succeeded' | 'failed' | 'refused';
  /** The step of verifyGrant that refused; null where the action ran. */
  readonly step: string | null;
  readonly code: string;
  readonly reason: string | null;
  readonly result: Json;
  readonly start: Envelope | null;
  readonly finish: Envelope | null;
  readonly start_digest: Digest | null;
  readonly finish_digest: Digest | null;
}
