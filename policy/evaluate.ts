/**
 * What the policy says of one request. Pure and total: whatever fails is a denial with its code.
 *
 * In order: the agent is known, it may ask for whom it says, then the rules, and where none matches, a denial.
 * Of the agent's own words only on_behalf_of is read, and it can only take people out.
 */
import { digestOfJson } from '../approval/digest.ts';
import type { JsonObject, PolicyDecision, RequestStatement } from '../approval/types.ts';
import type { Facts } from './condition.ts';
import type { Agent, Directory } from './directory.ts';
import { defaultWords, failureWords, matchWords, quote, requirementWords } from './explain.ts';
import { matchesPattern } from './pattern.ts';
import type { Policy, Rule } from './policy.ts';
import { type ApprovalEffect, isOutOfReach, requirementOf } from './requirement.ts';

export interface Question {
  readonly policy: Policy;
  readonly directory: Directory;
  readonly request: RequestStatement;
  /** As the action's definition computes it from the input. */
  readonly resource: JsonObject;
  readonly now: Date;
}

/** What stands in a decision for the rule where none matched. */
const DEFAULT_DENY = digestOfJson({ id: null, match: null, effect: { kind: 'deny', reason: null } });

/**
 * Codes: `allowed`, `approval_required`; denied are `agent_unknown`, `not_acting_for`, `denied_by_rule`,
 * `denied_by_default`, `expression_failed`, `nobody_eligible` (no stage can ever bring enough people) and
 * `evaluation_failed` (a fault of the evaluation itself).
 */
export function evaluate(question: Question): PolicyDecision {
  try {
    return judge(question);
  } catch (error) {
    const what = error instanceof Error ? error.message : String(error);
    return denied(question, 'evaluation_failed', null, [`The policy could not be evaluated: ${what}.`]);
  }
}

function judge(question: Question): PolicyDecision {
  const { policy, directory, request } = question;
  const agent = directory.agent(request.agent);
  if (agent === null) {
    return denied(question, 'agent_unknown', null, [`${quote(request.agent)} is no agent of the directory.`]);
  }
  const { on_behalf_of } = request.claims;
  if (on_behalf_of !== null && !agent.actsFor(on_behalf_of)) {
    const why = `${agent.name} may not act for ${quote(on_behalf_of)}: the directory does not list them in its acts_for.`;
    return denied(question, 'not_acting_for', null, [why]);
  }

  const facts = factsOf(question);
  const candidates = policy.rules.filter((rule) => matchesPattern(rule.action, request.action.name));
  for (const rule of candidates) {
    const truth = rule.when?.evaluate(facts) ?? { holds: true, failure: null };
    if (truth.failure !== null) {
      return denied(question, 'expression_failed', rule, [failureWords(rule, policy, facts, truth.failure)]);
    }
    if (truth.holds) return decisionOf(question, rule, agent, matchWords(rule, policy, facts));
  }
  return denied(question, 'denied_by_default', null, defaultWords(candidates, policy, facts));
}

function factsOf({ request: { action, agent, attested }, resource, now }: Question): Facts {
  return { action, resource, agent: { name: agent }, attested, now };
}

function decisionOf(question: Question, rule: Rule, agent: Agent, match: string): PolicyDecision {
  const { effect } = rule;
  switch (effect.kind) {
    case 'allow':
      return {
        ...digests(question, rule),
        effect: 'allow',
        code: 'allowed',
        requirement: null,
        explanation: [match, 'It allows this without approval.'],
      };
    case 'deny':
      return denied(question, 'denied_by_rule', rule, [
        match,
        effect.reason === null ? 'It denies this.' : `It denies this: ${effect.reason}`,
      ]);
    case 'require_approval':
      return asking(question, rule, effect, agent, match);
  }
}

function asking(
  question: Question,
  rule: Rule,
  effect: ApprovalEffect,
  agent: Agent,
  match: string,
): PolicyDecision {
  const { directory, request } = question;
  const requirement = requirementOf(effect, agent, request.claims, directory);
  const explanation = [match, ...requirementWords(requirement, directory)];
  if (isOutOfReach(requirement)) {
    const why = 'With these people excluded too few are left to approve it, now or later, so it is denied.';
    return denied(question, 'nobody_eligible', rule, [...explanation, why]);
  }
  return {
    ...digests(question, rule),
    effect: 'require_approval',
    code: 'approval_required',
    requirement,
    explanation,
  };
}

function denied(
  question: Question,
  code: string,
  rule: Rule | null,
  explanation: readonly string[],
): PolicyDecision {
  return { ...digests(question, rule), effect: 'deny', code, requirement: null, explanation };
}

function digests({ policy, directory }: Question, rule: Rule | null) {
  return {
    rule: rule?.id ?? null,
    rule_digest: rule?.digest ?? DEFAULT_DENY,
    policy_digest: policy.digest,
    directory_digest: directory.digest,
  };
}
