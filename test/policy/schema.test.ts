/** The JSON Schemas beside the room: those of what is parsed, and of use to an editor. */
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { Ajv } from 'ajv';
import { describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import { JSON_SCHEMAS } from '../../policy/json-schema.ts';
import { COMPANY, RULES } from './company.ts';
import { DIRECTORY, POLICY } from './material.ts';

const root = join(import.meta.dirname, '../..');
const text = (path: string) => readFile(join(root, path), 'utf8');
const COMPANY_EXAMPLE = await text('examples/company/directory.yaml');
const ajv = new Ajv({ allErrors: true });
const isPolicy = ajv.compile(JSON_SCHEMAS['policy.schema.json']);
const isDirectory = ajv.compile(JSON_SCHEMAS['directory.schema.json']);

it.each(Object.entries(JSON_SCHEMAS))(
  'policy/schema/%s is written by npm run schemas',
  async (file, schema) => {
    expect(JSON.parse(await text(`policy/schema/${file}`))).toEqual(JSON.parse(JSON.stringify(schema)));
  },
);

describe('a policy', () => {
  it.each(['examples/policy.yaml', 'examples/company/policy.yaml', 'dev/demo/policy.yaml'])(
    '%s fits, and leads an editor to it where it is an example',
    async (path) => {
      const policy = await text(path);
      expect(isPolicy(parse(policy))).toBe(true);
      const [, hint] = /^# yaml-language-server: \$schema=(\S+)/u.exec(policy) ?? [];
      if (path.startsWith('examples/')) {
        expect(join(path, '..', hint ?? '')).toBe('policy/schema/policy.schema.json');
      }
    },
  );

  it.each([
    ['of the tests', POLICY],
    ['with all there is', RULES],
  ])('%s fits', (_, policy) => {
    expect(isPolicy(parse(policy))).toBe(true);
  });

  it.each([
    ['a version', 'version: 1', 'version: 2'],
    ['a key', 'order: sequential', 'ordre: sequential'],
    [
      'the old form of approvals',
      '- {from: [leads]}\n      - any_of:',
      '- any_of:\n          - {form: [leads]}',
    ],
    ['an entry of neither', '- {from: [leads]}', '- {count: 2}'],
    ['an entry of both', '- any_of:', '- from: [ana]\n        any_of:'],
    ['a count', 'count: 2}', 'count: 0}'],
    ['an order', 'sequential', 'serial'],
    ['a duration', 'timeout: 2h', 'timeout: 2 hours'],
    ['a word', '[reason, typed, intent]', '[reasons]'],
    ['a word that allow has not', '[trigger]', '[reason]'],
    ['an instant', '2026-03-02T08:00:00+01:00', '2026-03-02'],
    ['a date', 'from: 2026-12-20', 'from: Christmas'],
    ['a day', '[mon, tue]', '[monday]'],
    ['a time', '"16:00"', '"4pm"'],
    ['a percentage', 'slack: 10', 'slack: 101'],
    ['an effect', 'effect: allow', 'effect: permit'],
    ['a pattern', 'action: "**"', 'action: "**.x"'],
    ['a name', 'id: rest', 'id: The rest'],
    ['a reviewer', ', review: {from: [board]}', ''],
  ])('that is wrong in %s does not', (_, from, to) => {
    expect(RULES).toContain(from);
    expect(isPolicy(parse(RULES.replace(from, to)))).toBe(false);
  });
});

describe('a directory', () => {
  it.each([
    ['of the tests', DIRECTORY],
    ['with all there is', COMPANY],
    ['of the example', COMPANY_EXAMPLE],
  ])('%s fits', (_, directory) => {
    expect(isDirectory(parse(directory))).toBe(true);
  });

  it.each([
    ['a Teams id', 'tenant: 72f988bf', 'tenant: 72F988BF'],
    ['a GitHub id', 'id: 583231', 'id: ben'],
    ['a Slack id', 'user: U0001', 'user: "@ana"'],
    ['an absence', ', to: fia', ''],
    ['an agent', 'owners: [olaf]', 'owners: []'],
    ['a key', 'acts_for:', 'act_for:'],
  ])('that is wrong in %s does not', (_, from, to) => {
    expect(COMPANY).toContain(from);
    expect(isDirectory(parse(COMPANY.replace(from, to)))).toBe(false);
  });
});

it('describes what is not plain by its name', () => {
  const described = JSON.stringify(JSON_SCHEMAS).match(/"description"/gu) ?? [];
  expect(described.length).toBeGreaterThan(40);
});
