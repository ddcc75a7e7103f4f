import { expect, test } from 'vitest';
import type { ListedRequest } from '../../audit/listing.ts';
import { listed } from '../../cli/list.ts';
import { widthOf } from './terminal.ts';

const request = (change: Partial<ListedRequest>): ListedRequest => ({
  request_id: '3f2a9c01b4d7'.padEnd(64, '0'),
  backing: 'backed',
  agent: 'crm-assistant',
  action: 'sql.export',
  asked_at: '2026-03-02T09:00:00.123Z',
  latest: { state: 'succeeded', at: '2026-03-02T09:05:00.000Z', backing: 'backed' },
  backed: { state: 'succeeded', at: '2026-03-02T09:05:00.000Z' },
  standing: null,
  cursor: 'a cursor',
  ...change,
});
const expired = { state: 'expired', at: '2026-03-02T10:00:00.000Z', backing: 'claimed' } as const;

test('is a table with what is only claimed told apart', () => {
  const { lines, positive } = listed(
    [
      request({}),
      request({ request_id: 'b'.repeat(64), latest: null, backed: null }),
      request({ request_id: 'c'.repeat(64), latest: expired, backed: null }),
      request({ request_id: 'd'.repeat(64), backing: 'claimed', latest: null, agent: null, action: null }),
    ],
    20,
    80,
  );
  expect(positive).toBe(true);
  expect(lines).toEqual([
    'ID            ASKED (UTC)          STATE              AGENT          ACTION',
    '3f2a9c01b4d7  2026-03-02 09:00:00  succeeded          crm-assistant  sql.export',
    'bbbbbbbbbbbb  2026-03-02 09:00:00  open               crm-assistant  sql.export',
    'cccccccccccc  2026-03-02 09:00:00  expired (claimed)  crm-assistant  sql.export',
    'dddddddddddd  2026-03-02 09:00:00  open (claimed)     ?              ?',
    '',
    '(claimed): only Temporal’s history says so; no signed statement in the book',
    'does.',
    '',
    'open: set ASSENT_TRUST, ASSENT_POLICY and ASSENT_DIRECTORY to see how far each',
    'has come.',
  ]);
});

test('says what claimed means wherever it stands, and nowhere else', () => {
  const note = (latest: ListedRequest['latest']) => listed([request({ latest })], 20, 80).lines.join(' ');
  expect(note(expired)).toContain('(claimed): only');
  expect(note(null)).not.toContain('claimed');
});

test('the book’s word comes before that of the records, and claims nothing', () => {
  const { lines, document } = listed([request({ latest: expired, standing: 'held' })], 20, 80);
  expect(lines).toEqual([expect.stringContaining('STATE'), expect.stringMatching(/ held +crm-assistant/)]);
  expect(document).toMatchObject({ requests: [{ state: 'held', latest: { state: 'expired' } }] });
});

test('hostile and endless names stay in their cell', () => {
  const { lines } = listed(
    [request({ agent: `a\u001b[2J\n${'x'.repeat(200)}`, action: '\u202e' }), request({})],
    20,
    80,
  );
  expect(lines).toHaveLength(3);
  expect(widthOf(lines.join('\n'))).toBe(80);
  expect(lines[1]).toContain('a⟦U+001B⟧[2J⟦U+000A⟧xxx');
});

test('says that there may be more, and that there is nothing', () => {
  expect(listed([request({})], 1, 80).lines.at(-1)).toBe('There may be more: --limit 5');
  expect(listed([], 20, 80).lines).toEqual(['No such request.']);
});

test('as JSON tells the same, and no cursor that no option takes', () => {
  const { cursor: _, ...told } = request({});
  expect(listed([request({})], 20, 80).document).toEqual({
    requests: [{ ...told, state: 'succeeded' }],
  });
});
