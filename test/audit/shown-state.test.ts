import { expect, test } from 'vitest';
import { recordKinds } from '../../audit/records.ts';
import { askedByEnvelope, askedByRecord, bearingKinds, stateShown } from '../../audit/shown-state.ts';
import { aRequest } from '../book/statements.ts';

const bytes = (value: unknown) => Buffer.from(JSON.stringify(value));

test('shows an outcome that it can read, and unknown for any other', () => {
  const shown = (detail: unknown) => stateShown('execution_finished', bytes({ detail }));
  expect(shown({ outcome: 'succeeded' })).toBe('succeeded');
  expect(shown({ outcome: 'failed' })).toBe('failed');
  expect(shown({ outcome: 'refused' })).toBe('not_executed');
  expect(shown({ outcome: 'refused', code: 'already_consumed' })).toBe('unknown');
  expect(shown({ outcome: 'approved' })).toBe('unknown');
  expect(shown(null)).toBe('unknown');
  expect(stateShown('settled', Buffer.from('{'))).toBe('settled');
  expect(stateShown('ended', Buffer.from('{'))).toBe('ended');
  expect(stateShown('instructed', Buffer.from('{'))).toBe('open');
});

test('shows open for every kind that bears no state, and a state for the others', () => {
  for (const kind of recordKinds) {
    const state = stateShown(kind, bytes({ detail: { outcome: 'succeeded' } }));
    expect({ kind, open: state === 'open' }).toEqual({ kind, open: !bearingKinds.includes(kind) });
  }
});

test('reads agent and action where they are, and nothing where they are not', () => {
  expect(askedByEnvelope(JSON.stringify(aRequest('sql.export').envelope))).toEqual({
    agent: 'exporter',
    action: 'sql.export',
  });
  expect(askedByRecord(bytes({ detail: { agent: 'a', action: 7 } }))).toEqual({ agent: 'a', action: null });
  for (const broken of ['', '{}', '{"payload":"bnVsbA=="}', '{"payload":7}']) {
    expect(askedByEnvelope(broken)).toEqual({ agent: null, action: null });
    expect(askedByRecord(Buffer.from(broken))).toEqual({ agent: null, action: null });
  }
});
