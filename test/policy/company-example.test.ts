/** The example of a company: what it says of one request of each kind, as somebody who starts from it would expect. */
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import type { JsonObject } from '../../approval/types.ts';
import { guardOf } from '../../policy/guard.ts';
import { answer, CLAIMS, request } from './material.ts';

const at = (name: string) => join(import.meta.dirname, '../../examples/company', name);
const files = { policy: at('policy.yaml'), directory: at('directory.yaml') };
const [policy, directory] = await Promise.all([
  readFile(files.policy, 'utf8'),
  readFile(files.directory, 'utf8'),
]);
const company = guardOf({ policy, directory }, files);
const trigger = { type: 'push', id: '7', url: null };
const intent = { statement: 'The list of customers for the recall.', source: null };

const personal = (rows: number) => ({ rows, personal_data: ['customers.email'] });
const plain = (rows: number) => ({ rows, personal_data: [] });

const CASES: readonly (readonly [string, string, JsonObject, JsonObject | null, string, string | null])[] = [
  ['an export before its preview', 'sql.export', { database: 'crm' }, null, 'preview_needed', null],
  [
    'a personal export',
    'sql.export',
    { database: 'crm' },
    personal(10),
    'approval_required',
    'export-personal-data',
  ],
  [
    'a large personal export',
    'sql.export',
    { database: 'crm' },
    personal(1001),
    'approval_required',
    'export-personal-data-in-bulk',
  ],
  ['figures', 'sql.export', { database: 'analytics' }, plain(10), 'allowed', 'export-from-analytics'],
  ['another database', 'sql.export', { database: 'hr' }, plain(10), 'denied_by_default', null],
  [
    'a DELETE of everything',
    'sql.execute',
    { kind: 'delete', where: false },
    null,
    'denied_by_rule',
    'sql-without-where',
  ],
  [
    'a personal UPDATE',
    'sql.execute',
    { kind: 'update', where: true },
    personal(1),
    'approval_required',
    'sql-on-personal-data',
  ],
  [
    'a large INSERT',
    'sql.execute',
    { kind: 'insert', where: false },
    plain(1001),
    'approval_required',
    'sql-on-personal-data',
  ],
  ['a small UPDATE', 'sql.execute', { kind: 'update', where: true }, plain(1), 'approval_required', 'sql'],
  ['a role for an hour', 'access.grant', { minutes: 60 }, null, 'approval_required', 'access'],
  ['a role for a day', 'access.grant', { minutes: 1440 }, null, 'denied_by_rule', 'access-too-long'],
  ['a configuration', 'config.set', { file: 'api/limits.yaml' }, null, 'approval_required', 'configuration'],
  ['a deploy', 'github.deploy', {}, null, 'approval_required', 'deploy'],
  [
    'a payment',
    'http.request',
    { host: 'api.payments.example', method: 'POST', secrets: [] },
    null,
    'approval_required',
    'payment',
  ],
  [
    'a look',
    'http.request',
    { host: 'example.org', method: 'GET', secrets: [] },
    null,
    'allowed',
    'read-only-requests',
  ],
  [
    'a look with a secret',
    'http.request',
    { host: 'example.org', method: 'GET', secrets: ['key'] },
    null,
    'approval_required',
    'other-requests',
  ],
  ['a command', 'command.run', { command: 'reindex' }, null, 'approval_required', 'commands'],
  ['what nobody thought of', 'mail.send', {}, null, 'denied_by_default', null],
];

it.each(CASES)('%s', (_, name, resource, preview, code, rule) => {
  const claims = { ...CLAIMS, on_behalf_of: 'jon', intent, trigger };
  const given = request({ agent: 'analyst', action: { name, input: {} }, claims });
  expect(answer(company, { request: given, resource, preview })).toMatchObject({ code, rule });
});

it('lets no rule stand that no case reaches', () => {
  expect(
    company.policy.rules.map(({ id }) => id).filter((id) => !CASES.some((one) => one[5] === id)),
  ).toEqual([]);
});

it('asks nothing of an agent that is out of use', () => {
  expect(answer(company, { request: request({ agent: 'retired-bot' }) })).toMatchObject({
    code: 'agent_disabled',
  });
});
