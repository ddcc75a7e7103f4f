/** The policy: rules in their order, each with its digest, from the text of policy.yaml. */
import { digestOfJson } from '../approval/digest.ts';
import type { Digest, Risk } from '../approval/types.ts';
import { parseYaml, type YamlDocument } from '../approval/yaml.ts';
import type { Fault } from '../approval/yaml-fault.ts';
import type { Condition } from './condition.ts';
import { escalationFaults, type Step, stepsOf } from './escalation.ts';
import { type PolicyFile, policySchema, type RuleFile } from './policy-file.ts';

export type Effect =
  | { readonly kind: 'allow' }
  | { readonly kind: 'deny'; readonly reason: string | null }
  | {
      readonly kind: 'require_approval';
      readonly count: number;
      readonly timeout_seconds: number;
      /** The first has after_seconds 0; later ones are escalations, in order. */
      readonly steps: readonly Step[];
      readonly risk: Risk;
      readonly channel: string | null;
    };

export interface Rule {
  readonly id: string;
  /** Of this rule's canonical form with its defaults filled in, whatever stands in the others. */
  readonly digest: Digest;
  readonly action: string;
  readonly when: Condition | null;
  readonly effect: Effect;
}

export interface Policy {
  /** Of the canonical form: neither a comment nor the order of keys changes it. */
  readonly digest: Digest;
  /** The first that matches decides. */
  readonly rules: readonly Rule[];
}

/** A policy that may yet name people whom the directory does not know. */
export interface UnboundPolicy {
  readonly policy: Policy;
  readonly document: YamlDocument<PolicyFile>;
}

/** @throws AssentError `policy_invalid` with `evidence.faults` */
export function parsePolicy(text: string, file: string): UnboundPolicy {
  const document = parseYaml(text, { file, code: 'policy_invalid', schema: policySchema });
  document.refuse([...repeatedIds(document), ...escalationFaults(document)]);
  const rules = document.value.rules.map(ruleOf);
  const digest = digestOfJson({ version: document.value.version, rules: rules.map(canonicalForm) });
  return { policy: { digest, rules }, document };
}

function ruleOf(file: RuleFile): Rule {
  const rule = {
    id: file.id,
    action: file.match.action,
    when: file.match.when ?? null,
    effect: effectOf(file),
  };
  return { ...rule, digest: digestOfJson(canonicalForm(rule)) };
}

function effectOf(file: RuleFile): Effect {
  switch (file.effect) {
    case 'allow':
      return { kind: 'allow' };
    case 'deny':
      return { kind: 'deny', reason: file.reason ?? null };
    case 'require_approval':
      return {
        kind: 'require_approval',
        count: file.approvals.count,
        timeout_seconds: file.timeout,
        steps: stepsOf(file),
        risk: file.risk,
        channel: file.channel ?? null,
      };
  }
}

function canonicalForm({ id, action, when, effect }: Omit<Rule, 'digest'>) {
  return { id, match: { action, when: when?.source ?? null }, effect };
}

function repeatedIds({ value, faultAt }: YamlDocument<PolicyFile>): readonly Fault[] {
  const ids = value.rules.map(({ id }) => id);
  return ids.flatMap((id, index) => {
    const first = ids.indexOf(id);
    if (first === index) return [];
    const { line } = faultAt(['rules', first, 'id'], '');
    return [faultAt(['rules', index, 'id'], `${id} is already the rule of line ${line}; rename one`)];
  });
}
