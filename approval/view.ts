/**
 * What a card says, free of any channel: one pure function of request, preview and rule.
 *
 * The gateway binds its digest into a decision and the executor computes it again, so what people saw is what
 * runs. Votes and clock are no part of it; they are in approval/state.ts.
 */
import { digestOfJson } from './digest.ts';
import { AssentError } from './error.ts';
import { timelineOf } from './timeline.ts';
import type { Claims, Digest, JsonObject, PolicyDecision, Risk, Timestamp, Verified } from './types.ts';

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
  readonly risk: Risk;
  readonly rule: string;
  readonly count: number;
  /** Who is asked, as the policy names them, and from when on. */
  readonly asked: readonly { readonly from: readonly string[]; readonly at: Timestamp }[];
  readonly deadline: Timestamp;
  readonly action_digest: Digest;
  readonly preview_digest: Digest;
  readonly rule_digest: Digest;
}

export interface ViewInput {
  readonly request: Verified<'request'>;
  readonly preview: Verified<'preview'>;
  readonly policy: PolicyDecision;
  readonly presentation: Presentation;
}

/** @throws AssentError `nothing_to_ask` where policy asks for no approval */
export function viewOf({ request, preview, policy, presentation }: ViewInput): CardContent {
  const { requirement, rule } = policy;
  // By name, so that whatever else a definition returns can't stand in for what is signed.
  const { title, description, impact, target } = presentation;
  if (requirement === null || rule === null) {
    throw new AssentError('nothing_to_ask', 'Policy asks nobody about this request, so there is no card.');
  }
  const { opens, deadline } = timelineOf(preview.statement.previewed_at, requirement);
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
    resource: preview.statement.resource,
    facts: preview.statement.facts,
    risk: requirement.risk,
    rule,
    count: requirement.count,
    asked: requirement.stages.map(({ from, after_seconds }) => ({
      from,
      at: new Date(opens + after_seconds * 1000).toISOString(),
    })),
    deadline: new Date(deadline).toISOString(),
    action_digest: request.digest,
    preview_digest: preview.digest,
    rule_digest: policy.rule_digest,
  };
}

/** What a decision binds. */
export function cardDigest(content: CardContent): Digest {
  return digestOfJson(content);
}
