import { expect, it } from 'vitest';
import { createAdmitDecisions } from '../../activities/admit-decisions.ts';
import { digestOfJson } from '../../approval/digest.ts';
import type { SigningKey } from '../../approval/keys.ts';
import { signStatement } from '../../approval/statements.ts';
import { type DecisionStatement, type InstructionStatement, SIGNALS } from '../../approval/types.ts';
import { AUDIENCE, at, judgeOf, keys, previewOf, requestOf } from '../gateway/case-in-hand.ts';
import { AGENT, OTHER_AGENT } from '../rig/house.ts';

const admitDecisions = createAdmitDecisions({ judge: judgeOf() });
const request = requestOf();
const other = requestOf();
const preview = previewOf(request);
const rule_digest = digestOfJson('rule');

const admit = async (...messages: readonly { readonly signal: string; readonly envelope: unknown }[]) =>
  admitDecisions({ request: request.envelope, preview_digest: preview.digest, rule_digest, messages });

const decision = (change: Partial<DecisionStatement> = {}, key: SigningKey = keys.gateway) =>
  signStatement(
    'decision',
    {
      audience: AUDIENCE,
      request_id: request.statement.request_id,
      action_digest: request.digest,
      preview_digest: preview.digest,
      rule_digest,
      card_digest: digestOfJson('card'),
      verdict: 'approve',
      person: 'ana',
      standing: standing('eligible'),
      channel: { name: 'slack', account: 'T1/U1' },
      typed: null,
      reason: null,
      decided_at: at(60),
      ...change,
    },
    key,
  );

function standing(code: string) {
  return { eligible: code === 'eligible', code, directory_digest: digestOfJson('directory') };
}

const withdrawal = (change: Partial<InstructionStatement> = {}, key: SigningKey = keys.agent) =>
  signStatement(
    'instruction',
    {
      audience: AUDIENCE,
      verb: 'withdraw',
      subject: request.statement.request_id,
      detail: { agent: AGENT },
      person: null,
      reason: 'Not needed.',
      issued_at: at(20),
      expires_at: at(320),
      ...change,
    },
    key,
  );

const decide = ({ envelope }: { readonly envelope: unknown }) => ({ signal: SIGNALS.decide, envelope });
const withdraw = ({ envelope }: { readonly envelope: unknown }) => ({ signal: SIGNALS.withdraw, envelope });

it("takes the gateway's word on a person, and the agent's on its own request, in their order", async () => {
  const [approval, denial, taken] = [
    decision(),
    decision({ verdict: 'deny', reason: 'No.', person: 'ben' }),
    withdrawal(),
  ];
  expect(await admit(decide(approval), decide(denial), withdraw(taken))).toMatchObject([
    {
      kind: 'decision',
      admitted: true,
      digest: approval.digest,
      person: 'ana',
      verdict: 'approve',
      stood: true,
    },
    {
      kind: 'decision',
      admitted: true,
      digest: denial.digest,
      person: 'ben',
      verdict: 'deny',
      reason: 'No.',
    },
    { kind: 'withdrawal', admitted: true, digest: taken.digest, envelope: taken.envelope },
  ]);
});

it('takes a denial whatever it was shown, and marks one that did not stand', async () => {
  const old = decision({ verdict: 'deny', reason: 'No.', preview_digest: digestOfJson('older') });
  const excluded = decision({ verdict: 'deny', reason: 'No.', standing: standing('excluded') });
  expect(await admit(decide(old), decide(excluded))).toMatchObject([
    { admitted: true, stood: true },
    { admitted: true, stood: false, code: 'excluded' },
  ]);
});

const bare = decision();
const refused: readonly (readonly [
  string,
  { readonly signal: string; readonly envelope: unknown },
  string,
])[] = [
  ['signed by the agent itself', decide(decision({}, keys.agent)), 'key_unknown'],
  ['signed by the executor', decide(decision({}, keys.executor)), 'key_unknown'],
  ['no envelope', decide({ envelope: { approved: true } }), 'envelope_malformed'],
  ['nothing', decide({ envelope: null }), 'envelope_malformed'],
  ['a request in place of a decision', decide(request), 'envelope_type'],
  ['a withdrawal in place of a decision', decide(withdrawal()), 'envelope_type'],
  [
    'altered',
    decide({ envelope: { ...bare.envelope, payload: decision({ person: 'ben' }).envelope.payload } }),
    'signature_invalid',
  ],
  ["another request's", decide(decision({ request_id: other.statement.request_id })), 'other_request'],
  ["another deployment's", decide(decision({ audience: 'elsewhere' })), 'audience_mismatch'],
  ['of another action', decide(decision({ action_digest: other.digest })), 'binds_other'],
  ['of another preview', decide(decision({ preview_digest: digestOfJson('older') })), 'binds_other'],
  ['under another rule', decide(decision({ rule_digest: digestOfJson('older') })), 'binds_other'],
  ['by somebody who may not', decide(decision({ standing: standing('not_eligible') })), 'not_eligible'],
  ['withdrawn by the gateway', withdraw(withdrawal({}, keys.gateway)), 'key_unknown'],
  [
    'withdrawn by another agent',
    withdraw(withdrawal({ detail: { agent: OTHER_AGENT } }, keys.rival)),
    'signer_mismatch',
  ],
  ['withdrawn in the name of another agent', withdraw(withdrawal({}, keys.rival)), 'signer_mismatch'],
  [
    'a withdrawal of another request, played again',
    withdraw(withdrawal({ subject: other.statement.request_id })),
    'other_request',
  ],
  ['a signal that nobody knows', { signal: 'approve', envelope: decision().envelope }, 'signal_unknown'],
];

it.each(refused)('%s: refused, and nothing beside it', async (_, message, code) => {
  const [first, second] = await admit(message, decide(decision()));
  expect(first).toMatchObject({ admitted: false, code });
  expect(second).toMatchObject({ admitted: true });
});
