/** `assent key new`: a new Ed25519 key, its private half in a file that only its owner may read. */
import { open, unlink } from 'node:fs/promises';
import { AssentError, generateSigningKey } from '../client/vocabulary.ts';
import type { Answer } from './terminal.ts';
import { one, type Word } from './usage.ts';
import { visible } from './visible.ts';

export const keyNew = (): Word =>
  one({
    name: 'assent key new',
    description: 'Make a key to sign with',
    args: {
      name: { type: 'positional', required: true, description: "The agent's name, or executor or gateway" },
      out: { type: 'string', required: true, valueHint: 'file', description: 'New file for the private key' },
    },
    run: (args) => newKey(args.name, args.out),
  });

/** @throws AssentError `key_name_malformed`, `file_exists`, `file_unwritable` */
export async function newKey(name: string, file: string): Promise<Answer> {
  const { pem, signing } = generateSigningKey(name);
  await writeSecret(file, pem);
  const key = signing.verifier.text;
  return {
    positive: true,
    document: { name, verifierKey: key, file },
    lines: [
      key,
      '',
      `The private key is in ${visible(file)}, readable by you alone. The line above is its`,
      'verifier key: for directory.yaml under agents, for trust.yaml under keys.',
    ],
  };
}

/** A file that stands is never written over: its key would be lost, and with it all that it can sign. */
async function writeSecret(file: string, text: string): Promise<void> {
  const handle = await open(file, 'wx', 0o600).catch((cause: unknown) => {
    throw refused(file, cause);
  });
  try {
    await handle.writeFile(text);
    await handle.sync();
  } catch (cause) {
    // Half a key is none, and it would be in the way of the next attempt.
    await unlink(file);
    throw refused(file, cause);
  } finally {
    await handle.close();
  }
}

function refused(file: string, cause: unknown): AssentError {
  const code = cause instanceof Error && 'code' in cause ? String(cause.code) : 'unknown';
  return code === 'EEXIST'
    ? new AssentError('file_exists', `${file} stands already and is not overwritten; name a new file.`, {
        cause,
      })
    : new AssentError('file_unwritable', `${file} can't be written (${code}); check the path.`, { cause });
}
