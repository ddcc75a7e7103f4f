/** The policy: rules in their order, each with its digest, from the text of policy.yaml. */
import { digestOfJson } from '../approval/digest.ts';
import { matchesPattern } from '../approval/pattern.ts';
import type { Digest, Release } from '../approval/types.ts';
import { parseYaml, type YamlDocument } from '../approval/yaml.ts';
import type { Fault } from '../approval/yaml-fault.ts';
import { REQUIRED_OF_REQUEST } from './approval-file.ts';
import { type Asks, asksFaults, asksOf, type Names } from './asks.ts';
import type { Condition } from './condition.ts';
import { type PolicyFile, policySchema, type RuleFile } from './policy-file.ts';
import { releaseFaults, releaseOf } from './release.ts';

/** What a request must bring. */
export type Proof = (typeof REQUIRED_OF_REQUEST)[number];

export type Effect =
  | { readonly kind: 'allow'; readonly proofs: readonly Proof[]; readonly release: Release }
  | { readonly kind: 'deny'; readonly reason: string | null }
  | {
      readonly kind: 'require_approval';
      readonly proofs: readonly Proof[];
      readonly asks: Asks;
      readonly release: Release;
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
  /** Of the canonical form: no comment and no order of keys, names, words or days changes it. */
  readonly digest: Digest;
  /** They may freeze, unfreeze, and settle what nobody was asked about. */
  readonly operators: Names;
  /** Who may release one request alone, and who answers for that later; null for nobody. */
  readonly breakGlass: { readonly from: Names; readonly review: Names } | null;
  /** The first that matches decides. */
  readonly rules: readonly Rule[];
  /** Those whose pattern matches the action's name, in their order. */
  rulesFor(action: string): readonly Rule[];
}

/** A policy that may yet name people whom the directory does not know. */
export interface UnboundPolicy {
  readonly policy: Policy;
  readonly document: YamlDocument<PolicyFile>;
}

/** @throws AssentError `policy_invalid` with `evidence.faults` */
export function parsePolicy(text: string, file: string): UnboundPolicy {
  const document = parseYaml(text, { file, code: 'policy_invalid', schema: policySchema });
  document.refuse([...repeatedIds(document), ...asksFaults(document), ...releaseFaults(document)]);
  const { version, operators = [], break_glass } = document.value;
  const terms = {
    operators: operators.toSorted(),
    breakGlass:
      break_glass === undefined
        ? null
        : { from: break_glass.from.toSorted(), review: break_glass.review.from.toSorted() },
  };
  const rules = document.value.rules.map(ruleOf);
  const digest = digestOfJson({ version, ...terms, rules: rules.map(canonicalForm) });
  return { policy: { digest, ...terms, rules, rulesFor: indexOf(rules) }, document };
}

/** Patterns without a star are looked up, and only the others tried. */
function indexOf(rules: readonly Rule[]): Policy['rulesFor'] {
  const numbered = rules.map((rule, index) => ({ rule, index }));
  const isWild = ({ action }: Rule) => action.includes('*');
  const wild = numbered.filter(({ rule }) => isWild(rule));
  const exact = Map.groupBy(
    numbered.filter(({ rule }) => !isWild(rule)),
    ({ rule }) => rule.action,
  );
  return (action) =>
    [...(exact.get(action) ?? []), ...wild.filter(({ rule }) => matchesPattern(rule.action, action))]
      .toSorted((a, b) => a.index - b.index)
      .map(({ rule }) => rule);
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
  if (file.effect === 'deny') return { kind: 'deny', reason: file.reason ?? null };
  const required: readonly string[] = file.require;
  const proofs = REQUIRED_OF_REQUEST.filter((word) => required.includes(word));
  const release = releaseOf(file);
  return file.effect === 'allow'
    ? { kind: 'allow', proofs, release }
    : { kind: 'require_approval', proofs, asks: asksOf(file), release };
}

function canonicalForm({ id, action, when, effect }: Omit<Rule, 'digest'>) {
  return { id, match: { action, when: when?.source ?? null }, effect };
}

function repeatedIds({ value, faultAt }: YamlDocument<PolicyFile>): readonly Fault[] {
  const first = new Map<string, number>();
  return value.rules.flatMap(({ id }, index) => {
    const before = first.get(id);
    if (before === undefined) {
      first.set(id, index);
      return [];
    }
    const { line } = faultAt(['rules', before, 'id'], '');
    return [faultAt(['rules', index, 'id'], `${id} is already the rule of line ${line}; rename one`)];
  });
}
