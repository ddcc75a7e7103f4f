import { historyFromJSON, historyToJSON } from '@temporalio/common/lib/proto-utils.js';
import { describe, expect, test } from 'vitest';
import { WORKFLOW } from '../../audit/derive/names.ts';
import { derive, MAX_RECORD_BYTES } from '../../audit/derive.ts';
import { bytesOfRecord } from '../../audit/records.ts';
import { AGENT_ACTION } from '../../workflows/messages.ts';
import { historyNames, readHistory } from '../histories/read.ts';
import { holdsNumber } from './numbers.ts';

const where = { namespace: 'default', workflow_id: 'w', run_id: 'r' };
const recordsOf = (name: string) => derive(readHistory(name), where);
const textOf = (records: ReturnType<typeof derive>) =>
  records.map((record) => bytesOfRecord(record).toString());
const one = (name: string, kind: string) => {
  const found = recordsOf(name).filter((record) => record.kind === kind);
  expect(found).toHaveLength(1);
  return found[0];
};

const asked = ['requested', 'policy_evaluated', 'previewed', 'delivered'];
const decided = ['decision_received', 'decision_accepted'];
const attempt = ['decision_received', 'decision_refused'];
const executed = ['execution_started', 'execution_finished', 'closed'];
const unshown = ['requested', 'policy_evaluated', 'previewed'];

test.each([
  ['allowed', ['requested', 'policy_evaluated', ...executed]],
  ['denied-by-policy', ['requested', 'policy_evaluated', 'denied', 'closed']],
  ['approved', [...asked, ...decided, 'approved', ...executed]],
  ['denied', [...asked, ...decided, 'denied', 'closed']],
  ['expired-after-escalation', [...asked, 'escalated', 'reminded', 'expired', 'closed']],
  ['withdrawn', [...asked, 'decision_received', 'withdrawn', 'withdrawn', 'closed']],
  ['undeliverable', [...unshown, 'undeliverable', 'undeliverable', 'closed']],
  ['preview-refused', [...unshown, 'undeliverable', 'closed']],
  [
    'unknown-settled',
    [
      ...asked,
      ...decided,
      'approved',
      'execution_started',
      'execution_unknown',
      'decision_received',
      'settled',
      'closed',
    ],
  ],
  [
    'unknown-told-late',
    ['requested', 'policy_evaluated', 'execution_started', 'execution_unknown', ...attempt, 'closed'],
  ],
  [
    'executor-absent',
    [
      'requested',
      'policy_evaluated',
      'previewed',
      'policy_evaluated',
      'delivered',
      ...decided,
      'approved',
      'execution_finished',
      'closed',
    ],
  ],
  [
    'frozen-then-released',
    [...asked, ...decided, 'approved', 'execution_finished', 'decision_received', 'instructed', ...executed],
  ],
  ['held-until-a-window', [...asked, ...decided, 'approved', 'execution_finished', ...executed]],
  [
    'burst-held-before-it-is-shown',
    [...unshown, 'previewed', 'delivered', ...decided, 'approved', ...executed],
  ],
  [
    'drifted-and-asked-anew',
    [
      ...asked,
      ...decided,
      'approved',
      'execution_finished',
      'policy_evaluated',
      ...decided,
      'approved',
      ...executed,
    ],
  ],
  [
    'lapsed-and-asked-anew',
    [...asked, ...decided, 'approved', 'execution_finished', 'policy_evaluated', 'denied', 'closed'],
  ],
  ['policy-read-sooner-by-the-gateway', [...unshown, 'policy_evaluated', 'denied', 'closed']],
  ['allowed-by-its-preview', [...unshown, 'policy_evaluated', ...executed]],
  ['released-by-one-alone', [...asked, 'decision_received', 'instructed', 'approved', ...executed]],
  [
    'ended-in-time',
    [...asked, ...decided, 'approved', 'execution_started', 'execution_finished', 'ended', 'closed'],
  ],
  [
    'revoked-early',
    [
      ...asked,
      ...decided,
      'approved',
      'execution_started',
      'execution_finished',
      'decision_received',
      'instructed',
      'ended',
      'closed',
    ],
  ],
  ['refused-by-grant', [...asked, ...decided, 'approved', 'execution_finished', 'closed']],
  ['cancelled', [...asked, 'closed']],
  ['terminated', [...asked, 'closed']],
  ['reset', [...asked, 'reset', ...decided, 'approved', ...executed]],
  ['attacked', [...asked, ...Array(6).fill(attempt).flat(), ...decided, 'approved', ...executed]],
])('%s gives its records in order', (name, kinds) => {
  expect(recordsOf(name).map(({ kind }) => kind)).toEqual(kinds);
});

test('every signal of a flood is told, and what the workflow made of it', () => {
  const kinds = recordsOf('flooded').map(({ kind }) => kind);
  expect(kinds.filter((kind) => kind === 'decision_received').length).toBeGreaterThan(100);
  expect(kinds.slice(-2)).toEqual(['flooded', 'closed']);
});

test('two approvals are two records, and the resolution names the last', () => {
  const records = recordsOf('approved-by-two');
  const accepted = records.filter(({ kind }) => kind === 'decision_accepted');
  expect(accepted.map(({ detail }) => detail.person)).toEqual(['ana', 'ben']);
  expect(one('approved-by-two', 'approved')?.digest).toBe(accepted[1]?.digest);
});

test('each refused attempt is told with its code and with who was claimed', () => {
  const records = recordsOf('attacked');
  const codes = records.filter(({ kind }) => kind === 'decision_refused').map(({ detail }) => detail.code);
  const other = ['envelope_malformed', 'other_request', 'signal_unknown', 'requester', 'envelope_malformed'];
  expect(codes).toEqual(['key_unknown', ...other]);
  const request = records[0]?.request_id;
  const foreign = records.filter(({ detail }) => (detail.about ?? request) !== request);
  expect(foreign).toHaveLength(1);
});

test('a record names the statement that its event carried', () => {
  expect(one('approved', 'requested')?.digest).toBe(
    one('approved', 'policy_evaluated')?.detail.action_digest,
  );
  expect(one('approved', 'approved')?.digest).toBe(one('approved', 'decision_received')?.digest);
  expect(one('approved', 'execution_finished')?.detail.start).toBe(
    one('approved', 'execution_started')?.digest,
  );
  expect(one('denied', 'denied')?.digest).toBe(one('denied', 'decision_accepted')?.digest);
  expect(
    new Set(
      recordsOf('withdrawn')
        .filter(({ kind }) => kind === 'withdrawn')
        .map(({ digest }) => digest),
    ).size,
  ).toBe(1);
  for (const name of historyNames) expect(recordsOf(name)[0]?.request_id).toMatch(/^[0-9a-f]{64}$/);
});

test('what nobody decided says whose word it was', () => {
  expect(one('denied-by-policy', 'denied')).toMatchObject({
    digest: null,
    detail: { code: 'denied_by_rule' },
  });
  const refused = recordsOf('preview-refused').find(({ kind }) => kind === 'undeliverable');
  expect(refused?.detail.code).toBe('sql_no_such_table');
});

test('how it ended is told as the listing reads it', () => {
  expect(one('approved', 'execution_finished')?.detail.outcome).toBe('succeeded');
  expect(one('executor-absent', 'execution_finished')?.detail).toMatchObject({
    outcome: 'not_executed',
    code: 'executor_absent',
  });
  expect(one('refused-by-grant', 'execution_finished')?.detail).toMatchObject({
    outcome: 'refused',
    step: 'requirement',
  });
  expect(one('unknown-settled', 'execution_unknown')?.detail.code).toBe('heartbeat');
  expect(one('unknown-told-late', 'execution_unknown')?.detail.code).toBe('outcome_unknown');
  expect(one('unknown-settled', 'settled')?.detail).toMatchObject({ person: 'ana', outcome: 'ran' });
  expect(
    recordsOf('drifted-and-asked-anew').find(({ kind }) => kind === 'execution_finished')?.detail,
  ).toMatchObject({
    code: 'drifted',
    again: 'ask',
  });
  expect(one('terminated', 'closed')?.detail).toMatchObject({
    how: 'terminated',
    reason: 'An operator was in a hurry.',
  });
});

test('the last record counts them all', () => {
  for (const name of historyNames) {
    const records = recordsOf(name);
    expect(records.at(-1)?.detail.record_count).toBe(String(records.length));
  }
});

test('events before a reset are told as copies of the run that they happened in', () => {
  const original = recordsOf('approved');
  const records = recordsOf('reset');
  const point = records.findIndex(({ kind }) => kind === 'reset');
  const base = records[point]?.detail.base_run_id;
  expect(base).toMatch(/^[0-9a-f-]{36}$/);
  expect(records.map(({ detail }) => detail.copy_of ?? null)).toEqual(
    records.map((_, index) => (index < point ? base : null)),
  );
  const copied = records
    .slice(0, point)
    .map(({ detail: { copy_of: _, ...detail }, ...record }) => ({ ...record, detail }));
  expect(copied).toEqual(original.slice(0, point));
});

describe.each(historyNames)('%s', (name) => {
  test('gives the same bytes again, and after JSON', () => {
    const history = readHistory(name);
    const again = historyFromJSON(JSON.parse(historyToJSON(history)));
    expect(textOf(derive(again, where))).toEqual(textOf(derive(history, where)));
  });

  test('never changes what it told before', () => {
    const { events } = readHistory(name);
    const whole = new Set(textOf(recordsOf(name)));
    // A reset run is born with its copies and the reset after them.
    const born = events?.findIndex((event) => event.workflowTaskFailedEventAttributes) ?? -1;
    for (let length = born + 1; length <= (events?.length ?? 0); length++) {
      const part = textOf(derive({ events: events?.slice(0, length) ?? [] }, where));
      expect(part.filter((record) => !whole.has(record))).toEqual([]);
    }
  });

  test("copies no input, no result and nobody's reason", () => {
    const all = textOf(recordsOf(name)).join('\n');
    for (const secret of ['customers.csv', 'Not on a Friday', 'rows > 100', 'chief financial']) {
      expect(all).not.toContain(secret);
    }
  });

  test('holds no number and little text', () => {
    for (const text of textOf(recordsOf(name))) {
      expect(holdsNumber(text)).toBe(false);
      expect(Buffer.byteLength(text)).toBeLessThan(MAX_RECORD_BYTES);
    }
  });
});

test('the workflow is known by its name', () => {
  expect(WORKFLOW).toBe(AGENT_ACTION);
});

test('an execution that nobody answered before the run was terminated may have run', () => {
  const events = readHistory('approved').events ?? [];
  const scheduled = events.findIndex(
    (event) => event.activityTaskScheduledEventAttributes?.activityType?.name === 'execute',
  );
  const terminated = { ...readHistory('terminated').events?.at(-1), eventId: events.at(-1)?.eventId ?? null };
  const records = derive({ events: [...events.slice(0, scheduled + 1), terminated] }, where);
  expect(records.map(({ kind }) => kind).slice(-3)).toEqual([
    'execution_started',
    'execution_unknown',
    'closed',
  ]);
});

test('a run of another workflow gives none', () => {
  const { events } = readHistory('denied-by-policy');
  const [started] = events ?? [];
  const attributes = {
    ...started?.workflowExecutionStartedEventAttributes,
    workflowType: { name: 'other' },
    input: null,
  };
  const ended = events?.at(-1) ?? {};
  const other = { events: [{ ...started, workflowExecutionStartedEventAttributes: attributes }, ended] };
  expect(derive(other, where)).toEqual([]);
});
