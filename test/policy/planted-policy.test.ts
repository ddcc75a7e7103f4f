/** A corpus of policies, each with one fault in the terms of a rule, with the exact fault. */
import { expect, it } from 'vitest';
import { AssentError } from '../../approval/error.ts';
import { bind } from '../../policy/bind.ts';
import type { FieldsOf } from '../../policy/field-faults.ts';
import { parsePolicy } from '../../policy/policy.ts';
import { COMPANY, company, RULES } from './company.ts';

const swap = (text: string, ...changes: readonly (readonly [string, string])[]): string =>
  changes.reduce((changed, [from, to]) => {
    expect(changed).toContain(from);
    return changed.replace(from, to);
  }, text);
const r = (...changes: readonly (readonly [string, string])[]) => swap(RULES, ...changes);

const CORPUS: readonly (readonly [string, string, ...string[]])[] = [
  [
    'approvals-as-map',
    r([
      'approvals:\n      - {from: [leads]}\n      - any_of:\n          - {from: [security], count: 2}\n          - {from: [board]}',
      'approvals: {from: [leads]}',
    ]),
    '8:16: rules[0].approvals: is a map; write a list',
  ],
  [
    'approvals-empty',
    r([
      'approvals:\n      - {from: [leads]}\n      - any_of:\n          - {from: [security], count: 2}\n          - {from: [board]}',
      'approvals: []',
    ]),
    '8:16: rules[0].approvals: is empty; ask somebody, or write effect: allow',
  ],
  [
    'approvals-nine',
    r(['- {from: [leads]}', `- {from: [leads]}\n${'      - {from: [leads]}\n'.repeat(7).trimEnd()}`]),
    '9:7: rules[0].approvals: has over 8 entries; ask fewer',
  ],
  [
    'approvals-over-20',
    r(['count: 2}', 'count: 19}']),
    '9:7: rules[0].approvals: asks for over 20 people in all; ask fewer',
  ],
  [
    'entry-with-neither',
    r(['- {from: [leads]}', '- {count: 2}']),
    '9:9: rules[0].approvals[0]: from is missing; add it, or any_of',
  ],
  [
    'entry-with-both',
    r(['- any_of:', '- from: [ana]\n        any_of:']),
    '12:11: rules[0].approvals[1].any_of: stands beside from; write one of the two',
  ],
  [
    'count-beside-any_of',
    r(['- any_of:', '- count: 2\n        any_of:']),
    '10:16: rules[0].approvals[1].count: stands beside any_of; give each alternative its own',
  ],
  [
    'any_of-empty',
    r(['- any_of:\n          - {from: [security], count: 2}\n          - {from: [board]}', '- any_of: []']),
    '10:17: rules[0].approvals[1].any_of: is empty; write from instead',
  ],
  [
    'any_of-unknown',
    r(['- {from: [board]}', '- {from: [bord]}']),
    '12:21: rules[0].approvals[1].any_of[1].from[0]: bord is no group and nobody in the directory; add it there or correct the name',
  ],
  ['order', r(['sequential', 'serial']), '13:12: rules[0].order: must be parallel or sequential'],
  [
    'exclude-unknown',
    r(['exclude: [dia]', 'exclude: [dya]']),
    '14:15: rules[0].exclude[0]: dya is no group and nobody in the directory; add it there or correct the name',
  ],
  [
    'exclude-empty',
    r(['exclude: [dia]', 'exclude: []']),
    '14:14: rules[0].exclude: is empty; name groups or people',
  ],
  [
    'exclude-agent',
    r(['exclude: [dia]', 'exclude: [robot]']),
    '14:15: rules[0].exclude[0]: robot is an agent; only people and groups of people approve',
  ],
  [
    'remind-after-timeout',
    r(['20m', '2h']),
    '16:19: rules[0].remind_after: is not before the timeout; make it shorter',
  ],
  [
    'step-without',
    r(['- {add: [eli]}', '- {after: 1h}']),
    '18:9: rules[0].escalation[0]: neither adds nor notifies anybody; write add or notify',
  ],
  [
    'step-notify-unknown',
    r(['notify: [ops]', 'notify: [opps]']),
    '19:31: rules[0].escalation[1].notify[0]: opps is no group and nobody in the directory; add it there or correct the name',
  ],
  [
    'denials-zero',
    r(['denials: 2', 'denials: 0']),
    '20:14: rules[0].denials: is below 1; one denial is the least that ends a request',
  ],
  [
    'denials-many',
    r(['denials: 2', 'denials: 5']),
    "20:14: rules[0].denials: 5 denials can't be had of 4 in all; lower it or ask more people",
  ],
  [
    'require-unknown',
    r(['[reason, typed, intent]', '[reason, typing]']),
    '21:23: rules[0].require[1]: must be one of reason, typed, own_key, attested_user, intent, trigger',
  ],
  [
    'require-twice',
    r(['[reason, typed, intent]', '[reason, reason]']),
    '21:14: rules[0].require: names one thing twice; keep one',
  ],
  [
    'require-empty',
    r(['[reason, typed, intent]', '[]']),
    '21:14: rules[0].require: is empty; leave it out to require nothing',
  ],
  [
    'require-of-allow',
    r(['[trigger]', '[reason]']),
    '35:15: rules[1].require[0]: must be one of attested_user, intent, trigger',
  ],
  [
    'own-key',
    r(['[reason, typed, intent]', '[own_key]']),
    "9:7: rules[0].approvals: can't be met by distinct people, each with a key in the directory; lower the count or ask more people",
  ],
  [
    'grant_ttl-allow',
    r(['require: [trigger]', 'grant_ttl: 5m']),
    '35:5: rules[1].grant_ttl: unknown key; known here: id, match, effect, require, not_before, windows, closed, limits, slack',
  ],
  ['grant_ttl', r(['grant_ttl: 10m', 'grant_ttl: 10']), '22:16: rules[0].grant_ttl: is a number; write text'],
  [
    'not_before-local',
    r(['2026-03-02T08:00:00+01:00', '2026-03-02T08:00:00']),
    '23:17: rules[0].not_before: is no instant; write date, time and offset, such as 2026-12-24T12:00:00+01:00',
  ],
  [
    'not_before-nosuchday',
    r(['2026-03-02T08:00:00+01:00', '2026-02-30T08:00:00Z']),
    '23:17: rules[0].not_before: is no day of the calendar; correct it',
  ],
  [
    'not_before-date',
    r(['2026-03-02T08:00:00+01:00', '2026-03-02']),
    '23:17: rules[0].not_before: is no instant; write date, time and offset, such as 2026-12-24T12:00:00+01:00',
  ],
  [
    'window-day',
    r(['[mon, tue]', '[mon, tuesday]']),
    '25:22: rules[0].windows[0].days[1]: must be one of mon, tue, wed, thu, fri, sat, sun',
  ],
  [
    'window-day-twice',
    r(['[mon, tue]', '[mon, mon]']),
    '25:22: rules[0].windows[0].days[1]: mon stands here twice; keep one',
  ],
  [
    'window-days-empty',
    r(['[mon, tue]', '[]']),
    '25:16: rules[0].windows[0].days: is empty; leave it out for every day',
  ],
  [
    'window-time',
    r(['"08:00"', '"8:00"']),
    '25:34: rules[0].windows[0].from: is no time of day; write HH:MM in quotes, from "00:00" to "24:00"',
  ],
  [
    'window-24',
    r(['"08:00"', '"24:00"']),
    '25:34: rules[0].windows[0].from: is no time of day; write HH:MM in quotes, from "00:00" to "24:00"',
  ],
  ['window-unquoted', r(['"08:00"', '800']), '25:34: rules[0].windows[0].from: is a number; write text'],
  [
    'window-from-to',
    r(['"16:00"', '"08:00"']),
    '25:47: rules[0].windows[0].to: is not after from; for a night write two windows, one to "24:00" and one from "00:00"',
  ],
  [
    'window-night',
    r(['"16:00"', '"06:00"']),
    '25:47: rules[0].windows[0].to: is not after from; for a night write two windows, one to "24:00" and one from "00:00"',
  ],
  [
    'window-zone',
    r(['to: "16:00", zone: Europe/Oslo', 'to: "16:00", zone: Europe/Olso']),
    '25:62: rules[0].windows[0].zone: is no time zone; write its IANA name, such as Europe/Oslo',
  ],
  [
    'window-zone-offset',
    r(['to: "16:00", zone: Europe/Oslo', 'to: "16:00", zone: "+01:00"']),
    '25:62: rules[0].windows[0].zone: is no time zone; write its IANA name, such as Europe/Oslo',
  ],
  [
    'window-zone-missing',
    r(['to: "16:00", zone: Europe/Oslo', 'to: "16:00"']),
    '25:9: rules[0].windows[0].zone: is missing; add it',
  ],
  [
    'closed-zone-missing',
    r(['2026-12-27, zone: Europe/Oslo', '2026-12-27']),
    '27:9: rules[0].closed[0]: zone is missing, and a local time means nothing without; add it, or an offset to the times',
  ],
  [
    'closed-order',
    r(['to: 2026-12-27', 'to: 2026-12-19']),
    '27:32: rules[0].closed[0].to: is not after from; make it later',
  ],
  [
    'closed-instants-zone',
    r(['from: 2026-12-20, to: 2026-12-27', 'from: 2026-12-20T00:00Z, to: 2026-12-27T00:00Z']),
    '27:64: rules[0].closed[0].zone: is not read, since both times bear an offset; leave it out',
  ],
  [
    'closed-word',
    r(['from: 2026-12-20', 'from: Christmas']),
    '27:16: rules[0].closed[0].from: is no moment; write a date, a date and time, or these with an offset, such as 2026-12-24T12:00:00+01:00',
  ],
  [
    'closed-day',
    r(['from: 2026-12-20', 'from: 2026-11-31']),
    '27:16: rules[0].closed[0].from: is no day of the calendar; correct it',
  ],
  ['closed-reason', r([', reason: Christmas', '']), '27:9: rules[0].closed[0].reason: is missing; add it'],
  [
    'limits-zero',
    r(['count: 5', 'count: 0']),
    '28:21: rules[0].limits.count: is below 1; deny what may never run',
  ],
  [
    'limits-per',
    r(['per: 10m', 'per: ten']),
    '28:29: rules[0].limits.per: is no duration; write a whole number and s, m, h or d, such as 15m',
  ],
  ['limits-missing', r([', per: 10m', '']), '28:5: rules[0].limits.per: is missing; add it'],
  [
    'slack-negative',
    r(['slack: 10', 'slack: -1']),
    '29:12: rules[0].slack: is below 0; write a percentage from 0 to 100',
  ],
  [
    'slack-over',
    r(['slack: 10', 'slack: 101']),
    '29:12: rules[0].slack: is over 100; write a percentage from 0 to 100',
  ],
  ['slack-half', r(['slack: 10', 'slack: 1.5']), '29:12: rules[0].slack: is a number; write a whole number'],
  [
    'operators-unknown',
    r(['operators: [ops]', 'operators: [oops]']),
    '2:13: operators[0]: oops is no group and nobody in the directory; add it there or correct the name',
  ],
  [
    'operators-empty',
    r(['operators: [ops]', 'operators: []']),
    '2:12: operators: is empty; name groups or people',
  ],
  ['bg-review-missing', r([', review: {from: [board]}', '']), '3:1: break_glass.review: is missing; add it'],
  [
    'bg-unknown',
    r(['{from: [security], review', '{from: [sec], review']),
    '3:22: break_glass.from[0]: sec is no group and nobody in the directory; add it there or correct the name',
  ],
  [
    'bg-alone',
    r(['{from: [security], review: {from: [board]}}', '{from: [cid, ana], review: {from: [cid]}}']),
    '3:48: break_glass.review.from: nobody is left to review what cid releases; add somebody else',
  ],
  [
    'shadow-same',
    r(['resource.database == "crm"}', 'resource.database == "crm" && preview.rows > 1000}']),
    '33:5: rules[1].match: matches nothing that rule many-rows of line 5 leaves; move it before that, or drop it',
  ],
  [
    'shadow-broad',
    r(['  - id: many-rows', '  - {id: all, match: {action: "sql.*"}, effect: deny}\n  - id: many-rows']),
    '7:5: rules[1].match: matches nothing that rule all of line 5 leaves; move it before that, or drop it',
    '34:5: rules[2].match: matches nothing that rule all of line 5 leaves; move it before that, or drop it',
  ],
  [
    'never',
    r(['resource.database == "crm"}', '1 == 2}']),
    '33:40: rules[1].match.when: is never true; correct it, or drop the rule',
  ],
  [
    'never2',
    r(['resource.database == "crm"}', 'resource.x == 1 && false}']),
    '33:40: rules[1].match.when: is never true; correct it, or drop the rule',
  ],
  [
    'fails',
    r(['resource.database == "crm"}', '1/0 == 1}']),
    '33:40: rules[1].match.when: always fails (int divide by zero), which denies; correct it',
  ],
  [
    'true-not-text',
    r(['when: resource.database == "crm"}', 'when: true}']),
    '33:40: rules[1].match.when: is true or false; write text',
  ],
  [
    'count-reach',
    r(['{from: [leads]}', '{from: [leads], count: 3}'], ['{add: [eli]}', '{notify: [eli]}']),
    "9:7: rules[0].approvals: can't be met by distinct people; lower the count or ask more people",
  ],
  [
    'distinct',
    r(
      ['- {from: [leads]}', '- {from: [leads], count: 2}'],
      ['- {from: [board]}', '- {from: [leads]}'],
      ['{from: [security], count: 2}', '{from: [ana]}'],
      ['{add: [eli]}', '{notify: [eli]}'],
    ),
    "9:7: rules[0].approvals: can't be met by distinct people; lower the count or ask more people",
  ],
  [
    'exclude-all',
    r(['exclude: [dia]', 'exclude: [leads, eli]']),
    "9:7: rules[0].approvals: can't be met by distinct people; lower the count or ask more people",
  ],
  [
    'owner-needed',
    r(['- {from: [leads]}', '- {from: [ops], count: 2}'], ['{add: [eli]}', '{notify: [eli]}']),
    "9:7: rules[0].approvals: can't be met for a request of any agent, whose owners and principal may not decide; ask more people, or deny it to them by an earlier rule",
  ],
  [
    'owner-needed-some',
    r(['- {from: [leads]}', '- {from: [fia]}'], ['{add: [eli]}', '{notify: [eli]}']),
    "9:7: rules[0].approvals: can't be met for a request of cron, whose owners and principal may not decide; ask more people, or deny it to them by an earlier rule",
  ],
  [
    'no-such-agent',
    r(['resource.database == "crm" &&', 'agent.name == "robbot" &&']),
    '6:40: rules[0].match.when: holds for no agent of the directory; correct the name, or drop the rule',
  ],
];

it.each(CORPUS)('%s', (_, text, ...faults) => {
  const error = refusal(text);
  expect(error.code).toBe('policy_invalid');
  expect(error.message.split('\n')).toEqual(faults.map((fault) => `policy.yaml:${fault}`));
});

it('counts nobody who asks for themselves', () => {
  const two = r(['- {from: [leads]}', '- {from: [leads], count: 2}'], ['{add: [eli]}', '{notify: [eli]}']);
  const leadsOnly = swap(COMPANY, ['acts_for: [mia, leads]', 'acts_for: [leads]']);
  company(two);
  expect(refusal(two, leadsOnly).message).toBe(
    "policy.yaml:9:7: rules[0].approvals: can't be met for a request of robot, whose owners and principal may not decide; ask more people, or deny it to them by an earlier rule",
  );
});

it('counts no owner of the agent who asks', () => {
  const two = `version: 1
rules:
  - {id: two, match: {action: a.b}, effect: require_approval, approvals: [{from: [fia, mia], count: 2}], timeout: 1h}
`;
  expect(refusal(two, swap(COMPANY, ['owners: [olaf]', 'owners: [ana]'])).message).toBe(
    "policy.yaml:3:74: rules[0].approvals: can't be met for a request of cron, whose owners and principal may not decide; ask more people, or deny it to them by an earlier rule",
  );
  company(two, swap(COMPANY, ['owners: [ops]', 'owners: [ana]']));
});

it.each([
  ['its condition', r(['resource.database == "crm" &&', 'agent.name == "robot" &&'])],
  [
    'an earlier rule',
    r([
      '  - id: many-rows',
      `  - {id: before, match: {action: 'sql.*', when: agent.name == "cron"}, effect: deny}\n  - id: many-rows`,
    ]),
  ],
])('asks nobody to approve for an agent that %s keeps away', (_, text) => {
  const owned = swap(text, ['- {from: [leads]}', '- {from: [fia]}'], ['{add: [eli]}', '{notify: [eli]}']);
  expect(company(owned).policy.rules.length).toBeGreaterThan(2);
});

it('names the fields that actions have, where they are known', () => {
  const text = r(['resource.database == "crm" && preview.rows', 'input.databse == "crm" && preview.row']);
  const check = (fieldsOf: FieldsOf) =>
    refused(() => bind(parsePolicy(text, 'policy.yaml'), company().directory, fieldsOf)).message.split('\n');
  const fields = { input: ['database', 'statement'], resource: ['tables'], preview: ['rows'] };
  expect(check((pattern) => (pattern === 'sql.execute' ? fields : null))).toEqual([
    'policy.yaml:6:40: rules[0].match.when: the input of sql.execute has no databse; it has database, statement',
    'policy.yaml:6:66: rules[0].match.when: the preview of sql.execute has no row; it has rows',
    'policy.yaml:33:40: rules[1].match.when: the resource of sql.execute has no database; it has tables',
  ]);
});

it('takes the policy that all of these were made from', () => {
  expect(company().policy.rules.map(({ id }) => id)).toEqual(['many-rows', 'few-rows', 'rest']);
});

function refusal(text: string, directory?: string): AssentError {
  return refused(() => company(text, directory));
}

function refused(act: () => unknown): AssentError {
  try {
    act();
  } catch (error) {
    if (error instanceof AssentError) return error;
    throw error;
  }
  throw new Error('The policy was taken.');
}
