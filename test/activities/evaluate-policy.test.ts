import { expect, it } from 'vitest';
import { createEvaluatePolicy } from '../../activities/evaluate-policy.ts';
import type { Envelope } from '../../approval/types.ts';
import { judgeOf, keys, OPENS, requestOf } from '../gateway/case-in-hand.ts';
import { OTHER_AGENT } from '../rig/house.ts';

const evaluatePolicy = createEvaluatePolicy({ judge: judgeOf(), now: () => OPENS });
const rule = (request: { readonly envelope: Envelope }) => evaluatePolicy({ request: request.envelope });

it('says what policy asks, and where the action runs', async () => {
  const request = requestOf({ rule: 'two' });
  expect(await rule(request)).toMatchObject({
    request_id: request.statement.request_id,
    action_digest: request.digest,
    action: 'test.work',
    agent: 'robot',
    effect: 'require_approval',
    rule: 'two',
    requirement: { count: 2 },
    task_queue: 'test-executor',
    max_seconds: 4,
  });
  expect(await rule(requestOf({ rule: 'free' }))).toMatchObject({ effect: 'allow', requirement: null });
});

const forged = requestOf();
const refused: readonly (readonly [string, { readonly envelope: Envelope }, string, boolean])[] = [
  ['nothing matches', requestOf({ rule: 'none' }), 'denied_by_default', true],
  [
    'an action that nobody knows',
    requestOf({ action: { name: 'test.play', input: {} } }),
    'action_unknown',
    true,
  ],
  [
    'an input that its action does not take',
    requestOf({ action: { name: 'test.work', input: { rule: 'one', id: 'a', hold: 'no' } } }),
    'input_invalid',
    true,
  ],
  [
    'on behalf of somebody for whom the agent may not act',
    requestOf({ change: { claims: { ...forged.statement.claims, on_behalf_of: 'ana' } } }),
    'not_acting_for',
    true,
  ],
  ['a key that nobody knows', requestOf({ key: keys.impostor }), 'key_unknown', false],
  [
    "another agent's name",
    requestOf({ change: { agent: OTHER_AGENT }, key: keys.agent }),
    'signer_mismatch',
    false,
  ],
  [
    "another request's id",
    requestOf({ change: { request_id: forged.statement.request_id } }),
    'request_id_mismatch',
    false,
  ],
  ["another deployment's", requestOf({ change: { audience: 'elsewhere' } }), 'audience_mismatch', false],
  [
    'changed after it was signed',
    { envelope: { ...forged.envelope, payload: requestOf().envelope.payload } },
    'signature_invalid',
    false,
  ],
];

it.each(refused)('%s: denied', async (_, request, code, read) => {
  const ruling = await rule(request);
  expect(ruling).toMatchObject({ effect: 'deny', code, requirement: null });
  expect(ruling.explanation.join(' ')).not.toBe('');
  // What did not verify tells nobody's id.
  expect(ruling.request_id !== null).toBe(read);
});

it('denies what is no envelope at all', async () => {
  expect(await evaluatePolicy(JSON.parse('{"request": {"payload": 7}}'))).toMatchObject({
    effect: 'deny',
    code: 'envelope_malformed',
  });
});
