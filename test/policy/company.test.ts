/** What the company's policy says: previews, proofs, parts, deputies, times to run and powers. */
import { describe, expect, it } from 'vitest';
import { votersBy } from '../../approval/filling.ts';
import type { Delegation } from '../../approval/house.ts';
import type { Claims, Digest } from '../../approval/types.ts';
import type { GuardQuestion } from '../../policy/guard.ts';
import { COMPANY, company, RULES } from './company.ts';
import { answer, CLAIMS, request } from './material.ts';

const INTENT = { statement: 'Close the accounts that Mia named.', source: null };
const TRIGGER = { type: 'ticket', id: '7', url: null };
const asking = (claims: Partial<Claims> = {}, agent = 'robot') =>
  request({
    agent,
    action: { name: 'sql.execute', input: {} },
    claims: { ...CLAIMS, on_behalf_of: 'mia', intent: INTENT, ...claims },
  });
const MANY = { rows: 1001 };
const subject = company();
const say = (question: Partial<GuardQuestion> = {}, guard = subject) =>
  answer(guard, { request: asking(), resource: { database: 'crm' }, preview: MANY, ...question });
const digest = (letter: string): Digest => `sha256:${letter.repeat(64)}`;
const signed = (principal: string, delegate: string, action = 'sql.*', letter = 'a'): Delegation => ({
  principal,
  delegate,
  action,
  digest: digest(letter),
});
const LATER = new Date('2026-03-09T09:00:00.000Z');

describe('a rule that reads the preview', () => {
  it('asks for one before anything after it is reached', () => {
    expect(say({ preview: null })).toMatchObject({
      effect: 'deny',
      code: 'preview_needed',
      needs_preview: true,
      rule: null,
      requirement: null,
      release: null,
      powers: { break_glass: [] },
    });
  });

  it('asks for none where its condition fails without', () => {
    const decision = say({ preview: null, resource: { database: 'hr' } });
    expect(decision).toMatchObject({ code: 'denied_by_rule', rule: 'rest', needs_preview: false });
  });

  it('asks for none where a rule before it decides', () => {
    const first = RULES.replace(
      'rules:\n',
      'rules:\n  - {id: stop, match: {action: "*.execute", when: size(resource) > 1}, effect: deny}\n',
    );
    const resource = { database: 'crm', table: 'accounts' };
    expect(say({ preview: null, resource }, company(first))).toMatchObject({
      code: 'denied_by_rule',
      needs_preview: false,
    });
  });

  it('is judged by it', () => {
    expect(say()).toMatchObject({ effect: 'require_approval', rule: 'many-rows', needs_preview: false });
    const few = say({ preview: { rows: 1000 }, request: asking({ trigger: TRIGGER }) });
    expect(few).toMatchObject({ effect: 'allow', code: 'allowed', rule: 'few-rows' });
  });

  it('denies where the preview lacks what it reads', () => {
    expect(say({ preview: {} })).toMatchObject({ effect: 'deny', code: 'expression_failed' });
  });
});

describe('who may not even ask', () => {
  it('is an agent that the directory disables', () => {
    const off = COMPANY.replace('owners: [olaf]', 'owners: [olaf]\n    disabled: true');
    expect(say({}, company(RULES, off))).toMatchObject({
      effect: 'deny',
      code: 'agent_disabled',
      rule: null,
    });
  });

  it.each([
    ['no intent', { intent: null }, MANY, RULES, 'intent_missing'],
    ['no trigger', { trigger: null }, { rows: 1 }, RULES, 'trigger_missing'],
    ['no user', {}, MANY, RULES.replace('typed, intent]', 'attested_user]'), 'attested_user_required'],
  ])('is one that brings %s', (_, claims, preview, policy, code) => {
    const decision = say({ request: asking(claims), preview }, company(policy));
    expect(decision).toMatchObject({ effect: 'deny', code, requirement: null, release: null });
    expect(decision.rule).not.toBeNull();
    expect(decision.explanation.at(-1)).toMatch(/so this is denied\.$/);
  });
});

describe('what is asked', () => {
  it('is every part, in order, of whoever may decide', () => {
    const { requirement } = say({ now: LATER });
    expect(requirement).toMatchObject({
      approvals: [
        { any_of: [{ from: ['leads'], people: ['ana', 'ben'], count: 1 }] },
        {
          any_of: [
            { from: ['security'], people: ['cid'], count: 2 },
            { from: ['board'], people: ['ana', 'ben', 'eli'], count: 1 },
          ],
        },
      ],
      order: 'sequential',
      denials: 2,
      timeout_seconds: 7200,
      remind_after_seconds: 1200,
      escalations: [
        { after_seconds: 3600, add: { people: ['eli'] }, notify: { people: [] } },
        { after_seconds: 5400, add: { people: [] }, notify: { from: ['ops'], people: ['fia'] } },
      ],
      excluded: [
        { person: 'dia', why: 'the rule excludes them' },
        { person: 'mia', why: 'robot asks on their behalf' },
        { person: 'olaf', why: 'they own robot' },
      ],
      deputies: [],
      require: ['reason', 'typed'],
      risk: 'high',
      channel: 'C0123',
    });
  });

  it('takes no more denials than there are people to give them', () => {
    const leads = RULES.replace(/ {6}- any_of:\n.*\n.*\n/u, '').replace('add: [eli]', 'notify: [eli]');
    const denials = (on_behalf_of: string) =>
      say({ request: asking({ on_behalf_of }) }, company(leads)).requirement?.denials;
    expect(denials('mia')).toBe(2);
    expect(denials('ben')).toBe(1);
  });

  it('is denied where one person would have to fill two places', () => {
    const two = RULES.replace('{from: [leads]}', '{from: [leads], count: 2}').replace('add:', 'notify:');
    expect(say({ request: asking({ on_behalf_of: 'ana' }) }, company(two))).toMatchObject({
      effect: 'deny',
      code: 'nobody_eligible',
      rule: 'many-rows',
    });
  });

  it('is denied where an own key is required and too few have one', () => {
    const keyed = RULES.replace(/any_of:\n.*\n.*\n/u, 'from: [security]\n').replace(
      '[reason, typed',
      '[own_key',
    );
    const ownKey = company(keyed);
    expect(say({}, ownKey)).toMatchObject({
      effect: 'require_approval',
      requirement: { require: ['own_key'] },
    });
    expect(say({ request: asking({ on_behalf_of: 'ana' }) }, ownKey)).toMatchObject({
      code: 'nobody_eligible',
    });
  });
});

describe('when it may run', () => {
  it('is in UTC, the end of a day included', () => {
    expect(say().release).toEqual({
      grant_ttl_seconds: 600,
      not_before: '2026-03-02T07:00:00.000Z',
      windows: [{ days: ['mon', 'tue'], from: '08:00', to: '16:00', zone: 'Europe/Oslo' }],
      closed: [{ from: '2026-12-19T23:00:00.000Z', to: '2026-12-27T23:00:00.000Z', reason: 'Christmas' }],
      limit: { count: 5, per_seconds: 600 },
      slack_percent: 10,
    });
  });

  it('is limited for what is allowed too', () => {
    const allowed = say({ preview: { rows: 1 }, request: asking({ trigger: TRIGGER }) });
    expect(allowed.release).toMatchObject({ limit: { count: 100, per_seconds: 3600 }, closed: [] });
  });
});

describe('who stands for whom', () => {
  const stood = (question: Partial<GuardQuestion> = {}) => {
    const { requirement } = say(question);
    return {
      deputies: requirement?.deputies,
      board: requirement?.approvals[1]?.any_of[1]?.people,
      leads: requirement?.approvals[0]?.any_of[0]?.people,
    };
  };

  it('is whom somebody away has named, while they are', () => {
    const away = [{ principal: 'eli', delegate: 'fia', delegation: null }];
    expect(stood()).toEqual({ deputies: away, board: ['ana', 'ben', 'eli', 'fia'], leads: ['ana', 'ben'] });
    // Fia owns cron: whom a principal sends is excluded by what they themselves are.
    expect(stood({ request: asking({ on_behalf_of: null }, 'cron') }).deputies).toEqual([]);
  });

  it.each([
    ['2026-03-01T22:59:59.999Z', 0],
    ['2026-03-01T23:00:00.000Z', 1],
    ['2026-03-06T22:59:59.999Z', 1],
    ['2026-03-06T23:00:00.000Z', 0],
  ])('at %s is %i', (moment, count) => {
    expect(stood({ now: new Date(moment) }).deputies).toHaveLength(count);
  });

  it('is whom a signed delegation names, for its actions', () => {
    const delegations = [signed('ana', 'cid'), signed('ben', 'cid', 'http.**', 'b')];
    expect(stood({ delegations, now: LATER })).toEqual({
      deputies: [{ principal: 'ana', delegate: 'cid', delegation: digest('a') }],
      board: ['ana', 'ben', 'cid', 'eli'],
      leads: ['ana', 'ben', 'cid'],
    });
  });

  it('is named once, first by the directory, then by what was signed last', () => {
    const twice = [
      signed('eli', 'fia', '**', 'b'),
      signed('ana', 'cid', '**', 'c'),
      signed('ana', 'cid', '**', 'b'),
    ];
    expect(stood({ delegations: twice }).deputies).toEqual([
      { principal: 'ana', delegate: 'cid', delegation: digest('b') },
      { principal: 'eli', delegate: 'fia', delegation: null },
    ]);
  });

  it('is one for each principal: nobody makes one voter of all the others', () => {
    const two = company(
      RULES.replace('{from: [leads]}', '{from: [ana, ben, cid], count: 2}')
        .replace('add:', 'notify:')
        .replace('- {from: [board]}', '- {from: [eli]}'),
    );
    const both = [signed('ana', 'ben'), signed('ana', 'cid', '**', 'b')];
    const { requirement } = say({ now: LATER, delegations: both }, two);
    expect(requirement?.deputies).toEqual([{ principal: 'ana', delegate: 'cid', delegation: digest('b') }]);
    const voterOf = votersBy(requirement?.deputies ?? []);
    expect(voterOf('ben')).not.toBe(voterOf('cid'));
  });

  it('is nobody where the one who was named last may not: no exclusion brings back the one before', () => {
    const both = [signed('ana', 'cid'), signed('ana', 'dia', '**', 'b')];
    expect(stood({ delegations: both, now: LATER }).deputies).toEqual([]);
    expect(stood({ delegations: both.toReversed(), now: LATER }).deputies).toHaveLength(1);
  });

  it.each([
    ['a principal who is not asked', signed('mia', 'fia')],
    ['a principal who is excluded', signed('dia', 'fia')],
    ['a delegate whom the rule excludes', signed('ana', 'dia')],
    ['a delegate who asks', signed('ana', 'mia')],
    ['a delegate who owns the agent', signed('ana', 'olaf')],
    ['a delegate who is nobody', signed('ana', 'eve')],
    ['a delegate who is a group', signed('ana', 'ops')],
    ['themselves', signed('ana', 'ana')],
  ])('is nobody for %s', (_, delegation) => {
    expect(stood({ delegations: [delegation], now: LATER })).toEqual({
      deputies: [],
      board: ['ana', 'ben', 'eli'],
      leads: ['ana', 'ben'],
    });
  });

  it('makes no chains', () => {
    const chain = [signed('ana', 'fia'), signed('fia', 'cid', 'sql.*', 'b')];
    expect(stood({ delegations: chain, now: LATER }).leads).toEqual(['ana', 'ben', 'fia']);
  });

  it('counts with their principal as one', () => {
    const two = company(
      RULES.replace('{from: [leads]}', '{from: [leads], count: 2}')
        .replace('add:', 'notify:')
        .replace('- {from: [board]}', '- {from: [cid]}'),
    );
    expect(say({ now: LATER }, two).effect).toBe('require_approval');
    expect(say({ now: LATER, delegations: [signed('ana', 'ben')] }, two)).toMatchObject({
      code: 'nobody_eligible',
    });
  });
});

describe('powers', () => {
  it('are of whoever could have decided, and of those named for them', () => {
    expect(say({ now: LATER }).powers).toEqual({
      settle: ['ana', 'ben', 'cid', 'eli'],
      break_glass: ['cid'],
      review: ['ana', 'ben', 'eli'],
      revoke: ['ana', 'ben', 'cid', 'dia', 'eli', 'fia', 'olaf'],
    });
  });

  it('are of operators who are not excluded, where nobody is asked', () => {
    const allowed = say({ preview: { rows: 1 }, request: asking({ trigger: TRIGGER }) });
    expect(allowed.powers).toMatchObject({
      settle: ['fia'],
      break_glass: ['cid', 'dia'],
      revoke: ['fia', 'olaf'],
    });
    const silent = say({ preview: { rows: 1 }, request: asking({ on_behalf_of: null, trigger: TRIGGER }) });
    expect(silent.powers.review).toEqual(['eli']);
  });

  it('break no glass over what policy denies', () => {
    const denied = say({ request: asking({ intent: null }) });
    expect(denied.powers).toMatchObject({ settle: ['fia'], break_glass: [] });
    expect(say({ request: asking({}, 'stranger') }).powers.break_glass).toEqual([]);
  });

  it('of the house are the operators', () => {
    expect(subject.operators).toEqual(['fia', 'olaf']);
  });
});

it('explains all of it', () => {
  expect(say().explanation.slice(1)).toEqual([
    'All of this is needed one after the other, within 2 hours; a person counts once.',
    '1 approval of leads: Ana Castro (ana), Ben Okafor (ben).',
    '2 approvals of security: Cid Moreau (cid), or 1 approval of board: Ana Castro (ana), Ben Okafor (ben), Eli Ost (eli), Fia Lind (fia).',
    'Whoever has not answered is reminded after 20 minutes.',
    'After 1 hour these may answer as well, eli: Eli Ost (eli), Fia Lind (fia).',
    'After 90 minutes these are told, ops: Fia Lind (fia).',
    'The denials of 2 people end it.',
    'An approval must give a reason.',
    'Whoever approves must type the name of what is touched.',
    'Fia Lind (fia) stands for Eli Ost (eli), who is away; together they count once.',
    'Dia Roy (dia) may not approve: the rule excludes them.',
    'Mia Holm (mia) may not approve: robot asks on their behalf.',
    'Olaf Berg (olaf) may not approve: they own robot.',
    'It may not run before 2026-03-02T07:00:00.000Z.',
    'It runs only mon, tue from 08:00 to 16:00 (Europe/Oslo).',
    'It may not run from 2026-12-19T23:00:00.000Z until 2026-12-27T23:00:00.000Z: Christmas.',
    'At most 5 of one agent run under this rule in 10 minutes; what is over is held.',
    'At execution a number may be 10 percent over what was previewed.',
  ]);
  expect(say({ preview: null }).explanation).toEqual([
    expect.stringMatching(/^Rule many-rows of policy [0-9a-f]{12} depends on the preview/),
  ]);
});
