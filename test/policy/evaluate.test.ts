import { describe, expect, it } from 'vitest';
import type { JsonObject, PolicyDecision } from '../../approval/types.ts';
import { answer, CLAIMS, DIRECTORY, guard, PERSONAL, POLICY, request } from './material.ts';

const judge = (
  change: Parameters<typeof request>[0] = {},
  resource: JsonObject = PERSONAL,
  policy: string = POLICY,
): PolicyDecision => answer(guard(policy), { request: request(change), resource });

const claims = (on_behalf_of: string | null) => ({ claims: { ...CLAIMS, on_behalf_of } });
const action = (name: string, input: JsonObject = {}) => ({ action: { name, input } });
const when = (expression: string) =>
  `version: 1\nrules:\n  - {id: only, match: {action: "**", when: '${expression}'}, effect: allow}\n  - {id: rest, match: {action: "**"}, effect: allow}\n`;

describe('what the policy says', () => {
  it.each([
    ['personal data asks', {}, PERSONAL, 'require_approval', 'approval_required', 'personal'],
    [
      'orders are allowed',
      {},
      { database: 'crm', columns: [], tables: ['orders'] },
      'allow',
      'allowed',
      'orders',
    ],
    ['a rule denies', action('github.deploy'), {}, 'deny', 'denied_by_rule', 'frozen'],
    ['no rule matches the action', action('http.request'), {}, 'deny', 'denied_by_default', null],
    ['no condition holds', {}, { database: 'hr', tables: ['pay'] }, 'deny', 'denied_by_default', null],
    ['an expression fails', {}, { database: 'crm' }, 'deny', 'expression_failed', 'personal'],
    ['an unknown agent', { agent: 'stranger' }, PERSONAL, 'deny', 'agent_unknown', null],
    ['a person as agent', { agent: 'kari' }, PERSONAL, 'deny', 'agent_unknown', null],
    ['a name of a prototype', { agent: 'constructor' }, PERSONAL, 'deny', 'agent_unknown', null],
    ['for somebody not listed', claims('ola'), PERSONAL, 'deny', 'not_acting_for', null],
    ['for a person who is nobody', claims('eve'), PERSONAL, 'deny', 'not_acting_for', null],
    ['for a group', claims('security'), PERSONAL, 'deny', 'not_acting_for', null],
    [
      'for a member of a group listed',
      claims('siv'),
      PERSONAL,
      'require_approval',
      'approval_required',
      'personal',
    ],
    [
      'an agent of nobody, for nobody',
      { agent: 'nightly', ...claims(null) },
      PERSONAL,
      'require_approval',
      'approval_required',
      'personal',
    ],
    ['an agent of nobody, for somebody', { agent: 'nightly' }, PERSONAL, 'deny', 'not_acting_for', null],
  ] as const)('%s', (_, change, resource, effect, code, rule) => {
    const decision = judge(change, resource);
    expect(decision).toMatchObject({ effect, code, rule });
    expect(decision.requirement !== null).toBe(effect === 'require_approval');
    expect(decision.explanation.length).toBeGreaterThan(0);
  });

  it('lets the first matching rule decide', () => {
    const rule = (id: string, effect: string) =>
      `  - {id: ${id}, match: {action: sql.*, when: size(resource) < ${id === 'a' ? 5 : 6}}, effect: ${effect}}\n`;
    expect(judge({}, {}, `version: 1\nrules:\n${rule('a', 'deny')}${rule('b', 'allow')}`).rule).toBe('a');
    expect(judge({}, {}, `version: 1\nrules:\n${rule('b', 'allow')}${rule('a', 'deny')}`).rule).toBe('b');
  });

  it('denies everything under a policy without rules', () => {
    expect(judge({}, PERSONAL, 'version: 1\nrules: []\n')).toMatchObject({ code: 'denied_by_default' });
  });
});

describe('an expression that does not give true or false denies, though a later rule would allow', () => {
  it.each([
    ['a missing field', 'resource.nothing == 1'],
    ['a wrong type', 'resource.n + "a" == "b"'],
    ['a value that is not a truth', 'resource.word'],
    ['a regular expression that is none', 'resource.word.matches(resource.word)'],
    ['a field of nothing attested', 'attested.user == "kari"'],
    ['the toString that every object has', 'resource.toString == "x"'],
  ])('%s', (_, expression) => {
    const decision = judge({}, { n: 1, word: '(' }, when(expression));
    expect(decision).toMatchObject({ effect: 'deny', code: 'expression_failed', rule: 'only' });
  });

  it.each([
    ['action.name == "sql.export"'],
    ['action.input.database == "crm"'],
    ['agent.name == "crm-assistant"'],
    ['attested == null'],
    ['now.getHours("Europe/Oslo") == 10'],
    ['now < timestamp("2026-03-02T09:30:01Z")'],
    ['resource.n > 0 && resource.n == 1'],
    ['resource.word.upperAscii() == "A"'],
  ])('while %s holds', (expression) => {
    expect(judge({}, { n: 1, word: 'a' }, when(expression))).toMatchObject({ effect: 'allow', rule: 'only' });
  });

  it('is not told by a $typeName that an object is text', () => {
    const posing = { $typeName: 'google.protobuf.StringValue', value: 'staging' };
    const decision = judge({}, { database: posing }, when('resource.database == "staging"'));
    expect(decision.rule).toBe('rest');
  });
});

describe('who may approve', () => {
  const people = ({ requirement }: PolicyDecision) => ({
    asked: requirement?.approvals.map(({ any_of }) => any_of.map((quorum) => quorum.people)),
    added: requirement?.escalations.map(({ add }) => add.people),
  });
  const excluded = (decision: PolicyDecision) => decision.requirement?.excluded.map(({ person }) => person);

  it('is everyone asked but the one asked for and the owners, step by step', () => {
    const nobody = { from: [], people: [] };
    const decision = judge();
    expect(decision.requirement).toEqual({
      approvals: [{ any_of: [{ from: ['data-owners'], people: ['per'], count: 1 }] }],
      order: 'parallel',
      denials: 1,
      timeout_seconds: 3600,
      remind_after_seconds: null,
      escalations: [
        { after_seconds: 1800, add: { from: ['security'], people: ['siv'] }, notify: nobody },
        { after_seconds: 2700, add: { from: ['liv'], people: ['liv'] }, notify: nobody },
      ],
      excluded: [
        { person: 'kari', why: 'crm-assistant asks on their behalf' },
        { person: 'ola', why: 'they own crm-assistant' },
      ],
      deputies: [],
      require: [],
      risk: 'medium',
      channel: null,
    });
    expect(decision.release).toEqual({
      grant_ttl_seconds: 900,
      not_before: null,
      windows: [],
      closed: [],
      limit: null,
      slack_percent: 0,
    });
  });

  it('is nobody for whom an agent may ask, when it does not say for whom it does', () => {
    const decision = judge(claims(null));
    expect(excluded(decision)).toEqual(['kari', 'ola', 'siv']);
    expect(people(decision)).toEqual({ asked: [[['per']]], added: [[], ['liv']] });
  });

  it('is, with both reasons, not an owner who is asked for', () => {
    const ownErrand = DIRECTORY.replace('acts_for: [kari, security]', 'acts_for: [ola]');
    const decision = answer(guard(POLICY, ownErrand), { request: request(claims('ola')) });
    expect(decision.requirement?.excluded).toEqual([
      { person: 'ola', why: 'crm-assistant asks on their behalf, and they own crm-assistant' },
    ]);
    expect(people(decision).asked).toEqual([[['kari', 'per']]]);
  });

  it('denies what too few are left to approve, and says so', () => {
    const alone = POLICY.replace('[data-owners]', '[kari]')
      .replace('[security]', '[ola]')
      .replace('[liv]', '[kari]');
    const decision = judge({}, PERSONAL, alone);
    expect(decision).toMatchObject({
      effect: 'deny',
      code: 'nobody_eligible',
      rule: 'personal',
      requirement: null,
    });
    expect(decision.explanation.at(-1)).toMatch(/too few are left/);
  });

  it('counts one who is asked twice once', () => {
    const twice = POLICY.replace('from: [data-owners], count: 1', 'from: [per, kari], count: 2')
      .replace('[security]', '[per]')
      .replace('[liv]', '[per]');
    expect(judge({}, PERSONAL, twice)).toMatchObject({ code: 'nobody_eligible' });
  });

  it('asks on where only an escalation brings enough people', () => {
    const two = POLICY.replace('count: 1', 'count: 2');
    expect(judge({}, PERSONAL, two).requirement?.approvals[0]?.any_of[0]?.count).toBe(2);
    const three = POLICY.replace('count: 1', 'count: 3');
    expect(judge({}, PERSONAL, three).effect).toBe('require_approval');
    expect(judge(claims(null), PERSONAL, three)).toMatchObject({
      code: 'nobody_eligible',
    });
  });
});

describe('the explanation', () => {
  it('names rule, policy, condition, values and people', () => {
    const { explanation, policy_digest } = judge();
    const version = policy_digest.slice(7, 19);
    expect(explanation).toEqual([
      `Rule personal of policy ${version} matches "sql.export", because \`resource.database == "crm" && "customers.email" in resource.columns\` with resource.database = "crm", resource.columns = ["customers.email","customers.id"] holds.`,
      '1 approval within 1 hour of data-owners: Per Olsen (per).',
      'After 30 minutes these may answer as well, security: Siv Berg (siv).',
      'After 45 minutes these may answer as well, liv: Liv Dahl (liv).',
      'Kari Hansen (kari) may not approve: crm-assistant asks on their behalf.',
      'Ola Nordmann (ola) may not approve: they own crm-assistant.',
    ]);
  });

  it('cuts long values and quotes line breaks', () => {
    const { explanation } = judge({}, { database: `a\n${'x'.repeat(1000)}`, tables: [] });
    const sentence = explanation.find((line) => line.startsWith('Rule personal'));
    expect(sentence).toContain('"a\\nxxx');
    expect(sentence?.length).toBeLessThan(400);
  });

  it('says why an expression failed', () => {
    expect(judge({}, { database: 'crm' }).explanation[0]).toMatch(
      /resource\.columns = nothing failed: field not found/,
    );
  });
});

it('denies rather than throws on a clock that tells no time', () => {
  expect(answer(guard(), { now: new Date(Number.NaN) })).toMatchObject({
    effect: 'deny',
    code: 'evaluation_failed',
  });
});
