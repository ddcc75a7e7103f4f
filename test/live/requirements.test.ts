/** What a rule can ask of people and of the moment, each from the card to the run on the whole stack. */

import { randomUUID } from 'node:crypto';
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import pg from 'pg';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { digestOf } from '../../approval/digest.ts';
import { BUTTONS } from '../../channels/slack/card-reference.ts';
import { SEARCH_ATTRIBUTES } from '../../workflows/messages.ts';
import { asking, policyText, userOf } from '../rig/house.ts';
import { type AskedCard, type Rig, startRig } from '../rig/rig.ts';
import { approveByKey, freezeRule, unfreeze } from '../rig/said.ts';
import {
  atPhase,
  cardShows,
  heldBy,
  isConsumed,
  linesWith,
  mention,
  ranBy,
  revisionsOf,
  stateOf,
  statusOf,
  threadSays,
  whispersTo,
} from '../rig/seen.ts';
import { until } from '../rig/until.ts';

const BURST_SECONDS = 8;
const writes = { action: 'sql.execute', when: 'resource.tables_written == ["orders"]' };
const many = { ...writes, when: `${writes.when} && preview.rows > 50` };
const people = { from: ['approvers'] };
const RULES = [
  asking('ordered', { approvals: [people, { from: ['security'] }], order: 'sequential' }),
  asking('either', { approvals: [{ any_of: [{ ...people, count: 2 }, { from: ['security'] }] }] }),
  asking('explained', { require: ['typed', 'reason'] }),
  asking('signed', { require: ['own_key'] }),
  asking('handed', {}),
  asking('denials', { count: 2, denials: 2 }),
  asking('burst', { limits: { count: 5, per: `${BURST_SECONDS}s` } }),
  asking('reminded', { remind_after: '2s' }),
  asking('later', {}),
  asking('brief', { grant_ttl: '2s' }),
  asking('many-rows', { count: 2, slack: 10 }, many),
  asking('few-rows', { slack: 10 }, writes),
  asking('settings', {}, { action: 'config.set' }),
];

let rig: Rig;
let crm: pg.Client;
beforeAll(async () => {
  rig = await startRig('requirements', { policy: policyText(RULES) });
  crm = new pg.Client({ connectionString: rig.stack.target.superuserUrl });
  await crm.connect();
});
afterAll(async () => {
  await crm?.end();
  await rig?.stop();
});

async function ranOnce(card: AskedCard, by: readonly string[]): Promise<void> {
  expect(await rig.agent.wait(card)).toMatchObject({ resolution: 'approved', outcome: 'succeeded' });
  await rig.cardSays(card, 'Approved and done');
  expect(await rig.runs(card.id)).toBe(1);
  expect((await ranBy(rig, card)).people).toEqual(by);
}

async function nothingRan(card: AskedCard): Promise<void> {
  expect([await rig.runs(card.id), await isConsumed(rig, card)]).toEqual([0, false]);
}

describe('of people', () => {
  test('one after the other: the second group is refused before its turn, and asked after', async () => {
    const card = await rig.askCard({ rule: 'ordered' });
    await cardShows(rig, card, 'asked when those before are met');
    await rig.approve('sam', card);
    await until('they are told', async () =>
      (await whispersTo(rig, 'sam')).at(-1)?.includes('asked only later'),
    );
    await rig.approve('ana', card);
    await cardShows(rig, card, `asked now: ${mention('sam')}`);
    expect((await statusOf(rig, card)).approvals).toEqual(['ana']);
    await nothingRan(card);
    await rig.approve('sam', card);
    await ranOnce(card, ['ana', 'sam']);
  });

  test('any one of two groups: the one suffices, and so does the other', async () => {
    const [card, other] = [await rig.askCard({ rule: 'either' }), await rig.askCard({ rule: 'either' })];
    await rig.approve('sam', card);
    await ranOnce(card, ['sam']);
    await rig.approve('ana', other);
    await cardShows(rig, other, '1 of 2');
    await nothingRan(other);
    await rig.approve('ben', other);
    await ranOnce(other, ['ana', 'ben']);
  });

  test('a reason and the typed name, in a modal: without the right name it stays open and counts nothing', async () => {
    const card = await rig.askCard({ rule: 'explained' });
    await rig.slack.interact({ person: 'ana', message: card.message_ts, actionId: BUTTONS.approve });
    expect((await rig.slack.modal())?.callback_id).toBe('assent.approve');
    await nothingRan(card);
    const filled = (typed: string) => ({
      typed: { typed },
      reason: { reason: 'Seen with the customer.' },
    });
    expect(await rig.slack.submit('ana', filled('test.werk'))).not.toEqual({ kind: 'closed' });
    expect(await stateOf(rig, card)).toBe('pending');
    await nothingRan(card);
    expect(await rig.slack.submit('ana', filled('test.work'))).toEqual({ kind: 'closed' });
    await threadSays(rig, card, 'Seen with the customer.');
    await ranOnce(card, ['ana']);
  });

  test("a key of one's own: a click is refused and says how, what they sign themselves counts", async () => {
    const card = await rig.askCard({ rule: 'signed' });
    await rig.approve('ana', card);
    await until('they are told', async () =>
      (await whispersTo(rig, 'ana')).at(-1)?.includes('npx assent approve'),
    );
    expect(await stateOf(rig, card)).toBe('pending');
    await nothingRan(card);
    expect(await approveByKey(rig, 'ana', card.requestId)).toMatchObject({
      outcome: 'booked',
      code: 'eligible',
    });
    await ranOnce(card, ['ana']);
  });

  test('handed over to somebody else, with a reason, who decides', async () => {
    const card = await rig.askCard({ rule: 'handed' });
    await rig.submit('ana', card, 'defer', { to: userOf('ben'), reason: 'He knows the customer.' });
    await threadSays(rig, card, `${mention('ana')} *handed this over* to ${mention('ben')}`);
    expect(await stateOf(rig, card)).toBe('pending');
    await nothingRan(card);
    await rig.approve('ben', card);
    await ranOnce(card, ['ben']);
  });

  test('two denials: the first leaves it open, the second ends it', async () => {
    const card = await rig.askCard({ rule: 'denials' });
    await rig.deny('ana', card, 'Not this week.');
    await cardShows(rig, card, '1 of 2 denials that end it');
    await threadSays(rig, card, '2 denials end it');
    expect(await stateOf(rig, card)).toBe('pending');
    await rig.deny('ben', card, 'Nor the next.');
    expect(await rig.agent.wait(card)).toMatchObject({ resolution: 'denied' });
    await rig.cardSays(card, 'Denied');
    await nothingRan(card);
  });

  test('a reminder, once, to those who have not answered', async () => {
    const card = await rig.askCard({ rule: 'reminded' });
    await threadSays(rig, card, '*Still waiting* for an answer');
    await rig.approve('ana', card);
    await ranOnce(card, ['ana']);
    expect(await linesWith(rig, card, '*Still waiting*')).toBe(1);
  });
});

describe('of the moment', () => {
  test('a burst: the sixth is held before anybody is asked, says so, and comes when there is room', async () => {
    const asked = await Promise.all(Array.from({ length: 6 }, () => rig.ask({ rule: 'burst' })));
    const status = await until('one of them is held', async () => {
      const all = await Promise.all(asked.map(async (one) => ({ one, ...(await statusOf(rig, one)) })));
      const held = all.filter(({ phase }) => phase === 'held');
      const pending = all.filter(({ phase }) => phase === 'pending');
      return pending.length === 5 && held[0];
    });
    expect(status.held).toEqual({ code: 'limit_reached', until: expect.any(String) });
    const { one } = status;
    const { searchAttributes } = await rig.temporal.workflow.getHandle(one.requestId).describe();
    expect(searchAttributes[SEARCH_ATTRIBUTES.state]).toEqual(['held']);
    expect(JSON.stringify(await rig.slack.messages())).not.toContain(one.id);

    const card = await rig.card(one);
    const { preview } = await rig.standing(one.requestId);
    const room = Date.parse(status.held?.until ?? '');
    expect(Date.parse(preview?.statement.previewed_at ?? '')).toBeGreaterThanOrEqual(room);
    await rig.approve('ana', card);
    await ranOnce(card, ['ana']);
  });

  test('not before a moment: approved and held, and it runs when that has come', async () => {
    const index = RULES.findIndex(({ id }) => id === 'later');
    const moment = new Date(Date.now() + 9000).toISOString().replace(/\.\d+/, '');
    await rig.edit('policy', (policy) => policy.setIn(['rules', index, 'not_before'], moment));
    const card = await rig.askCard({ rule: 'later' });
    await rig.approve('ana', card);
    const { held } = await atPhase(rig, card, 'held');
    expect(held?.code).toBe('not_before');
    expect(Date.parse(held?.until ?? '')).toBe(Date.parse(moment));
    await cardShows(rig, card, '*Not yet*');
    await nothingRan(card);
    await ranOnce(card, ['ana']);
    const { start } = await ranBy(rig, card);
    expect(Date.parse(start.statement.started_at)).toBeGreaterThanOrEqual(Date.parse(moment));
  });

  test('approved and not run in time: asked anew, and earlier approvals count no more', async () => {
    const frozen = await freezeRule(rig, 'brief');
    const card = await rig.askCard({ rule: 'brief' });
    await rig.approve('ana', card);
    expect(await heldBy(rig, card)).toBe('frozen');
    await rig.cardSays(card, 'Approval ran out');
    await unfreeze(rig, frozen);
    await threadSays(rig, card, '*Asked again*: it did not run in time');
    expect(await atPhase(rig, card, 'pending')).toMatchObject({ approvals: [] });
    expect(await revisionsOf(rig, card)).toEqual([1, 2]);
    await nothingRan(card);
    await rig.approve('ben', await rig.card(card));
    await ranOnce(card, ['ben']);
  });
});

describe('of what it would do', () => {
  const mark = (status: string, upTo: number) =>
    crm.query('UPDATE orders SET status = $1 WHERE id <= $2', [status, upTo]);
  const deleted = async (status: string) =>
    (await crm.query('SELECT count(*)::int AS left FROM orders WHERE status = $1', [status])).rows[0]
      ?.left === 0;
  const askToDelete = (status: string) =>
    rig.askFor({
      key: randomUUID(),
      action: 'sql.execute',
      input: { database: 'crm', statement: `DELETE FROM orders WHERE status = '${status}'`, parameters: [] },
      onBehalfOf: 'mia',
    });

  test('a few rows more, within the slack: it runs as approved', async () => {
    await mark('spare', 20);
    const card = await askToDelete('spare');
    await cardShows(rig, card, '20 rows would be deleted');
    await cardShows(rig, card, '0 of 1');
    await mark('spare', 22);
    await rig.approve('ana', card);
    expect(await rig.agent.wait(card)).toMatchObject({ outcome: 'succeeded', result: { rows: 22 } });
    expect([await deleted('spare'), await revisionsOf(rig, card)]).toEqual([true, [1]]);
  });

  test('more than the slack: asked anew with the difference, and of two where the rows now ask for two', async () => {
    await mark('stale', 60);
    const card = await askToDelete('stale');
    await cardShows(rig, card, '38 rows would be deleted');
    await cardShows(rig, card, '0 of 1');
    await mark('stale', 82);
    await rig.approve('ana', card);
    await threadSays(rig, card, '*Asked again*: what it would do has changed');
    await cardShows(rig, card, '60 rows would be deleted');
    await cardShows(rig, card, '0 of 2');
    expect(await revisionsOf(rig, card)).toEqual([1, 2]);
    expect([await isConsumed(rig, card), await deleted('stale')]).toEqual([false, false]);
    const again = await rig.card(card);
    await rig.approve('ana', again);
    await cardShows(rig, card, '1 of 2');
    expect(await isConsumed(rig, card)).toBe(false);
    await rig.approve('ben', again);
    expect(await rig.agent.wait(card)).toMatchObject({ outcome: 'succeeded', result: { rows: 60 } });
    expect([await deleted('stale'), (await ranBy(rig, card)).people]).toEqual([true, ['ana', 'ben']]);
  });

  test('a file that is no longer what the agent read: refused, and it stays as it is', async () => {
    const path = join(rig.stack.files.configs, 'app.yaml');
    const read = await readFile(path);
    const card = await rig.askFor({
      key: randomUUID(),
      action: 'config.set',
      input: {
        root: 'app',
        file: 'app.yaml',
        set: [{ path: ['maintenance'], value: true }],
        remove: [],
        if_digest: digestOf(read),
      },
      onBehalfOf: 'mia',
    });
    const edited = `${read}# Edited meanwhile.\n`;
    await writeFile(path, edited);
    await rig.approve('ana', card);
    expect(await rig.agent.wait(card)).toMatchObject({
      resolution: 'approved',
      outcome: 'not_executed',
      code: 'precondition_failed',
    });
    await rig.cardSays(card, 'Not executed');
    expect([await readFile(path, 'utf8'), await isConsumed(rig, card)]).toEqual([edited, false]);
  });
});
