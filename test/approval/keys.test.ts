import { generateKeyPairSync } from 'node:crypto';
import { chmod, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { generateSigningKey, parseVerifierKey, readSigningKey, signingKey } from '../../approval/keys.ts';

const code = (expected: string) => expect.objectContaining({ name: 'AssentError', code: expected });
/** The key of Go's checksum database, as it is published. */
const GOLANG = 'sum.golang.org+033de0ae+Ac4zctda0e5eza+HJyk9SxEdh+s3Ux18htTTAD8OuAn8';

describe('a verifier key', () => {
  it('that is published, with a + in its base64', () => {
    const key = parseVerifierKey(GOLANG);
    expect(key).toMatchObject({ name: 'sum.golang.org', keyid: 'sum.golang.org+033de0ae', text: GOLANG });
    const raw = key.publicKey.export({ format: 'der', type: 'spki' }).subarray(-32);
    expect(raw).toEqual(Buffer.from('Ac4zctda0e5eza+HJyk9SxEdh+s3Ux18htTTAD8OuAn8', 'base64').subarray(1));
  });

  it('is read back as it was written', () => {
    const { verifier } = generateSigningKey('gateway').signing;
    expect(parseVerifierKey(verifier.text)).toEqual(verifier);
  });

  const [name, id, ...rest] = GOLANG.split('+');
  const base64 = rest.join('+');
  it.each([
    ['nothing', ''],
    ['a name alone', 'sum.golang.org'],
    ['no key', `${name}+${id}`],
    ['no name', `+${id}+${base64}`],
    ['another name', `sum.golang.com+${id}+${base64}`],
    ['another id', `${name}+033de0af+${base64}`],
    ['the id in capitals', `${name}+033DE0AE+${base64}`],
    ['a longer id', `${name}+033de0ae0+${base64}`],
    [
      'another algorithm',
      `${name}+${id}+${Buffer.concat([Buffer.from([2]), Buffer.alloc(32)]).toString('base64')}`,
    ],
    ['the same key as one of another algorithm', `${name}+${id}+${base64.replace('Ac4', 'As4')}`],
    ['a byte too few', `${name}+${id}+${Buffer.alloc(32, 1).toString('base64')}`],
    ['a byte too many', `${name}+${id}+${Buffer.alloc(34, 1).toString('base64')}`],
    ['a changed byte', `${name}+${id}+${base64.replace('Ac4z', 'Ac5z')}`],
    ['base64 for addresses', `${name}+${id}+${base64.replaceAll('+', '-')}`],
    ['a blank in the base64', `${name}+${id}+${base64} `],
    ['a newline after it', `${GOLANG}\n`],
    ['a blank before it', ` ${GOLANG}`],
    ['a part more', `${GOLANG}+x`],
  ])('is not %s', (_, text) => {
    expect(() => parseVerifierKey(text)).toThrow(code('verifier_key_malformed'));
  });
});

it.each([
  ['no name', ''],
  ['a +', 'a+b'],
  ['a blank', 'a b'],
  ['a newline', 'a\n'],
  ['a character that nobody sees', 'gate\u200bway'],
  ['a change of direction', 'a\u202eb'],
  ['a control character', 'a\u0000'],
  ['a lone surrogate', 'a\ud800'],
  ['201 characters', 'a'.repeat(201)],
])("a key's name is not %s", (_, name) => {
  expect(() => generateSigningKey(name)).toThrow(code('key_name_malformed'));
  const { pem } = generateSigningKey('a');
  expect(() => signingKey(pem, name, 'here')).toThrow(code('key_name_malformed'));
});

describe('a key file', () => {
  let folder: string;
  const { pem, signing } = generateSigningKey('executor');
  const file = async (text: string, mode = 0o600): Promise<string> => {
    const path = join(folder, `${Math.random()}.pem`);
    await writeFile(path, text);
    await chmod(path, mode);
    return path;
  };
  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'assent-keys-'));
  });
  afterAll(() => rm(folder, { recursive: true }));

  it.each([0o600, 0o400])('with mode %o is read', async (mode) => {
    const key = await readSigningKey(await file(pem, mode), 'executor');
    expect(key.verifier).toEqual(signing.verifier);
    expect(key.sign(Buffer.from('a'))).toEqual(signing.sign(Buffer.from('a')));
  });

  it.each([0o644, 0o640, 0o604, 0o620, 0o602, 0o610, 0o601])('with mode %o is refused', async (mode) => {
    await expect(readSigningKey(await file(pem, mode), 'executor')).rejects.toThrow(code('key_file_open'));
  });

  it('that is not there, or no file, is refused', async () => {
    const missing = readSigningKey(join(folder, 'none.pem'), 'executor');
    await expect(missing).rejects.toThrow(code('key_file_unreadable'));
    await expect(readSigningKey(folder, 'executor')).rejects.toThrow(code('key_file_unreadable'));
  });

  const pkcs8 = (pair: { privateKey: { export(options: object): string | Buffer } }) =>
    pair.privateKey.export({ format: 'pem', type: 'pkcs8' }).toString();
  it.each([
    ['nothing', () => ''],
    ['no PEM', () => 'secret'],
    ['half a PEM', () => pem.slice(0, 60)],
    [
      'a public key',
      () => generateKeyPairSync('ed25519').publicKey.export({ format: 'pem', type: 'spki' }).toString(),
    ],
    ['a P-256 key', () => pkcs8(generateKeyPairSync('ec', { namedCurve: 'P-256' }))],
    ['an X25519 key', () => pkcs8(generateKeyPairSync('x25519'))],
    ['an Ed448 key', () => pkcs8(generateKeyPairSync('ed448'))],
  ])('that holds %s is refused, and what it holds is not told', async (_, make) => {
    const text = make();
    const path = await file(text);
    const error = await readSigningKey(path, 'executor').catch((caught: unknown) => caught);
    expect(error).toEqual(code('key_file_malformed'));
    expect(error).not.toHaveProperty('cause');
    expect(String(error)).toContain(path);
    if (text !== '') expect(String(error)).not.toContain(text.slice(0, 40));
  });
});
