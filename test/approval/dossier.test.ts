import { describe, expect, it } from 'vitest';
import { requestIdOf } from '../../approval/digest.ts';
import {
  type BookedStatement,
  openDecision,
  openDossier,
  openInstruction,
  openRequest,
  openWithdrawal,
} from '../../approval/dossier.ts';
import { isVouched, keysFor } from '../../approval/keyring.ts';
import { countersign, signStatement, statementKinds } from '../../approval/statements.ts';
import {
  AUDIENCE,
  asking,
  at,
  decisionOf,
  finishOf,
  instructionOf,
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
      previews: [preview],
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

  it('is of the request that was booked first, and of its last revision', () => {
    const second = requestOf({ requested_at: at(1) });
    const later = previewOf(request, { previewed_at: at(30), revision: 2 });
    const ofSecond = previewOf(second);
    const dossier = openDossier(id, [request, second, ofSecond, later, preview].map(rowOf), RING);
    expect(dossier).toMatchObject({
      request: { digest: request.digest },
      previews: [{ digest: preview.digest }, { digest: later.digest }],
      preview: { digest: later.digest },
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
    instruction: ['gateway', ...agents, 'kari', 'ola'],
    decision: ['gateway', 'kari', 'ola'],
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

describe('what a person decided', () => {
  const bound = { request, preview, policy: asking() };
  const own = decisionOf(bound, {}, keys.kari);
  const junk = { keyid: 'junk', sig: '' };

  it.each([
    ['by the gateway alone', decision.envelope, [keys.gateway.keyid]],
    [
      'by the person, and then by the gateway',
      countersign(own, keys.gateway).envelope,
      [keys.kari.keyid, keys.gateway.keyid],
    ],
    [
      'by the gateway, and then by the person',
      countersign(decision, keys.kari).envelope,
      [keys.gateway.keyid, keys.kari.keyid],
    ],
    [
      'by a key that left the directory, and by the gateway',
      countersign(decisionOf(bound, {}, keys.impostor), keys.gateway).envelope,
      [keys.gateway.keyid],
    ],
    [
      "by the agent's key too, which counts for nothing",
      countersign(decisionOf(bound, {}, keys.agent), keys.gateway).envelope,
      [keys.gateway.keyid],
    ],
    [
      'by the gateway and nobody',
      { ...decision.envelope, signatures: [...decision.envelope.signatures, junk] },
      [keys.gateway.keyid],
    ],
  ])('opens %s', (_, envelope, keyids) => {
    const opened = openDecision(envelope, RING);
    expect(opened.keyids).toEqual(keyids);
    expect(opened.digest).toBe(decision.digest);
    expect(isVouched(opened, RING)).toBe(true);
  });

  it.each([
    ['by the person alone', 'not_vouched', own.envelope],
    ['by two people', 'not_vouched', countersign(own, keys.ola).envelope],
    ['by the person twice', 'not_vouched', countersign(own, keys.kari).envelope],
    ['by the person and somebody', 'not_vouched', countersign(own, keys.impostor).envelope],
    ['by the person and an agent', 'not_vouched', countersign(own, keys.agent).envelope],
    ['by the person and the executor', 'not_vouched', countersign(own, keys.executor).envelope],
    ["by the agent's key", 'key_unknown', decisionOf(bound, {}, keys.agent).envelope],
    ["by another of the gateway's name", 'key_unknown', decisionOf(bound, {}, keys.impostor).envelope],
    [
      'by the gateway, with junk by the person',
      'signature_invalid',
      {
        ...decision.envelope,
        signatures: [...decision.envelope.signatures, { keyid: keys.kari.keyid, sig: 'AAAA' }],
      },
    ],
    [
      'by the person, with junk by the gateway',
      'signature_invalid',
      {
        ...own.envelope,
        signatures: [...own.envelope.signatures, { keyid: keys.gateway.keyid, sig: 'AAAA' }],
      },
    ],
  ])('%s is refused: %s', (_, expected, envelope) => {
    expect(() => openDecision(envelope, RING)).toThrow(code(expected));
    const row: BookedStatement = { kind: 'decision', digest: decision.digest, envelope };
    expect(() => openDossier(id, [...page.slice(0, 2), row], RING)).toThrow(code('book_statement_invalid'));
  });

  it('is vouched for by a key of the gateway, not by its name', () => {
    expect(isVouched({ ...decision, keyids: [keys.impostor.keyid] }, RING)).toBe(false);
    expect(isVouched({ ...decision, keyids: [] }, RING)).toBe(false);
  });
});

describe('what a person says', () => {
  const freeze = { verb: 'freeze', subject: 'everything', detail: { scope: { of: 'everything' } } } as const;
  const said = instructionOf(freeze);
  const own = instructionOf(freeze, keys.kari);

  it.each([
    ['by the gateway', said.envelope],
    ['by the person and the gateway', countersign(own, keys.gateway).envelope],
    ['by the gateway and the person', countersign(said, keys.kari).envelope],
    [
      'by a key that left the directory, and by the gateway',
      countersign(instructionOf(freeze, keys.impostor), keys.gateway).envelope,
    ],
  ])('opens %s', (_, envelope) => {
    expect(openInstruction(envelope, RING).digest).toBe(said.digest);
  });

  it.each([
    ['by the person alone', 'not_vouched', own.envelope],
    ["by an agent's key", 'not_vouched', instructionOf(freeze, keys.agent).envelope],
    ["by an agent's key and the person's", 'not_vouched', countersign(own, keys.agent).envelope],
    ["by the executor's key", 'key_unknown', instructionOf(freeze, keys.executor).envelope],
    ["by another of the gateway's name", 'key_unknown', instructionOf(freeze, keys.impostor).envelope],
  ])('%s is refused: %s', (_, expected, envelope) => {
    expect(() => openInstruction(envelope, RING)).toThrow(code(expected));
  });
});

describe("a withdrawal bears its own agent's signature and no other", () => {
  it.each([
    ['by the gateway', withdrawalOf(request, {}, keys.gateway).envelope],
    ['by a person', withdrawalOf(request, {}, keys.kari).envelope],
    ['by the agent and the gateway', countersign(withdrawal, keys.gateway).envelope],
    ['by the agent twice', countersign(withdrawal, keys.agent).envelope],
    [
      'by another agent and the gateway',
      countersign(withdrawalOf(request, {}, keys.otherAgent), keys.gateway).envelope,
    ],
    [
      'by the agent, with junk',
      { ...withdrawal.envelope, signatures: [...withdrawal.envelope.signatures, { keyid: 'junk', sig: '' }] },
    ],
  ])('%s: refused', (_, envelope) => {
    expect(() => openInstruction(envelope, RING)).toThrow(code('signer_mismatch'));
  });

  it('nor is anything else said by it', () => {
    const said = instructionOf({
      verb: 'revoke',
      subject: id,
      detail: { of: 'lease' },
    });
    expect(() => openWithdrawal(said.envelope, RING, 'crm-assistant')).toThrow(code('other_verb'));
  });
});

describe('what is said stands on its own page', () => {
  const settle = { verb: 'settle', subject: id, detail: { start: start.digest, ran: true } } as const;
  const everything = {
    verb: 'freeze',
    subject: 'everything',
    detail: { scope: { of: 'everything' } },
  } as const;

  it('about the request', () => {
    const rows = [request, instructionOf(settle)].map(rowOf);
    expect(openDossier(id, rows, RING)?.instructions).toEqual([instructionOf(settle)]);
  });

  it.each([
    ['a freeze', instructionOf(everything)],
    ['a lifted freeze', instructionOf({ verb: 'unfreeze', subject: start.digest, detail: {} })],
    [
      'a delegation',
      instructionOf({ verb: 'delegate', subject: 'ola', detail: { action: '**', starts_at: at(0) } }),
    ],
    [
      'a revoked delegation',
      instructionOf({ verb: 'revoke', subject: start.digest, detail: { of: 'delegation' } }),
    ],
    [
      'a settlement of another request',
      instructionOf({ ...settle, subject: requestIdOf(AUDIENCE, 'crm-assistant', 'export-2') }),
    ],
  ])("%s does not stand on a request's", (_, said) => {
    expect(() => openDossier(id, [request, said].map(rowOf), RING)).toThrow(code('book_statement_invalid'));
  });
});
