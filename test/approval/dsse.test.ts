import { createHash, createPrivateKey, createPublicKey, sign } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import {
  countersignEnvelope,
  openEnvelope,
  parseEnvelope,
  preAuthEncoding,
  signEnvelope,
} from '../../approval/dsse.ts';
import { generateSigningKey, parseVerifierKey } from '../../approval/keys.ts';

const TYPE = 'application/vnd.example+json';
const BODY = Buffer.from('{"a":1}');
const alice = generateSigningKey('alice').signing;
const bob = generateSigningKey('bob').signing;
const secondAlice = generateSigningKey('alice').signing;
const sealed = signEnvelope(TYPE, BODY, alice);
const [signature] = sealed.signatures;
const code = (expected: string) => expect.objectContaining({ name: 'AssentError', code: expected });
const open = (envelope: unknown, keys = [alice.verifier], type = TYPE) => openEnvelope(envelope, type, keys);

describe('the bytes that are signed', () => {
  it("are those of the protocol's example", () => {
    const bytes = preAuthEncoding('http://example.com/HelloWorld', Buffer.from('hello world'));
    expect(bytes.toString()).toBe('DSSEv1 29 http://example.com/HelloWorld 11 hello world');
  });

  it.each([
    ['nothing', '', '', 'DSSEv1 0  0 '],
    ['an empty payload', 'a', '', 'DSSEv1 1 a 0 '],
    ['lengths in bytes', 'exämple', 'é', 'DSSEv1 8 exämple 2 é'],
  ])('%s', (_, type, body, expected) => {
    expect(preAuthEncoding(type, Buffer.from(body)).toString()).toBe(expected);
  });

  it('keep bytes that are no text as they are', () => {
    const body = Buffer.from([0, 255, 254, 10]);
    expect(preAuthEncoding('a', body)).toEqual(Buffer.concat([Buffer.from('DSSEv1 1 a 4 '), body]));
  });
});

describe('against an independent construction, with the first key of RFC 8032', () => {
  const seed = Buffer.from('9d61b19deffd5a60ba844af492ec2cc44449c5697b326919703bac031cae7f60', 'hex');
  const der = Buffer.concat([Buffer.from('302e020100300506032b657004220420', 'hex'), seed]);
  const secret = createPrivateKey({ key: der, format: 'der', type: 'pkcs8' });
  const raw = createPublicKey(secret).export({ format: 'der', type: 'spki' }).subarray(-32);

  it('opens what was sealed by hand', () => {
    expect(raw.toString('hex')).toBe('d75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a');
    const typed = Buffer.concat([Buffer.from([1]), raw]);
    const id = createHash('sha256').update('rfc\n').update(typed).digest('hex').slice(0, 8);
    const key = parseVerifierKey(`rfc+${id}+${typed.toString('base64')}`);
    const sig = sign(null, Buffer.from(`DSSEv1 ${TYPE.length} ${TYPE} 7 {"a":1}`), secret).toString('base64');
    const envelope = {
      payloadType: TYPE,
      payload: 'eyJhIjoxfQ==',
      signatures: [{ keyid: `rfc+${id}`, sig }],
    };
    expect(open(envelope, [alice.verifier, key])).toEqual({ payload: BODY, key, signers: [key] });
  });
});

describe('opens', () => {
  it('what one of the keys signed, and names it', () => {
    expect(open(sealed, [bob.verifier, alice.verifier])).toEqual({
      payload: BODY,
      key: alice.verifier,
      signers: [alice.verifier],
    });
  });

  it('an empty payload', () => {
    expect(open(signEnvelope(TYPE, Buffer.alloc(0), alice)).payload).toHaveLength(0);
  });
});

describe('refuses', () => {
  const signed = (change: object) => ({ ...sealed, signatures: [{ ...signature, ...change }] });
  const flipped = (text: string) => {
    const bytes = Buffer.from(text, 'base64');
    bytes[0] = (bytes[0] ?? 0) ^ 1;
    return bytes.toString('base64');
  };
  /** S plus the group's order: the same signature to a verifier that does not look. */
  const malleated = (text: string) => {
    const bytes = Buffer.from(text, 'base64');
    const order = 2n ** 252n + 27742317777372353535851937790883648493n;
    let s = order + BigInt(`0x${Buffer.from(bytes.subarray(32)).reverse().toString('hex')}`);
    for (let index = 32; index < 64; index++, s >>= 8n) bytes[index] = Number(s & 255n);
    return bytes.toString('base64');
  };

  it.each<[string, unknown]>([
    ['nothing', undefined],
    ['a text', JSON.stringify(sealed)],
    ['a list', [sealed]],
    ['no signature', { ...sealed, signatures: [] }],
    ['three signatures', { ...sealed, signatures: [signature, signature, signature] }],
    ['a second signature that is none', { ...sealed, signatures: [signature, null] }],
    ['a second signature without a key id', { ...sealed, signatures: [signature, { sig: signature?.sig }] }],
    [
      'a second signature that is no base64',
      { ...sealed, signatures: [signature, { ...signature, sig: '!' }] },
    ],
    ['a field more', { ...sealed, note: 'x' }],
    ['a field more in the signature', signed({ cert: 'x' })],
    ['no key id', { ...sealed, signatures: [{ sig: signature?.sig }] }],
    ['no payload', { payloadType: TYPE, signatures: sealed.signatures }],
    ['a payload that is no text', { ...sealed, payload: BODY }],
    ['base64 without padding', { ...sealed, payload: sealed.payload.replaceAll('=', '') }],
    ['base64 for addresses', { ...sealed, payload: '-_-_Pj8=' }],
    ['base64 with a newline', { ...sealed, payload: `${sealed.payload}\n` }],
    ['base64 with bits to spare', { ...sealed, payload: 'eyJhIjoxfR==' }],
    ['a signature that is no base64', signed({ sig: '!' })],
  ])('%s', (_, envelope) => {
    expect(() => open(envelope)).toThrow(code('envelope_malformed'));
    expect(() => parseEnvelope(envelope)).toThrow(code('envelope_malformed'));
  });

  it('another payload type, even one that was signed', () => {
    expect(() => open(sealed, [alice.verifier], `${TYPE}2`)).toThrow(code('envelope_type'));
  });

  it.each<[string, string, unknown]>([
    ['a swapped payload type', 'signature_invalid', { ...sealed, payloadType: `${TYPE}2` }],
    ['a swapped payload', 'signature_invalid', { ...sealed, payload: flipped(sealed.payload) }],
    ['a flipped signature', 'signature_invalid', signed({ sig: flipped(signature?.sig ?? '') })],
    ['no bytes as signature', 'signature_invalid', signed({ sig: '' })],
    [
      'a signature with a byte more',
      'signature_invalid',
      signed({
        sig: Buffer.concat([Buffer.from(signature?.sig ?? '', 'base64'), Buffer.alloc(1)]).toString('base64'),
      }),
    ],
    ['a signature in its other form', 'signature_invalid', signed({ sig: malleated(signature?.sig ?? '') })],
    [
      "another one's key id",
      'signature_invalid',
      {
        ...signEnvelope(TYPE, BODY, bob),
        signatures: [{ ...signEnvelope(TYPE, BODY, bob).signatures[0], keyid: alice.keyid }],
      },
    ],
    ['a key id that nobody has', 'key_unknown', signed({ keyid: 'alice+00000000' })],
    ['a key of the same name', 'key_unknown', signEnvelope(TYPE, BODY, secondAlice)],
    ['a name alone as key id', 'key_unknown', signed({ keyid: 'alice' })],
    ['a whole verifier key as key id', 'key_unknown', signed({ keyid: alice.verifier.text })],
  ])('%s', (_, expected, envelope) => {
    const { payloadType } = parseEnvelope(envelope);
    expect(() => open(envelope, [alice.verifier], payloadType)).toThrow(code(expected));
  });

  it('everything where no key counts', () => {
    expect(() => open(sealed, [])).toThrow(code('key_unknown'));
  });
});

describe('an envelope with two signatures', () => {
  const both = countersignEnvelope(sealed, bob);
  const [first, second] = both.signatures;
  const keys = [alice.verifier, bob.verifier];
  const otherBody = signEnvelope(TYPE, Buffer.from('{"a":2}'), bob).signatures;
  const otherType = signEnvelope(`${TYPE}2`, BODY, bob).signatures;

  it('bears both on the same bytes, each as it would stand alone', () => {
    expect(both).toEqual({
      ...sealed,
      signatures: [...sealed.signatures, ...signEnvelope(TYPE, BODY, bob).signatures],
    });
  });

  it.each<[string, unknown, typeof keys, readonly string[]]>([
    ['by two known keys names both, in their order', both, keys, [alice.keyid, bob.keyid]],
    [
      'in the other order names them in that',
      { ...both, signatures: [second, first] },
      keys,
      [bob.keyid, alice.keyid],
    ],
    ['whose first key has left names the second', both, [bob.verifier], [bob.keyid]],
    ['whose second key nobody knows names the first', both, [alice.verifier], [alice.keyid]],
    [
      'of which one is junk by nobody names the other',
      { ...both, signatures: [{ keyid: 'nobody', sig: '' }, second] },
      keys,
      [bob.keyid],
    ],
    [
      'of which one is by another key of the same name names the other',
      countersignEnvelope(signEnvelope(TYPE, BODY, secondAlice), bob),
      keys,
      [bob.keyid],
    ],
  ])('%s', (_, envelope, known, keyids) => {
    const opened = open(envelope, known);
    expect(opened.payload).toEqual(BODY);
    expect(opened.signers.map(({ keyid }) => keyid)).toEqual(keyids);
    expect(opened.key.keyid).toBe(keyids[0]);
  });

  it.each<[string, string, unknown]>([
    [
      'junk as the second, by a known key',
      'signature_invalid',
      { ...both, signatures: [first, { keyid: bob.keyid, sig: 'AAAA' }] },
    ],
    [
      'junk as the first, by a known key',
      'signature_invalid',
      { ...both, signatures: [{ keyid: alice.keyid, sig: 'AAAA' }, second] },
    ],
    [
      'signatures swapped between their keys',
      'signature_invalid',
      {
        ...both,
        signatures: [
          { ...first, keyid: bob.keyid },
          { ...second, keyid: alice.keyid },
        ],
      },
    ],
    ['a second of another payload', 'signature_invalid', { ...both, signatures: [first, ...otherBody] }],
    ['a second of another type', 'signature_invalid', { ...both, signatures: [first, ...otherType] }],
    [
      'two of keys that nobody knows',
      'key_unknown',
      countersignEnvelope(signEnvelope(TYPE, BODY, secondAlice), generateSigningKey('bob').signing),
    ],
  ])('is refused with %s', (_, expected, envelope) => {
    expect(() => open(envelope, keys)).toThrow(code(expected));
  });
});
