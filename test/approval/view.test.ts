import { expect, it } from 'vitest';
import type { JsonObject } from '../../approval/types.ts';
import { cardDigest, type ViewInput, viewOf } from '../../approval/view.ts';
import {
  allowing,
  asking,
  at,
  EXAMINED,
  escalation,
  OWNERS,
  part,
  previewOf,
  RELEASE,
  requestOf,
} from './world.ts';

const request = requestOf();
const preview = previewOf(request);
const input: ViewInput = {
  request,
  previews: [preview],
  policy: asking(),
  examined: EXAMINED,
};

it('says what is signed, and nothing of votes and clock', () => {
  const { agent, action, audience, claims, request_id } = request.statement;
  expect(viewOf(input)).toEqual({
    audience,
    request_id,
    agent,
    action,
    claims,
    title: 'Export customers',
    description: ['As a file.'],
    impact: ['1204 rows'],
    target: 'customers',
    resource: { table: 'customers' },
    facts: { rows: 1204 },
    changed: [],
    revision: 1,
    ends_after_seconds: null,
    risk: 'high',
    rule: 'personal',
    approvals: [{ any_of: [{ from: ['data-owners'], count: 1 }] }],
    order: 'parallel',
    denials: 1,
    require: [],
    escalations: [{ at: at(1800), add: ['security'], notify: [] }],
    deadline: at(3600),
    release: RELEASE,
    action_digest: request.digest,
    preview_digest: preview.digest,
    rule_digest: asking().rule_digest,
  });
});

it('takes from a definition its words and nothing else', () => {
  const present = (facts: JsonObject) => ({
    ...EXAMINED.present(facts),
    agent: 'somebody-else',
    action: { name: 'ls', input: {} },
    note: '',
  });
  expect(viewOf({ ...input, examined: { ...EXAMINED, present } })).toEqual(viewOf(input));
});

it.each<[string, Partial<ViewInput>]>([
  ['another request', { request: requestOf({ key: 'export-2' }) }],
  ['another preview', { previews: [previewOf(request, { facts: { rows: 1205 } })] }],
  ['another rule', { policy: { ...asking(), rule_digest: `sha256:${'0'.repeat(64)}` } }],
  ['another count', { policy: asking({ approvals: [part(2, OWNERS)] }) }],
  ['another risk', { policy: asking({ risk: 'low' }) }],
  ['another timeout', { policy: asking({ timeout_seconds: 60 }) }],
  [
    'other people, as the policy names them',
    { policy: asking({ approvals: [part(1, OWNERS, ['everybody'])] }) },
  ],
  ['a part more', { policy: asking({ approvals: [part(1, OWNERS), part(1, OWNERS)] }) }],
  [
    'an alternative more',
    { policy: asking({ approvals: [{ any_of: [...part(1, OWNERS).any_of, ...part(2, OWNERS).any_of] }] }) },
  ],
  ['another order', { policy: asking({ order: 'sequential' }) }],
  ['more denials', { policy: asking({ denials: 2 }) }],
  ['something that approvers must bring', { policy: asking({ require: ['reason'] }) }],
  ['no escalation', { policy: asking({ escalations: [] }) }],
  ['a later escalation', { policy: asking({ escalations: [escalation(1801, ['siv'])] }) }],
  ['a shorter grant', { policy: asking({}, { grant_ttl_seconds: 899 }) }],
  ['other hours', { policy: asking({}, { not_before: at(600) }) }],
  ['more slack', { policy: asking({}, { slack_percent: 10 }) }],
  ['a limit', { policy: asking({}, { limit: { count: 5, per_seconds: 600 } }) }],
  ['an end', { examined: { ...EXAMINED, endsAfter: 600 } }],
  ['a second asking', { previews: [preview, previewOf(request, { revision: 2 })] }],
  [
    'other words',
    {
      examined: {
        ...EXAMINED,
        present: () => ({ title: 'Export', description: [], impact: [], target: 'crm' }),
      },
    },
  ],
])('%s is another card', (_, change) => {
  expect(cardDigest(viewOf({ ...input, ...change }))).not.toBe(cardDigest(viewOf(input)));
});

it('is the same card when somebody joins a group', () => {
  const approvals = [part(1, [...OWNERS, 'eve'])];
  const escalations = [escalation(1800, ['siv', 'eve'])];
  const policy = asking({ approvals, escalations });
  expect(cardDigest(viewOf({ ...input, policy }))).toBe(cardDigest(viewOf(input)));
});

it('says of a later revision what changed since the one before, with no slack, and counts time from it', () => {
  const third = previewOf(request, { revision: 3, facts: { rows: 9 }, previewed_at: at(700) });
  const second = previewOf(request, { revision: 2, facts: { rows: 5 }, previewed_at: at(600) });
  const drift = (before: JsonObject, now: JsonObject, slack: number) => [
    `${before.rows} to ${now.rows}, slack ${slack}`,
  ];
  const policy = asking({}, { slack_percent: 50 });
  const examined = { ...EXAMINED, drift };
  const view = viewOf({ ...input, previews: [preview, second, third], policy, examined });
  expect(view).toMatchObject({
    changed: ['5 to 9, slack 0'],
    revision: 3,
    facts: { rows: 9 },
    impact: ['9 rows'],
    escalations: [{ at: at(2500) }],
    deadline: at(4300),
    preview_digest: third.digest,
  });
});

it('is none where nobody is asked', () => {
  const refused = expect.objectContaining({ code: 'nothing_to_ask' });
  expect(() => viewOf({ ...input, policy: allowing })).toThrow(refused);
  expect(() => viewOf({ ...input, policy: { ...asking(), rule: null } })).toThrow(refused);
  expect(() => viewOf({ ...input, previews: [] })).toThrow(refused);
});
