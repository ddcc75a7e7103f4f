import { describe, expect, it } from 'vitest';
import { canonicalize } from '../../approval/canonical-json.ts';
import { digestOf } from '../../approval/digest.ts';
import { signEnvelope } from '../../approval/dsse.ts';
import { isTimestamp } from '../../approval/schemas.ts';
import {
  countersign,
  kindOf,
  openStatement,
  payloadTypeOf,
  signStatement,
  statementKinds,
} from '../../approval/statements.ts';
import type { JsonObject, StatementKind, Verified } from '../../approval/types.ts';
import {
  AUDIENCE,
  asking,
  decisionOf,
  finishOf,
  keys,
  previewOf,
  refusedStanding,
  requestOf,
  startOf,
  withdrawalOf,
} from './world.ts';

const code = (expected: string) => expect.objectContaining({ name: 'AssentError', code: expected });
const trust = { keys: [keys.executor.verifier], audience: AUDIENCE };
const open = (kind: StatementKind, payload: string | Uint8Array, as: StatementKind = kind) =>
  openStatement(kind, signEnvelope(payloadTypeOf(as), Buffer.from(payload), keys.executor), trust);

const request = requestOf();
const preview = previewOf(request);
const start = startOf(request, 0);
const examples: { readonly [K in StatementKind]: Verified<K> } = {
  request,
  preview,
  decision: decisionOf({ request, preview, policy: asking() }),
  instruction: withdrawalOf(request),
  start,
  finish: finishOf(start),
  refusal: signStatement(
    'refusal',
    {
      audience: AUDIENCE,
      activity: 'execute',
      request_id: null,
      step: 'request',
      code: 'key_unknown',
      refused_at: '2026-03-01T09:30:00.000Z',
    },
    keys.executor,
  ),
};
const plain = (kind: StatementKind): JsonObject =>
  JSON.parse(Buffer.from(examples[kind].envelope.payload, 'base64').toString());

describe.each(statementKinds)('%s', (kind) => {
  const statement = plain(kind);

  it('opens as it was signed', () => {
    const text = canonicalize(statement);
    const opened = open(kind, text);
    expect(opened.statement).toEqual(statement);
    expect(opened.digest).toBe(digestOf(text));
    expect(opened.signer).toBe('executor');
    expect(kindOf(opened.envelope)).toBe(kind);
  });

  it.each(Object.keys(statement))('without %s is refused', (field) => {
    const { [field]: _, ...rest } = statement;
    expect(() => open(kind, canonicalize(rest))).toThrow(code('statement_malformed'));
  });

  it.each(Object.keys(statement))('with a number as %s is refused', (field) => {
    expect(() => open(kind, canonicalize({ ...statement, [field]: 1.5 }))).toThrow(
      code('statement_malformed'),
    );
  });

  it('with a field more is refused', () => {
    expect(() => open(kind, canonicalize({ ...statement, note: null }))).toThrow(code('statement_malformed'));
  });

  it('for another deployment is refused', () => {
    const text = canonicalize({ ...statement, audience: `${AUDIENCE}-2` });
    expect(() => open(kind, text)).toThrow(code('audience_mismatch'));
  });

  it.each(statementKinds.filter((other) => other !== kind))('is no %s', (other) => {
    expect(() => open(other, canonicalize(statement), kind)).toThrow(code('envelope_type'));
  });

  it('by another key is refused', () => {
    const envelope = signEnvelope(payloadTypeOf(kind), Buffer.from(canonicalize(statement)), keys.impostor);
    expect(() => openStatement(kind, envelope, trust)).toThrow(code('key_unknown'));
  });
});

describe('a payload that is not canonical', () => {
  const text = canonicalize(plain('request'));
  it.each<[string, string | Uint8Array]>([
    ['with a blank', text.replace(':', ': ')],
    ['with a newline after it', `${text}\n`],
    ['in another order', JSON.stringify(Object.fromEntries(Object.entries(plain('request')).reverse()))],
    ['with an escape that is not needed', text.replace('customers', '\\u0063ustomers')],
    ['with a number in another spelling', text.replace('"customers"', '1.0')],
    [
      'with bytes that are no UTF-8, read as a replacement character',
      Buffer.concat([
        Buffer.from(text.slice(0, text.indexOf('customers'))),
        Buffer.from([0xff]),
        Buffer.from(text.slice(text.indexOf('customers'))),
      ]),
    ],
    ['behind a byte order mark', Buffer.concat([Buffer.from([0xef, 0xbb, 0xbf]), Buffer.from(text)])],
  ])('%s is refused', (_, payload) => {
    expect(() => open('request', payload)).toThrow(code('statement_not_canonical'));
  });

  it.each([
    ['a key twice', text.replace('{', '{"agent":"nightly",'), 'json_duplicate_key'],
    ['no JSON', 'hello', 'json_malformed'],
    ['nothing', '', 'json_malformed'],
    ['a lone surrogate', text.replace('customers', '\\ud800'), 'canonical_json_refused'],
    ['a rounded integer', text.replace('"customers"', '9007199254740993'), 'json_malformed'],
    ['too much', `${text}${' '.repeat(256 * 1024)}`, 'json_too_large'],
    ['too deep', '['.repeat(100) + ']'.repeat(100), 'json_too_deep'],
  ])('with %s is refused', (_, payload, expected) => {
    expect(() => open('request', payload)).toThrow(code(expected));
  });
});

describe('a field of another shape', () => {
  const standing = { ...refusedStanding('not_eligible') };
  const digest = `sha256:${'0'.repeat(64)}`;
  it.each<[string, StatementKind, JsonObject]>([
    ['an id in capitals', 'request', { request_id: 'A'.repeat(64) }],
    ['an id with a newline', 'request', { request_id: `${'a'.repeat(64)}\n` }],
    ['an empty agent', 'request', { agent: '' }],
    ['a long agent', 'request', { agent: 'a'.repeat(201) }],
    ['claims that are attested', 'request', { attested: {} }],
    ['an input that is a list', 'request', { action: { name: 'a', input: [] } }],
    ['a field more in the action', 'request', { action: { name: 'a', input: {}, queue: 'x' } }],
    ['a digest without its algorithm', 'preview', { action_digest: '0'.repeat(64) }],
    ['a digest of another algorithm', 'preview', { action_digest: `sha512:${'0'.repeat(64)}` }],
    ['a digest in capitals', 'preview', { action_digest: digest.replace(/0/g, 'A') }],
    ['a digest with a newline', 'preview', { action_digest: `${digest}\n` }],
    ['revision 0', 'preview', { revision: 0 }],
    ['a deferral to nobody', 'decision', { verdict: 'defer' }],
    ['an approval handed to somebody', 'decision', { to: 'ola' }],
    ['denials of nobody', 'decision', { standing: { ...standing, denials: 0 } }],
    ['a person in a withdrawal', 'instruction', { person: 'kari' }],
    ['eligible by another code', 'decision', { standing: { ...standing, eligible: true } }],
    ['the code eligible for one who is not', 'decision', { standing: { ...standing, code: 'eligible' } }],
    ['nobody eligible', 'decision', { person: null }],
    ['a code in capitals', 'decision', { standing: { ...standing, code: 'NO' } }],
    ['a code in words', 'refusal', { code: 'not eligible' }],
    ['a code that begins with a digit', 'refusal', { code: '1a' }],
    ['a code too long', 'refusal', { code: 'a'.repeat(81) }],
    ['the detail of another verb', 'instruction', { verb: 'freeze' }],
    ['a verb that nobody knows', 'instruction', { verb: 'erase' }],
    ['a Start without digests', 'start', { decisions: ['x'] }],
    ['another outcome', 'finish', { outcome: 'unknown' }],
  ])('%s is refused', (_, kind, change) => {
    const text = canonicalize({ ...plain(kind), ...change });
    expect(() => open(kind, text)).toThrow(code('statement_malformed'));
  });
});

describe('a time', () => {
  it.each(['2026-03-01T09:30:00.000Z', '2024-02-29T23:59:59.999Z', '0000-01-01T00:00:00.000Z'])(
    'is %s',
    (text) => expect(isTimestamp(text)).toBe(true),
  );

  it.each([
    '',
    '2026-03-01',
    '2026-03-01T09:30:00Z',
    '2026-03-01T09:30:00.0Z',
    '2026-03-01T09:30:00.0000Z',
    '2026-03-01T09:30:00.000z',
    '2026-03-01 09:30:00.000Z',
    '2026-03-01T09:30:00.000+00:00',
    '2026-03-01T10:30:00.000+01:00',
    '2026-02-30T09:30:00.000Z',
    '2025-02-29T09:30:00.000Z',
    '2026-03-01T24:00:00.000Z',
    '2026-03-01T23:59:60.000Z',
    '2026-13-01T09:30:00.000Z',
    '+010000-01-01T00:00:00.000Z',
    '-000001-01-01T00:00:00.000Z',
    ' 2026-03-01T09:30:00.000Z',
    '2026-03-01T09:30:00.000Z\n',
    '٢٠٢٦-03-01T09:30:00.000Z',
  ])('is not %j', (text) => expect(isTimestamp(text)).toBe(false));
});

describe('signing', () => {
  it.each<[string, string, JsonObject]>([
    ['what a schema refuses', 'statement_malformed', { agent: '' }],
    [
      'what a schema would drop',
      'canonical_json_refused',
      { action: { name: 'a', input: JSON.parse('{"__proto__":1}') } },
    ],
    [
      'more than can be opened',
      'json_too_large',
      { action: { name: 'a', input: { a: 'a'.repeat(256 * 1024) } } },
    ],
  ])('is refused for %s', (_, expected, change) => {
    expect(() => signStatement('request', { ...request.statement, ...change }, keys.agent)).toThrow(
      code(expected),
    );
  });

  it('tells the statement that was signed, whatever becomes of the one that was given', () => {
    const context: Record<string, string> = {};
    const signed = requestOf({ claims: { ...request.statement.claims, context } });
    context.later = 'changed';
    expect(signed.statement.claims.context).toEqual({});
  });
});

it.each([
  ['application/json'],
  ['application/vnd.assent.request.v2+json'],
  ['application/vnd.assent.grant.v1+json'],
])('%s is the type of no statement', (payloadType) =>
  expect(() => kindOf({ ...request.envelope, payloadType })).toThrow(code('envelope_type')),
);

describe('a countersigned statement', () => {
  const people = [keys.gateway.verifier, keys.kari.verifier];
  const own = decisionOf({ request, preview, policy: asking() }, {}, keys.kari);
  const both = countersign(own, keys.gateway);

  it('is the same statement under the same digest, by both', () => {
    const opened = openStatement('decision', both.envelope, { keys: people, audience: AUDIENCE });
    expect(opened).toEqual(both);
    expect(opened).toMatchObject({
      digest: own.digest,
      statement: own.statement,
      signer: 'kari',
      keyids: [keys.kari.keyid, keys.gateway.keyid],
    });
  });

  it.each(statementKinds)('of kind %s opens only where people sign', (kind) => {
    const envelope = countersign(examples[kind], keys.executor).envelope;
    const all = {
      keys: [keys.agent.verifier, keys.gateway.verifier, keys.executor.verifier],
      audience: AUDIENCE,
    };
    const opens = () => openStatement(kind, envelope, all);
    if (kind === 'decision' || kind === 'instruction') expect(opens().keyids).toHaveLength(2);
    else expect(opens).toThrow(code('envelope_malformed'));
  });
});

describe('what is said', () => {
  const digest = `sha256:${'0'.repeat(64)}`;
  const id = request.statement.request_id;
  const said = (change: object) => () =>
    open(
      'instruction',
      canonicalize({
        audience: AUDIENCE,
        verb: 'freeze',
        subject: 'everything',
        detail: { scope: { of: 'everything' } },
        person: 'kari',
        reason: null,
        issued_at: '2026-03-01T09:30:00.000Z',
        expires_at: '2026-03-01T09:40:00.000Z',
        ...change,
      }),
    );
  const examplesOf: readonly [string, object][] = [
    ['settle', { verb: 'settle', subject: id, detail: { start: digest, ran: false } }],
    ['freeze everything', {}],
    ['freeze an agent', { detail: { scope: { of: 'agent', agent: 'nightly' } } }],
    ['freeze an action', { detail: { scope: { of: 'action', action: 'sql.**' } } }],
    ['freeze a resource', { detail: { scope: { of: 'resource', resource: { table: 'a' } } } }],
    ['unfreeze', { verb: 'unfreeze', subject: digest, detail: {} }],
    [
      'break_glass',
      { verb: 'break_glass', subject: id, detail: { action_digest: digest, preview_digest: null } },
    ],
    ['review', { verb: 'review', subject: id, detail: { break_glass: digest, justified: true } }],
    [
      'delegate',
      {
        verb: 'delegate',
        subject: 'ola',
        detail: { action: 'github.*', starts_at: '2026-03-01T09:30:00.000Z' },
      },
    ],
    ['revoke a lease', { verb: 'revoke', subject: id, detail: { of: 'lease' } }],
    ['revoke a delegation', { verb: 'revoke', subject: digest, detail: { of: 'delegation' } }],
  ];

  it.each(examplesOf)('to %s opens', (_, change) => {
    expect(said(change)().statement).toMatchObject(change);
  });

  it.each(examplesOf)('to %s is said by somebody', (_, change) => {
    expect(said({ ...change, person: null })).toThrow(code('statement_malformed'));
  });

  it.each<[string, object]>([
    [
      'to settle with a word too many',
      { verb: 'settle', subject: id, detail: { start: digest, ran: true, by: 'x' } },
    ],
    ['to settle perhaps', { verb: 'settle', subject: id, detail: { start: digest, ran: null } }],
    ['to freeze something else', { detail: { scope: { of: 'team', team: 'crm' } } }],
    ['to freeze an agent and everything', { detail: { scope: { of: 'everything', agent: 'nightly' } } }],
    ['to freeze by what is no pattern', { detail: { scope: { of: 'action', action: 'sql.**.x' } } }],
    ['to freeze a resource that is a list', { detail: { scope: { of: 'resource', resource: [] } } }],
    ['to unfreeze everything', { verb: 'unfreeze', subject: 'everything', detail: {} }],
    [
      'to break the glass of a digest',
      { verb: 'break_glass', subject: digest, detail: { action_digest: digest, preview_digest: null } },
    ],
    [
      'to break the glass of no preview in particular',
      { verb: 'break_glass', subject: id, detail: { action_digest: digest } },
    ],
    ['to delegate from no time on', { verb: 'delegate', subject: 'ola', detail: { action: '*' } }],
    ['to revoke a freeze', { verb: 'revoke', subject: digest, detail: { of: 'freeze' } }],
    ['to revoke everything', { verb: 'revoke', subject: 'everything', detail: { of: 'lease' } }],
  ])('%s is refused', (_, change) => {
    expect(said(change)).toThrow(code('statement_malformed'));
  });
});
