/** Whether a request comes from Slack: the v0 signature over its raw bytes, and a clock window of both sides. */
import { createHmac, timingSafeEqual } from 'node:crypto';
import { AssentError } from '../../approval/error.ts';

/** How far Slack's timestamp may lie from this clock, either way, in seconds. */
export const SIGNATURE_WINDOW_SECONDS = 300;

export interface SignedRequest {
  /** The app's signing secret. */
  readonly secret: string;
  /** Header `X-Slack-Request-Timestamp`: seconds since the epoch, in digits. */
  readonly timestamp: string | undefined;
  /** Header `X-Slack-Signature`: `v0=` and 64 hex digits. */
  readonly signature: string | undefined;
  /** The body as it came, before any parsing. */
  readonly rawBody: Uint8Array;
  readonly now: Date;
}

/**
 * Returns where the request is Slack's, and throws otherwise. The signature is judged before the clock, so that
 * a stranger learns nothing about it.
 *
 * @throws AssentError `slack_secret_missing`, `slack_signature_missing`, `slack_timestamp_invalid`,
 *   `slack_signature_invalid`, `slack_stale`
 * @see https://docs.slack.dev/authentication/verifying-requests-from-slack
 */
export function verifySlackSignature({ secret, timestamp, signature, rawBody, now }: SignedRequest): void {
  if (secret === '') {
    throw new AssentError('slack_secret_missing', 'There is no signing secret: set SLACK_SIGNING_SECRET.');
  }
  if (!timestamp || !signature) {
    throw new AssentError(
      'slack_signature_missing',
      'The request bears no X-Slack-Signature or no X-Slack-Request-Timestamp.',
    );
  }
  if (!/^\d{1,15}$/.test(timestamp)) {
    throw new AssentError('slack_timestamp_invalid', 'X-Slack-Request-Timestamp is not a number of seconds.');
  }
  const expected = createHmac('sha256', secret).update(`v0:${timestamp}:`).update(rawBody).digest();
  if (!sameMac(signature, expected)) {
    throw new AssentError(
      'slack_signature_invalid',
      'X-Slack-Signature does not fit this body: check SLACK_SIGNING_SECRET against the app’s settings.',
    );
  }
  const skew = Math.abs(now.getTime() / 1000 - Number(timestamp));
  if (!(skew <= SIGNATURE_WINDOW_SECONDS)) {
    throw new AssentError(
      'slack_stale',
      `The request's time is ${Math.round(skew)} s from this clock; at most ${SIGNATURE_WINDOW_SECONDS} s are taken.`,
    );
  }
}

function sameMac(signature: string, expected: Buffer): boolean {
  const hex = /^v0=([0-9a-f]{64})$/.exec(signature)?.[1];
  return hex !== undefined && timingSafeEqual(Buffer.from(hex, 'hex'), expected);
}
