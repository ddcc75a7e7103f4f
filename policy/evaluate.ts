/**
 * What the policy says of one request. Pure and total: whatever fails is a denial with its code.
 *
 * In order: the agent is known and enabled, it may ask for whom it says, then the rules, and where none matches, a
 * denial. Of the agent's own words only on_behalf_of is read, which can only take people out, and whether an intent
 * and a trigger are there at all.
 */
import { digestOfJson } from '../approval/digest.ts';
import type { Delegation } from '../approval/house.ts';
import type { JsonObject, PolicyDecision, RequestStatement } from '../approval/types.ts';
import { bindingsOf, type Facts, type Truth } from './condition.ts';
import type { Agent, Directory } from './directory.ts';
import { exclusionOf } from './exclusion.ts';
import { defaultWords, failureWords, matchWords, previewWords, proofWords, quote } from './explain.ts';
import { releaseWords } from './explain-release.ts';
import { requirementWords } from './explain-requirement.ts';
import type { Effect, Policy, Proof, Rule } from './policy.ts';
import { NO_POWERS, powersOf } from './powers.ts';
import { isOutOfReach, requirementOf } from './requirement.ts';

export interface Question {
  readonly policy: Policy;
  readonly directory: Directory;
  readonly request: RequestStatement;
  /** As the action's definition computes it from the input. */
  readonly resource: JsonObject;
  /** The facts of the executor's preview; null before there is one. */
  readonly preview: JsonObject | null;
  /** Those in force now, whatever their action. */
  readonly delegations: readonly Delegation[];
  readonly now: Date;
}

/** What stands in a decision for the rule where none matched. */
const DEFAULT_DENY = digestOfJson({ id: null, match: null, effect: { kind: 'deny', reason: null } });

/** In the order in which they are looked for. */
const PROOF_CODES = {
  attested_user: 'attested_user_required',
  intent: 'intent_missing',
  trigger: 'trigger_missing',
} as const;

/**
 * Codes: `allowed`, `approval_required`; denied are `agent_unknown`, `agent_disabled`, `not_acting_for`,
 * `preview_needed` (a rule that depends on the preview is reached, and there is none), `denied_by_rule`,
 * `denied_by_default`, `expression_failed`, `attested_user_required`, `intent_missing`, `trigger_missing`,
 * `nobody_eligible` (no passing of time can bring enough people) and `evaluation_failed` (a fault of the evaluation
 * itself).
 */
export function evaluate(question: Question): PolicyDecision {
  try {
    return judge(question);
  } catch (error) {
    const what = error instanceof Error ? error.message : String(error);
    return {
      ...digests(question, null),
      ...DENIED,
      code: 'evaluation_failed',
      powers: NO_POWERS,
      explanation: [`The policy could not be evaluated: ${what}.`],
    };
  }
}

function judge(question: Question): PolicyDecision {
  const { policy, directory, request, now } = question;
  if (Number.isNaN(now.getTime())) throw new RangeError('the clock tells no time');
  const agent = directory.agent(request.agent);
  const deny = denierOf(question, agent);
  if (agent === null) {
    return deny('agent_unknown', null, [`${quote(request.agent)} is no agent of the directory.`]);
  }
  if (agent.disabled) {
    return deny('agent_disabled', null, [`${agent.name} is disabled in the directory.`]);
  }
  const { on_behalf_of } = request.claims;
  if (on_behalf_of !== null && !agent.actsFor(on_behalf_of)) {
    const why = `${agent.name} may not act for ${quote(on_behalf_of)}: the directory does not list them in its acts_for.`;
    return deny('not_acting_for', null, [why]);
  }

  const facts = factsOf(question);
  const bound = bindingsOf(facts);
  const missed: Rule[] = [];
  for (const rule of policy.rulesFor(request.action.name)) {
    const truth: Truth = rule.when?.evaluate(bound) ?? { holds: true, failure: null };
    if (truth.failure !== null && rule.when?.readsPreview === true && facts.preview === null) {
      return { ...deny('preview_needed', null, [previewWords(rule, policy)]), needs_preview: true };
    }
    if (truth.failure !== null) {
      return deny('expression_failed', rule, [failureWords(rule, policy, facts, truth.failure)]);
    }
    if (truth.holds) return ruled(question, rule, agent, matchWords(rule, policy, facts));
    missed.push(rule);
  }
  return deny('denied_by_default', null, defaultWords(missed, policy, facts));
}

function factsOf({ request: { action, agent, attested }, resource, preview, now }: Question): Facts {
  return { action, resource, agent: { name: agent }, preview, attested, now };
}

function ruled(question: Question, rule: Rule, agent: Agent, match: string): PolicyDecision {
  const { effect } = rule;
  const deny = denierOf(question, agent);
  if (effect.kind === 'deny') {
    const why = effect.reason === null ? 'It denies this.' : `It denies this: ${effect.reason}`;
    return deny('denied_by_rule', rule, [match, why]);
  }
  const missing = effect.proofs.find((proof) => !isProven(proof, question.request));
  if (missing !== undefined) {
    return deny(PROOF_CODES[missing], rule, [match, proofWords(missing)]);
  }
  if (effect.kind === 'require_approval') return asking(question, rule, effect, agent, match);
  const { policy, directory, request } = question;
  const exclusion = exclusionOf({ agent, claims: request.claims, exclude: [], directory });
  return {
    ...digests(question, rule),
    effect: 'allow',
    code: 'allowed',
    needs_preview: false,
    requirement: null,
    release: effect.release,
    powers: powersOf({ policy, directory, agent, exclusion, asked: null, denied: false }),
    explanation: [match, 'It allows this without approval.', ...releaseWords(effect.release)],
  };
}

function asking(
  question: Question,
  rule: Rule,
  { asks, release }: Extract<Effect, { kind: 'require_approval' }>,
  agent: Agent,
  match: string,
): PolicyDecision {
  const { policy, directory, delegations, request, now } = question;
  const exclusion = exclusionOf({ agent, claims: request.claims, exclude: asks.exclude, directory });
  const action = request.action.name;
  const requirement = requirementOf({ asks, exclusion, directory, delegations, action, now });
  const explanation = [match, ...requirementWords(requirement, directory)];
  if (isOutOfReach(requirement, directory)) {
    const why = 'With these people excluded too few are left to approve it, now or later, so it is denied.';
    return denierOf(question, agent)('nobody_eligible', rule, [...explanation, why]);
  }
  const asked = { asks, requirement };
  return {
    ...digests(question, rule),
    effect: 'require_approval',
    code: 'approval_required',
    needs_preview: false,
    requirement,
    release,
    powers: powersOf({ policy, directory, agent, exclusion, asked, denied: false }),
    explanation: [...explanation, ...releaseWords(release)],
  };
}

/** Nobody vouches for anything yet: what is attested is always null. */
function isProven(proof: Proof, { attested, claims }: RequestStatement): boolean {
  switch (proof) {
    case 'attested_user':
      return attested !== null;
    case 'intent':
      return claims.intent !== null;
    case 'trigger':
      return claims.trigger !== null;
  }
}

const DENIED = { effect: 'deny', needs_preview: false, requirement: null, release: null } as const;

function denierOf(question: Question, agent: Agent | null) {
  const { policy, directory, request } = question;
  return (code: string, rule: Rule | null, explanation: readonly string[]): PolicyDecision => {
    const exclude = rule?.effect.kind === 'require_approval' ? rule.effect.asks.exclude : [];
    const exclusion = exclusionOf({ agent, claims: request.claims, exclude, directory });
    return {
      ...digests(question, rule),
      ...DENIED,
      code,
      powers: powersOf({ policy, directory, agent, exclusion, asked: null, denied: true }),
      explanation,
    };
  };
}

function digests({ policy, directory }: Question, rule: Rule | null) {
  return {
    rule: rule?.id ?? null,
    rule_digest: rule?.digest ?? DEFAULT_DENY,
    policy_digest: policy.digest,
    directory_digest: directory.digest,
  };
}
