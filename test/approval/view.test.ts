import { expect, it } from 'vitest';
import { cardDigest, type ViewInput, viewOf } from '../../approval/view.ts';
import { allowing, asking, at, presented, previewOf, requestOf } from './world.ts';

const request = requestOf();
const preview = previewOf(request);
const input: ViewInput = {
  request,
  preview,
  policy: asking(),
  presentation: presented(preview.statement.facts),
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
    risk: 'high',
    rule: 'personal',
    count: 1,
    asked: [
      { from: ['data-owners'], at: at(0) },
      { from: ['security'], at: at(1800) },
    ],
    deadline: at(3600),
    action_digest: request.digest,
    preview_digest: preview.digest,
    rule_digest: asking().rule_digest,
  });
});

it('takes from a definition its words and nothing else', () => {
  const presentation = {
    ...input.presentation,
    agent: 'somebody-else',
    action: { name: 'ls', input: {} },
    note: '',
  };
  expect(viewOf({ ...input, presentation })).toEqual(viewOf(input));
});

it.each<[string, Partial<ViewInput>]>([
  ['another request', { request: requestOf({ key: 'export-2' }) }],
  ['another preview', { preview: previewOf(request, { facts: { rows: 1205 } }) }],
  ['another rule', { policy: { ...asking(), rule_digest: `sha256:${'0'.repeat(64)}` } }],
  ['another count', { policy: asking({ count: 2 }) }],
  ['another risk', { policy: asking({ risk: 'low' }) }],
  ['another timeout', { policy: asking({ timeout_seconds: 60 }) }],
  ['other people, as the policy names them', { policy: asking({ stages: [] }) }],
  ['other words', { presentation: { title: 'Export', description: [], impact: [], target: 'crm' } }],
])('%s is another card', (_, change) => {
  expect(cardDigest(viewOf({ ...input, ...change }))).not.toBe(cardDigest(viewOf(input)));
});

it('is the same card when somebody joins a group', () => {
  const stages = (asking().requirement?.stages ?? []).map((stage) => ({
    ...stage,
    people: [...stage.people, 'eve'],
  }));
  expect(cardDigest(viewOf({ ...input, policy: asking({ stages }) }))).toBe(cardDigest(viewOf(input)));
});

it('is none where nobody is asked', () => {
  const refused = expect.objectContaining({ code: 'nothing_to_ask' });
  expect(() => viewOf({ ...input, policy: allowing })).toThrow(refused);
  expect(() => viewOf({ ...input, policy: { ...asking(), rule: null } })).toThrow(refused);
});
