import { expect, it } from 'vitest';
import { createAdmitDecisions } from '../../activities/admit-decisions.ts';
import { digestOfJson } from '../../approval/digest.ts';
import type { SigningKey } from '../../approval/keys.ts';
import { countersign, signStatement } from '../../approval/statements.ts';
import { type DecisionStatement, type Instruction, SIGNALS } from '../../approval/types.ts';
import { AUDIENCE, at, judgeOf, keys, previewOf, requestOf } from '../gateway/case-in-hand.ts';
import { AGENT, OTHER_AGENT } from '../rig/house.ts';

const judge = judgeOf();
const admitDecisions = createAdmitDecisions({ judge: () => judge });
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
      to: null,
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
  return { eligible: code === 'eligible', code, denials: 1, directory_digest: digestOfJson('directory') };
}

const withdrawal = (change: Partial<Instruction<'withdraw'>> = {}, key: SigningKey = keys.agent) =>
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

const START = digestOfJson('start');
function settlement(change: Partial<Instruction<'settle'>> = {}, key: SigningKey = keys.gateway) {
  return signStatement(
    'instruction',
    {
      audience: AUDIENCE,
      verb: 'settle',
      subject: request.statement.request_id,
      detail: { start: START, ran: true },
      person: 'ana',
      reason: 'The file is there.',
      issued_at: at(20),
      expires_at: at(320),
      ...change,
    },
    key,
  );
}

const decide = ({ envelope }: { readonly envelope: unknown }) => ({ signal: SIGNALS.decide, envelope });
const withdraw = ({ envelope }: { readonly envelope: unknown }) => ({ signal: SIGNALS.withdraw, envelope });
const instruct = ({ envelope }: { readonly envelope: unknown }) => ({ signal: SIGNALS.instruct, envelope });

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

it('takes what people say beside deciding, and what they signed themselves as the gateway countersigned it', async () => {
  const settled = settlement();
  const own = countersign(settlement({ detail: { start: START, ran: false } }, keys.ana), keys.gateway);
  const lifted = signStatement(
    'instruction',
    { ...settled.statement, verb: 'unfreeze', subject: digestOfJson('freeze'), detail: {} },
    keys.gateway,
  );
  const said = { kind: 'instruction', admitted: true, person: 'ana', reason: 'The file is there.' };
  expect(await admit(instruct(settled), instruct(own), instruct(lifted))).toEqual([
    { ...said, verb: 'settle', ran: true, digest: settled.digest },
    { ...said, verb: 'settle', ran: false, digest: own.digest },
    // About the house: whatever it held is judged again.
    { ...said, verb: 'unfreeze', ran: null, digest: lifted.digest },
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
  ['withdrawn by the gateway', withdraw(withdrawal({}, keys.gateway)), 'signer_mismatch'],
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
  ['a decision that only its person signed', decide(decision({}, keys.ana)), 'not_vouched'],
  ['settled by the agent', instruct(settlement({}, keys.agent)), 'not_vouched'],
  ['settled by nobody but the person', instruct(settlement({}, keys.ana)), 'not_vouched'],
  ['settled by the executor', instruct(settlement({}, keys.executor)), 'key_unknown'],
  [
    'a settlement of another request, played again',
    instruct(settlement({ subject: other.statement.request_id })),
    'other_request',
  ],
  ['settled as a withdrawal', withdraw(settlement()), 'other_verb'],
  ['a signal that nobody knows', { signal: 'approve', envelope: decision().envelope }, 'signal_unknown'],
];

it.each(refused)('%s: refused, and nothing beside it', async (_, message, code) => {
  const [first, second] = await admit(message, decide(decision()));
  expect(first).toMatchObject({ admitted: false, code });
  expect(second).toMatchObject({ admitted: true });
});
