import { describe, expect, it } from 'vitest';
import { requestIdOf } from '../../approval/digest.ts';
import {
  type BookedStatement,
  keysFor,
  openDossier,
  openRequest,
  openWithdrawal,
} from '../../approval/dossier.ts';
import { signStatement, statementKinds } from '../../approval/statements.ts';
import {
  AUDIENCE,
  asking,
  at,
  decisionOf,
  finishOf,
  keys,
  previewOf,
  RING,
  requestOf,
  rowOf,
  startOf,
  withdrawalOf,
} from './world.ts';

const code = (expected: string) => expect.objectContaining({ name: 'AssentError', code: expected });
const request = requestOf();
const id = request.statement.request_id;
const preview = previewOf(request);
const decision = decisionOf({ request, preview, policy: asking() });
const start = startOf(request, 90);
const finish = finishOf(start);
const withdrawal = withdrawalOf(request);
const refusal = (key = keys.gateway, request_id: string | null = id) =>
  signStatement(
    'refusal',
    { audience: AUDIENCE, activity: 'notify', request_id, step: 'request', code: 'stale', refused_at: at(5) },
    key,
  );
const page = [request, preview, decision, withdrawal, start, finish, refusal(), refusal(keys.executor)].map(
  rowOf,
);

describe('a dossier', () => {
  it('holds each statement in its place', () => {
    expect(openDossier(id, page, RING)).toEqual({
      request,
      preview,
      decisions: [decision],
      instructions: [withdrawal],
      starts: [start],
      finishes: [finish],
      refusals: [refusal(), refusal(keys.executor)],
    });
  });

  it('is none without a request', () => {
    expect(openDossier(id, [], RING)).toBeNull();
    expect(openDossier(id, [rowOf(refusal())], RING)).toBeNull();
  });

  it('is of the request that was booked first, and of its first preview', () => {
    const second = requestOf({ requested_at: at(1) });
    const later = previewOf(request, { previewed_at: at(30), revision: 2 });
    const ofSecond = previewOf(second);
    const dossier = openDossier(id, [request, second, ofSecond, preview, later].map(rowOf), RING);
    expect(dossier).toMatchObject({
      request: { digest: request.digest },
      preview: { digest: preview.digest },
    });
  });

  it('knows no withdrawal by another agent', () => {
    const stray = withdrawalOf(request, { detail: { agent: 'nightly' } }, keys.otherAgent);
    expect(openDossier(id, [request, stray].map(rowOf), RING)?.instructions).toEqual([]);
  });
});

describe('a page that was tampered with opens as nothing at all', () => {
  const elsewhere = requestIdOf(AUDIENCE, 'crm-assistant', 'export-2');
  const bound = { request, preview, policy: asking() };
  const otherId = requestOf({ request_id: '0'.repeat(64) });
  it.each<[string, BookedStatement]>([
    ['a decision by another key', rowOf(decisionOf(bound, {}, keys.impostor))],
    ['a decision of another request', rowOf(decisionOf(bound, { request_id: elsewhere }))],
    ['a decision for another deployment', rowOf(decisionOf(bound, { audience: 'staging' }))],
    ['a decision that stands as a refusal', { ...rowOf(decision), kind: 'refusal' }],
    ['a decision under another digest', { ...rowOf(decision), digest: request.digest }],
    ["a preview by the agent's key", rowOf(previewOf(request, {}, keys.agent))],
    ["a Start by the gateway's key", rowOf(startOf(request, 1, keys.gateway))],
    ["a Finish by the gateway's key", rowOf(finishOf(start, {}, keys.gateway))],
    ["a withdrawal by the gateway's key", rowOf(withdrawalOf(request, {}, keys.gateway))],
    ['a withdrawal of another request', rowOf(withdrawalOf(request, { subject: elsewhere }))],
    ["a refusal by an agent's key", rowOf(refusal(keys.agent))],
    ['a refusal of nothing in particular', rowOf(refusal(keys.gateway, null))],
    ['an envelope that is none', { ...rowOf(decision), envelope: null }],
  ])('%s', (_, row) => {
    expect(() => openDossier(id, [...page, row], RING)).toThrow(code('book_statement_invalid'));
    expect(() => openDossier(id, [...page, row], RING)).toThrow(row.digest);
  });

  it.each([
    ["a request by another agent's key", rowOf(requestOf({}, keys.otherAgent)), id],
    ['a request under an id that is not its own', rowOf(otherId), '0'.repeat(64)],
    ['a request of another page', rowOf(requestOf({ key: 'export-2' })), id],
  ])('%s', (_, row, at) => {
    expect(() => openDossier(at, [row], RING)).toThrow(code('book_statement_invalid'));
  });
});

it('every kind has the keys of its own role, and no other', () => {
  const names = Object.fromEntries(
    statementKinds.map((kind) => [kind, keysFor(kind, RING).map(({ name }) => name)]),
  );
  const agents = ['crm-assistant', 'nightly'];
  expect(names).toEqual({
    request: agents,
    instruction: agents,
    decision: ['gateway'],
    preview: ['executor'],
    start: ['executor'],
    finish: ['executor'],
    refusal: ['gateway', 'executor'],
  });
});

it('a request is opened under its own id and by its own agent only', () => {
  expect(openRequest(request.envelope, RING)).toEqual(request);
  const foreign = requestOf({}, keys.otherAgent);
  expect(() => openRequest(foreign.envelope, RING)).toThrow(code('signer_mismatch'));
  const squatting = requestOf({ agent: 'nightly', request_id: id }, keys.otherAgent);
  expect(() => openRequest(squatting.envelope, RING)).toThrow(code('request_id_mismatch'));
});

it.each([
  ['by another agent', keys.otherAgent, 'nightly'],
  ["by another agent in this one's name", keys.otherAgent, 'crm-assistant'],
  ["by this agent in another's name", keys.agent, 'nightly'],
])('a request is not withdrawn %s', (_, key, agent) => {
  const stray = withdrawalOf(request, { detail: { agent } }, key);
  expect(() => openWithdrawal(stray.envelope, RING, 'crm-assistant')).toThrow(code('signer_mismatch'));
  expect(openWithdrawal(withdrawal.envelope, RING, 'crm-assistant')).toEqual(withdrawal);
});
