/** The vocabulary: statements, requirement and verdicts as plain types, free of zod and crypto. */

export type Json = null | boolean | number | string | readonly Json[] | JsonObject;
export interface JsonObject {
  readonly [key: string]: Json;
}

/** `sha256:<64 hex>`, always of a payload's bytes or of a canonical form's bytes. */
export type Digest = `sha256:${string}`;

/** DSSE envelope; `payload` is standard base64. https://github.com/secure-systems-lab/dsse */
export interface Envelope {
  readonly payloadType: string;
  readonly payload: string;
  readonly signatures: readonly { readonly keyid: string; readonly sig: string }[];
}

/** RFC 3339 in UTC with milliseconds: `2026-03-01T09:30:00.000Z`. */
export type Timestamp = string;

export type StatementKind =
  | 'request'
  | 'preview'
  | 'decision'
  | 'instruction'
  | 'start'
  | 'finish'
  | 'refusal';

/** What the agent says of itself. It decides nothing. */
export interface Claims {
  readonly on_behalf_of: string | null;
  readonly intent: { readonly statement: string; readonly source: string | null } | null;
  readonly reason: string | null;
  readonly trigger: { readonly type: string; readonly id: string; readonly url: string | null } | null;
  readonly context: JsonObject;
}

export interface RequestStatement {
  readonly audience: string;
  /** 64 hex: the hash of [audience, agent, key]. */
  readonly request_id: string;
  readonly key: string;
  readonly agent: string;
  readonly action: { readonly name: string; readonly input: JsonObject };
  readonly claims: Claims;
  /** Nobody vouches for claims yet, so none is the only value that is accepted. */
  readonly attested: null;
  readonly requested_at: Timestamp;
}

export interface PreviewStatement {
  readonly audience: string;
  readonly request_id: string;
  /** Digest of the request's payload. */
  readonly action_digest: Digest;
  readonly resource: JsonObject;
  readonly facts: JsonObject;
  readonly previewed_at: Timestamp;
  readonly revision: number;
}

export interface Standing {
  readonly eligible: boolean;
  /** `eligible`, or why not: see approval/standing.ts. */
  readonly code: string;
  readonly directory_digest: Digest;
}

export interface DecisionStatement {
  readonly audience: string;
  readonly request_id: string;
  readonly action_digest: Digest;
  readonly preview_digest: Digest;
  readonly rule_digest: Digest;
  readonly card_digest: Digest;
  readonly verdict: 'approve' | 'deny';
  /** The directory's id; null where the account is bound to nobody. */
  readonly person: string | null;
  readonly standing: Standing;
  /** Which account on which channel clicked: `{name: "slack", account: "T1/U1"}`. */
  readonly channel: { readonly name: string; readonly account: string };
  /** What was typed into a confirmation, where the rule asks for it. */
  readonly typed: string | null;
  readonly reason: string | null;
  readonly decided_at: Timestamp;
}

export interface InstructionStatement {
  readonly audience: string;
  readonly verb: 'withdraw';
  /** The request id. */
  readonly subject: string;
  readonly detail: { readonly agent: string };
  readonly person: null;
  readonly reason: string | null;
  readonly issued_at: Timestamp;
  readonly expires_at: Timestamp;
}

export interface StartStatement {
  readonly audience: string;
  readonly request_id: string;
  readonly request: Digest;
  readonly preview: Digest | null;
  readonly decisions: readonly Digest[];
  readonly instructions: readonly Digest[];
  readonly policy: Digest;
  readonly directory: Digest;
  readonly steps: readonly { readonly step: string; readonly code: string }[];
  readonly started_at: Timestamp;
  /** After this moment a Start without a Finish is `unknown`. */
  readonly deadline: Timestamp;
}

export interface FinishStatement {
  readonly audience: string;
  readonly request_id: string;
  readonly start: Digest;
  readonly outcome: 'succeeded' | 'failed' | 'refused';
  readonly code: string;
  /** Digest of the canonical JSON of the result; null unless succeeded. */
  readonly result_digest: Digest | null;
  readonly finished_at: Timestamp;
}

export interface RefusalStatement {
  readonly audience: string;
  readonly activity: string;
  readonly request_id: string | null;
  readonly step: string;
  readonly code: string;
  readonly refused_at: Timestamp;
}

export interface StatementByKind {
  readonly request: RequestStatement;
  readonly preview: PreviewStatement;
  readonly decision: DecisionStatement;
  readonly instruction: InstructionStatement;
  readonly start: StartStatement;
  readonly finish: FinishStatement;
  readonly refusal: RefusalStatement;
}

/** A statement whose signature and schema were checked, with the envelope that proves it. */
export interface Verified<K extends StatementKind> {
  readonly kind: K;
  /** Name of the verifier key that its signature was checked with. */
  readonly signer: string;
  readonly digest: Digest;
  readonly statement: StatementByKind[K];
  readonly envelope: Envelope;
}

export type Risk = 'low' | 'medium' | 'high';

/** From `after_seconds` past the first preview, `people` may decide as well. */
export interface Stage {
  readonly after_seconds: number;
  /** Groups and people as the policy names them. */
  readonly from: readonly string[];
  /** Who that is by the directory, with nobody who is excluded; sorted ids. */
  readonly people: readonly string[];
}

/** Quorum m of n, eligible approvers by time, separation of duties already taken out. */
export interface Requirement {
  readonly count: number;
  readonly timeout_seconds: number;
  /** The first has after_seconds 0; later ones are escalations, in order. */
  readonly stages: readonly Stage[];
  /** Who may not decide, and why, in words. */
  readonly excluded: readonly { readonly person: string; readonly why: string }[];
  /** How long after the requirement was first met the action may still start. */
  readonly grant_ttl_seconds: number;
  readonly risk: Risk;
  /** Where the card goes, as the channel names it; null is the deployment's default. */
  readonly channel: string | null;
}

/** What policy says of a request, with its reasons. */
export interface PolicyDecision {
  readonly effect: 'allow' | 'deny' | 'require_approval';
  /** Stable: `allowed`, `approval_required`, `denied_by_rule`, `denied_by_default`, `expression_failed`, `agent_unknown`, `not_acting_for`, … */
  readonly code: string;
  /** The matched rule's id; null where none matched. */
  readonly rule: string | null;
  /** Digest of the matched rule's canonical form; of the default deny where none matched. */
  readonly rule_digest: Digest;
  readonly policy_digest: Digest;
  readonly directory_digest: Digest;
  /** Present exactly when the effect is require_approval. */
  readonly requirement: Requirement | null;
  /** In words, one sentence each: which rule, which conditions with which values, who may approve. */
  readonly explanation: readonly string[];
}

export type Resolution = 'approved' | 'denied' | 'expired' | 'withdrawn' | 'undeliverable' | 'flooded';
export type Outcome = 'succeeded' | 'failed' | 'unknown' | 'not_executed';

/** The names by which the processes find each other in Temporal. One deployment has a namespace of its own. */
export const QUEUES = { worker: 'assent', executor: 'assent-executor', gateway: 'assent-gateway' } as const;
export const SIGNALS = { decide: 'decide', withdraw: 'withdraw' } as const;
/** All Keyword but the deadline (Datetime). They are never encrypted: no personal data. */
export const SEARCH_ATTRIBUTES = {
  state: 'AssentState',
  action: 'AssentAction',
  agent: 'AssentAgent',
  risk: 'AssentRisk',
  rule: 'AssentRule',
  deadline: 'AssentDeadline',
} as const;
