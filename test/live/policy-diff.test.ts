/** `assent policy diff` over a real book: every request once, newest first, with its last preview. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { requestIdOf } from '../../approval/digest.ts';
import { generateSigningKey } from '../../approval/keys.ts';
import { signStatement } from '../../approval/statements.ts';
import type { JsonObject, Verified } from '../../approval/types.ts';
import { recordedRequests } from '../../audit/recorded.ts';
import { createBook } from '../../book/book.ts';
import { type Cluster, startCluster } from '../book/cluster.ts';
import { say } from '../cli/terminal.ts';

const folder = mkdtempSync(join(tmpdir(), 'assent-diff-'));
const agent = generateSigningKey('reporter');
const executor = generateSigningKey('executor').signing;
const DIRECTORY = `people: {ana: {name: Ana}, olaf: {name: Olaf}}
agents: {reporter: {keys: [${agent.signing.verifier.text}], owners: [olaf]}}
`;
const POLICY = `version: 1
rules:
  - id: many
    match: {action: sql.export, when: preview.rows > 100}
    effect: require_approval
    approvals: [{from: [ana]}]
    timeout: 1h
  - {id: few, match: {action: sql.export}, effect: allow}
`;

let cluster: Cluster;
let env: NodeJS.ProcessEnv;
let db: Awaited<ReturnType<Cluster['migrated']>>['db'];

beforeAll(async () => {
  cluster = await startCluster();
  const migrated = await cluster.migrated('diff');
  db = migrated.db;
  await cluster.as('assent_reader', migrated.url);
  const url = cluster.urlAs(migrated.url, 'login_of_assent_reader', 'secret');
  env = { DATABASE_URL: url, ASSENT_DIRECTORY: file('directory.yaml', DIRECTORY) };
});

afterAll(async () => {
  await cluster.stop();
  rmSync(folder, { recursive: true, force: true });
});

function file(name: string, text: string): string {
  const path = join(folder, name);
  writeFileSync(path, text);
  return path;
}

function asked(key: string): Verified<'request'> {
  return signStatement(
    'request',
    {
      audience: 'test',
      request_id: requestIdOf('test', 'reporter', key),
      key,
      agent: 'reporter',
      action: { name: 'sql.export', input: {} },
      claims: { on_behalf_of: null, intent: null, reason: null, trigger: null, context: {} },
      attested: null,
      requested_at: '2026-03-01T09:30:00.000Z',
    },
    agent.signing,
  );
}

function seen(request: Verified<'request'>, facts: JsonObject, revision: number): Verified<'preview'> {
  return signStatement(
    'preview',
    {
      audience: 'test',
      request_id: request.statement.request_id,
      action_digest: request.digest,
      resource: { database: 'crm' },
      facts,
      previewed_at: '2026-03-01T09:30:01.000Z',
      revision,
    },
    executor,
  );
}

test('judges every request of the book by both policies', async () => {
  const book = createBook(db);
  const requests = Array.from({ length: 120 }, (_, index) => asked(`k${index}`));
  for (const [index, request] of requests.entries()) {
    // What was seen last is what people were asked about.
    await book.append([request, seen(request, { rows: 1 }, 1), seen(request, { rows: index }, 2)]);
  }
  const ids: string[] = [];
  for await (const { request_id } of recordedRequests(db, null)) ids.push(request_id);
  expect(ids).toEqual(requests.map(({ statement }) => statement.request_id).toReversed());

  const [old, next] = [file('old.yaml', POLICY), file('new.yaml', POLICY.replace('> 100', '> 60'))];
  const same = await say(['policy', 'diff', old, old], { env });
  expect(same).toMatchObject({ exit: 0, output: '120 requests: none would be decided otherwise.\n' });
  const { exit, output } = await say(['policy', 'diff', old, next, '--json'], { env });
  expect(exit).toBe(1);
  const { differing, uncertain, differences } = JSON.parse(output);
  expect({ differing, uncertain }).toEqual({ differing: 40, uncertain: 0 });
  expect(differences[0].request_id).toBe(requests[100]?.statement.request_id);
  expect(differences[0].changes).toContainEqual({ field: 'rule', before: 'few', after: 'many' });

  const later = new Date(Date.now() + 60_000).toISOString().replace(/\.\d+Z/, 'Z');
  const none = await say(['policy', 'diff', old, next, '--since', later], { env });
  expect(none.output).toBe('0 requests: none would be decided otherwise.\n');
});

test('a book that cannot be reached', async () => {
  const old = file('old.yaml', POLICY);
  const { exit } = await say(['policy', 'diff', old, old], {
    env: { ...env, DATABASE_URL: 'postgres://nobody@127.0.0.1:1/none' },
  });
  expect(exit).toBe(3);
});
