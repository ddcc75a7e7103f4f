/** Runs a case: what it expects against what the policy says, and where the two differ. Pure. */
import { canonicalize } from '../approval/canonical-json.ts';
import type { Standings } from '../approval/state.ts';
import type { Json, PolicyDecision, Timestamp } from '../approval/types.ts';
import { quorumsOf } from './approval-file.ts';
import type { Case } from './case.ts';
import type { Expected } from './case-file.ts';
import type { Guard } from './guard.ts';
import { askedParts, eligibleBy, partsOf } from './outline.ts';
import { rehearse } from './rehearsal.ts';

export interface Difference {
  readonly field: keyof Expected;
  readonly expected: Json;
  readonly actual: Json;
}

export interface CaseResult {
  readonly name: string;
  readonly line: number;
  readonly passed: boolean;
  /** In the order in which a case writes them. */
  readonly differences: readonly Difference[];
  readonly policy: PolicyDecision;
  /** Decisions without effect. */
  readonly vain: readonly { readonly person: string; readonly at: Timestamp; readonly code: string }[];
}

export function runCase(guard: Guard, { name, line, rehearsal, expected }: Case): CaseResult {
  const { policy, standings, vain } = rehearse(guard, rehearsal);
  const differences = differencesOf(expected, policy, standings);
  return {
    name,
    line,
    passed: differences.length === 0,
    differences,
    policy,
    vain: vain.map(({ said, code }) => ({ person: said.person, at: said.at.toISOString(), code })),
  };
}

/** Denials that no rule meant: who expects one says which, or a slip in the case would pass for the policy's word. */
const UNMEANT: ReadonlySet<string> = new Set([
  'agent_unknown',
  'not_acting_for',
  'preview_needed',
  'expression_failed',
  'evaluation_failed',
]);

function differencesOf(
  expected: Expected,
  policy: PolicyDecision,
  standings: Standings,
): readonly Difference[] {
  const meant = expected.code ?? (UNMEANT.has(policy.code) ? 'a denial that the policy means' : undefined);
  const compared: readonly (Omit<Difference, 'expected'> & { readonly expected: Json | undefined })[] = [
    { field: 'effect', expected: expected.effect, actual: policy.effect },
    { field: 'rule', expected: expected.rule, actual: policy.rule },
    { field: 'code', expected: meant, actual: policy.code },
    { field: 'approvals', expected: askedBy(expected), actual: askedParts(policy) },
    { field: 'eligible', expected: sorted(expected.eligible), actual: eligibleBy(policy) },
    {
      field: 'excluded',
      expected: sorted(expected.excluded),
      actual: (policy.requirement?.excluded ?? []).map(({ person }) => person),
    },
    { field: 'resolution', expected: expected.resolution, actual: standings.state },
    { field: 'held', expected: expected.held, actual: standings.hold?.code ?? null },
    ...explanationOf(expected, policy),
  ];
  return compared.flatMap(({ field, expected: wanted, actual }) =>
    wanted === undefined || canonicalize(wanted) === canonicalize(actual)
      ? []
      : [{ field, expected: wanted, actual }],
  );
}

function explanationOf({ explanation }: Expected, policy: PolicyDecision) {
  if (explanation === undefined) return [];
  const actual = policy.explanation.join(' ');
  return actual.includes(explanation)
    ? []
    : [{ field: 'explanation', expected: explanation, actual } as const];
}

/** With each list of names in the order that a policy gives it. */
function askedBy({ approvals }: Expected): Json | undefined {
  if (approvals === undefined) return undefined;
  const parts = approvals.map((part) => ({ any_of: quorumsOf(part) }));
  return partsOf(parts, ({ from, count }) => ({ from: from.toSorted(), count }));
}

function sorted(names: readonly string[] | undefined): readonly string[] | undefined {
  return names === undefined ? undefined : [...new Set(names)].toSorted();
}
