/** Signatures: Slack's published example, bolt as the oracle where it is right, and every way to be wrong. */
import { createHmac } from 'node:crypto';
import { verifySlackRequest } from '@slack/bolt/dist/receivers/verify-request.js';
import { describe, expect, test } from 'vitest';
import { type SignedRequest, verifySlackSignature } from '../../channels/slack/signature.ts';

const secret = '8f742231b10e8888abcd99yyyzzz85a5';
const published = {
  secret,
  timestamp: '1531420618',
  signature: 'v0=a2114d57b48eac39b9ad189dd8316235a7b4a8d21a10bd27519666489c69b503',
  rawBody: Buffer.from(
    'token=xyzz0WbapA4vBCDEFasx0q6G&team_id=T1DC2JH3J&team_domain=testteamnow&channel_id=G8PSS9T3V&channel_name=foobar&user_id=U2CERLKJA&user_name=roadrunner&command=%2Fwebhook-collect&text=&response_url=https%3A%2F%2Fhooks.slack.com%2Fcommands%2FT1DC2JH3J%2F397700885554%2F96rGlfmibIGlgcZRskXaIFfN&trigger_id=398738663015.47445629121.803a0bc887a14d10d2c447fce8b6703c',
  ),
  now: new Date(1531420618_000),
};

const codeOf = (change: Partial<SignedRequest>): string => {
  try {
    verifySlackSignature({ ...published, ...change });
    return 'taken';
  } catch (error) {
    return error instanceof Error && 'code' in error ? String(error.code) : 'not an AssentError';
  }
};
const at = (offsetSeconds: number) => new Date(published.now.getTime() + offsetSeconds * 1000);
const signed = (timestamp: string, rawBody: Uint8Array = published.rawBody) => ({
  timestamp,
  rawBody,
  signature: `v0=${createHmac('sha256', secret).update(`v0:${timestamp}:`).update(rawBody).digest('hex')}`,
});

test("takes Slack's published example", () => {
  expect(codeOf({})).toBe('taken');
});

test('takes raw bytes that are no UTF-8 as they are', () => {
  expect(codeOf(signed('1531420618', Buffer.from([0xff, 0xfe, 0x00, 0x80])))).toBe('taken');
});

describe('refuses', () => {
  const flipped = Buffer.from(published.rawBody);
  flipped[flipped.length - 1] = (flipped.at(-1) ?? 0) ^ 1;
  test.each<[string, Partial<SignedRequest>, string]>([
    ['no secret', { secret: '' }, 'slack_secret_missing'],
    ['no signature', { signature: undefined }, 'slack_signature_missing'],
    ['an empty signature', { signature: '' }, 'slack_signature_missing'],
    ['no timestamp', { timestamp: undefined }, 'slack_signature_missing'],
    ['another secret', { secret: `${secret}x` }, 'slack_signature_invalid'],
    ['a body with one bit flipped', { rawBody: flipped }, 'slack_signature_invalid'],
    [
      'a body that goes on',
      { rawBody: Buffer.concat([published.rawBody, Buffer.from(' ')]) },
      'slack_signature_invalid',
    ],
    ['no body', { rawBody: new Uint8Array() }, 'slack_signature_invalid'],
    ['another timestamp', { timestamp: '1531420619' }, 'slack_signature_invalid'],
    ['another version', { signature: published.signature.replace('v0', 'v1') }, 'slack_signature_invalid'],
    ['no version', { signature: published.signature.slice(3) }, 'slack_signature_invalid'],
    ['a short signature', { signature: published.signature.slice(0, -2) }, 'slack_signature_invalid'],
    ['a long signature', { signature: `${published.signature}00` }, 'slack_signature_invalid'],
    ['a signature in capitals', { signature: published.signature.toUpperCase() }, 'slack_signature_invalid'],
    ['301 s ago', { now: at(301) }, 'slack_stale'],
    ['301 s ahead', { now: at(-301) }, 'slack_stale'],
    ['a clock that is none', { now: new Date(Number.NaN) }, 'slack_stale'],
    ...[
      '',
      ' 1531420618',
      '1531420618.0',
      '-1531420618',
      '0x5b47a54a',
      '1e9',
      'NaN',
      '１５３１４２０６１８',
      '9'.repeat(16),
    ].map((timestamp): [string, Partial<SignedRequest>, string] => [
      `the timestamp ${JSON.stringify(timestamp)}, though signed`,
      signed(timestamp),
      timestamp === '' ? 'slack_signature_missing' : 'slack_timestamp_invalid',
    ]),
  ])('%s', (_, change, code) => {
    expect(codeOf(change)).toBe(code);
  });

  test.each([300, -300])('nothing at %d s', (offset) => {
    expect(codeOf({ now: at(offset) })).toBe('taken');
  });
});

test('agrees with bolt on signed and forged bodies within the window', () => {
  const bodies = ['payload=%7B%7D', 'payload=%F0%9F%99%82', 'a=1&b=2', ''];
  for (const body of bodies) {
    for (const offset of [0, 120, 299]) {
      for (const forged of [false, true]) {
        const request = signed('1531420618', Buffer.from(body));
        const signature = forged
          ? request.signature.replace(/.$/, (last) => (last === '0' ? '1' : '0'))
          : request.signature;
        const bolt = () =>
          verifySlackRequest({
            signingSecret: secret,
            body,
            headers: { 'x-slack-signature': signature, 'x-slack-request-timestamp': 1531420618 },
            nowMilliseconds: at(offset).getTime(),
          });
        if (forged) expect(bolt).toThrow();
        else expect(bolt).not.toThrow();
        expect(codeOf({ ...request, signature, now: at(offset) })).toBe(
          forged ? 'slack_signature_invalid' : 'taken',
        );
      }
    }
  }
});
