/** A whole story, as real keys signed it and as a history tells it, in 80 columns. */
import { describe, expect, test } from 'vitest';
import type { StatementKind, Verified } from '../../approval/types.ts';
import { type AuditRecord, bytesOfRecord, type RecordKind } from '../../audit/records.ts';
import type { StoredRecord } from '../../audit/store.ts';
import type { BookedStatement, Consumption } from '../../book/page.ts';
import { statesOf, tellRecord } from '../../cli/record-words.ts';
import { type Story, showLines } from '../../cli/show-lines.ts';
import { requestIn, tellStatement } from '../../cli/statement-words.ts';
import {
  asking,
  at,
  decisionOf,
  finishOf,
  previewOf,
  refusedStanding,
  requestOf,
  startOf,
  withdrawalOf,
} from '../approval/world.ts';
import { widthOf } from './terminal.ts';

const request = requestOf({
  action: { name: 'sql.export', input: { database: 'crm', file: 'mail.csv' } },
  claims: {
    on_behalf_of: 'mia',
    intent: { statement: 'Mail our customers the newsletter of November', source: 'chat' },
    reason: `Because \u001b[2J${'long words '.repeat(12)}`,
    trigger: null,
    context: {},
  },
});
const id = request.statement.request_id;
const preview = previewOf(request);
const bound = { request, preview, policy: asking() };
const start = startOf(request, 100);

function booked(statements: readonly Verified<StatementKind>[]): readonly BookedStatement[] {
  return statements.map(({ kind, digest, envelope }, position) => ({
    kind,
    digest,
    envelope: JSON.parse(JSON.stringify(envelope)),
    request_id: id,
    position,
  }));
}

function stored(kind: RecordKind, seconds: number, change: Partial<AuditRecord> = {}): StoredRecord {
  const record: AuditRecord = {
    namespace: 'default',
    workflow_id: id,
    run_id: 'run',
    event_id: String(seconds),
    kind,
    at: at(seconds),
    request_id: id,
    digest: null,
    detail: {},
    ...change,
  };
  return {
    key: record,
    bytes: bytesOfRecord(record),
    backing: change.digest ? 'backed' : 'claimed',
    appended_at: at(seconds),
  };
}

const consumption: Consumption = {
  request_id: id,
  start_digest: start.digest,
  workflow_id: id,
  run_id: 'run',
  activity_id: 'a',
  consumed_at: at(100),
};

function storyOf(
  statements: readonly BookedStatement[],
  records: readonly StoredRecord[],
  consumed: Consumption | null,
): Story {
  const told = statements.map(tellStatement);
  return {
    request_id: id,
    state: statesOf(records, statements.length > 0),
    request: told.map(requestIn).find((one) => one !== null) ?? null,
    statements: told,
    consumption: consumed,
    records: records.map(tellRecord),
  };
}

const whole = storyOf(
  booked([
    request,
    preview,
    decisionOf(bound, { person: 'mia', standing: refusedStanding('excluded'), decided_at: at(50) }),
    decisionOf(bound, { reason: 'Fine \u202eby me' }),
    start,
    finishOf(start),
  ]),
  [
    stored('requested', 0, {
      digest: request.digest,
      detail: { agent: 'crm-assistant', action: 'sql.export' },
    }),
    stored('policy_evaluated', 1, { detail: { effect: 'require_approval', rule: 'personal', code: null } }),
    stored('decision_refused', 50, {
      detail: { code: 'signature_invalid', told_by: '9' },
      workflow_id: 'forged',
    }),
    stored('execution_finished', 120, { digest: start.digest, detail: { outcome: 'succeeded' } }),
  ],
  consumption,
);

const unjudged = { judged: null, why: 'Set ASSENT_TRUST.' };

test('reads from top to bottom, in 80 columns', () => {
  const lines = showLines(whole, unjudged, 80);
  expect(widthOf(lines.join('\n'))).toBeLessThanOrEqual(80);
  expect(lines.join('\n')).toMatchSnapshot();
});

test('nothing in it acts on the terminal', () => {
  expect(showLines(whole, unjudged, 80).join('\n')).not.toMatch(/[^\P{C}\n]/u);
  expect(showLines(whole, unjudged, 80).join('\n')).toContain('Because ⟦U+001B⟧[2J');
});

describe('each statement in words', () => {
  const denial = { verdict: 'deny', reason: 'Not today' } as const;
  test.for<[string, Verified<StatementKind>]>([
    ['crm-assistant asks for sql.export', request],
    ['the executor looked, without running it (revision 1): rows 1204', preview],
    ['kari approves', decisionOf(bound)],
    ['kari denies: “Not today”', decisionOf(bound, denial)],
    [
      'somebody unknown (slack T1/U1) tries to approve, and is refused: person_unknown',
      decisionOf(bound, { person: null, standing: refusedStanding('person_unknown') }),
    ],
    ['crm-assistant withdraws the request: “Too late”', withdrawalOf(request, { reason: 'Too late' })],
    ['the executor starts, by policy alone; unknown if not ended by 2026-03-02 09:02:40', start],
    ['it succeeded', finishOf(start)],
    ['it failed: target_unreachable', finishOf(start, { outcome: 'failed', code: 'target_unreachable' })],
    ['refused before it ran: grant_expired', finishOf(start, { outcome: 'refused', code: 'grant_expired' })],
  ])('%s', ([words, statement]) => {
    const [row] = booked([statement]);
    expect(row && tellStatement(row).words).toBe(words);
  });

  test('one that cannot be read is told so, and hides no other', () => {
    const rows = booked([request]).map((row) => ({ ...row, envelope: { payload: 'no' } }));
    expect(rows.map(tellStatement)).toMatchObject([
      {
        words: expect.stringContaining("can't be read: This is no DSSE envelope"),
        statement: null,
        at: null,
      },
    ]);
  });
});

describe('the state', () => {
  const backedEnd = stored('execution_finished', 120, {
    digest: start.digest,
    detail: { outcome: 'succeeded' },
  });

  test.for<[string, readonly StoredRecord[], boolean, string]>([
    ['is open where no record bears one', [stored('requested', 0)], true, 'open'],
    [
      'is claimed where no statement backs it',
      [stored('expired', 60)],
      true,
      "expired (claimed: only Temporal's history says so)",
    ],
    ['is the newest', [stored('denied', 60, { digest: start.digest }), backedEnd], true, 'succeeded'],
    [
      'says what is signed where a newer claim differs',
      [backedEnd, stored('denied', 130)],
      true,
      "denied (claimed: only Temporal's history says so; by what is signed: succeeded)",
    ],
  ])('%s', ([, records, isBooked, words]) => {
    const lines = showLines({ ...whole, state: statesOf(records, isBooked) }, unjudged, 120);
    expect(lines[1]).toBe(`State     ${words}`);
  });
});

test('a request that only a history knows', () => {
  const lines = showLines(storyOf([], [stored('requested', 0)], null), unjudged, 80);
  expect(lines).toContain('The book holds nothing of it.');
  expect(lines[1]).toContain('open (claimed');
});
