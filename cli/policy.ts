/** `assent policy …`: for those who write policy. */
import { policyCheck } from './policy-check.ts';
import { policyDiff } from './policy-diff.ts';
import { policyExplain } from './policy-explain.ts';
import { policyTest } from './policy-test.ts';
import type { Terminal } from './terminal.ts';
import { group, type Word } from './usage.ts';

export const policy = (terminal: Terminal): Word =>
  group(
    { name: 'assent policy', description: 'The policy that guards actions: check, test, explain, diff' },
    {
      check: policyCheck(terminal),
      test: policyTest(terminal),
      explain: policyExplain(terminal),
      diff: policyDiff(terminal),
    },
  );
