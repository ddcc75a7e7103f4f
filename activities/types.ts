/** The activities by type, with what they are given and what they answer: all that workflows may know of them. */
import type { Digest, Envelope, Json, Requirement, Timestamp } from '../approval/types.ts';

/** Served by the worker, as local activities. */
export interface WorkerActivities {
  evaluatePolicy(input: { readonly request: Envelope }): Promise<Ruling>;
  admitDecisions(input: AdmitInput): Promise<readonly Admitted[]>;
  /** Writes this run's records; gives how many are new. */
  recordHistory(): Promise<{ readonly appended: number }>;
}

/** Served by an executor, on its own task queue. */
export interface ExecutorActivities {
  preview(input: { readonly request: Envelope }): Promise<Previewed>;
  execute(input: { readonly request: Envelope }): Promise<Executed>;
}

/** Served by the gateway, on its own task queue. */
export interface GatewayActivities {
  notify(input: NotifyInput): Promise<Notified>;
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
  /** Of the Refusal, where it was refused before there was a Start. */
  readonly refusal_digest: Digest | null;
}
