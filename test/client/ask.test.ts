import { describe, expect, test } from 'vitest';
import { MAX_JSON_BYTES } from '../../approval/canonical-json.ts';
import { requestIdOf } from '../../approval/digest.ts';
import { openRequest } from '../../approval/dossier.ts';
import type { JsonObject } from '../../approval/types.ts';
import { type Ask, claimsOf, signRequest } from '../../client/ask.ts';
import { identityOf } from '../../client/environment.ts';
import { RING } from '../approval/world.ts';
import { ASK, ASKER, AUDIENCE } from './world.ts';

describe('signRequest', () => {
  test('gives a request that every verifier opens', () => {
    const request = signRequest({ ...ASK, onBehalfOf: 'kari', intent: { statement: 'Mail them' } }, ASKER);
    const opened = openRequest(JSON.parse(JSON.stringify(request.envelope)), RING);
    expect(opened.digest).toBe(request.digest);
    expect(opened.statement).toMatchObject({
      request_id: requestIdOf(AUDIENCE, 'crm-assistant', 'export-1'),
      action: { name: 'sql.export', input: { table: 'customers' } },
      claims: { on_behalf_of: 'kari', intent: { statement: 'Mail them', source: null } },
      requested_at: '2026-03-02T09:00:00.000Z',
    });
  });

  test('the id is of audience, agent and key alone', () => {
    const id = (change: object) => signRequest({ ...ASK, ...change }, ASKER).statement.request_id;
    expect(id({ input: { table: 'orders' }, reason: 'other' })).toBe(id({}));
    expect(id({ key: 'export-2' })).not.toBe(id({}));
  });

  test('says nothing that was not said', () => {
    expect(claimsOf({})).toEqual({
      on_behalf_of: null,
      intent: null,
      reason: null,
      trigger: null,
      context: {},
    });
    expect(claimsOf({ trigger: { type: 'cron', id: '7' } }).trigger).toEqual({
      type: 'cron',
      id: '7',
      url: null,
    });
  });

  test('takes a request of 256 KiB and none that is larger', () => {
    const bytes = (length: number) =>
      Buffer.from(
        signRequest({ ...ASK, input: { text: 'x'.repeat(length) } }, ASKER).envelope.payload,
        'base64',
      ).length;
    const room = MAX_JSON_BYTES - bytes(0);
    expect(bytes(room)).toBe(MAX_JSON_BYTES);
    expect(() => bytes(room + 1)).toThrow(
      expect.objectContaining({
        code: 'request_too_large',
        message: expect.stringContaining('262145 bytes'),
      }),
    );
  });

  test.for<[string, Partial<Ask>, string]>([
    ['a number that a double cannot hold', { input: { n: 2 ** 53 } }, 'canonical_json_refused'],
    ['a lone surrogate', { reason: '\ud800' }, 'canonical_json_refused'],
    ['an empty key', { key: '' }, 'statement_malformed'],
    ['a key of 201 characters', { key: 'k'.repeat(201) }, 'statement_malformed'],
    ['an empty intent', { intent: { statement: '' } }, 'statement_malformed'],
    ['an intent of 4,001 characters', { intent: { statement: 'x'.repeat(4001) } }, 'statement_malformed'],
    ['no action', { action: '' }, 'statement_malformed'],
    ['input that lies too deep', { input: nested(65) }, 'canonical_json_refused'],
  ])('refuses %s', ([, change, code]) => {
    expect(() => signRequest({ ...ASK, ...change }, ASKER)).toThrow(expect.objectContaining({ code }));
  });
});

describe('identityOf', () => {
  const whole = { ASSENT_AGENT: 'a', ASSENT_AGENT_KEY_FILE: 'a.pem', ASSENT_TRUST: 'trust.yaml' };

  test('reads the three variables', () => {
    expect(identityOf({ ...whole, OTHER: '1' })).toEqual({
      agent: 'a',
      keyFile: 'a.pem',
      trust: 'trust.yaml',
    });
  });

  test('names every one that is missing or empty', () => {
    expect(() => identityOf({ ...whole, ASSENT_AGENT: undefined, ASSENT_TRUST: '' })).toThrow(
      expect.objectContaining({
        code: 'environment_incomplete',
        message: expect.stringContaining('ASSENT_AGENT, ASSENT_TRUST'),
      }),
    );
  });
});

function nested(levels: number): JsonObject {
  let value: JsonObject = { a: 'x' };
  for (let level = 0; level < levels; level++) value = { a: value };
  return value;
}
