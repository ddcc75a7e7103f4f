import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, test } from 'vitest';
import { generateSigningKey } from '../../approval/keys.ts';
import { say } from './terminal.ts';

const folder = mkdtempSync(join(tmpdir(), 'assent-check-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const key = generateSigningKey('reporter').signing.verifier.text;
const directory = file(
  'directory.yaml',
  `people:
  ana: {name: Ana}
  olaf: {name: Olaf}
groups:
  owners: [ana]
agents:
  reporter: {keys: ["${key}"], owners: [olaf]}
`,
);
const rule = (id: string, from: string) => `  - id: ${id}
    match: {action: sql.${id}}
    effect: require_approval
    approvals: [{from: [${from}], count: 1}]
    timeout: 1h
`;
const sound = file('policy.yaml', `version: 1\nrules:\n${rule('one', 'owners')}`);

function file(name: string, text: string): string {
  const path = join(folder, name);
  writeFileSync(path, text);
  return path;
}

const check = (policy: string, people: string, ...more: string[]) =>
  say(['policy', 'check', '--policy', policy, '--directory', people, ...more]);

test('says how many rules there are where none has a fault', async () => {
  expect(await check(sound, directory)).toEqual({
    exit: 0,
    output: `${sound}: 1 rule, no fault\n${directory}: no fault\n`,
    aside: '',
  });
  const { output } = await check(sound, directory, '--json');
  const digest = expect.stringMatching(/^sha256:[0-9a-f]{64}$/);
  expect(JSON.parse(output)).toEqual({
    valid: true,
    policy: { file: sound, digest, rules: 1 },
    directory: { file: directory, digest },
  });
});

test('reads both files from the environment', async () => {
  const env = { ASSENT_POLICY: sound, ASSENT_DIRECTORY: directory };
  expect((await say(['policy', 'check'], { env })).exit).toBe(0);
});

test('tells every fault of both files, each with its place', async () => {
  const policy = file(
    'two.yaml',
    'version: 2\nrules:\n  - id: one\n    match: {action: "*"}\n    effect: maybe\n',
  );
  const people = file('people.yaml', 'people: {}\ngroups: {owners: 7}\nagents: {}\n');
  const { exit, output, aside } = await check(policy, people);
  expect({ exit, aside }).toEqual({ exit: 1, aside: '' });
  const places = output.split('\n').map((line) => line.split(': ')[0]);
  expect(places).toEqual(expect.arrayContaining([`${people}:2:18`, `${policy}:1:10`, `${policy}:5:13`]));
  const json = await check(policy, people, '--json');
  expect(json.exit).toBe(1);
  const told = JSON.parse(json.output);
  expect(told.valid).toBe(false);
  expect(told.faults).toHaveLength(output.trimEnd().split('\n').length);
  expect(told.faults).toContainEqual({
    file: people,
    line: 2,
    column: 18,
    path: 'groups.owners',
    message: expect.any(String),
  });
});

test('tells whom the policy asks and nobody knows', async () => {
  const policy = file('strangers.yaml', `version: 1\nrules:\n${rule('one', 'owner')}${rule('two', 'anna')}`);
  const { exit, output } = await check(policy, directory);
  expect(exit).toBe(1);
  expect(output.trimEnd().split('\n')).toEqual([
    expect.stringMatching(/strangers\.yaml:6:25: .*owner is no group and nobody/),
    expect.stringMatching(/strangers\.yaml:11:25: .*anna is no group and nobody/),
  ]);
});

test('tells what a condition reads and its action has not', async () => {
  const text = `version: 1
rules:
  - id: one
    match:
      action: sql.export
      when: resource.databse == "crm" && preview.row > 10 && input.statment == ""
    effect: deny
  - {id: two, match: {action: "sql.*", when: resource.anything == 1}, effect: deny}
`;
  const { exit, output } = await check(file('fields.yaml', text), directory);
  expect(exit).toBe(1);
  expect(output.trimEnd().split('\n')).toEqual([
    expect.stringMatching(
      /fields\.yaml:6:13: .*the resource of sql\.export has no databse; it has database,/,
    ),
    expect.stringMatching(/fields\.yaml:6:42: .*the preview of sql\.export has no row; it has rows,/),
    expect.stringMatching(/fields\.yaml:6:62: .*the input of sql\.export has no statment; it has database,/),
  ]);
});

test('a file that is not there is wrong use, not a fault', async () => {
  const { exit, aside } = await check(join(folder, 'none.yaml'), directory);
  expect(exit).toBe(2);
  expect(aside).toContain('(file_unreadable)');
});
