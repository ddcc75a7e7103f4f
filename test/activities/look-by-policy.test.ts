/** Slack is of what was approved, and of nothing that another rule would have judged. */
import { expect, it } from 'vitest';
import { z } from 'zod';
import { defineAction } from '../../actions/define.ts';
import { implement } from '../../actions/implement.ts';
import { createImplementations } from '../../actions/registry.ts';
import { lookAgain } from '../../activities/look-again.ts';
import type { PolicyQuestion } from '../../approval/grant.ts';
import type { PolicyDecision } from '../../approval/types.ts';
import {
  allowing,
  asking,
  denying,
  keys,
  OPENS,
  previewOf,
  requestOf,
  situationOf,
} from '../approval/world.ts';
import { memoryBook } from '../gateway/memory-book.ts';

const exported = defineAction({
  name: 'sql.export',
  input: z.strictObject({ table: z.string() }),
  resource: ({ table }) => ({ table }),
  title: () => 'Export',
  describe: () => [],
  impact: () => [],
  drift: () => [],
});

/** The rule is of 1,300 rows at most; what it says of more is given. */
function lookedAt(rows: number, policy: PolicyDecision, otherwise: PolicyDecision) {
  const book = memoryBook();
  const request = requestOf();
  const preview = previewOf(request);
  const situation = situationOf({ policy, dossier: { request, previews: [preview] } });
  const evaluate = ({ preview: facts }: PolicyQuestion) => (Number(facts?.rows) <= 1300 ? policy : otherwise);
  const work = implement(exported, { preview: async () => ({ rows }), execute: async () => ({}) });
  const looking = book.append([request, preview]).then(() =>
    lookAgain(situation, {
      judge: () => ({ evaluate }),
      implementations: createImplementations([work]),
      book,
      key: keys.executor,
      signal: new AbortController().signal,
      now: () => OPENS + 100_000,
    }),
  );
  return { looking, kinds: () => book.rows.map(({ kind }) => kind) };
}

it.each([
  ['asks others', asking(), { ...asking(), rule_digest: denying.policy_digest }],
  ['denies what it asked people about', asking(), { ...denying, rule_digest: denying.policy_digest }],
  ['denies what it allowed', allowing, { ...denying, rule_digest: denying.policy_digest }],
] as const)('is asked anew where another rule %s', async (_, policy, otherwise) => {
  const { looking, kinds } = lookedAt(1301, policy, otherwise);
  await expect(looking).rejects.toMatchObject({ step: 'input', code: 'drifted', again: { how: 'ask' } });
  expect(kinds()).toEqual(['request', 'preview', 'preview']);
});

it('runs within the slack where the same rule judges it', async () => {
  const { looking, kinds } = lookedAt(1300, asking(), denying);
  await expect(looking).resolves.toBeUndefined();
  expect(kinds()).toEqual(['request', 'preview']);
});
