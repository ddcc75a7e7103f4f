/** What is lent and ends, on the whole stack: by itself, by somebody's word, and whatever becomes of the parts. */
import { randomUUID } from 'node:crypto';
import pg from 'pg';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { leaseOf } from '../../book/leases.ts';
import { BUTTONS } from '../../channels/slack/card-reference.ts';
import { asking, policyText } from '../rig/house.ts';
import { type AskedCard, type Rig, startRig } from '../rig/rig.ts';
import { sayAs } from '../rig/said.ts';
import { atPhase, cardShows, closedAs, mention, ranBy, recordsOf, stateOf, threadSays } from '../rig/seen.ts';
import { until } from '../rig/until.ts';

let rig: Rig;
let intern: pg.Client;
const opened = new Set<pg.Client>();
beforeAll(async () => {
  const rules = [asking('lent', {}), asking('access', {}, { action: 'access.grant' })];
  rig = await startRig('ends', { policy: policyText(rules) });
  intern = await session();
});
afterAll(async () => {
  await Promise.all([...opened].map((client) => client.end()));
  await rig?.stop();
});

/** Of the login to which the role is lent. */
async function session(): Promise<pg.Client> {
  const client = new pg.Client({ connectionString: rig.stack.target.internUrl });
  // Whoever ends a session tells it so by an error.
  client.on('error', () => undefined);
  client.on('end', () => opened.delete(client));
  await client.connect();
  opened.add(client);
  return client;
}

/** SQLSTATE of a change of orders; null where it succeeds. */
async function changing(client: pg.Client): Promise<string | null> {
  try {
    await client.query('UPDATE public.orders SET total_cents = total_cents WHERE id = 1');
    return null;
  } catch (error) {
    if (error instanceof pg.DatabaseError && error.code !== undefined) return error.code;
    throw error;
  }
}

const DENIED = '42501';
const endOf = (client: pg.Client) => new Promise<void>((resolve) => client.once('end', resolve));

async function granted(): Promise<AskedCard> {
  const card = await rig.askFor({
    key: randomUUID(),
    action: 'access.grant',
    input: { database: 'crm', role: 'order_desk', login: 'intern', minutes: 30 },
    onBehalfOf: 'mia',
  });
  expect(await changing(intern)).toBe(DENIED);
  await rig.approve('ana', card);
  const outcome = await rig.agent.wait(card);
  expect(outcome).toMatchObject({ resolution: 'approved', outcome: 'succeeded' });
  expect(Date.parse(outcome.until ?? '')).toBeGreaterThan(Date.now() + 29 * 60_000);
  await rig.cardSays(card, 'Granted');
  await cardShows(rig, card, 'active until');
  expect((await ranBy(rig, card)).people).toEqual(['ana']);
  expect(await changing(intern)).toBeNull();
  return card;
}

/** Nothing is left of it: neither the session in which it was used, nor its rights in a new one. */
async function isGone(card: AskedCard, ended: Promise<void>): Promise<void> {
  await ended;
  intern = await session();
  expect(await changing(intern)).toBe(DENIED);
  await rig.cardSays(card, 'Granted, and ended');
  await cardShows(rig, card, 'ended early');
  expect((await leaseOf(rig.db, card.requestId))?.end).not.toBeNull();
  expect(await stateOf(rig, card)).toBe('ended');
}

const revoke = (card: AskedCard) =>
  ({ verb: 'revoke', subject: card.requestId, detail: { of: 'lease' }, reason: 'Enough.' }) as const;

async function lent({ seconds, holdEnd = false }: { seconds: number; holdEnd?: boolean }) {
  const id = `loan-${randomUUID()}`;
  const input = { rule: 'lent', id, seconds, holdEnd };
  const card = await rig.askFor({ key: id, action: 'test.lend', input, onBehalfOf: 'mia' });
  await rig.approve('ana', card);
  expect(await rig.agent.wait(card)).toMatchObject({ outcome: 'succeeded', until: expect.any(String) });
  return card;
}

const endings = ({ id }: AskedCard) => rig.runs(`${id}-ended`);

async function killExecutor(): Promise<void> {
  process.kill(rig.executor().pid, 'SIGKILL');
  expect(await rig.executor().ended).toBe('SIGKILL');
}

describe('its time comes', () => {
  test('it is told as granted while it lasts, and ends by itself', async () => {
    const card = await lent({ seconds: 5 });
    expect(await stateOf(rig, card)).toBe('active');
    await atPhase(rig, card, 'active');
    await rig.cardSays(card, 'Granted');
    await cardShows(rig, card, 'active until');
    expect(await endings(card)).toBe(0);
    await rig.cardSays(card, 'Granted, and ended');
    await cardShows(rig, card, 'ended by itself');
    await threadSays(rig, card, '*Ended*: its time had come');
    expect(await endings(card)).toBe(1);
    expect(await closedAs(rig, card)).toEqual(['COMPLETED', 'ended']);
    expect(await rig.agent.wait(card)).toMatchObject({ outcome: 'succeeded' });
    expect((await recordsOf(rig, card)).filter(({ kind }) => kind === 'ended')).toHaveLength(1);
    expect(await rig.runs(card.id)).toBe(1);
  });

  test('though its workflow was terminated and its executor killed: as soon as there is an executor', async () => {
    const card = await lent({ seconds: 2 });
    await rig.temporal.workflow.getHandle(card.requestId).terminate('An operator was in a hurry.');
    await killExecutor();
    const { ends_at } = (await leaseOf(rig.db, card.requestId)) ?? { ends_at: new Date(0) };
    await until('its time has come', async () => Date.now() > ends_at.getTime());
    expect(await stateOf(rig, card)).toBe('active');
    await rig.startExecutor();
    await rig.cardSays(card, 'Granted, and ended');
    await cardShows(rig, card, 'ended by itself');
    expect([await endings(card), await rig.runs(card.id)]).toEqual([1, 1]);
  });
});

test('a forged word that it was ended ends nothing: the card says otherwise until the executor has ended it', async () => {
  const card = await lent({ seconds: 600, holdEnd: true });
  expect(await sayAs(rig, 'ana', revoke(card))).toMatchObject({ code: 'eligible' });
  await until('its end is under way', async () => (await endings(card)) > 0);
  const { requestId: workflowId } = card;
  const handle = rig.temporal.workflow.getHandle(workflowId);
  const activityId = await until('the workflow has asked for it', async () => {
    const { raw } = await handle.describe();
    const asked = raw.pendingActivities?.find(({ activityType }) => activityType?.name === 'revoke');
    return asked?.lastStartedTime == null ? undefined : (asked.activityId ?? undefined);
  });
  const forged = { request_id: workflowId, ended: true, code: 'revoked', finish_digest: null };
  await rig.temporal.activity.complete({ workflowId, activityId }, forged);
  expect(await closedAs(rig, card)).toEqual(['COMPLETED', 'ended']);
  expect(await stateOf(rig, card)).toBe('active');
  await cardShows(rig, card, 'is being ended now');

  await killExecutor();
  await rig.release(`${card.id}-ended`);
  await rig.startExecutor();
  await rig.cardSays(card, 'Granted, and ended');
  await cardShows(rig, card, 'ended early');
  expect((await leaseOf(rig.db, workflowId))?.end).not.toBeNull();
  expect(await rig.runs(card.id)).toBe(1);
});

describe('access.grant', () => {
  test('lets the login change orders until somebody ends it from the card, who need not have approved it', async () => {
    const card = await granted();
    const ended = endOf(intern);
    await cardShows(rig, card, BUTTONS.revoke);
    const refused = await rig.submit('sam', card, 'revoke', { reason: 'I say so.' });
    expect(await refused.text()).toContain('It was not ended');
    expect([await stateOf(rig, card), await changing(intern)]).toEqual(['active', null]);

    // Olaf owns the agent: he may not approve what it asks for, and may end it.
    await rig.slack.interact({ person: 'olaf', message: card.message_ts, actionId: BUTTONS.revoke });
    expect((await rig.slack.modal())?.callback_id).toBe('assent.revoke');
    await rig.submit('olaf', card, 'revoke', { reason: 'The shift is over.' });
    await isGone(card, ended);
    await threadSays(rig, card, `${mention('olaf')} *revoked* this`);
    await threadSays(rig, card, '*Ended*: it was revoked');
    expect(await closedAs(rig, card)).toEqual(['COMPLETED', 'ended']);
    expect(await rig.agent.wait(card)).toMatchObject({ outcome: 'succeeded' });
  });

  test('ends by a signed statement, though its workflow was terminated and the executor killed meanwhile', async () => {
    const card = await granted();
    const ended = endOf(intern);
    await rig.temporal.workflow.getHandle(card.requestId).terminate('An operator was in a hurry.');
    const executor = rig.stack.process('executor');
    process.kill(executor.pid, 'SIGKILL');
    expect(await executor.ended).toBe('SIGKILL');
    expect(await sayAs(rig, 'sam', revoke(card))).toMatchObject({ outcome: 'refused', code: 'not_eligible' });
    expect(await sayAs(rig, 'dan', revoke(card))).toMatchObject({ outcome: 'booked', code: 'eligible' });
    await cardShows(rig, card, 'is being ended now');
    expect([await stateOf(rig, card), await changing(intern)]).toEqual(['active', null]);
    await rig.stack.restart('executor');
    await isGone(card, ended);
    expect(await sayAs(rig, 'dan', revoke(card))).toMatchObject({ outcome: 'refused', code: 'already_said' });
  });
});
