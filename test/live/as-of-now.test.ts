/** Who may decide and what policy says, as of the moment of release: what was approved before does not simply run. */
import { readFile } from 'node:fs/promises';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { linesOf, replaceFile } from '../rig/edits.ts';
import { AGENT, asking, policyText } from '../rig/house.ts';
import { type AskedCard, type Rig, startRig } from '../rig/rig.ts';
import { delegate, freezeRule, sayAs, unfreeze } from '../rig/said.ts';
import {
  atPhase,
  cardShows,
  closedAs,
  heldBy,
  isConsumed,
  mention,
  ranBy,
  stateOf,
  statusOf,
  threadSays,
  whispersTo,
} from '../rig/seen.ts';
import { until } from '../rig/until.ts';

const RULES = ['leaving', 'stricter', 'denied', 'disabled', 'kept', 'delegated', 'away', 'edited'];

let rig: Rig;
beforeAll(async () => {
  const rules = [...RULES.map((rule) => asking(rule, {})), asking('denials', { count: 2, denials: 2 })];
  rig = await startRig('as-of-now', { policy: policyText(rules) });
});
afterAll(() => rig?.stop());

const APPROVERS = ['ana', 'ben', 'mia', 'olaf'];
const setApprovers = (people: readonly string[]) =>
  rig.edit('directory', (directory) => directory.setIn(['groups', 'approvers'], people));

/** Asks under a rule that is frozen, has it approved, and waits until the executor was tried. */
async function approvedAndHeld(rule: string) {
  const frozen = await freezeRule(rig, rule);
  const card = await rig.askCard({ rule });
  await rig.approve('ana', card);
  expect(await heldBy(rig, card)).toBe('frozen');
  expect(await stateOf(rig, card)).toBe('approved');
  return { card, lift: () => unfreeze(rig, frozen) };
}

async function ranOnce(card: AskedCard, people: readonly string[]): Promise<void> {
  expect(await rig.agent.wait(card)).toMatchObject({ resolution: 'approved', outcome: 'succeeded' });
  await rig.cardSays(card, 'Approved and done');
  expect(await rig.runs(card.id)).toBe(1);
  expect((await ranBy(rig, card)).people).toEqual(people);
}

async function nothingRan(card: AskedCard): Promise<void> {
  expect([await rig.runs(card.id), await isConsumed(rig, card)]).toEqual([0, false]);
}

describe('between the approval and the release', () => {
  test('the approver leaves the group: it lapses, another is asked, and it runs on their approval alone', async () => {
    const { card, lift } = await approvedAndHeld('leaving');
    await setApprovers(APPROVERS.filter((person) => person !== 'ana'));
    await cardShows(rig, card, `${mention('ana')}’s approval lapsed: no longer among those who may decide`);
    await threadSays(rig, card, `${mention('ana')}’s approval *lapsed*`);
    await lift();
    expect((await atPhase(rig, card, 'pending')).approvals).toEqual([]);
    await nothingRan(card);
    await rig.approve('ben', await rig.card(card));
    await ranOnce(card, ['ben']);
    await setApprovers(APPROVERS);
  });

  test('the rule asks for two instead of one: both are asked, and it runs with two', async () => {
    const { card, lift } = await approvedAndHeld('stricter');
    await rig.edit('policy', (policy) => policy.setIn(['rules', 1, 'approvals', 0, 'count'], 2));
    await cardShows(rig, card, 'the rule that asked for it has changed since');
    await lift();
    expect(await atPhase(rig, card, 'pending')).toMatchObject({ approvals: [], needed: 2 });
    await nothingRan(card);
    const again = await rig.card(card);
    await rig.approve('ana', again);
    await cardShows(rig, card, '1 of 2');
    await nothingRan(card);
    await rig.approve('ben', again);
    await ranOnce(card, ['ana', 'ben']);
  });

  test('the rule denies by now: denied, and nothing ran', async () => {
    const { card, lift } = await approvedAndHeld('denied');
    await rig.edit('policy', (policy) => {
      const [id, match] = [policy.getIn(['rules', 2, 'id']), policy.getIn(['rules', 2, 'match'])];
      policy.setIn(['rules', 2], { id, match, effect: 'deny', reason: 'Not this year.' });
    });
    await lift();
    expect(await rig.agent.wait(card)).toMatchObject({
      resolution: 'denied',
      outcome: 'not_executed',
      code: 'denied_by_rule',
      reason: expect.stringContaining('Not this year.'),
    });
    await rig.cardSays(card, 'Refused by policy');
    expect(await closedAs(rig, card)).toEqual(['COMPLETED', 'denied']);
    // It is over, whatever policy says next.
    await rig.edit('policy', (policy) => policy.setIn(['rules', 2], asking('denied', {})));
    await rig.cardSays(card, 'Not executed');
    await nothingRan(card);
  });

  test('the agent is disabled: denied, and so is whatever it asks next', async () => {
    const { card, lift } = await approvedAndHeld('disabled');
    await rig.edit('directory', (directory) => directory.setIn(['agents', AGENT, 'disabled'], true));
    await lift();
    expect(await rig.agent.wait(card)).toMatchObject({ resolution: 'denied', code: 'agent_disabled' });
    await rig.cardSays(card, 'Refused by policy');
    const next = await rig.ask({ rule: 'disabled' });
    expect(await rig.agent.wait(next)).toMatchObject({ resolution: 'denied', code: 'agent_disabled' });
    await nothingRan(card);
    expect(await rig.runs(next.id)).toBe(0);
    await rig.edit('directory', (directory) => directory.deleteIn(['agents', AGENT, 'disabled']));
  });
});

test('the rule is edited while people are asked: what they approve by the new one counts, and runs at once', async () => {
  const card = await rig.askCard({ rule: 'edited' });
  await rig.edit('policy', (policy) => policy.setIn(['rules', 7, 'approvals', 0, 'count'], 2));
  await cardShows(rig, card, '0 of 2');
  const edited = await rig.card(card);
  await rig.approve('ana', edited);
  await cardShows(rig, card, '1 of 2');
  await nothingRan(card);
  await rig.approve('ben', edited);
  await ranOnce(card, ['ana', 'ben']);
});

test('a broken policy is refused loudly by every process, and the one before it stays until there is a good one', async () => {
  const { policy } = rig.stack.files;
  const good = await readFile(policy, 'utf8');
  await replaceFile(policy, good.replace('require_approval', 'allow_everything'));
  for (const log of rig.logs) {
    await until(`${log} says so`, async () =>
      (await linesOf(log)).some(({ msg }) => msg.includes('the ones before it stay in force')),
    );
  }
  const card = await rig.askCard({ rule: 'kept' });
  expect(await stateOf(rig, card)).toBe('pending');
  await nothingRan(card);
  await rig.approve('ana', card);
  await ranOnce(card, ['ana']);

  await replaceFile(policy, good);
  await rig.edit('policy', (document) => document.setIn(['rules', 4, 'approvals', 0, 'count'], 2));
  const stricter = await rig.askCard({ rule: 'kept' });
  await rig.approve('ana', stricter);
  await cardShows(rig, stricter, '1 of 2');
  await nothingRan(stricter);
  await rig.approve('ben', stricter);
  await ranOnce(stricter, ['ana', 'ben']);
});

test('a denial stands when whoever gave it has left the group', async () => {
  const card = await rig.askCard({ rule: 'denials' });
  await rig.deny('ana', card, 'Not before the audit.');
  await cardShows(rig, card, '1 of 2 denials that end it');
  await setApprovers(APPROVERS.filter((person) => person !== 'ana').concat('sam'));
  await rig.approve('ben', card);
  await cardShows(rig, card, '1 of 2 from');
  await rig.deny('sam', card, 'Nor after it.');
  expect(await rig.agent.wait(card)).toMatchObject({ resolution: 'denied', outcome: 'not_executed' });
  await rig.cardSays(card, 'Denied');
  await nothingRan(card);
  await setApprovers(APPROVERS);
});

describe('standing in for somebody', () => {
  const soon = (seconds: number) => new Date(Date.now() + seconds * 1000).toISOString();
  const moment = (seconds: number) => soon(seconds).replace(/\.\d+/, '');
  const HOUR = 3600;

  test('a delegation lets its delegate approve within its scope and time; revoked, the approval lapses', async () => {
    await delegate(rig, 'ana', { to: 'sam', action: 'sql.*', until: soon(HOUR) });
    await delegate(rig, 'ana', { to: 'sam', action: 'test.*', starts_at: soon(HOUR), until: soon(2 * HOUR) });
    // Whoever is excluded gains nothing: Olaf owns the agent.
    await delegate(rig, 'ana', { to: 'olaf', action: 'test.*', until: soon(HOUR) });
    const frozen = await freezeRule(rig, 'delegated');
    const card = await rig.askCard({ rule: 'delegated' });
    for (const [person, why] of [
      ['sam', 'not among the people who may do this'],
      ['olaf', 'separation of duties'],
    ] as const) {
      await rig.approve(person, card);
      await until('they are told', async () => (await whispersTo(rig, person)).at(-1)?.includes(why));
    }
    expect((await statusOf(rig, card)).approvals).toEqual([]);

    const given = await delegate(rig, 'ana', { to: 'sam', action: 'test.*', until: soon(HOUR) });
    const asked = await rig.card(card);
    await rig.approve('sam', asked);
    await cardShows(rig, card, `${mention('sam')} for ${mention('ana')}`);
    expect(await heldBy(rig, card)).toBe('frozen');

    const revoke = { verb: 'revoke', subject: given, detail: { of: 'delegation' }, reason: 'Back.' } as const;
    expect(await sayAs(rig, 'ben', revoke)).toMatchObject({ outcome: 'refused', code: 'not_eligible' });
    expect(await stateOf(rig, card)).toBe('approved');
    expect(await sayAs(rig, 'ana', revoke)).toMatchObject({ outcome: 'booked', code: 'eligible' });
    await cardShows(rig, card, `${mention('sam')}’s approval lapsed`);
    await unfreeze(rig, frozen);
    expect((await atPhase(rig, card, 'pending')).approvals).toEqual([]);
    await nothingRan(card);
    await rig.approve('ana', await rig.card(card));
    await ranOnce(card, ['ana']);
  });

  test('whoever is out of office is stood in for by whom the directory names, and together they count once', async () => {
    const away = [{ from: moment(-HOUR), until: moment(HOUR), to: 'sam' }];
    await rig.edit('directory', (directory) => directory.setIn(['people', 'ana', 'away'], away));
    await rig.edit('policy', (policy) => policy.setIn(['rules', 6, 'approvals', 0, 'count'], 2));
    const card = await rig.askCard({ rule: 'away' });
    await cardShows(rig, card, mention('sam'));
    await rig.approve('sam', card);
    await cardShows(rig, card, `${mention('sam')} for ${mention('ana')}`);
    await rig.approve('ana', card);
    await cardShows(rig, card, '1 of 2');
    await nothingRan(card);
    await rig.approve('ben', card);
    expect(await rig.agent.wait(card)).toMatchObject({ outcome: 'succeeded' });
    expect(await rig.runs(card.id)).toBe(1);
    await rig.edit('directory', (directory) => directory.deleteIn(['people', 'ana', 'away']));
  });
});
