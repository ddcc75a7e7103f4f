import { describe, expect, it } from 'vitest';
import { company, RULES } from './company.ts';
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

describe('the digest of a rule that uses all there is', () => {
  const many = (text: string) => company(text).policy.rules[0]?.digest;
  const whole = (text: string) => company(text).policy.digest;

  it.each([
    ['an alternative', '- {from: [board]}', '- {from: [ops, board]}'],
    ['its order', 'sequential', 'parallel'],
    ['whom it excludes', 'exclude: [dia]', 'exclude: [cid]'],
    ['when it reminds', '20m', '21m'],
    ['whom it tells', 'notify: [ops]', 'notify: [mia]'],
    ['how many denials', 'denials: 2', 'denials: 1'],
    ['what it requires', '[reason, typed, intent]', '[reason, intent]'],
    ['what it requires of the request', '[reason, typed, intent]', '[reason, typed]'],
    ['its grant', 'grant_ttl: 10m', 'grant_ttl: 11m'],
    ['its beginning', '08:00:00+01:00', '08:00:00+02:00'],
    ['a window', '"16:00"', '"17:00"'],
    ['a closed period', '2026-12-27', '2026-12-28'],
    ['a limit', 'count: 5', 'count: 6'],
    ['its slack', 'slack: 10', 'slack: 11'],
  ])('is changed by %s', (_, from, to) => {
    expect(RULES).toContain(from);
    const changed = RULES.replace(from, to);
    expect(many(changed)).not.toBe(many(RULES));
    expect(whole(changed)).not.toBe(whole(RULES));
  });

  it.each([
    ['an operator', 'operators: [ops]', 'operators: [ops, mia]'],
    ['whoever breaks glass', '{from: [security], review', '{from: [ana], review'],
    ['whoever reviews', 'review: {from: [board]}', 'review: {from: [ops]}'],
    ['another rule', 'count: 100', 'count: 101'],
  ])('is not changed by %s, and that of the policy is', (_, from, to) => {
    expect(RULES).toContain(from);
    const changed = RULES.replace(from, to);
    expect(many(changed)).toBe(many(RULES));
    expect(whole(changed)).not.toBe(whole(RULES));
  });

  it.each([
    ['days in another order', '[mon, tue]', '[tue, mon]'],
    ['words in another order', '[reason, typed, intent]', '[intent, typed, reason]'],
    ['another offset of one instant', '2026-03-02T08:00:00+01:00', '2026-03-02T07:00Z'],
    ['a day spelled as instants', 'to: 2026-12-27,', 'to: 2026-12-28T00:00,'],
    ['a count of one', '- {from: [leads]}', '- {from: [leads], count: 1}'],
    ['an alternative of one', '- {from: [leads]}', '- any_of: [{from: [leads]}]'],
  ])('is not changed by %s', (_, from, to) => {
    expect(RULES).toContain(from);
    const changed = RULES.replace(from, to);
    expect([many(changed), whole(changed)]).toEqual([many(RULES), whole(RULES)]);
  });
});
