/** Honest answers are read as they are; each forged one is refused, named by what was changed. */
import { describe, expect, test } from 'vitest';
import { digestOfJson } from '../../approval/digest.ts';
import { generateSigningKey } from '../../approval/keys.ts';
import { failureCode, readOutcome } from '../../client/outcome.ts';
import {
  type Answered,
  answered,
  FAILED,
  finished,
  keys,
  LATER,
  MADE,
  REFUSED,
  RESULT,
  started,
  TRUST,
} from './world.ts';

const start = started();
const nothingRan = { result: null, start: null, finish: null };

describe('an honest answer', () => {
  test('of success holds the result and the signed evidence', () => {
    const answer = answered();
    expect(readOutcome(answer, MADE, TRUST)).toEqual({
      resolution: 'approved',
      outcome: 'succeeded',
      code: 'succeeded',
      reason: null,
      result: RESULT,
      until: null,
      settlement: null,
      evidence: { ...MADE, start: answer.start, finish: answer.finish },
    });
  });

  test('says until when it is in force, and what somebody said of an unknown outcome', () => {
    const until = '2026-03-02T10:00:00.000Z';
    expect(readOutcome(answered({ until }), MADE, TRUST)).toMatchObject({ outcome: 'succeeded', until });
    const settlement = { person: 'ana', ran: true, reason: 'The file is there.' };
    const unknown = { ...nothingRan, outcome: 'unknown', code: 'executor_silent', settlement };
    // It stays unknown: nobody signed how it ended.
    expect(readOutcome(answered(unknown), MADE, TRUST)).toMatchObject({ outcome: 'unknown', settlement });
  });

  test.for<[string, Partial<Answered>, string]>([
    [
      'failed',
      { ...FAILED, result: null, start: start.envelope, finish: finished(start, FAILED).envelope },
      'failed',
    ],
    ['unknown', { ...nothingRan, outcome: 'unknown', code: 'executor_silent' }, 'unknown'],
    [
      'refused at the grant, with its Start',
      {
        ...nothingRan,
        outcome: 'not_executed',
        code: 'grant_expired',
        start: start.envelope,
        finish: finished(start, REFUSED).envelope,
      },
      'not_executed',
    ],
    ['denied', { ...nothingRan, resolution: 'denied', outcome: 'not_executed', code: 'denied' }, 'denied'],
    [
      'expired',
      { ...nothingRan, resolution: 'expired', outcome: 'not_executed', code: 'expired' },
      'expired',
    ],
    [
      'a request that could not be read',
      { ...nothingRan, request_id: null, resolution: 'denied', outcome: 'not_executed', code: 'key_unknown' },
      'denied',
    ],
  ])('%s', ([, change, code]) => {
    const read = readOutcome(answered(change), MADE, TRUST);
    expect(failureCode(read)).toBe(code);
    expect(read.result).toBeNull();
  });
});

const stranger = generateSigningKey('executor').signing;
const otherRequest = { request_id: 'f'.repeat(64) };
const otherAction = { request: digestOfJson('another action') };
const otherStart = started({ started_at: LATER });

const forgeries: readonly [string, () => unknown][] = [
  ['no-object', () => 'succeeded'],
  ['null', () => null],
  ['unknown-outcome', () => answered({ outcome: 'done' })],
  ['unknown-resolution', () => answered({ resolution: 'granted' })],
  ['code-missing', () => answered({ code: null })],
  ['start-missing', () => answered({ start: null })],
  ['finish-missing', () => answered({ finish: null })],
  ['both-missing', () => answered({ start: null, finish: null })],
  ['start-and-finish-swapped', () => answered({ start: answered().finish, finish: answered().start })],
  ['start-by-gateway', () => answered({ start: started({}, keys.gateway).envelope })],
  ['start-by-stranger-of-the-same-name', () => answered({ start: started({}, stranger).envelope })],
  ['finish-by-agent', () => answered({ finish: finished(start, {}, keys.agent).envelope })],
  ['finish-by-stranger-of-the-same-name', () => answered({ finish: finished(start, {}, stranger).envelope })],
  ['finish-with-a-byte-changed', () => answered({ finish: withByteChanged(finished(start).envelope) })],
  ['finish-with-two-signatures', () => answered({ finish: withTwoSignatures(finished(start).envelope) })],
  ['finish-no-envelope', () => answered({ finish: {} })],
  ['of-another-audience', () => both(started({ audience: 'acme-staging' }), { audience: 'acme-staging' })],
  ['of-another-request', () => both(started(otherRequest), otherRequest)],
  ['start-of-another-action', () => both(started(otherAction))],
  ['finish-of-another-start', () => answered({ finish: finished(otherStart).envelope })],
  ['finish-of-another-request', () => answered({ finish: finished(start, otherRequest).envelope })],
  ['request-id-of-another', () => answered({ request_id: 'f'.repeat(64) })],
  ['result-changed', () => answered({ result: { ...RESULT, rows: 1205 } })],
  ['result-added', () => answered({ result: { ...RESULT, more: true } })],
  ['result-dropped', () => answered({ result: null })],
  ['result-a-list', () => answered({ result: [RESULT] })],
  ['result-with-no-canonical-form', () => answered({ result: { rows: 2 ** 60 } })],
  [
    'success-without-result',
    () => answered({ result: null, finish: finished(start, { result_digest: null }).envelope }),
  ],
  ['failure-told-as-success', () => answered({ result: null, finish: finished(start, FAILED).envelope })],
  ['success-told-as-failure', () => answered({ outcome: 'failed', code: 'action_failed', result: null })],
  ['success-told-as-unknown', () => answered({ outcome: 'unknown', code: 'executor_silent', result: null })],
  [
    'success-told-as-not-executed',
    () => answered({ outcome: 'not_executed', code: 'grant_expired', result: null }),
  ],
  ['refusal-told-as-success', () => answered({ finish: finished(start, REFUSED).envelope })],
  ['failure-told-as-unknown', () => failed({ outcome: 'unknown', code: 'executor_silent' })],
  ['failure-told-as-not-executed', () => failed({ outcome: 'not_executed', code: 'grant_expired' })],
  [
    'failure-with-code-and-digest-of-success',
    () => answered({ finish: finished(start, { outcome: 'failed', code: 'succeeded' }).envelope }),
  ],
  ['code-changed', () => answered({ code: 'succeeded_twice' })],
  ['denied-and-ran', () => answered({ resolution: 'denied' })],
  [
    'result-of-nothing-that-ran',
    () => answered({ ...nothingRan, outcome: 'unknown', code: 'x', result: RESULT }),
  ],
  [
    'denied-with-forged-evidence',
    () =>
      answered({
        resolution: 'denied',
        outcome: 'not_executed',
        code: 'denied',
        result: null,
        start: started({}, stranger).envelope,
        finish: null,
      }),
  ],
];

test.for(forgeries)('forged: %s', ([, forge]) => {
  expect(() => readOutcome(forge(), MADE, TRUST)).toThrow(
    expect.objectContaining({ code: 'result_unverified', message: expect.stringContaining(MADE.requestId) }),
  );
});

function failed(change: Partial<Answered>): Answered {
  return answered({ result: null, finish: finished(start, FAILED).envelope, ...change });
}

function both(begun: ReturnType<typeof started>, change: Parameters<typeof finished>[1] = {}): Answered {
  return answered({ start: begun.envelope, finish: finished(begun, change).envelope });
}

function withByteChanged(envelope: ReturnType<typeof finished>['envelope']) {
  const payload = Buffer.from(envelope.payload, 'base64').toString().replace('succeeded', 'succeedee');
  return { ...envelope, payload: Buffer.from(payload).toString('base64') };
}

function withTwoSignatures(envelope: ReturnType<typeof finished>['envelope']) {
  return { ...envelope, signatures: [...envelope.signatures, ...envelope.signatures] };
}
