import { describe, expect, it } from 'vitest';
import { stringify } from 'yaml';
import { createEvaluatePolicy } from '../../activities/evaluate-policy.ts';
import { AssentError } from '../../approval/error.ts';
import type { SigningKey } from '../../approval/keys.ts';
import { signStatement } from '../../approval/statements.ts';
import type { Envelope, Instruction } from '../../approval/types.ts';
import { AUDIENCE, at, judgeOf, keys, OPENS, previewOf, requestOf } from '../gateway/case-in-hand.ts';
import { memoryBook } from '../gateway/memory-book.ts';
import { OTHER_AGENT } from '../rig/house.ts';

function evaluator(policy?: string) {
  const judge = judgeOf(policy);
  const book = memoryBook();
  const clock = { now: OPENS };
  const evaluatePolicy = createEvaluatePolicy({ judge: () => judge, book, now: () => clock.now });
  const rule = ({ envelope }: { readonly envelope: Envelope }, previewed = false) =>
    evaluatePolicy({ request: envelope, previewed });
  return { book, clock, evaluatePolicy, rule };
}

const { evaluatePolicy, rule } = evaluator();

it('says what policy asks, and where the action runs', async () => {
  const request = requestOf({ rule: 'two' });
  expect(await rule(request)).toMatchObject({
    request_id: request.statement.request_id,
    action_digest: request.digest,
    action: 'test.work',
    agent: 'robot',
    effect: 'require_approval',
    rule: 'two',
    requirement: { approvals: [{ any_of: [{ from: ['approvers'], count: 2 }] }] },
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

describe('by delegations on the page of the house', () => {
  const MINUTE = 60;
  const delegation = (change: Partial<Instruction<'delegate'>> = {}, key: SigningKey = keys.gateway) =>
    signStatement(
      'instruction',
      {
        audience: AUDIENCE,
        verb: 'delegate',
        subject: 'sam',
        detail: { action: 'test.*', starts_at: at(10 * MINUTE) },
        person: 'ana',
        reason: 'Away.',
        issued_at: at(0),
        expires_at: at(20 * MINUTE),
        ...change,
      },
      key,
    );

  it('lets the delegate stand for the principal, from its start until before its end', async () => {
    const { book, clock, rule } = evaluator();
    const stands = delegation();
    await book.append([stands]);
    const request = requestOf();
    const deputies = async (minutes: number) => {
      clock.now = OPENS + minutes * MINUTE * 1000;
      return (await rule(request)).requirement?.deputies;
    };
    const deputy = { principal: 'ana', delegate: 'sam', delegation: stands.digest };
    expect(await deputies(9)).toEqual([]);
    expect(await deputies(10)).toEqual([deputy]);
    expect(await deputies(19)).toEqual([deputy]);
    expect(await deputies(20)).toEqual([]);
  });

  it('does not where it is of another action, or was revoked', async () => {
    const starts_at = at(-MINUTE);
    const revoked = delegation({ detail: { action: 'test.*', starts_at } });
    const { subject: _, detail: __, verb: ___, ...said } = revoked.statement;
    const { book, rule } = evaluator();
    await book.append([delegation({ detail: { action: 'sql.*', starts_at } })]);
    await book.append([revoked]);
    await book.append([
      signStatement(
        'instruction',
        { ...said, verb: 'revoke', subject: revoked.digest, detail: { of: 'delegation' } },
        keys.gateway,
      ),
    ]);
    expect((await rule(requestOf())).requirement?.deputies).toEqual([]);
  });

  it('denies where the page holds what nobody vouches for', async () => {
    const { book, rule } = evaluator();
    await book.append([delegation({}, keys.ana)]);
    expect(await rule(requestOf())).toMatchObject({ effect: 'deny', code: 'book_statement_invalid' });
  });
});

describe('by the preview', () => {
  const rules = [
    { id: 'seen', match: { action: 'test.*', when: 'preview.looked == true' }, effect: 'allow' },
    { id: 'unseen', match: { action: 'test.*' }, effect: 'deny', reason: 'Nobody looked.' },
  ];
  const policy = stringify({ version: 1, rules });

  it('reads the facts in the book, where it is told that there are some', async () => {
    const { book, rule } = evaluator(policy);
    const request = requestOf();
    const needed = { effect: 'deny', code: 'preview_needed', needs_preview: true };
    expect(await rule(request)).toMatchObject(needed);
    // Whoever says so falsely gains nothing.
    expect(await rule(request, true)).toMatchObject(needed);
    await book.append([request, previewOf(request)]);
    expect(await rule(request, true)).toMatchObject({ effect: 'allow', rule: 'seen', needs_preview: false });
  });

  it('reads those of the last revision', async () => {
    const { book, rule } = evaluator(policy);
    const request = requestOf();
    const { statement } = previewOf(request);
    const later = { ...statement, facts: { looked: false }, revision: 2 };
    await book.append([request, previewOf(request), signStatement('preview', later, keys.executor)]);
    expect(await rule(request, true)).toMatchObject({ effect: 'deny', rule: 'unseen' });
  });

  it('denies where the book holds what the executor never saw', async () => {
    const { book, rule } = evaluator(policy);
    const request = requestOf();
    await book.append([request, signStatement('preview', previewOf(request).statement, keys.gateway)]);
    expect(await rule(request, true)).toMatchObject({ effect: 'deny', code: 'book_statement_invalid' });
  });
});

it.each(['database_unreachable', 'database_timeout'])('says nothing while there is %s', async (code) => {
  const { book, rule } = evaluator();
  book.outage = new AssentError(code, 'Postgres does not answer.');
  await expect(rule(requestOf())).rejects.toBe(book.outage);
  await expect(rule(requestOf(), true)).rejects.toBe(book.outage);
});
