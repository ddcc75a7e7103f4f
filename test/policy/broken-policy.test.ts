/** A corpus of policies, each broken in one way that its name says, with the exact fault. */
import { expect, it } from 'vitest';
import { AssentError } from '../../approval/error.ts';
import { guard, POLICY } from './material.ts';

const swap = (from: string, to: string): string => {
  expect(POLICY).toContain(from);
  return POLICY.replace(from, to);
};
const WHEN = `when: resource.database == "crm" && "customers.email" in resource.columns`;
const TAIL = 'escalation:\n      - add: [security]\n      - {after: 45m, add: [liv]}';
const cel = 'known are action, input, resource, agent, preview, attested, now';

const CORPUS: readonly (readonly [string, string, ...string[]])[] = [
  ['empty', '', '1:1: the file is empty; write its sections'],
  ['not-a-map', '- 1\n', '1:1: is a list; write a map'],
  [
    'tab-indent',
    swap('  - id: personal', '\t- id: personal'),
    '3:1: Tabs are not allowed as indentation; the file must be valid YAML 1.2',
  ],
  [
    'unclosed-list',
    swap('[data-owners]', '[data-owners'),
    '8:46: Flow sequence in block collection must be sufficiently indented and end with a ]; the file must be valid YAML 1.2',
  ],
  [
    'duplicate-key',
    swap('    timeout: 1h\n', '    timeout: 1h\n    timeout: 2h\n'),
    '10:5: this key stands twice in its map; keep one of the two',
  ],
  [
    'anchor-and-alias',
    swap('add: [security]', 'add: &a [security]').replace('add: [liv]', 'add: *a'),
    '11:17: rules[0].escalation[0].add: an anchor (&) is not read here; write the value out',
    '12:27: rules[0].escalation[1].add: an alias (*) is not read here; write the value out',
  ],
  [
    'merge-key',
    swap('timeout: 1h', 'timeout: 1h\n    <<: {risk: low}'),
    '10:5: rules[0]: a merge key (<<) is not read here; write the keys out',
  ],
  [
    'core-tag',
    swap('timeout: 1h', 'timeout: !!str 1h'),
    '9:20: rules[0].timeout: a tag (!) is not read here; leave it out',
  ],
  [
    'local-tag',
    swap('timeout: 1h', 'timeout: !env 1h'),
    '9:14: Unresolved tag: !env; the file must be valid YAML 1.2',
  ],
  [
    'two-documents',
    `${POLICY}---\nversion: 1\n`,
    '20:1: a second document begins; one file holds one document',
  ],
  ['yaml-1.1', `%YAML 1.1\n---\n${POLICY}`, '1:1: a % directive changes how the file is read; leave it out'],
  ['too-deep-for-the-parser', `version: ${'['.repeat(100_000)}`, 'nested too deep to be read; flatten it'],
  ['too-deep', `version: ${'['.repeat(40)}${']'.repeat(40)}`, 'nested deeper than 32; flatten it'],

  ['version-missing', swap('version: 1\n', ''), '1:1: version: is missing; add it'],
  ['version-two', swap('version: 1', 'version: 2'), '1:10: version: must be 1, the only version there is'],
  ['rules-missing', 'version: 1\n', '1:1: rules: is missing; add it'],
  ['rules-empty-value', 'version: 1\nrules:\n', '2:7: rules: is nothing; write a list'],
  ['rules-as-map', 'version: 1\nrules: {a: 1}\n', '2:8: rules: is a map; write a list'],
  [
    'unknown-key-at-root',
    `${POLICY}extra: 1\n`,
    '20:1: extra: unknown key; known here: version, operators, break_glass, rules',
  ],
  [
    'unknown-key-in-rule',
    swap('timeout: 1h', 'timeout: 1h\n    timeuot: 1h'),
    '10:5: rules[0].timeuot: unknown key; known here: id, match, effect, approvals, order, exclude, timeout, remind_after, escalation, denials, require, risk, channel, grant_ttl, not_before, windows, closed, limits, slack',
  ],
  [
    'unknown-key-in-match',
    swap('action: sql.export\n      when', 'action: sql.export\n      unless: x\n      when'),
    '6:7: rules[0].match.unless: unknown key; known here: action, when',
  ],
  ['id-missing', swap('- id: personal\n    match', '- match'), '3:5: rules[0].id: is missing; add it'],
  [
    'id-with-capitals',
    swap('id: personal', 'id: Personal'),
    '3:9: rules[0].id: is no name; write 1 to 100 of a-z, 0-9 and . _ @ - between letters or digits',
  ],
  [
    'id-twice',
    swap('id: frozen', 'id: personal'),
    '16:9: rules[2].id: personal is already the rule of line 3; rename one',
  ],
  [
    'effect-unknown',
    swap('effect: deny', 'effect: forbid'),
    '18:13: rules[2].effect: must be allow, deny or require_approval',
  ],
  ['effect-missing', swap('    effect: deny\n', ''), '16:5: rules[2].effect: is missing; add it'],
  [
    'reason-with-allow',
    swap('effect: deny', 'effect: allow'),
    '19:5: rules[2].reason: unknown key; known here: id, match, effect, require, not_before, windows, closed, limits, slack',
  ],
  [
    'approvals-with-deny',
    swap('effect: deny', 'effect: deny\n    approvals: [{from: [kari]}]'),
    '19:5: rules[2].approvals: unknown key; known here: id, match, effect, reason',
  ],
  [
    'approvals-missing',
    swap('    approvals: [{from: [data-owners], count: 1}]\n', ''),
    '3:5: rules[0].approvals: is missing; add it',
  ],
  [
    'count-zero',
    swap('count: 1', 'count: 0'),
    '8:46: rules[0].approvals[0].count: is below 1; ask at least one person',
  ],
  [
    'count-negative',
    swap('count: 1', 'count: -1'),
    '8:46: rules[0].approvals[0].count: is below 1; ask at least one person',
  ],
  [
    'count-half',
    swap('count: 1', 'count: 1.5'),
    '8:46: rules[0].approvals[0].count: is a number; write a whole number',
  ],
  [
    'count-as-text',
    swap('count: 1', 'count: "1"'),
    '8:46: rules[0].approvals[0].count: is text; write a number',
  ],
  [
    'count-too-big-to-keep',
    swap('count: 1', 'count: 9007199254740993'),
    '8:46: rules[0].approvals[0].count: is no number that can be kept exactly; use a smaller one',
  ],
  [
    'from-empty',
    swap('[data-owners]', '[]'),
    '8:24: rules[0].approvals[0].from: is empty; name groups or people',
  ],
  [
    'from-unknown',
    swap('[data-owners]', '[data-owners, eve]'),
    '8:38: rules[0].approvals[0].from[1]: eve is no group and nobody in the directory; add it there or correct the name',
  ],
  [
    'from-agent',
    swap('[data-owners]', '[nightly]'),
    '8:25: rules[0].approvals[0].from[0]: nightly is an agent; only people and groups of people approve',
  ],
  [
    'from-group-with-nobody',
    swap('[data-owners]', '[nobody]'),
    '8:25: rules[0].approvals[0].from[0]: nobody is a group with nobody in it; add people to it or ask others',
  ],
  [
    'from-twice',
    swap('[data-owners]', '[kari, kari]'),
    '8:31: rules[0].approvals[0].from[1]: kari stands here twice; keep one',
  ],
  [
    'from-prototype',
    swap('[data-owners]', '[constructor]'),
    '8:25: rules[0].approvals[0].from[0]: constructor is no group and nobody in the directory; add it there or correct the name',
  ],
  ['timeout-missing', swap('    timeout: 1h\n', ''), '3:5: rules[0].timeout: is missing; add it'],
  ['timeout-number', swap('timeout: 1h', 'timeout: 60'), '9:14: rules[0].timeout: is a number; write text'],
  [
    'timeout-unit',
    swap('timeout: 1h', 'timeout: 1w'),
    '9:14: rules[0].timeout: is no duration; write a whole number and s, m, h or d, such as 15m',
  ],
  [
    'timeout-zero',
    swap('timeout: 1h', 'timeout: 0m'),
    '9:14: rules[0].timeout: is no duration; write a whole number and s, m, h or d, such as 15m',
  ],
  [
    'timeout-absurd',
    swap('timeout: 1h', 'timeout: 9999999d'),
    '9:14: rules[0].timeout: is longer than 30 days; write a shorter one',
  ],
  [
    'escalation-empty',
    swap(TAIL, 'escalation: []'),
    '10:17: rules[0].escalation: is empty; leave it out to ask nobody further',
  ],
  [
    'escalation-unknown',
    swap('[security]', '[secruity]'),
    '11:15: rules[0].escalation[0].add[0]: secruity is no group and nobody in the directory; add it there or correct the name',
  ],
  [
    'escalation-later-without-after',
    swap('after: 45m, ', ''),
    '12:9: rules[0].escalation[1]: after is missing; only the first step has a default, half of the timeout',
  ],
  [
    'escalation-not-increasing',
    swap('45m', '30m'),
    '12:17: rules[0].escalation[1].after: is not after the step before it; make it longer',
  ],
  [
    'escalation-at-timeout',
    swap('45m', '60m'),
    '12:17: rules[0].escalation[1].after: is not before the timeout; make it shorter',
  ],
  [
    'escalation-half-of-one-second',
    swap('timeout: 1h', 'timeout: 1s').replace('after: 45m', 'after: 1s'),
    '11:9: rules[0].escalation[0]: is not after the step before it; make it longer',
    '12:17: rules[0].escalation[1].after: is not before the timeout; make it shorter',
  ],
  [
    'risk-unknown',
    swap('timeout: 1h', 'timeout: 1h\n    risk: huge'),
    '10:11: rules[0].risk: must be low, medium or high',
  ],
  [
    'pattern-partial-star',
    swap('github.**', 'git*.deploy'),
    '17:21: rules[2].match.action: is no pattern; write dotted words, * for one whole word, ** at the end for the rest',
  ],
  [
    'pattern-inner-rest',
    swap('github.**', '**.deploy'),
    '17:21: rules[2].match.action: is no pattern; write dotted words, * for one whole word, ** at the end for the rest',
  ],
  [
    'pattern-empty-word',
    swap('github.**', 'github..x'),
    '17:21: rules[2].match.action: is no pattern; write dotted words, * for one whole word, ** at the end for the rest',
  ],

  [
    'cel-empty',
    swap(WHEN, 'when: ""'),
    '6:13: rules[0].match.when: is empty; write a CEL expression, or leave `when` out',
  ],
  [
    'cel-syntax',
    swap(WHEN, 'when: resource.database == = 1'),
    '6:31: rules[0].match.when: is no CEL expression: found = but expecting end of input; correct it',
  ],
  [
    'cel-claims',
    swap(WHEN, 'when: resource.n == 1 && claims.reason == "x"'),
    "6:32: rules[0].match.when: claims is no name here; claims are the agent's own words, which decide nothing",
  ],
  [
    'cel-behind-a-truth',
    swap(WHEN, 'when: true || context.x == 1'),
    `6:21: rules[0].match.when: context is no name here; ${cel}`,
  ],
  [
    'cel-in-a-macro',
    swap(WHEN, 'when: resource.columns.exists(c, d == c)'),
    `6:40: rules[0].match.when: d is no name here; ${cel}`,
  ],
  [
    'cel-macro-variable-outside',
    swap(WHEN, 'when: resource.columns.exists(c, true) && c == 1'),
    `6:49: rules[0].match.when: c is no name here; ${cel}`,
  ],
  [
    'cel-macro-over-claims',
    swap(WHEN, 'when: claims.tags.exists(c, c == "x")'),
    "6:13: rules[0].match.when: claims is no name here; claims are the agent's own words, which decide nothing",
  ],
  [
    'cel-method-without-a-target',
    swap(WHEN, 'when: lowerAscii() == "x"'),
    "6:13: rules[0].match.when: lowerAscii() can't be called like this; see CEL's definition of lowerAscii",
  ],
  [
    'cel-in-has',
    swap(WHEN, 'when: has(claims.reason)'),
    "6:17: rules[0].match.when: claims is no name here; claims are the agent's own words, which decide nothing",
  ],
  [
    'cel-in-a-literal',
    swap(WHEN, `when: '{"a": [env]}.a == resource.x'`),
    `6:21: rules[0].match.when: env is no name here; ${cel}`,
  ],
  [
    'cel-leading-dot',
    swap(WHEN, 'when: .claims.reason == "x"'),
    "6:13: rules[0].match.when: claims is no name here; claims are the agent's own words, which decide nothing",
  ],
  [
    'cel-field',
    swap(WHEN, 'when: action.claims.reason == "x"'),
    '6:13: rules[0].match.when: action has no claims; it has name, input',
  ],
  [
    'cel-function',
    swap(WHEN, 'when: env("HOME") == "x"'),
    '6:13: rules[0].match.when: env() is no function here; correct its name, or the number of its arguments',
  ],
  [
    'cel-method',
    swap(WHEN, 'when: resource.database.lower() == "x"'),
    '6:30: rules[0].match.when: .lower() is no function here; correct its name, or the number of its arguments',
  ],
  [
    'cel-method-as-function',
    swap(WHEN, 'when: lowerAscii(resource.database) == "x"'),
    "6:13: rules[0].match.when: lowerAscii() can't be called like this; see CEL's definition of lowerAscii",
  ],
  [
    'cel-message',
    swap(WHEN, 'when: google.protobuf.Duration{} == resource.x'),
    '6:13: rules[0].match.when: google.protobuf.Duration is no type here; write a map or a function',
  ],
  [
    'cel-no-truth',
    swap(WHEN, `when: '"crm"'`),
    '6:13: rules[0].match.when: gives a string; write an expression that gives true or false',
  ],
  [
    'cel-too-deep',
    swap(WHEN, `when: ${'('.repeat(2000)}1${')'.repeat(2000)} == 1`),
    '6:13: rules[0].match.when: is nested too deep to be read; split the rule',
  ],
  [
    'cel-too-long',
    swap(WHEN, `when: ${'true || '.repeat(600)}true`),
    '6:13: rules[0].match.when: is over 4096 characters; split the rule',
  ],
  [
    'cel-in-single-quotes',
    swap(WHEN, `when: 'resource.x == ''its'' || claims.y'`),
    "6:39: rules[0].match.when: claims is no name here; claims are the agent's own words, which decide nothing",
  ],
  [
    'cel-in-double-quotes',
    swap(WHEN, `when: "resource.x == \\"a\\u0062\\" || claims.y"`),
    "6:43: rules[0].match.when: claims is no name here; claims are the agent's own words, which decide nothing",
  ],
  [
    'cel-in-a-literal-block',
    swap(WHEN, 'when: | # why\n        resource.x == 1\n          && claims.y\n'),
    "8:14: rules[0].match.when: claims is no name here; claims are the agent's own words, which decide nothing",
  ],
  [
    'cel-in-a-folded-block',
    swap(WHEN, 'when: >-\n\n        resource.x == 1 ||\n        claims.y'),
    "9:9: rules[0].match.when: claims is no name here; claims are the agent's own words, which decide nothing",
  ],
  [
    'cel-over-plain-lines',
    swap(WHEN, 'when: resource.x == 1 ||\n        claims.y'),
    "7:9: rules[0].match.when: claims is no name here; claims are the agent's own words, which decide nothing",
  ],
  [
    'cel-cut-off',
    swap(WHEN, 'when: resource.x =='),
    '6:24: rules[0].match.when: is no CEL expression: found = but expecting end of input; correct it',
  ],

  [
    'many-at-once',
    swap('timeout: 1h', 'timeout: soon')
      .replace('effect: deny', 'effect: no')
      .replace('count: 1', 'cuont: 1'),
    '8:39: rules[0].approvals[0].cuont: unknown key; known here: from, count, any_of',
    '9:14: rules[0].timeout: is no duration; write a whole number and s, m, h or d, such as 15m',
    '18:13: rules[2].effect: must be allow, deny or require_approval',
  ],
];

it.each(CORPUS)('%s', (name, text, ...faults) => {
  const error = refusal(text);
  expect(error.code).toBe('policy_invalid');
  const lines = error.message.split('\n');
  if (name.startsWith('too-deep')) expect(lines).toEqual([expect.stringContaining(faults[0] ?? '')]);
  else expect(lines).toEqual(faults.map((fault) => `policy.yaml:${fault}`));
  expect(error.evidence.faults).toHaveLength(faults.length);
});

it('gives each fault its parts', () => {
  expect(refusal(swap('timeout: 1h', 'timeout: 1w')).evidence.faults).toEqual([
    {
      file: 'policy.yaml',
      line: 9,
      column: 14,
      path: 'rules[0].timeout',
      message: 'is no duration; write a whole number and s, m, h or d, such as 15m',
    },
  ]);
});

it('takes the policy that all of these were made from', () => {
  expect(guard().policy.rules.map(({ id }) => id)).toEqual(['personal', 'orders', 'frozen']);
});

function refusal(text: string): AssentError {
  try {
    guard(text);
  } catch (error) {
    if (error instanceof AssentError) return error;
    throw error;
  }
  throw new Error('The policy was taken.');
}
