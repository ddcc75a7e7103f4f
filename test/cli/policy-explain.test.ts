import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { afterAll, describe, expect, test } from 'vitest';
import { generateSigningKey } from '../../approval/keys.ts';
import { signStatement } from '../../approval/statements.ts';
import { aPreview, aRequest } from '../book/statements.ts';
import { request as statement } from '../policy/material.ts';
import { say, widthOf } from './terminal.ts';

const folder = mkdtempSync(join(tmpdir(), 'assent-explain-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const example = (name: string) => resolve(import.meta.dirname, '../../examples/company', name);
const env = { ASSENT_POLICY: example('policy.yaml'), ASSENT_DIRECTORY: example('directory.yaml') };
const CONFIG = {
  agent: 'analyst',
  action: {
    name: 'config.set',
    input: { root: 'api', file: 'a.yaml', set: [{ path: ['a'], value: 1 }], remove: [] },
  },
  claims: { on_behalf_of: 'ada' },
};
const EXPORT = {
  agent: 'analyst',
  action: {
    name: 'sql.export',
    input: { database: 'crm', statement: 'SELECT email FROM customers', parameters: [], file: 'a.csv' },
  },
  claims: { on_behalf_of: 'jon' },
};
const MONDAY = ['--now', '2026-03-02T09:00:00+01:00'];

const explain = (value: unknown, ...more: string[]) =>
  say(['policy', 'explain', '-', ...more], {
    env,
    stdin: typeof value === 'string' ? value : JSON.stringify(value),
  });

function file(name: string, value: unknown): string {
  const path = join(folder, name);
  writeFileSync(path, JSON.stringify(value));
  return path;
}

test('which rule, who may approve, who not and why', async () => {
  const { exit, output, aside } = await explain(CONFIG, ...MONDAY);
  expect({ exit, aside }).toEqual({ exit: 0, aside: '' });
  expect(output).toContain('Answer    require_approval by rule configuration (approval_required)\n');
  expect(output).toContain('Runs      as soon as it is approved\n');
  expect(output).toContain('1 approval within 4 hours of engineers: Bea Solberg (bea), Eva Strand (eva),\n');
  expect(output).toContain('Ada Lunde (ada) may not approve: analyst asks on their behalf.\n');
  expect(output).toContain('Carl Dahl (carl) may not approve: they own analyst.\n');
  expect(output).toContain('Dag Moen (dag) may not approve: the rule excludes them.\n');
  expect(widthOf(output)).toBeLessThanOrEqual(80);
});

test('the same as one document', async () => {
  const { exit, output } = await explain(CONFIG, ...MONDAY, '--json');
  expect(exit).toBe(0);
  expect(JSON.parse(output)).toMatchObject({
    effect: 'require_approval',
    rule: 'configuration',
    policy_digest: expect.stringMatching(/^sha256:[0-9a-f]{64}$/),
    approvals: [{ from: ['engineers'], count: 1, people: ['bea', 'eva', 'fred'] }],
    eligible: ['bea', 'eva', 'fred'],
    excluded: [
      { person: 'ada', why: 'analyst asks on their behalf' },
      { person: 'carl', why: 'they own analyst' },
      { person: 'dag', why: 'the rule excludes them' },
    ],
    explanation: expect.arrayContaining([expect.stringContaining('Rule configuration of policy')]),
    code: 'approval_required',
    needs_preview: false,
    resource: { root: 'api', file: 'a.yaml', paths: ['a'], removes: [] },
    now: '2026-03-02T08:00:00.000Z',
    held: null,
  });
});

test('when it may run', async () => {
  const now = ['--now', '2026-12-24T12:00:00+01:00'];
  expect((await explain(CONFIG, ...now)).output).toContain('from 2027-01-04 07:00:00 UTC: held now');
  expect(JSON.parse((await explain(CONFIG, ...now, '--json')).output).held).toMatchObject({
    code: 'change_freeze',
    opens: '2027-01-04T07:00:00.000Z',
  });
});

test('a rule that depends on the preview asks for its facts', async () => {
  const none = await explain(EXPORT, ...MONDAY);
  expect(none.exit).toBe(1);
  expect(none.output).toContain('Answer    deny (preview_needed)');
  expect(none.output).toContain('--preview FILE');

  const preview = file('facts.json', { rows: 10, personal_data: ['customers.email'] });
  const { exit, output } = await explain(EXPORT, ...MONDAY, '--preview', preview);
  expect(exit).toBe(0);
  expect(output.replaceAll('\n', ' ')).toContain('with preview.personal_data = ["customers.email"] holds.');
});

test('a denial is a negative answer', async () => {
  const { exit, output } = await explain({ ...EXPORT, claims: { on_behalf_of: 'odd' } }, ...MONDAY, '--json');
  expect(exit).toBe(1);
  expect(JSON.parse(output)).toMatchObject({
    effect: 'deny',
    rule: null,
    code: 'not_acting_for',
    approvals: [],
    eligible: [],
    excluded: [],
  });
});

describe('a request is taken', () => {
  const signed = signStatement(
    'request',
    statement({
      agent: 'analyst',
      action: CONFIG.action,
      claims: { ...statement().claims, on_behalf_of: 'ada' },
    }),
    generateSigningKey('analyst').signing,
  );
  test.each([
    ['signed', signed.envelope],
    ['as a statement', signed.statement],
  ])('%s', async (_, value) => {
    const { exit, output } = await explain(value, ...MONDAY, '--json');
    expect(exit).toBe(0);
    expect(JSON.parse(output)).toMatchObject({ rule: 'configuration', eligible: ['bea', 'eva', 'fred'] });
  });

  test('from a file', async () => {
    const path = file('request.json', CONFIG);
    expect((await say(['policy', 'explain', path, ...MONDAY], { env })).exit).toBe(0);
  });
});

describe('is refused as wrong use', () => {
  const other = aPreview(aRequest());
  test.each<[string, unknown, string, string]>([
    ['nothing', '', 'json_malformed', 'standard input'],
    ['a list', [CONFIG], 'input_malformed', 'a request is a JSON object'],
    ['no agent', { action: CONFIG.action }, 'request_malformed', 'agent: is missing'],
    [
      'an action by name alone',
      { ...CONFIG, action: 'sql.export' },
      'request_malformed',
      'action: is text; write a map',
    ],
    ['an unknown key', { ...CONFIG, on_behalf_of: 'ada' }, 'request_malformed', 'on_behalf_of: unknown key'],
    [
      'an attested user',
      { ...CONFIG, attested: { user: 'ada' } },
      'request_malformed',
      'attested: is a map; write nothing',
    ],
    ['a preview', other.envelope, 'request_malformed', 'the envelope of a preview'],
    ['an envelope of nothing', { payloadType: 'x' }, 'envelope_malformed', 'no DSSE envelope'],
    ['a key twice', '{"agent":"a","agent":"b"}', 'json_duplicate_key', 'agent'],
    ['an unknown action', { ...CONFIG, action: { name: 'mail.send' } }, 'action_unknown', 'ASSENT_ACTIONS'],
    [
      'an input that its action refuses',
      { ...CONFIG, action: { name: 'config.set' } },
      'input_invalid',
      'input.root',
    ],
    ['too much', { ...CONFIG, key: 'x'.repeat(300_000) }, 'json_too_large', 'standard input'],
  ])('%s', async (_, value, code, words) => {
    const { exit, output, aside } = await explain(value, ...MONDAY);
    expect({ exit, output }).toEqual({ exit: 2, output: '' });
    expect(aside).toContain(`(${code})`);
    expect(aside).toContain(words);
  });

  test.each(['2026-03-02', '2026-03-02T09:00:00', '2026-02-30T09:00:00Z', 'now'])(
    '--now %s',
    async (time) => {
      const { exit, aside } = await explain(CONFIG, '--now', time);
      expect(exit).toBe(2);
      expect(aside).toContain('(usage)');
    },
  );
});

test('what the agent wrote cannot move the cursor or hide', async () => {
  const action = { ...EXPORT.action, name: 'config.set', input: { ...CONFIG.action.input, root: 'api' } };
  const { output } = await explain({ ...CONFIG, agent: 'an\u001b[2Jalyst\u202e', action }, ...MONDAY);
  for (const unseen of ['\u001b', '\u202e']) expect(output).not.toContain(unseen);
  expect(output).toContain('⟦U+001B⟧');
});
