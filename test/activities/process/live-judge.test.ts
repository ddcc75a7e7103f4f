/** The judge of a process follows its files: both at once, soon, and never into a broken pair. */
import { mkdtemp, rename, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pino } from 'pino';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { parse, stringify } from 'yaml';
import { createRegistry } from '../../../actions/registry.ts';
import { type LiveJudge, liveJudge } from '../../../activities/process/house.ts';
import { generateSigningKey } from '../../../approval/keys.ts';
import { work } from '../../rig/actions.ts';
import { AGENT, directoryText, OTHER_AGENT, POLICY } from '../../rig/house.ts';

const robot = generateSigningKey(AGENT).signing.verifier.text;
const rival = generateSigningKey(OTHER_AGENT).signing.verifier.text;
const own = { ana: generateSigningKey('ana').signing.verifier.text };
const DIRECTORY = directoryText({ [AGENT]: robot }, own);
const OTHER_DIRECTORY = directoryText({ [AGENT]: robot, [OTHER_AGENT]: rival }, own);
const OTHER_POLICY = POLICY.replace('id: one', 'id: first');
/** On a machine that does nothing else it is one second. */
const SOON_MS = 5_000;

let folder: string;
let live: LiveJudge;
let logged: { readonly level: number; readonly msg: string; readonly err?: { readonly message: string } }[];
let told: () => void;
const at = (name: string) => join(folder, name);

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'assent-live-judge-'));
  logged = [];
  told = () => undefined;
  await Promise.all([writeFile(at('policy.yaml'), POLICY), writeFile(at('directory.yaml'), DIRECTORY)]);
  const write = (line: string) => {
    logged.push(JSON.parse(line));
    told();
  };
  live = await liveJudge({
    trust: { audience: 'assent-test', gateway: [], executor: [] },
    registry: createRegistry([work]),
    files: { policy: at('policy.yaml'), directory: at('directory.yaml') },
    log: pino({}, { write }),
  });
});
afterEach(async () => {
  live.close();
  await rm(folder, { recursive: true });
});

/** Moved into its place, as editors do. */
async function put(name: string, text: string): Promise<void> {
  await writeFile(at(`${name}.new`), text);
  await rename(at(`${name}.new`), at(name));
}

/** What it says next of its files. */
async function next(): Promise<(typeof logged)[number] | undefined> {
  const before = logged.length;
  await new Promise<void>((resolve) => {
    told = () => {
      if (logged.length > before) resolve();
    };
    told();
  });
  return logged[before];
}

const seen = () => {
  const { ring, guard } = live.judge();
  return {
    agents: ring.agents.map(({ name }) => name),
    rule: guard.policy.rules[0]?.id,
    digests: [guard.policy.digest, guard.directory.digest],
  };
};

it('is another judge soon after a file changed, and the same one until then', async () => {
  const before = live.judge();
  expect(live.judge()).toBe(before);
  const began = performance.now();
  const said = next();
  await put('policy.yaml', OTHER_POLICY);
  expect(await said).toMatchObject({ level: 30, msg: 'policy and directory were read again' });
  expect(performance.now() - began).toBeLessThan(SOON_MS);
  expect(seen()).toMatchObject({ agents: [AGENT], rule: 'first' });
  expect(live.judge()).not.toBe(before);
  expect(live.judge()).toBe(live.judge());
});

it('takes keys that came to the directory, and no longer those that left', async () => {
  const said = next();
  await put('directory.yaml', OTHER_DIRECTORY);
  await said;
  expect(seen().agents).toEqual([AGENT, OTHER_AGENT]);
  const again = next();
  await put('directory.yaml', DIRECTORY);
  await again;
  expect(seen().agents).toEqual([AGENT]);
});

it('stays as it is where a file is broken, and says why; and goes on once it is mended', async () => {
  const before = live.judge();
  const said = next();
  await put('policy.yaml', POLICY.replace('effect:', 'efect:'));
  const { level, err } = (await said) ?? {};
  expect([level, err?.message]).toEqual([50, expect.stringContaining('policy.yaml:')]);
  expect(live.judge()).toBe(before);
  const mended = next();
  await put('policy.yaml', OTHER_POLICY);
  expect(await mended).toMatchObject({ level: 30 });
  expect(seen().rule).toBe('first');
});

it('takes both files, or neither', async () => {
  const before = seen();
  // The new policy asks a group that only the new directory has.
  const groups = parse(OTHER_DIRECTORY);
  const directory = stringify({ ...groups, groups: { ...groups.groups, auditors: ['ana'] } });
  const policy = OTHER_POLICY.replace('- approvers', '- auditors');
  const broken = next();
  await put('policy.yaml', policy);
  const { level, err } = (await broken) ?? {};
  expect([level, err?.message]).toEqual([50, expect.stringContaining('auditors')]);
  expect(seen()).toEqual(before);
  const whole = next();
  await put('directory.yaml', directory);
  expect(await whole).toMatchObject({ level: 30 });
  expect(seen()).toMatchObject({ agents: [AGENT, OTHER_AGENT], rule: 'first' });
});

it('stays as it is where a file is gone', async () => {
  const before = live.judge();
  const said = next();
  await rm(at('directory.yaml'));
  expect(await said).toMatchObject({
    level: 50,
    err: { message: expect.stringContaining('directory.yaml') },
  });
  expect(live.judge()).toBe(before);
});
