/** docs/policy.md tells the truth: its files load, its cases hold, its commands end as they say, and no field is left out. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, test } from 'vitest';
import { parse } from 'yaml';
import { z } from 'zod';
import { JSON_SCHEMAS } from '../policy/json-schema.ts';
import { say } from './cli/terminal.ts';

const folder = mkdtempSync(join(tmpdir(), 'assent-docs-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const page = await readFile(join(import.meta.dirname, '../docs/policy.md'), 'utf8');
const blocks = (language: string) =>
  [...page.matchAll(/```(\w+)\n([\s\S]*?)```/g)].flatMap(([, name, text]) =>
    name === language && text !== undefined ? [text] : [],
  );
const kindOf = (text: string) => {
  const keys = Object.keys(z.record(z.string(), z.unknown()).parse(parse(text)));
  return (['people', 'rules', 'cases'] as const).find((key) => keys.includes(key));
};
const yaml = blocks('yaml').map((text) => ({ text, kind: kindOf(text) }));
const directory = file('directory.yaml', yaml.find(({ kind }) => kind === 'people')?.text ?? '');
const policies = yaml.filter(({ kind }) => kind === 'rules');

function file(name: string, text: string): string {
  const path = join(folder, name);
  writeFileSync(path, text);
  return path;
}

test('every block of YAML is a directory, a policy or cases', () => {
  expect(yaml.map(({ kind }) => kind)).not.toContain(undefined);
  expect(policies.length).toBeGreaterThan(3);
});

test.each(policies)('the policy has no fault: $text', async ({ text }) => {
  const policy = file('policy.yaml', text);
  const { exit, output } = await say(['policy', 'check', '--policy', policy, '--directory', directory]);
  expect({ exit, output }).toMatchObject({ exit: 0 });
});

test('the cases hold by the policy before them', async () => {
  const cases = yaml.findIndex(({ kind }) => kind === 'cases');
  const policy = yaml.slice(0, cases).findLast(({ kind }) => kind === 'rules');
  const [path, by] = [file('a.cases.yaml', yaml[cases]?.text ?? ''), file('policy.yaml', policy?.text ?? '')];
  const { exit, output } = await say(['policy', 'test', path, '--policy', by, '--directory', directory]);
  expect({ exit, output }).toMatchObject({ exit: 0, output: expect.stringContaining('2 passed') });
});

describe('every command ends as it says', () => {
  const commands = blocks('sh').flatMap((text) => text.trim().split('\n'));
  test.each(commands)('%s', async (line) => {
    const [, words = '', exit] = /^npx assent (.+) # (\d)$/.exec(line) ?? [];
    const said = await say(words.split(' '));
    expect({ ...said, exit: `${said.exit}` }).toMatchObject({ exit, aside: '' });
  });
  test('and each of the four is there', () => {
    for (const name of ['check', 'test', 'explain', 'diff']) {
      expect(commands.some((line) => line.startsWith(`npx assent policy ${name} `))).toBe(true);
    }
  });
});

function namesIn(schema: unknown): readonly string[] {
  if (typeof schema !== 'object' || schema === null) return [];
  const { success, data } = z.object({ properties: z.record(z.string(), z.unknown()) }).safeParse(schema);
  return [...(success ? Object.keys(data.properties) : []), ...Object.values(schema).flatMap(namesIn)];
}

const fields = [...new Set(Object.values(JSON_SCHEMAS).flatMap(namesIn))];
test.each(fields)('the field %s is described', (name) => {
  expect(page).toMatch(new RegExp(`\`(?:\\w+\\.|\\{)?${name}\\b`));
});

test('every word of require is described', () => {
  for (const word of ['reason', 'typed', 'own_key', 'attested_user', 'intent', 'trigger']) {
    expect(page).toContain(`\`${word}\``);
  }
});
