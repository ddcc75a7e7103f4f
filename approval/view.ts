/**
 * What a card says, free of any channel: one pure function of request, preview and rule.
 *
 * The gateway binds its digest into a decision and the executor computes it again, so what people saw is what
 * runs. Votes and clock are no part of it; they are in approval/state.ts.
 */
import { digestOfJson } from './digest.ts';
import { AssentError } from './error.ts';
import { timelineOf } from './timeline.ts';
import type {
  Claims,
  Digest,
  JsonObject,
  PolicyDecision,
  Release,
  Requirement,
  Risk,
  Timestamp,
  Verified,
} from './types.ts';

/** What the action's definition says of an input and a preview, in words. */
export interface Presentation {
  /** Verb and target, one line. */
  readonly title: string;
  readonly description: readonly string[];
  /** The blast radius. */
  readonly impact: readonly string[];
  /** The name of what is touched: what an approver types where the rule asks for it. */
  readonly target: string;
}

/** An action's input as its definition understands it. */
export interface Examined {
  /** What is touched, computed from the input alone. */
  readonly resource: JsonObject;
  /** How long an execution may take. */
  readonly maxSeconds: number;
  present(facts: JsonObject): Presentation;
  /** What of the approved facts no longer holds, in words. */
  drift(approved: JsonObject, now: JsonObject, slack: number): readonly string[];
  /** After how many seconds from its Start it is undone; null where it has no end. */
  readonly endsAfter: number | null;
}

export interface CardContent extends Presentation {
  readonly audience: string;
  readonly request_id: string;
  readonly agent: string;
  readonly action: { readonly name: string; readonly input: JsonObject };
  readonly resource: JsonObject;
  /** The agent's own words: shown as such, never as fact. */
  readonly claims: Claims;
  readonly facts: JsonObject;
  /** What differs from what was asked before; empty where nothing does, and at the first asking. */
  readonly changed: readonly string[];
  /** 1 at the first asking. */
  readonly revision: number;
  /** After how many seconds it is undone; null where it has no end. */
  readonly ends_after_seconds: number | null;
  readonly risk: Risk;
  readonly rule: string;
  /** All of them, each by any one of its quorums, as the policy names people. */
  readonly approvals: readonly {
    readonly any_of: readonly { readonly from: readonly string[]; readonly count: number }[];
  }[];
  readonly order: Requirement['order'];
  readonly denials: number;
  readonly require: Requirement['require'];
  /** Who is asked as well, and told, from when on. */
  readonly escalations: readonly {
    readonly at: Timestamp;
    readonly add: readonly string[];
    readonly notify: readonly string[];
  }[];
  readonly deadline: Timestamp;
  readonly release: Release | null;
  readonly action_digest: Digest;
  readonly preview_digest: Digest;
  readonly rule_digest: Digest;
}

export interface ViewInput {
  readonly request: Verified<'request'>;
  /** In order of their revisions; the last is what is asked. */
  readonly previews: readonly Verified<'preview'>[];
  readonly policy: PolicyDecision;
  readonly examined: Pick<Examined, 'present' | 'drift' | 'endsAfter'>;
}

/** @throws AssentError `nothing_to_ask` where policy asks for no approval, or nothing was previewed */
export function viewOf({ request, previews, policy, examined }: ViewInput): CardContent {
  const { requirement, rule, release } = policy;
  const preview = previews.at(-1);
  if (requirement === null || rule === null || preview === undefined) {
    throw new AssentError('nothing_to_ask', 'Policy asks nobody about this request, so there is no card.');
  }
  const { facts, resource, revision, previewed_at } = preview.statement;
  // By name, so that whatever else a definition returns can't stand in for what is signed.
  const { title, description, impact, target } = examined.present(facts);
  const before = previews.at(-2)?.statement.facts;
  const { opens, deadline } = timelineOf(previewed_at, requirement);
  const { audience, request_id, agent, action, claims } = request.statement;
  return {
    audience,
    request_id,
    agent,
    action,
    claims,
    title,
    description,
    impact,
    target,
    resource,
    facts,
    changed: before === undefined ? [] : examined.drift(before, facts, 0),
    revision,
    ends_after_seconds: examined.endsAfter,
    risk: requirement.risk,
    rule,
    approvals: requirement.approvals.map(({ any_of }) => ({
      any_of: any_of.map(({ from, count }) => ({ from, count })),
    })),
    order: requirement.order,
    denials: requirement.denials,
    require: requirement.require,
    escalations: requirement.escalations.map(({ after_seconds, add, notify }) => ({
      at: new Date(opens + after_seconds * 1000).toISOString(),
      add: add.from,
      notify: notify.from,
    })),
    deadline: new Date(deadline).toISOString(),
    release,
    action_digest: request.digest,
    preview_digest: preview.digest,
    rule_digest: policy.rule_digest,
  };
}

/** What a decision binds. */
export function cardDigest(content: CardContent): Digest {
  return digestOfJson(content);
}
