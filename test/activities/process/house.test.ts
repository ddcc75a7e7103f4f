import { chmod, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { stringify } from 'yaml';
import { loadTrustedKey } from '../../../activities/process/house.ts';
import { generateSigningKey } from '../../../approval/keys.ts';
import { loadJudge } from '../../../audit/load-judge.ts';
import { directoryText, POLICY } from '../../rig/house.ts';

const gateway = generateSigningKey('gateway');
const older = generateSigningKey('gateway-2025');
const executor = generateSigningKey('executor');
const agent = generateSigningKey('robot');
const ana = generateSigningKey('ana');

let directory: string;
const at = (name: string) => join(directory, name);
const files = () => ({
  ASSENT_POLICY: at('policy.yaml'),
  ASSENT_DIRECTORY: at('directory.yaml'),
  ASSENT_TRUST: at('trust.yaml'),
});

beforeAll(async () => {
  directory = await mkdtemp(join(tmpdir(), 'assent-house-'));
  const trust = {
    audience: 'assent-test',
    keys: { gateway: [gateway.signing.verifier.text], executor: [executor.signing.verifier.text] },
  };
  await Promise.all([
    writeFile(at('policy.yaml'), POLICY),
    writeFile(
      at('directory.yaml'),
      directoryText({ robot: agent.signing.verifier.text }, { ana: ana.signing.verifier.text }),
    ),
    writeFile(at('trust.yaml'), stringify(trust)),
    writeFile(at('gateway.pem'), gateway.pem, { mode: 0o600 }),
    writeFile(at('executor.pem'), executor.pem, { mode: 0o600 }),
    writeFile(at('open.pem'), gateway.pem, { mode: 0o600 }),
    writeFile(at('none.mjs'), 'export const action = [];'),
    writeFile(at('wrong.mjs'), 'export const actions = [{ name: "a.b" }];'),
    writeFile(at('broken.mjs'), 'export const actions = ['),
    writeFile(at('doubled.mjs'), 'export { actions } from "./twice.mjs";'),
  ]);
  await chmod(at('open.pem'), 0o644);
});
afterAll(() => rm(directory, { recursive: true }));

it("loads policy, directory, trust and a team's own actions beside the built-in ones", async () => {
  const own = fileURLToPath(new URL('../../rig/actions.ts', import.meta.url));
  const judge = await loadJudge({ ...files(), ASSENT_ACTIONS: own });
  const action = { name: 'test.work', input: { rule: 'one', id: 'a', hold: false } };
  expect(judge.examine(action).definition.taskQueue).toBe('test-executor');
  expect(judge.ring.agents.map(({ name }) => name)).toEqual(['robot']);
  expect(judge.ring.gateway.map(({ text }) => text)).toEqual([gateway.signing.verifier.text]);
  await expect(loadJudge(files()).then((plain) => plain.examine(action))).rejects.toMatchObject({
    code: 'action_unknown',
    message: expect.stringContaining('sql.export'),
  });
});

it.each([
  ['nowhere.mjs', 'actions_unreadable'],
  ['broken.mjs', 'actions_unreadable'],
  ['doubled.mjs', 'actions_unreadable'],
  ['none.mjs', 'actions_malformed'],
  ['wrong.mjs', 'actions_malformed'],
])('ASSENT_ACTIONS=%s: %s, naming the file', async (file, code) => {
  await expect(loadJudge({ ...files(), ASSENT_ACTIONS: at(file) })).rejects.toMatchObject({
    code,
    message: expect.stringContaining(file),
  });
});

it.each([
  ['ASSENT_POLICY', 'file_unreadable'],
  ['ASSENT_DIRECTORY', 'file_unreadable'],
  ['ASSENT_TRUST', 'file_unreadable'],
])('%s that is not there: %s', async (name, code) => {
  await expect(loadJudge({ ...files(), [name]: at('nowhere.yaml') })).rejects.toMatchObject({ code });
});

it('finds its key among those that are trusted for its role, old ones too', async () => {
  const { verifier } = gateway.signing;
  const key = await loadTrustedKey(at('gateway.pem'), [older.signing.verifier, verifier]);
  expect(key.keyid).toBe(verifier.keyid);
});

it.each([
  ["another role's key", 'executor.pem', 'key_not_trusted'],
  ['a key that others may read', 'open.pem', 'key_file_open'],
  ['no key', 'policy.yaml', 'key_file_open'],
  ['no file', 'nowhere.pem', 'key_file_unreadable'],
])('%s: the process does not start', async (_, file, code) => {
  await expect(loadTrustedKey(at(file), [gateway.signing.verifier])).rejects.toMatchObject({ code });
});

it('trusts no key where none is named', async () => {
  await expect(loadTrustedKey(at('gateway.pem'), [])).rejects.toMatchObject({ code: 'key_not_trusted' });
});
