/** The activities by type, with what they are given and what they answer: all that workflows may know of them. */
import type {
  Digest,
  Envelope,
  Json,
  Release,
  Requirement,
  Timestamp,
  Verb,
  Verdict,
} from '../approval/types.ts';

/** Served by the worker, as local activities. */
export interface WorkerActivities {
  /** `previewed`: there is a preview in the book, which policy may read. */
  evaluatePolicy(input: { readonly request: Envelope; readonly previewed: boolean }): Promise<Ruling>;
  admitDecisions(input: AdmitInput): Promise<readonly Admitted[]>;
  /** Writes this run's records; gives how many are new. */
  recordHistory(): Promise<{ readonly appended: number }>;
}

/** Served by an executor, on its own task queue. */
export interface ExecutorActivities {
  preview(input: { readonly request: Envelope }): Promise<Previewed>;
  execute(input: { readonly request: Envelope }): Promise<Executed>;
  /** Undoes what has an end, where that has come by the book and the clock. */
  revoke(input: { readonly request: Envelope }): Promise<Revoked>;
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
  /** Policy decides once there is a preview; until then the effect is deny. */
  readonly needs_preview: boolean;
  readonly requirement: Requirement | null;
  readonly release: Release | null;
  readonly explanation: readonly string[];
  readonly task_queue: string;
  readonly max_seconds: number;
}

/** What `preview` says: the facts themselves go to reviewers, through the book, and not through here. */
export type Previewed =
  | { readonly ok: true; readonly preview_digest: Digest; readonly previewed_at: Timestamp }
  | {
      readonly ok: false;
      readonly step: string;
      readonly code: string;
      readonly reason: string;
      /** When another try has sense; null where none has. */
      readonly until: Timestamp | null;
    };

/** Why orchestration gave a request up; such an end closes nothing in the book. */
export type Closing = 'flooded' | 'undeliverable' | 'cancelled' | 'not_executed' | 'denied';

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
      readonly verdict: Verdict;
      readonly stood: boolean;
      readonly denials: number;
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
  | {
      readonly kind: 'instruction';
      readonly admitted: true;
      readonly digest: Digest;
      readonly verb: Verb;
      /** Of a settlement: what the target shows. */
      readonly ran: boolean | null;
      readonly person: string | null;
      readonly reason: string | null;
    }
  | {
      readonly kind: 'decision' | 'withdrawal' | 'instruction' | 'unknown';
      readonly admitted: false;
      readonly code: string;
    };

export interface AdmitInput {
  readonly request: Envelope;
  readonly preview_digest: Digest | null;
  readonly rule_digest: Digest | null;
  readonly messages: readonly { readonly signal: string; readonly envelope: unknown }[];
}

/** What may still come of an execution that was refused; null where nothing may. */
export type Again =
  /** Another try has sense at `until`, or, where that is null, when a person lifted what holds it. */
  | { readonly how: 'hold'; readonly until: Timestamp | null }
  /** People are asked anew, of this preview. */
  | { readonly how: 'ask'; readonly preview_digest: Digest; readonly previewed_at: Timestamp };

export interface Executed {
  readonly request_id: string | null;
  /** `unknown`: it may have run, and nobody signed how it ended. */
  readonly outcome: 'succeeded' | 'failed' | 'refused' | 'unknown';
  /** The step of verifyGrant that refused; null where the action ran. */
  readonly step: string | null;
  readonly code: string;
  readonly reason: string | null;
  readonly again: Again | null;
  /** Of an action that has an end: when it is undone. */
  readonly until: Timestamp | null;
  readonly result: Json;
  readonly start: Envelope | null;
  readonly finish: Envelope | null;
  readonly start_digest: Digest | null;
  readonly finish_digest: Digest | null;
  /** Of the Refusal, where it was refused before there was a Start. */
  readonly refusal_digest: Digest | null;
}

/** What `revoke` says. */
export interface Revoked {
  readonly request_id: string;
  readonly ended: boolean;
  /** `ended`, `revoked`, or why not yet. */
  readonly code: string;
  /** Of the executor's Finish that says so. */
  readonly finish_digest: Digest | null;
}
