import { describe, expect, it } from 'vitest';
import { guard, POLICY } from './material.ts';

const policyOf = (text: string) => guard(text).policy;
const ruleDigest = (text: string, id: string) => policyOf(text).rules.find((rule) => rule.id === id)?.digest;
const before = policyOf(POLICY);

describe("the policy's digest", () => {
  it.each([
    ['a comment', POLICY.replace('timeout: 1h', 'timeout: 1h # long enough')],
    [
      'the order of keys',
      POLICY.replace('{from: [data-owners], count: 1}', '{count: 1, from: [data-owners]}'),
    ],
    ['the order of sections', `${POLICY.replace('version: 1\n', '')}version: 1\n`],
    ['another spelling of a duration', POLICY.replace('timeout: 1h', 'timeout: 60m')],
    ['a default written out', POLICY.replace('timeout: 1h', 'timeout: 1h\n    risk: medium')],
    [
      'the default escalation written out',
      POLICY.replace('- add: [security]', '- {after: 30m, add: [security]}'),
    ],
    ['quotes', POLICY.replace('reason: Deployments are frozen.', 'reason: "Deployments are frozen."')],
  ])('is not changed by %s', (_, text) => {
    expect(text).not.toBe(POLICY);
    const after = policyOf(text);
    expect(after.digest).toBe(before.digest);
    expect(after.rules.map(({ digest }) => digest)).toEqual(before.rules.map(({ digest }) => digest));
  });

  it('is changed by the order of rules, which changes no rule', () => {
    const orders = /( {2}- id: orders[\s\S]*?)( {2}- id: frozen[\s\S]*)/u;
    const swapped = POLICY.replace(orders, '$2$1');
    expect(policyOf(swapped).digest).not.toBe(before.digest);
    expect(ruleDigest(swapped, 'frozen')).toBe(ruleDigest(POLICY, 'frozen'));
  });
});

describe("a rule's digest", () => {
  it.each([
    ['its id', 'id: personal', 'id: private', 'private'],
    ['its pattern', 'action: sql.export\n', 'action: sql.*\n', 'personal'],
    ['its condition', '"crm" &&', '"hr" &&', 'personal'],
    ['whom it asks', '[data-owners]', '[data-owners, siv]', 'personal'],
    ['how many', 'count: 1', 'count: 2', 'personal'],
    ['its timeout', 'timeout: 1h', 'timeout: 70m', 'personal'],
    ['its escalation', '45m', '46m', 'personal'],
    ['whom it asks then', 'add: [liv]', 'add: [per]', 'personal'],
    ['its risk', 'timeout: 1h', 'timeout: 1h\n    risk: high', 'personal'],
    ['its channel', 'timeout: 1h', 'timeout: 1h\n    channel: C01', 'personal'],
    ['its reason', 'are frozen', 'stand still', 'frozen'],
    ['its effect', 'effect: allow', 'effect: deny', 'orders'],
  ])('is changed by %s, and no other rule is', (_, from, to, id) => {
    const text = POLICY.replace(from, to);
    expect(text).not.toBe(POLICY);
    const after = policyOf(text);
    expect(after.digest).not.toBe(before.digest);
    const changed = after.rules.filter(({ digest }, index) => digest !== before.rules[index]?.digest);
    expect(changed.map((rule) => rule.id)).toEqual([id]);
  });
});
