/**
 * DSSE envelopes: `PAE = "DSSEv1" SP len(type) SP type SP len(payload) SP payload`, signed with Ed25519.
 *
 * https://github.com/secure-systems-lab/dsse/blob/master/protocol.md
 */
import { verify } from 'node:crypto';
import { z } from 'zod';
import { AssentError } from './error.ts';
import type { SigningKey, VerifierKey } from './keys.ts';
import type { Envelope } from './types.ts';

// Standard base64 with padding, in the one spelling that the encoder gives.
const base64 = z.string().refine((text) => Buffer.from(text, 'base64').toString('base64') === text, {
  message: 'is not canonical base64',
});

const signature = z.strictObject({ keyid: z.string().max(300), sig: base64 });

/** Whoever says it signs first; a second signature is the countersignature of who admitted it. */
export const envelopeSchema = z.strictObject({
  payloadType: z.string().max(200),
  payload: base64,
  signatures: z.union([z.tuple([signature]), z.tuple([signature, signature])]),
});

/** The bytes that are signed. */
export function preAuthEncoding(payloadType: string, payload: Uint8Array): Buffer {
  const head = `DSSEv1 ${Buffer.byteLength(payloadType)} ${payloadType} ${payload.length} `;
  return Buffer.concat([Buffer.from(head), payload]);
}

export function signEnvelope(payloadType: string, payload: Uint8Array, key: SigningKey): Envelope {
  const sig = Buffer.from(key.sign(preAuthEncoding(payloadType, payload))).toString('base64');
  return {
    payloadType,
    payload: Buffer.from(payload).toString('base64'),
    signatures: [{ keyid: key.keyid, sig }],
  };
}

/** The same envelope with a second signature on the same bytes. */
export function countersignEnvelope(envelope: Envelope, key: SigningKey): Envelope {
  const { payloadType, payload, signatures } = envelope;
  const bytes = preAuthEncoding(payloadType, Buffer.from(payload, 'base64'));
  const sig = Buffer.from(key.sign(bytes)).toString('base64');
  return { payloadType, payload, signatures: [...signatures, { keyid: key.keyid, sig }] };
}

/**
 * The payload of an envelope, as raw bytes, with those of the keys that signed it: one at least.
 *
 * A signature by none of the keys counts for nothing where another verifies (a person's key may have left the
 * directory since the gateway countersigned); one by a known key that does not verify refuses the whole.
 *
 * @throws AssentError `envelope_malformed`, `envelope_type` (another payload type), `key_unknown`, `signature_invalid`
 */
export function openEnvelope(
  envelope: unknown,
  payloadType: string,
  keys: readonly VerifierKey[],
): { readonly payload: Buffer; readonly key: VerifierKey; readonly signers: readonly VerifierKey[] } {
  const { payload, signatures, ...rest } = parseEnvelope(envelope);
  if (rest.payloadType !== payloadType) {
    throw new AssentError(
      'envelope_type',
      `The envelope holds ${rest.payloadType}; ${payloadType} is needed.`,
    );
  }
  const bytes = Buffer.from(payload, 'base64');
  const signers = signatures.flatMap(({ keyid, sig }) => {
    const key = keys.find((candidate) => candidate.keyid === keyid);
    if (key === undefined) return [];
    if (!verify(null, preAuthEncoding(payloadType, bytes), key.publicKey, Buffer.from(sig, 'base64'))) {
      throw new AssentError(
        'signature_invalid',
        `The signature by ${keyid} on ${payloadType} does not verify.`,
      );
    }
    return [key];
  });
  const [key] = signers;
  if (key === undefined) {
    throw new AssentError(
      'key_unknown',
      `The key ${signatures[0].keyid} is none of those that may sign ${payloadType} here.`,
    );
  }
  return { payload: bytes, key, signers };
}

/** @throws AssentError `envelope_malformed` */
export function parseEnvelope(envelope: unknown): z.infer<typeof envelopeSchema> {
  const parsed = envelopeSchema.safeParse(envelope);
  if (parsed.success) return parsed.data;
  throw new AssentError('envelope_malformed', `This is no DSSE envelope: ${z.prettifyError(parsed.error)}`);
}
