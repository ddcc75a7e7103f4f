/**
 * Ed25519 keys: private ones as PKCS#8 PEM files, public ones as C2SP verifier keys.
 *
 * A verifier key is `name+hex8+base64(0x01 ‖ 32 bytes)`, where hex8 is SHA-256(name ‖ 0x0A ‖ 0x01 ‖ key)[:4].
 * https://github.com/C2SP/C2SP/blob/main/signed-note.md
 */
import {
  createHash,
  createPrivateKey,
  createPublicKey,
  generateKeyPairSync,
  type KeyObject,
  sign,
} from 'node:crypto';
import { open } from 'node:fs/promises';
import { AssentError } from './error.ts';

const ED25519 = 0x01;
/** DER of SubjectPublicKeyInfo up to the 32 bytes of the key (RFC 8410). */
const SPKI_PREFIX = Buffer.from('302a300506032b6570032100', 'hex');
/** Nothing invisible: two names that look the same are the same. */
const NAME = /^[^\s+\p{C}]{1,200}$/u;

export interface VerifierKey {
  readonly name: string;
  /** `name+hex8`, as it stands in an envelope's signatures. */
  readonly keyid: string;
  /** The whole verifier key. */
  readonly text: string;
  readonly publicKey: KeyObject;
}

export interface SigningKey {
  readonly keyid: string;
  readonly verifier: VerifierKey;
  sign(bytes: Uint8Array): Uint8Array;
}

/** @throws AssentError `verifier_key_malformed` */
export function parseVerifierKey(text: string): VerifierKey {
  const [name, id, ...rest] = text.split('+');
  const encoded = rest.join('+');
  const bytes = Buffer.from(encoded, 'base64');
  if (name === undefined || !NAME.test(name) || bytes.length !== 33 || bytes[0] !== ED25519)
    throw malformed(text);
  // Node decodes sloppy base64 without a word; one key has one spelling here.
  if (bytes.toString('base64') !== encoded) throw malformed(text);
  const verifier = verifierOf(name, bytes.subarray(1));
  if (verifier.keyid !== `${name}+${id}`) throw malformed(text);
  return verifier;
}

/**
 * Reads a private key. The name is the one that its verifier key bears in the configuration.
 *
 * @throws AssentError `key_name_malformed`, `key_file_unreadable`, `key_file_open` (others than its owner may read it), `key_file_malformed`
 */
export async function readSigningKey(file: string, name: string): Promise<SigningKey> {
  return signingKey(await readOwnersOnly(file), name, file);
}

/**
 * The key of a PKCS#8 PEM text; `place` names it in errors.
 *
 * @throws AssentError `key_name_malformed`, `key_file_malformed`
 */
export function signingKey(pem: string, name: string, place: string): SigningKey {
  if (!NAME.test(name)) {
    throw new AssentError(
      'key_name_malformed',
      `A key's name has 1 to 200 visible characters, no space and no +: ${JSON.stringify(name.slice(0, 120))}.`,
    );
  }
  const key = parsePem(pem, place);
  const spki = createPublicKey(key).export({ format: 'der', type: 'spki' });
  const verifier = verifierOf(name, spki.subarray(SPKI_PREFIX.length));
  return { keyid: verifier.keyid, verifier, sign: (bytes) => sign(null, bytes, key) };
}

/** A new key: its PEM, to be written with mode 0600, and the key itself. */
export function generateSigningKey(name: string): { readonly pem: string; readonly signing: SigningKey } {
  const pem = generateKeyPairSync('ed25519').privateKey.export({ format: 'pem', type: 'pkcs8' }).toString();
  return { pem, signing: signingKey(pem, name, 'a generated key') };
}

function verifierOf(name: string, raw: Uint8Array): VerifierKey {
  const typed = Buffer.concat([Buffer.from([ED25519]), raw]);
  const id = createHash('sha256').update(`${name}\n`).update(typed).digest('hex').slice(0, 8);
  const publicKey = createPublicKey({ key: Buffer.concat([SPKI_PREFIX, raw]), format: 'der', type: 'spki' });
  return { name, keyid: `${name}+${id}`, text: `${name}+${id}+${typed.toString('base64')}`, publicKey };
}

function parsePem(pem: string, place: string): KeyObject {
  let key: KeyObject;
  try {
    key = createPrivateKey(pem);
  } catch {
    // The parser's own error could quote the key, so it stays out.
    throw new AssentError('key_file_malformed', `${place} is no PKCS#8 PEM private key.`);
  }
  if (key.asymmetricKeyType !== 'ed25519') {
    throw new AssentError(
      'key_file_malformed',
      `${place} holds a ${key.asymmetricKeyType} key; an Ed25519 key is needed.`,
    );
  }
  return key;
}

/**
 * The text of a file that only its owner can read.
 *
 * @throws AssentError `key_file_unreadable`, `key_file_open`
 */
export async function readOwnersOnly(file: string): Promise<string> {
  const handle = await open(file).catch((cause: unknown) => {
    throw new AssentError('key_file_unreadable', `The key file ${file} can't be read.`, { cause });
  });
  try {
    const status = await handle.stat();
    if (!status.isFile()) {
      throw new AssentError('key_file_unreadable', `${file} is no file; name the key file itself.`);
    }
    if ((status.mode & 0o077) !== 0) {
      throw new AssentError(
        'key_file_open',
        `${file} can be read by others than its owner: chmod 600 ${file}`,
      );
    }
    return await handle.readFile('utf8');
  } finally {
    await handle.close();
  }
}

function malformed(text: string): AssentError {
  return new AssentError(
    'verifier_key_malformed',
    `${JSON.stringify(text.slice(0, 120))} is no verifier key (name+hex8+base64 of an Ed25519 key).`,
  );
}
