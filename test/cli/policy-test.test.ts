import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { afterAll, describe, expect, test } from 'vitest';
import { say, widthOf } from './terminal.ts';

const folder = mkdtempSync(join(tmpdir(), 'assent-cases-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const example = (name: string) => resolve(import.meta.dirname, '../../examples/company', name);
const HEAD = `policy: ${example('policy.yaml')}
directory: ${example('directory.yaml')}
requested_at: 2026-03-02T09:00:00+01:00
`;
const SOUND = `${HEAD}cases:
  - name: personal data waits for its owners
    request: {agent: analyst, action: sql.export, on_behalf_of: jon}
    resource: {database: crm}
    preview: {rows: 10, personal_data: [customers.email]}
    delegations: [{principal: kim, delegate: ada}]
    decisions: [{person: kim, verdict: approve, after: 10m}]
    expect:
      effect: require_approval
      rule: export-personal-data
      code: approval_required
      approvals: [{from: [data-owners]}]
      eligible: [ada, kim, lea]
      excluded: [carl, jon]
      resolution: approved
      held: null
      explanation: Kim Ruud
`;

function file(text: string, name = 'policy.cases.yaml'): string {
  const path = join(folder, name);
  writeFileSync(path, text);
  return path;
}

/** Something else in the place of a text that stands there. */
function swap(text: string, from: string, to: string): string {
  expect(text).toContain(from);
  return text.replace(from, to);
}

const run = (text: string, ...more: string[]) => say(['policy', 'test', file(text), ...more]);

test('the cases of the company hold, and no rule of it is without one', async () => {
  const { exit, output, aside } = await say(['policy', 'test', example('policy.cases.yaml')]);
  expect({ exit, aside }).toEqual({ exit: 0, aside: '' });
  expect(output).toMatch(/\n\n\d\d passed, 0 failed\.\n$/);
  expect(widthOf(output)).toBeLessThanOrEqual(80);
});

test('one line a case, and the rules that none of them reaches', async () => {
  const { exit, output } = await run(SOUND);
  expect(exit).toBe(0);
  expect(output).toMatch(
    /^ok {4}personal data waits for its owners\n\n1 passed, 0 failed\.\nNo case reaches rules /,
  );
});

describe('a case fails by each thing that it expects', () => {
  test.each([
    ['effect', 'effect: require_approval', 'effect: allow', 'allow', 'require_approval'],
    ['rule', 'rule: export-personal-data', 'rule: other', 'other', 'export-personal-data'],
    ['rule', 'rule: export-personal-data', 'rule: null', 'none, by default', 'export-personal-data'],
    ['code', 'code: approval_required', 'code: allowed', 'allowed', 'approval_required'],
    [
      'approvals',
      '[{from: [data-owners]}]',
      '[{from: [data-owners], count: 2}]',
      '2 of data-owners',
      '1 of data-owners',
    ],
    [
      'approvals',
      '[{from: [data-owners]}]',
      '[{any_of: [{from: [data-owners]}, {from: [privacy]}]}]',
      '1 of data-owners or 1 of privacy',
      '1 of data-owners',
    ],
    ['eligible', 'eligible: [ada, kim, lea]', 'eligible: [kim]', 'kim', 'ada, kim, lea'],
    ['excluded', 'excluded: [carl, jon]', 'excluded: []', 'nobody', 'carl, jon'],
    ['resolution', 'resolution: approved', 'resolution: pending', 'pending', 'approved'],
    ['held', 'held: null', 'held: change_freeze', 'change_freeze', 'none'],
  ])('%s: %s', async (field, from, to, expected, actual) => {
    const { exit, output } = await run(swap(SOUND, from, to));
    expect(exit).toBe(1);
    expect(output).toContain('FAIL  personal data waits for its owners\n');
    expect(output).toContain(`      ${field}\n        - ${expected}\n        + ${actual}\n`);
    expect(output).toContain('0 passed, 1 failed (- expected, + actual).');
    expect(output.match(/\n {8}- /g)).toHaveLength(1);
    expect(widthOf(output)).toBeLessThanOrEqual(80);
  });

  test('explanation', async () => {
    const { exit, output } = await run(swap(SOUND, 'Kim Ruud', 'Nobody at all'));
    expect(exit).toBe(1);
    expect(output).toContain('- Nobody at all\n');
    expect(output).toContain('1 approval within 4 hours of data-owners');
  });

  test('and says which decisions had no effect', async () => {
    const { output } = await run(swap(SOUND, '{person: kim,', '{person: jon,'));
    expect(output).toContain('What jon says at 2026-03-02T08:10:00.000Z has no effect: excluded.');
  });

  test('as one document', async () => {
    const { exit, output } = await run(swap(SOUND, 'effect: require_approval', 'effect: allow'), '--json');
    expect(exit).toBe(1);
    expect(JSON.parse(output)).toMatchObject({
      passed: 0,
      failed: 1,
      cases: [
        {
          name: 'personal data waits for its owners',
          line: 5,
          passed: false,
          differences: [{ field: 'effect', expected: 'allow', actual: 'require_approval' }],
          rule: 'export-personal-data',
        },
      ],
    });
  });
});

describe('a denial that no rule means is none that was expected', () => {
  const denied = swap(
    SOUND.slice(0, SOUND.indexOf('    expect:')),
    '    decisions: [{person: kim, verdict: approve, after: 10m}]\n',
    '    expect: {effect: deny}\n',
  );
  test.each([
    ['preview_needed', '    preview: {rows: 10, personal_data: [customers.email]}\n', ''],
    ['agent_unknown', 'agent: analyst', 'agent: analist'],
    ['not_acting_for', 'on_behalf_of: jon', 'on_behalf_of: john'],
    ['expression_failed', 'personal_data: [customers.email]', 'personal_data: 7'],
  ])('%s', async (code, from, to) => {
    const { exit, output } = await run(swap(denied, from, to));
    expect(exit).toBe(1);
    expect(output).toContain(`code\n        - a denial that the policy means\n        + ${code}\n`);
    const meant = swap(swap(denied, from, to), '{effect: deny}', `{effect: deny, code: ${code}}`);
    expect((await run(meant)).exit).toBe(0);
  });
});

describe('a malformed case file is refused with line, column and cure', () => {
  const corpus: readonly (readonly [name: string, from: string, to: string, fault: RegExp])[] = [
    ['nothing expected', 'effect: require_approval\n', '\n', /:11:5: cases\[0\]\.expect\.effect: .*missing/],
    [
      'an unknown key',
      'explanation: Kim',
      'explains: Kim',
      /:20:7: .*explains: unknown key; known here: effect/,
    ],
    ['an unknown effect', 'effect: require_approval', 'effect: ask', /:12:15: .*must be allow, deny or/],
    ['an unknown resolution', 'resolution: approved', 'resolution: ok', /:18:19: .*must be one of allowed/],
    ['a blank explanation', 'explanation: Kim Ruud', 'explanation: " "', /:20:20: .*is blank/],
    ['approvals of nobody', '[{from: [data-owners]}]', '[]', /:15:18: .*ask somebody/],
    ['a stranger who decides', '{person: kim,', '{person: kym,', /:10:26: .*kym is nobody in the directory/],
    ['a group that decides', '{person: kim,', '{person: finance,', /:10:26: .*not that of a group/],
    ['a stranger who is eligible', '[ada, kim, lea]', '[ada, kim, leah]', /:16:28: .*leah is nobody/],
    ['a stranger who is excluded', '[carl, jon]', '[karl]', /:17:18: .*karl is nobody/],
    ['a stranger who stands in', 'delegate: ada', 'delegate: adam', /:9:46: .*adam is nobody/],
    ['a time without an offset', '09:00:00+01:00', '09:00:00', /:3:15: requested_at: is no instant; write/],
    ['a day that is none', '2026-03-02T', '2026-02-30T', /:3:15: .*is no day of the calendar/],
    ['no time at all', 'requested_at: 2026-03-02T09:00:00+01:00', '', /:6:14: .*says no time; add now/],
    [
      'a decision after now',
      '    expect:',
      '    now: 2026-03-02T09:05:00+01:00\n    expect:',
      /:10:56: .*after: comes after now/,
    ],
    ['a denial without reason', 'verdict: approve', 'verdict: deny', /:10:\d+: .*nobody denies without one/],
    ['a verdict that is none', 'verdict: approve', 'verdict: yes', /:10:40: .*must be approve or deny/],
    ['a duration that is none', 'after: 10m', 'after: 10', /:10:\d+: .*after: is a number; write text/],
    [
      'an own key that is nobody’s',
      'after: 10m}',
      'after: 10m, own_key: true}',
      /:10:\d+: .*kim has no key in the directory/,
    ],
    ['a field that no export has', '{database: crm}', '{databse: crm}', /:7:16: .*has no databse; it has/],
    ['a fact that no preview has', '{rows: 10,', '{row: 10,', /:8:15: .*preview of sql.export has no row;/],
    [
      'an action that is a pattern',
      'action: sql.export',
      'action: sql.*',
      /:6:\d+: .*is no name of an action/,
    ],
    ['no case', SOUND.slice(SOUND.indexOf('cases:')), 'cases: []\n', /:4:8: cases: is empty; write a case/],
    [
      'two of one name',
      SOUND,
      SOUND + SOUND.slice(SOUND.indexOf('  - name')),
      /:21:11: cases\[1\]\.name: is already the case of line 5; rename one/,
    ],
    ['a key twice', '    delegations:', '    resource: {}\n    delegations:', /:9:5: this key stands twice/],
    ['an alias', 'resource: {database: crm}', 'resource: &r {database: crm}', /:7:\d+: .*an anchor/],
    ['a number that no JSON keeps', 'rows: 10,', 'rows: -0,', /:6:14: .*is -0/],
    ['no YAML', 'cases:', 'cases: [', /valid YAML 1\.2/],
    ['nothing', SOUND, '', /:1:1: .*write/],
  ];
  test.each(corpus)('%s', async (_, from, to, fault) => {
    const { exit, output, aside } = await run(swap(SOUND, from, to));
    expect({ exit, output }).toEqual({ exit: 2, output: '' });
    expect(aside).toMatch(fault);
    expect(aside).toContain('policy.cases.yaml:');
    expect(aside).toContain('(cases_invalid)');
  });

  test('an action that nobody knows, without its resource', async () => {
    const unknown = swap(SOUND, 'action: sql.export', 'action: mail.send');
    const without = swap(unknown, '    resource: {database: crm}\n', '');
    const { exit, aside } = await run(without);
    expect(exit).toBe(2);
    expect(aside).toMatch(
      /:6:\d+: .*mail\.send is not known here; add resource to the case, or set ASSENT_ACTIONS/,
    );
    // With it, it is judged as any other.
    expect((await run(unknown)).exit).toBe(1);
  });

  test('an input that the definition refuses', async () => {
    const { exit, aside } = await run(swap(SOUND, '    resource: {database: crm}\n', ''));
    expect(exit).toBe(2);
    expect(aside).toMatch(/request\.input: .*input\.statement.*; correct it, or add resource/);
  });

  test('all of them at once, as one document', async () => {
    const two = swap(swap(SOUND, '{person: kim,', '{person: kym,'), '[carl, jon]', '[karl]');
    const { aside } = await run(two, '--json');
    expect(JSON.parse(aside)).toMatchObject({
      code: 'cases_invalid',
      evidence: {
        faults: [
          { line: 10, column: 26 },
          { line: 17, column: 18 },
        ],
      },
    });
  });

  test('a file that is not there, and one that is too large', async () => {
    expect((await say(['policy', 'test', join(folder, 'none.yaml')])).aside).toContain('(file_unreadable)');
    const { exit, aside } = await run(`${SOUND}# ${'x'.repeat(8 * 1024 * 1024)}`);
    expect(exit).toBe(2);
    expect(aside).toContain('is smaller');
  });
});

describe('which policy', () => {
  const bare = SOUND.replace(/^policy:.*\ndirectory:.*\n/, '');

  test('the options come before what the file names', async () => {
    const none = file('version: 1\nrules: []\n', 'none.yaml');
    const { exit, output } = await run(SOUND, '--policy', none);
    expect(exit).toBe(1);
    expect(output).toContain('+ denied_by_default');
  });

  test('the environment is for a file that names none', async () => {
    const path = file(bare);
    const env = { ASSENT_POLICY: example('policy.yaml'), ASSENT_DIRECTORY: example('directory.yaml') };
    expect((await say(['policy', 'test', path], { env })).exit).toBe(0);
    const { exit, aside } = await say(['policy', 'test', path]);
    expect(exit).toBe(2);
    expect(aside).toContain('ASSENT_POLICY');
  });

  test('a broken policy is told, fault by fault', async () => {
    const broken = file('version: 2\nrules: []\n', 'broken.yaml');
    const { exit, aside } = await run(SOUND, '--policy', broken);
    expect(exit).toBe(1);
    expect(aside).toMatch(/broken\.yaml:1:10: version: must be 1/);
  });
});

test('what a case says cannot move the cursor or hide', async () => {
  const { aside, output } = await run(swap(SOUND, 'Kim Ruud', '"\\e[2J\\u202e never"'));
  for (const unseen of ['\u001b', '\u202e']) expect(output + aside).not.toContain(unseen);
  expect(output).toContain('⟦U+001B⟧');
});

test('a file of a thousand cases is run whole', async () => {
  const body = SOUND.slice(SOUND.indexOf('  - name'));
  const cases = Array.from({ length: 1000 }, (_, index) => body.replace('its owners', `owner ${index}`));
  const { exit, output } = await run(SOUND.slice(0, SOUND.indexOf('  - name')) + cases.join(''));
  expect(exit).toBe(0);
  expect(output).toContain('1000 passed, 0 failed.');
});
