import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { afterAll, expect, test } from 'vitest';
import { say, widthOf } from './terminal.ts';

const folder = mkdtempSync(join(tmpdir(), 'assent-diff-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const example = (name: string) => resolve(import.meta.dirname, '../../examples/company', name);
const OLD = example('policy.yaml');
const env = { ASSENT_DIRECTORY: example('directory.yaml') };

function file(name: string, text: string): string {
  const path = join(folder, name);
  writeFileSync(path, text);
  return path;
}

function changed(...swaps: readonly (readonly [string, string])[]): string {
  let text = readFileSync(OLD, 'utf8');
  for (const [from, to] of swaps) {
    expect(text).toContain(from);
    text = text.replace(from, to);
  }
  return file('new.yaml', text);
}

const now = '2026-03-02T09:00:00Z';
const asked = (key: string, name: string, more: object, input: object = {}) =>
  JSON.stringify({
    request: { agent: 'analyst', key, action: { name, input }, claims: { on_behalf_of: 'jon' } },
    now,
    ...more,
  });
const EXPORTED = asked('a', 'sql.export', {
  resource: { database: 'crm' },
  preview: { rows: 10, personal_data: ['customers.email'] },
});
const GRANTED = asked('b', 'access.grant', {}, { database: 'crm', role: 'r', login: 'l', minutes: 200 });
const RUN = asked('c', 'command.run', {}, { command: 'reindex', args: {} });
const UNSEEN = asked('d', 'config.set', { resource: { root: 'api', file: 'a.yaml' } });

const diff = (next: string, lines: readonly string[], ...more: string[]) =>
  say(['policy', 'diff', OLD, next, '--requests', file('asked.jsonl', lines.join('\n')), ...more], { env });

test('nothing differs between a policy and itself', async () => {
  const { exit, output, aside } = await diff(OLD, [EXPORTED, GRANTED, RUN, UNSEEN, '']);
  expect({ exit, output, aside }).toEqual({
    exit: 0,
    output: '4 requests: none would be decided otherwise.\n',
    aside: '',
  });
});

test('says of each request what changes, and sums up', async () => {
  const next = changed(
    ['resource.minutes > 240', 'resource.minutes > 120'],
    [
      'approvals: [{from: [data-owners]}]\n    timeout: 4h',
      'approvals: [{from: [data-owners], count: 2}]\n    timeout: 8h',
    ],
  );
  const { exit, output } = await diff(next, [EXPORTED, GRANTED, RUN]);
  expect(exit).toBe(1);
  expect(output).toContain('2026-03-02 09:00:00  analyst  sql.export\n');
  expect(output).toContain('    approvals: 1 of data-owners → 2 of data-owners\n');
  expect(output).toContain('    timeout: 4 hours → 8 hours\n');
  expect(output).toContain('    effect: require_approval → deny\n    rule: access → access-too-long\n');
  expect(output).toContain('  1 × effect: require_approval → deny\n');
  expect(output).toContain('3 requests: 2 would be decided otherwise.\n');
  expect(widthOf(output)).toBeLessThanOrEqual(80);

  const json = await diff(next, [EXPORTED, GRANTED, RUN], '--json');
  expect(json.exit).toBe(1);
  expect(JSON.parse(json.output)).toMatchObject({
    requests: 3,
    differing: 2,
    uncertain: 0,
    differences: [
      {
        action: 'sql.export',
        changes: expect.arrayContaining([{ field: 'timeout_seconds', before: 14400, after: 28800 }]),
      },
      {
        action: 'access.grant',
        changes: expect.arrayContaining([{ field: 'effect', before: 'require_approval', after: 'deny' }]),
      },
    ],
  });
});

test('what was not recorded is not guessed', async () => {
  const next = changed([
    'match: {action: config.set}',
    'match: {action: config.set, when: preview.added > 9}',
  ]);
  const { exit, output } = await diff(next, [UNSEEN]);
  expect(exit).toBe(1);
  expect(output).toContain('the new policy depends on its preview');
  expect(output).toContain("1 request: none would be decided otherwise. Of 1 it can't be told.");
});

test('a line that is none is told by its number, and the others judged', async () => {
  const lines = [
    'no json',
    '{"request": 7}',
    '{"requst": {}}',
    JSON.stringify({ request: { agent: 'analyst', action: { name: 'command.run' } } }),
    asked('x', 'mail.send', {}),
    `{"request": "${'x'.repeat(300_000)}"}`,
    RUN,
  ];
  const { exit, output } = await diff(OLD, lines, '--json');
  expect(exit).toBe(1);
  const { requests, uncertain, untold } = JSON.parse(output);
  expect({ requests, uncertain }).toEqual({ requests: 7, uncertain: 6 });
  const places = untold.map(({ place }: { place: string }) => place.split(':').at(-1));
  expect(places.slice(0, 4)).toEqual(['1', '2', '3', '4']);
  expect(untold[3].why).toContain('requested_at');
  expect(untold[4].why).toContain('ASSENT_ACTIONS');
  expect(untold[5].why).toContain('longer than is taken');
});

test('--since leaves out what was requested before', async () => {
  const since = (time: string) => diff(OLD, [EXPORTED, GRANTED], '--since', time);
  expect((await since('2026-03-02T10:00:00+01:00')).output).toContain('2 requests');
  expect((await since('2026-03-02T10:00:01+01:00')).output).toContain('0 requests');
  expect((await since('yesterday')).exit).toBe(2);
});

test('a hundred differences are told, and the others counted', async () => {
  const next = changed(['timeout: 30m', 'timeout: 45m']);
  const lines = Array.from({ length: 250 }, (_, index) => RUN.replace('"key":"c"', `"key":"k${index}"`));
  const { output } = await diff(next, lines);
  expect(output.match(/timeout: 30 minutes → 45 minutes/g)).toHaveLength(100);
  expect(output).toContain('  and 150 more\n');
  expect(output).toContain('  250 × timeout\n250 requests: 250 would be decided otherwise.\n');
});

test('a broken policy and a file that is not there', async () => {
  const broken = file('broken.yaml', 'version: 2\nrules: []\n');
  const { exit, aside } = await diff(broken, [RUN]);
  expect(exit).toBe(1);
  expect(aside).toMatch(/broken\.yaml:1:10: version: must be 1/);
  const none = await say(['policy', 'diff', OLD, OLD, '--requests', join(folder, 'none.jsonl')], { env });
  expect(none.exit).toBe(2);
  expect(none.aside).toContain('(file_unreadable)');
  const bookless = await say(['policy', 'diff', OLD, OLD], { env });
  expect(bookless.exit).toBe(2);
  expect(bookless.aside).toContain('DATABASE_URL');
});
