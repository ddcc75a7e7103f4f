/** What people say from the command line, signed with keys of their own, against a whole running stack. */
import { chmodSync, copyFileSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { generateSigningKey } from '../../approval/keys.ts';
import { type Given, type Said, say, widthOf } from '../cli/terminal.ts';
import type { Signer } from '../rig/house.ts';
import { type Rig, startRig } from '../rig/rig.ts';
import { until } from '../rig/until.ts';

let rig: Rig;
const scratch = mkdtempSync(join(tmpdir(), 'assent-cli-live-'));
beforeAll(async () => {
  rig = await startRig('cli');
});
afterAll(async () => {
  await rig?.stop();
  rmSync(scratch, { recursive: true, force: true });
});

interface As extends Given {
  readonly change?: Readonly<Record<string, string>>;
}

const as = (person: Signer, argv: readonly string[], { change = {}, ...given }: As = {}): Promise<Said> =>
  say(argv, { ...given, env: { ...rig.environmentOf(person), ...change } });

async function told(person: Signer, argv: readonly string[], given: As = {}) {
  const { exit, output, aside } = await as(person, [...argv, '--json'], given);
  return { exit, ...JSON.parse(output === '' ? aside : output) };
}

/** A request about which people are asked. */
async function asked(rule = 'one', note?: string): Promise<string> {
  const { requestId } = await rig.askCard({ rule, ...(note === undefined ? {} : { note }) });
  return requestId;
}

async function comesTo(requestId: string, state: string): Promise<void> {
  await until(
    `it is ${state}`,
    async () => ((await rig.standing(requestId)).standings.state === state ? true : undefined),
    20_000,
  );
}

const decisionsOf = async (requestId: string) =>
  (await rig.standing(requestId)).dossier.decisions.map(({ statement, keyids }) => ({
    person: statement.person,
    verdict: statement.verdict,
    code: statement.standing.code,
    by: keyids.map((keyid) => keyid.split('+')[0]),
  }));

describe('approve', () => {
  test('shows the card, asks, is signed by the person and the gateway, and lets it run', async () => {
    const id = await asked('signed', 'As \u202ediscussed\u001b[2J');
    const { exit, output, aside } = await as('ana', ['approve', id.slice(0, 12)], { answers: ['y'] });
    expect({ exit, output }).toMatchObject({
      exit: 0,
      output: expect.stringContaining('Your approval counts.'),
    });
    expect(aside).toContain('Work on job-');
    expect(aside).toContain('"note": "As \\u202ediscussed\\u001b[2J"');
    expect(aside).toContain('Approve this? y/N');
    expect(aside).not.toMatch(/[^\P{C}\n]/u);
    expect(widthOf(aside)).toBeLessThanOrEqual(80);
    expect(await decisionsOf(id)).toEqual([
      { person: 'ana', verdict: 'approve', code: 'eligible', by: ['ana', 'gateway'] },
    ]);
    await comesTo(id, 'succeeded');
    const endless = await told('ana', ['revoke', id, '--reason', 'Enough']);
    expect(endless).toMatchObject({ exit: 1, code: 'request_without_end' });
    const shown = await as('ana', ['show', id]);
    expect(shown.output).toContain('ana approves');
    expect(shown.output).toContain('it succeeded');
    expect(widthOf(shown.output)).toBeLessThanOrEqual(80);
  });

  test('by whoever says no at the question says nothing', async () => {
    const id = await asked();
    expect(await as('ana', ['approve', id], { answers: [''] })).toMatchObject({
      exit: 1,
      aside: expect.stringContaining('(not_confirmed)'),
    });
    expect(await as('ana', ['approve', id])).toMatchObject({
      exit: 2,
      aside: expect.stringContaining('give --yes. (confirmation_needed)'),
    });
    expect(await decisionsOf(id)).toEqual([]);
  });

  test('where the rule wants it typed is not skipped by --yes', async () => {
    const id = await asked('typed');
    const target = (await rig.standing(id)).content?.target ?? '';
    const wrong = await as('ana', ['approve', id, '--yes'], { answers: [`${target} `] });
    expect(wrong).toMatchObject({ exit: 2, aside: expect.stringContaining('(typed_mismatch)') });
    expect(wrong.aside).toContain(`Type ${target} to approve:`);
    expect(await told('ana', ['approve', id, '--yes'])).toMatchObject({
      exit: 2,
      code: 'confirmation_needed',
    });
    expect(await decisionsOf(id)).toEqual([]);
    expect(await told('ana', ['approve', id, '--typed', target])).toMatchObject({ exit: 0, counts: true });
    await comesTo(id, 'succeeded');
  });

  test('where the rule wants a reason takes one', async () => {
    const id = await asked('reasoned');
    expect(await told('ana', ['approve', id, '--yes'])).toMatchObject({ exit: 2, code: 'reason_missing' });
    expect(await told('ana', ['approve', id, '--yes', '--reason', 'Seen it'])).toMatchObject({ exit: 0 });
  });

  test('twice in a row counts once, and the record has the attempt', async () => {
    const id = await asked('two');
    expect(await told('ana', ['approve', id, '--yes'])).toMatchObject({
      exit: 0,
      counts: true,
      state: 'pending',
      filled: 1,
      needed: 2,
    });
    const again = await as('ana', ['approve', id, '--yes']);
    expect(again.exit).toBe(1);
    expect(again.output).toContain('you approved it already');
    expect(await decisionsOf(id)).toMatchObject([{ code: 'eligible' }, { code: 'already_approved' }]);
    const shown = await told('ben', ['show', id]);
    expect(shown.standing).toMatchObject({
      state: 'pending',
      decisions: [{ code: 'counts' }, { code: 'already_approved' }],
      parts: [{ needed: 2, filled: 1 }],
    });
  });

  test.for<[Signer, string]>([
    ['mia', 'excluded'],
    ['olaf', 'excluded'],
    ['dan', 'not_eligible'],
    ['sam', 'not_asked_yet'],
  ])('by %s does not count: %s', async ([person, code]) => {
    const id = await asked();
    expect(await told(person, ['approve', id, '--yes'])).toMatchObject({ exit: 1, counts: false, code });
    expect(await decisionsOf(id)).toMatchObject([{ person, code }]);
    expect((await rig.standing(id)).standings.state).toBe('pending');
  });
});

describe('a key', () => {
  test('of somebody else is refused here, and by the gateway where the directory here lies', async () => {
    const id = await asked();
    const stolen = { ASSENT_PERSON: 'ana' };
    expect(await told('ben', ['approve', id, '--yes'], { change: stolen })).toMatchObject({
      exit: 2,
      code: 'key_not_yours',
    });
    const forger = generateSigningKey('ana');
    const [pem, lying] = [join(scratch, 'forger.pem'), join(scratch, 'lying.yaml')];
    writeFileSync(pem, forger.pem, { mode: 0o600 });
    const directory = readFileSync(rig.environmentOf('ana').ASSENT_DIRECTORY ?? '', 'utf8');
    writeFileSync(lying, directory.replace(rig.keys.ana.verifier.text, forger.signing.verifier.text));
    const change = { ASSENT_PERSON_KEY_FILE: pem, ASSENT_DIRECTORY: lying };
    expect(await told('ana', ['approve', id, '--yes'], { change })).toMatchObject({
      exit: 2,
      code: 'key_unknown',
    });
    expect(await decisionsOf(id)).toEqual([]);
  });

  test('that others may read signs nothing', async () => {
    const open = join(scratch, 'open.pem');
    copyFileSync(rig.environmentOf('ana').ASSENT_PERSON_KEY_FILE ?? '', open);
    chmodSync(open, 0o640);
    const { exit, aside } = await as('ana', ['freeze', '--everything', '--reason', 'x'], {
      change: { ASSENT_PERSON_KEY_FILE: open },
    });
    expect({ exit, aside }).toMatchObject({ exit: 2, aside: expect.stringContaining(`chmod 600 ${open}`) });
  });
});

test('an approval by another policy than the gateway’s does not count, and a denial does', async () => {
  const id = await asked();
  const other = join(scratch, 'policy.yaml');
  const policy = readFileSync(rig.environmentOf('ana').ASSENT_POLICY ?? '', 'utf8');
  writeFileSync(other, policy.replace('timeout: 1h', 'timeout: 2h'));
  const change = { ASSENT_POLICY: other };
  const stale = await told('ana', ['approve', id, '--yes'], { change });
  expect(stale).toMatchObject({ exit: 1, counts: false });
  expect(['card_stale', 'statement_differs']).toContain(stale.code);
  expect(await told('ben', ['deny', id, '--reason', 'No'], { change })).toMatchObject({
    exit: 0,
    state: 'denied',
  });
});

test('a gateway that is away is 3, and what was said stands nowhere', async () => {
  const id = await asked();
  const away = { ASSENT_GATEWAY: 'http://127.0.0.1:9' };
  expect(await told('ana', ['approve', id, '--yes'], { change: away })).toMatchObject({
    exit: 3,
    code: 'gateway_unreachable',
  });
  const slack = { ASSENT_GATEWAY: rig.slack.url };
  expect(await told('ana', ['approve', id, '--yes'], { change: slack })).toMatchObject({ exit: 3 });
  expect(await decisionsOf(id)).toEqual([]);
  expect(await told('ana', ['approve', id, '--yes'])).toMatchObject({ exit: 0, counts: true });
});

test('deny ends it, and defer hands it on', async () => {
  const id = await asked('two');
  const handed = await as('ana', ['defer', id, '--to', 'ben', '--reason', 'Yours']);
  expect(handed).toMatchObject({ exit: 0, output: expect.stringContaining('It is handed to ben.') });
  expect(await told('ana', ['defer', id, '--to', 'dan', '--reason', 'Yours'])).toMatchObject({
    exit: 1,
    code: 'other_not_eligible',
  });
  expect(await as('ana', ['deny', id])).toMatchObject({
    exit: 2,
    aside: expect.stringContaining('--reason'),
  });
  expect(await told('ana', ['deny', id, '--reason', 'Not today'])).toMatchObject({
    exit: 0,
    state: 'denied',
  });
  expect(await told('ben', ['approve', id, '--yes'])).toMatchObject({ exit: 1, code: 'request_denied' });
});

describe('freeze', () => {
  test('stops what was approved; unfreeze lets it go on', async () => {
    const id = await asked();
    const frozen = await told('dan', ['freeze', '--action', 'test.*', '--reason', 'Something is odd']);
    expect(frozen).toMatchObject({ exit: 0, counts: true, subject: 'action:test.*' });
    expect(await told('ana', ['approve', id, '--yes'])).toMatchObject({ exit: 0, state: 'held' });
    const listed = await as('ana', ['freezes']);
    expect(listed.output).toContain(`${frozen.digest.slice(0, 19)}  action:test.*`);
    expect(listed.output).toMatch(/dan, .* UTC: Something is odd/);
    expect((await as('ana', ['list', '--state', 'held'])).output).toContain(id.slice(0, 12));
    const { output } = await as('ana', ['show', id]);
    expect(output.replaceAll(/\s+/g, ' ')).toContain('held: dan froze action:test.*: Something is odd.');
    expect(await told('ana', ['unfreeze', frozen.digest, '--reason', 'I may not'])).toMatchObject({
      exit: 1,
      code: 'not_eligible',
    });
    expect(await told('dan', ['unfreeze', frozen.digest.slice(0, 19), '--reason', 'Fine'])).toMatchObject({
      exit: 0,
    });
    expect((await as('ana', ['freezes'])).output).toBe('Nothing is frozen.\n');
    await comesTo(id, 'succeeded');
  });

  test('needs neither database nor policy, and is no business of others', async () => {
    const change = { DATABASE_URL: '', ASSENT_POLICY: '', ASSENT_DIRECTORY: '' };
    const reason = ['--reason', 'Stop'];
    expect(await told('ana', ['freeze', '--everything', ...reason], { change })).toMatchObject({
      exit: 1,
      code: 'not_eligible',
    });
    const { exit, digest } = await told('dan', ['freeze', '--agent', 'rival', ...reason], { change });
    expect(exit).toBe(0);
    expect(await told('dan', ['unfreeze', digest, ...reason], { change })).toMatchObject({ exit: 0 });
    expect(await told('dan', ['unfreeze', digest, ...reason], { change })).toMatchObject({
      exit: 1,
      code: 'freeze_unknown',
    });
    expect(await told('dan', ['freeze', '--agent', 'nobody', ...reason])).toMatchObject({
      code: 'agent_unknown',
    });
  });
});

test('break-glass releases alone, its review stays open until others answer it', async () => {
  const id = await asked();
  const said = ['break-glass', id, '--reason', 'The site is down'];
  expect(await told('ana', [...said, '--yes'])).toMatchObject({ exit: 1, code: 'not_eligible' });
  expect(await told('dan', said)).toMatchObject({ exit: 2, code: 'confirmation_needed' });
  const broken = await as('dan', said, { answers: ['yes'] });
  expect(broken).toMatchObject({ exit: 0, output: expect.stringContaining('The glass is broken') });
  await comesTo(id, 'succeeded');
  expect((await as('ana', ['show', id])).output).toContain('The review of that is open');
  expect(await told('dan', ['review', id, '--justified', '--reason', 'I say'])).toMatchObject({ exit: 1 });
  expect(await told('ana', ['review', id, '--reason', 'Hm'])).toMatchObject({ exit: 2, code: 'usage' });
  expect(await told('ana', ['review', id, '--not-justified', '--reason', 'It was up'])).toMatchObject({
    exit: 0,
  });
  const { standing } = await told('ana', ['show', id]);
  expect(standing.glass).toMatchObject({
    broken: { person: 'dan' },
    review: { person: 'ana', justified: false },
  });
});

test('settle says what the target shows, apart from the executor', async () => {
  const { requestId: id, ...place } = await rig.askCard({ hold: true });
  expect(await told('ana', ['settle', id, '--ran', '--reason', 'x'])).toMatchObject({ exit: 1 });
  expect(await told('ana', ['approve', id, '--yes'])).toMatchObject({ exit: 0 });
  await until('it runs', async () => ((await rig.runs(place.id)) > 0 ? true : undefined), 20_000);
  process.kill(rig.executor().pid, 'SIGKILL');
  await rig.executor().ended;
  try {
    await comesTo(id, 'unknown');
    const wrong = ['settle', id, '--ran', '--did-not-run', '--reason', 'x'];
    expect(await told('ana', wrong)).toMatchObject({ exit: 2, code: 'usage' });
    expect(await told('mia', ['settle', id, '--ran', '--reason', 'x'])).toMatchObject({ exit: 1 });
    expect(await told('ana', ['settle', id, '--ran', '--reason', 'One line in the file'])).toMatchObject({
      exit: 0,
    });
    const { output } = await as('ana', ['show', id]);
    expect(output).toContain('no word on how it ended: unknown');
    expect(output).toContain('ana says that it ran: “One line in the file”');
  } finally {
    await rig.startExecutor();
  }
});

test('delegate lets another decide for a while; revoke ends that', async () => {
  const until = new Date(Date.now() + 86_400_000).toISOString();
  const given = ['delegate', '--to', 'dan', '--action', 'test.*', '--until', until, '--reason', 'Away'];
  const { exit, digest } = await told('ana', given);
  expect(exit).toBe(0);
  const listed = await as('ben', ['delegations']);
  expect(listed.output).toContain(`${digest.slice(0, 19)}  dan for ana: test.*`);
  const id = await asked('two');
  expect((await as('ben', ['show', id])).output).toContain('dan stands for ana (delegation sha256:');
  expect(await told('dan', ['approve', id, '--yes'])).toMatchObject({ exit: 0, filled: 1 });
  expect(await told('ana', ['approve', id, '--yes'])).toMatchObject({ exit: 1, code: 'already_approved' });
  expect(await told('ben', ['revoke', digest, '--reason', 'x'])).toMatchObject({
    exit: 1,
    code: 'not_eligible',
  });
  expect(await told('ana', ['revoke', digest.slice(0, 19), '--reason', 'Back'])).toMatchObject({ exit: 0 });
  expect((await as('ben', ['delegations'])).output).toBe('Nobody stands for anybody by a delegation.\n');
  expect((await rig.standing(id)).standings.tally?.filled).toBe(0);
});

test('list tells how far each has come, by state, agent, pattern and age', async () => {
  const id = await asked();
  const of = async (...argv: string[]): Promise<string[]> =>
    (await told('ana', ['list', ...argv])).requests.map(
      ({ request_id }: { request_id: string }) => request_id,
    );
  expect(await of('--state', 'pending')).toContain(id);
  expect(await of('--state', 'denied')).not.toContain(id);
  expect(await of('--action', 'test.*', '--newer-than', '1h')).toContain(id);
  expect(await of('--action', 'sql.**')).toEqual([]);
  expect(await of('--older-than', '1h')).toEqual([]);
  expect(await of('--agent', 'rival')).toEqual([]);
  const plain = await as('ana', ['list', '--state', 'open', '--newer-than', '1h'], {
    change: { ASSENT_TRUST: '' },
  });
  expect(plain.output).toContain(id.slice(0, 12));
  expect(plain.output).toContain('set ASSENT_TRUST');
});
