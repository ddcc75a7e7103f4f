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
  /** By the rule that was answered: the denials of so many people end the request. */
  readonly denials: number;
  readonly directory_digest: Digest;
}

export type Verdict = 'approve' | 'deny' | 'defer';

export interface DecisionStatement {
  readonly audience: string;
  readonly request_id: string;
  readonly action_digest: Digest;
  readonly preview_digest: Digest;
  readonly rule_digest: Digest;
  readonly card_digest: Digest;
  readonly verdict: Verdict;
  /** Whom a deferral hands the request to, by the directory's id; null otherwise. */
  readonly to: string | null;
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

/** What a freeze stops. */
export type FreezeScope =
  | { readonly of: 'everything' }
  | { readonly of: 'agent'; readonly agent: string }
  /** An action-name pattern, as in a rule's match: `sql.*`. */
  | { readonly of: 'action'; readonly action: string }
  /** Every field of it stands in the action's computed resource with the same value. */
  | { readonly of: 'resource'; readonly resource: JsonObject };

/** What each verb says, and of what: a request id unless told otherwise. */
export interface InstructionDetails {
  readonly withdraw: { readonly agent: string };
  /** What the target shows of an execution whose outcome nobody signed. */
  readonly settle: { readonly start: Digest; readonly ran: boolean };
  /** Subject: {@link freezeSubject}. */
  readonly freeze: { readonly scope: FreezeScope };
  /** Subject: the digest of the freeze. */
  readonly unfreeze: Record<string, never>;
  readonly break_glass: { readonly action_digest: Digest; readonly preview_digest: Digest | null };
  /** What others say of a broken glass. */
  readonly review: { readonly break_glass: Digest; readonly justified: boolean };
  /** Subject: the delegate's id. `action` is a pattern, as in a rule's match. */
  readonly delegate: { readonly action: string; readonly starts_at: Timestamp };
  /** Subject: the request id of a lease, or the digest of a delegation. */
  readonly revoke: { readonly of: 'lease' | 'delegation' };
}

export type Verb = keyof InstructionDetails;

/**
 * Said by a person, or (withdraw) by the agent. `expires_at` is the last moment at which it may be booked; of
 * break_glass also at which it releases, and of delegate at which it ends. A freeze never ends by itself.
 */
export type Instruction<V extends Verb> = {
  readonly [K in V]: {
    readonly audience: string;
    readonly verb: K;
    readonly subject: string;
    readonly detail: InstructionDetails[K];
    /** The directory's id; null where an agent speaks. */
    readonly person: string | null;
    readonly reason: string | null;
    readonly issued_at: Timestamp;
    readonly expires_at: Timestamp;
  };
}[V];

export type InstructionStatement = Instruction<Verb>;

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
  /** Name of the verifier key that its first signature was checked with. */
  readonly signer: string;
  /** Of every key whose signature on it was checked: a gateway countersigns what people sign themselves. */
  readonly keyids: readonly string[];
  readonly digest: Digest;
  readonly statement: StatementByKind[K];
  readonly envelope: Envelope;
}

export type Risk = 'low' | 'medium' | 'high';

/** Groups and people as the policy names them, and who that is by the directory, without anybody excluded. */
export interface Asked {
  readonly from: readonly string[];
  /** Sorted ids; with those who stand for one of them by a delegation in force. */
  readonly people: readonly string[];
}

/** Met by `count` of its people, each counted once. */
export interface Quorum extends Asked {
  readonly count: number;
}

/** Met by any one of its quorums. */
export interface Part {
  readonly any_of: readonly Quorum[];
}

/** From `after_seconds` past the preview, the people of `add` may fill any place as well, and `notify` is told. */
export interface Escalation {
  readonly after_seconds: number;
  readonly add: Asked;
  readonly notify: Asked;
}

/** One stands for the other: together they fill one place. */
export interface Deputy {
  readonly principal: string;
  readonly delegate: string;
  /** Digest of the signed delegation; null where the directory itself says so. */
  readonly delegation: Digest | null;
}

/** Quorum m of n, eligible approvers by time, separation of duties already taken out. */
export interface Requirement {
  /** All of them. */
  readonly approvals: readonly Part[];
  /** Sequential: a part is asked when those before it are met. */
  readonly order: 'parallel' | 'sequential';
  /** The denials of so many people end the request. */
  readonly denials: number;
  readonly timeout_seconds: number;
  /** A line in the thread, after so long without an answer; null for none. */
  readonly remind_after_seconds: number | null;
  /** In order of time. */
  readonly escalations: readonly Escalation[];
  /** Who may not decide, and why, in words. */
  readonly excluded: readonly { readonly person: string; readonly why: string }[];
  /** In force now, for this action. */
  readonly deputies: readonly Deputy[];
  /** What an approval must bring: a reason, the typed name of what is touched, the person's own signature. */
  readonly require: readonly ('reason' | 'typed' | 'own_key')[];
  readonly risk: Risk;
  /** Where the card goes, as the channel names it; null is the deployment's default. */
  readonly channel: string | null;
}

/** Hours of the day in which something may run, by the wall clock of a time zone. */
export interface Window {
  readonly days: readonly Weekday[];
  /** `HH:MM`, from inclusive to exclusive; `24:00` is the day's end. */
  readonly from: string;
  readonly to: string;
  /** IANA name: `Europe/Oslo`. */
  readonly zone: string;
}

export type Weekday = 'mon' | 'tue' | 'wed' | 'thu' | 'fri' | 'sat' | 'sun';

/** When something that may run may run. */
export interface Release {
  /** How long after the requirement was first met the action may still start. */
  readonly grant_ttl_seconds: number;
  readonly not_before: Timestamp | null;
  /** Inside any one of them; empty is always. */
  readonly windows: readonly Window[];
  /** Outside all of them: change freezes known beforehand. */
  readonly closed: readonly { readonly from: Timestamp; readonly to: Timestamp; readonly reason: string }[];
  /** So many requests of one agent under this rule in so many seconds; null is no limit. */
  readonly limit: { readonly count: number; readonly per_seconds: number } | null;
  /** How many percent more than approved a number of the preview may be at execution. */
  readonly slack_percent: number;
}

/** Who may do what else about a request; nobody in here is excluded from it. */
export interface Powers {
  /** Say of an unknown outcome what the target shows. */
  readonly settle: readonly string[];
  readonly break_glass: readonly string[];
  /** Answer the review that follows a broken glass; never whoever broke it. */
  readonly review: readonly string[];
  /** End a lease early. */
  readonly revoke: readonly string[];
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
  /** A rule that reads the preview comes before any that decides without it; until there is one the effect is deny. */
  readonly needs_preview: boolean;
  /** Present exactly when the effect is require_approval. */
  readonly requirement: Requirement | null;
  /** Present exactly when the effect is not deny. */
  readonly release: Release | null;
  readonly powers: Powers;
  /** In words, one sentence each: which rule, which conditions with which values, who may approve. */
  readonly explanation: readonly string[];
}

export type Resolution = 'approved' | 'denied' | 'expired' | 'withdrawn' | 'undeliverable' | 'flooded';
export type Outcome = 'succeeded' | 'failed' | 'unknown' | 'not_executed';

/** The names by which the processes find each other in Temporal. One deployment has a namespace of its own. */
export const QUEUES = { worker: 'assent', executor: 'assent-executor', gateway: 'assent-gateway' } as const;
export const SIGNALS = { decide: 'decide', withdraw: 'withdraw', instruct: 'instruct' } as const;
/** All Keyword but the deadline (Datetime). They are never encrypted: no personal data. */
export const SEARCH_ATTRIBUTES = {
  state: 'AssentState',
  action: 'AssentAction',
  agent: 'AssentAgent',
  risk: 'AssentRisk',
  rule: 'AssentRule',
  deadline: 'AssentDeadline',
} as const;
