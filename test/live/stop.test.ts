/** What people stop and release alone, on the whole stack: freezes, broken glass, and the word on what nobody knows. */
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { Digest, FreezeScope } from '../../approval/types.ts';
import { BUTTONS } from '../../channels/slack/card-reference.ts';
import type { Heard } from '../../client/speak.ts';
import { AGENT, asking, policyText, type Signer } from '../rig/house.ts';
import { type AskedCard, type Rig, startRig } from '../rig/rig.ts';
import { freeze, freezeRule, sayAs, unfreeze } from '../rig/said.ts';
import {
  cardShows,
  closedAs,
  heldBy,
  isConsumed,
  linesWith,
  mention,
  ranBy,
  recordsOf,
  stateOf,
  threadSays,
} from '../rig/seen.ts';
import { until } from '../rig/until.ts';

let rig: Rig;
beforeAll(async () => {
  const rules = ['burst', 'glass', 'other', 'settled', 'alone'];
  rig = await startRig('stop', { policy: policyText(rules.map((rule) => asking(rule, {}))) });
});
afterAll(() => rig?.stop());

const consumed = async (cards: readonly AskedCard[]) =>
  rig.db
    .selectFrom('consumptions')
    .select(['request_id', 'consumed_at'])
    .where(
      'request_id',
      'in',
      cards.map(({ requestId }) => requestId),
    )
    .execute();

const bookedAt = async (digest: Digest): Promise<Date> => {
  const { booked_at } = await rig.db
    .selectFrom('statements')
    .select('booked_at')
    .where('digest', '=', digest)
    .executeTakeFirstOrThrow();
  return booked_at;
};

async function nothingRan(card: AskedCard): Promise<void> {
  expect([await rig.runs(card.id), await isConsumed(rig, card)]).toEqual([0, false]);
}

async function ranOnce(card: AskedCard, people: readonly string[]): Promise<void> {
  expect(await rig.agent.wait(card)).toMatchObject({ resolution: 'approved', outcome: 'succeeded' });
  expect(await rig.runs(card.id)).toBe(1);
  expect((await ranBy(rig, card)).people).toEqual(people);
}

describe('a freeze, in the midst of a burst of approvals', () => {
  const scopes: readonly (readonly [string, FreezeScope])[] = [
    ['everything', { of: 'everything' }],
    ['an agent', { of: 'agent', agent: AGENT }],
    ['a pattern of actions', { of: 'action', action: 'test.*' }],
    ['a resource', { of: 'resource', resource: { rule: 'burst' } }],
  ];

  test.each(scopes)(
    'of %s: nothing is consumed after it is booked, and its end wakes what it held',
    async (_, scope) => {
      const asked = await Promise.all(Array.from({ length: 8 }, () => rig.ask({ rule: 'burst' })));
      const cards = await Promise.all(asked.map(rig.card));
      const approve = (some: readonly AskedCard[]) =>
        Promise.all(some.map((card) => rig.approve('ana', card)));
      const burst = approve(cards.slice(0, 5));
      await until('one has begun', async () => (await consumed(cards)).length > 0);
      const [frozen] = await Promise.all([freeze(rig, scope), approve(cards.slice(5, 7))]);
      const before = await consumed(cards);
      await Promise.all([burst, approve(cards.slice(7))]);

      const left = cards.filter(
        ({ requestId }) => !before.some(({ request_id }) => request_id === requestId),
      );
      for (const card of left) expect(await heldBy(rig, card)).toBe('frozen');
      const after = await consumed(cards);
      expect(after.map(({ request_id }) => request_id).toSorted()).toEqual(
        before.map(({ request_id }) => request_id).toSorted(),
      );
      const stopped = await bookedAt(frozen);
      for (const { consumed_at } of after)
        expect(consumed_at.getTime()).toBeLessThanOrEqual(stopped.getTime());
      for (const card of left) {
        await cardShows(rig, card, '*Frozen*');
        await nothingRan(card);
      }

      const lifted = Date.now();
      await unfreeze(rig, frozen);
      for (const card of left) await ranOnce(card, ['ana']);
      const begun = (await consumed(left)).map(({ consumed_at }) => consumed_at.getTime() - lifted);
      expect(begun).toHaveLength(left.length);
      // Unwoken, a held request looks for itself after fifteen seconds.
      for (const ms of begun) expect(ms).toBeLessThan(10_000);
    },
  );
});

const breakGlass = async (card: AskedCard, person: Signer): Promise<Heard> => {
  const { dossier } = await rig.standing(card.requestId);
  const detail = {
    action_digest: dossier.request.digest,
    preview_digest: dossier.preview?.digest ?? null,
  };
  const subject = card.requestId;
  return sayAs(rig, person, { verb: 'break_glass', subject, detail, reason: 'The site is down.' });
};

describe('broken glass', () => {
  test('releases one frozen request, and no other', async () => {
    const frozen = await freezeRule(rig, 'glass');
    const [card, other] = [await rig.askCard({ rule: 'glass' }), await rig.askCard({ rule: 'glass' })];
    for (const one of [card, other]) {
      await rig.approve('ana', one);
      expect(await heldBy(rig, one)).toBe('frozen');
    }
    expect(await breakGlass(card, 'sam')).toMatchObject({ outcome: 'booked', code: 'eligible' });
    expect(await rig.agent.wait(card)).toMatchObject({ outcome: 'succeeded' });
    expect(await rig.runs(card.id)).toBe(1);
    await threadSays(rig, card, `${mention('sam')} released this *alone*`);
    expect(await heldBy(rig, other)).toBe('frozen');
    await nothingRan(other);

    await rig.submit('ana', card, 'review_glass', { justified: 'yes', reason: 'It was down.' });
    await unfreeze(rig, frozen);
    await ranOnce(other, ['ana']);
  });

  test('releases one undecided request; its review is open until somebody else answers it', async () => {
    const [card, other] = [await rig.askCard({ rule: 'alone' }), await rig.askCard({ rule: 'alone' })];
    // Ana is of no such group, Olaf owns the agent, Mia asked.
    for (const person of ['ana', 'olaf', 'mia'] as const) {
      expect(await breakGlass(card, person)).toMatchObject({ outcome: 'refused', code: 'not_eligible' });
    }
    await nothingRan(card);
    expect(await stateOf(rig, card)).toBe('pending');

    expect(await breakGlass(card, 'dan')).toMatchObject({ outcome: 'booked', code: 'eligible' });
    expect(await rig.agent.wait(card)).toMatchObject({ resolution: 'approved', outcome: 'succeeded' });
    await rig.cardSays(card, 'Broken glass. Released and done');
    expect(await rig.runs(card.id)).toBe(1);
    expect((await ranBy(rig, card)).people).toEqual([]);
    expect(await breakGlass(card, 'sam')).toMatchObject({ outcome: 'refused', code: 'request_succeeded' });
    expect(await stateOf(rig, other)).toBe('pending');
    await nothingRan(other);

    await cardShows(rig, card, BUTTONS.review_glass);
    const own = await rig.submit('dan', card, 'review_glass', { justified: 'yes', reason: 'I was right.' });
    expect(await own.text()).toContain('Your review was not taken');
    const asker = await rig.submit('mia', card, 'review_glass', { justified: 'yes', reason: 'He was.' });
    expect(await asker.text()).toContain('Your review was not taken');
    await cardShows(rig, card, BUTTONS.review_glass);
    expect((await rig.standing(card.requestId)).standings.glass?.review).toBeNull();

    await rig.slack.interact({ person: 'ana', message: card.message_ts, actionId: BUTTONS.review_glass });
    expect((await rig.slack.modal())?.callback_id).toBe('assent.review_glass');
    await rig.submit('ana', card, 'review_glass', { justified: 'no', reason: 'It could have waited.' });
    await threadSays(rig, card, `${mention('ana')} reviewed the broken glass: *not justified*`);
    await until('nobody is asked for a review any more', async () => {
      const message = (await rig.slack.messages()).find(({ ts }) => ts === card.message_ts);
      return !JSON.stringify(message?.blocks).includes(BUTTONS.review_glass);
    });
  });

  test('never releases what was denied or withdrawn', async () => {
    const [denied, withdrawn] = [await rig.askCard({ rule: 'other' }), await rig.askCard({ rule: 'other' })];
    await rig.deny('ben', denied, 'No.');
    await rig.cardSays(denied, 'Denied');
    await rig.agent.withdraw(withdrawn, 'A mistake.');
    await rig.cardSays(withdrawn, 'Withdrawn');
    expect(await breakGlass(denied, 'dan')).toMatchObject({ outcome: 'refused', code: 'request_denied' });
    expect(await breakGlass(withdrawn, 'dan')).toMatchObject({
      outcome: 'refused',
      code: 'request_withdrawn',
    });
    expect(await rig.agent.wait(denied)).toMatchObject({ resolution: 'denied' });
    expect(await rig.agent.wait(withdrawn)).toMatchObject({ resolution: 'withdrawn' });
    for (const card of [denied, withdrawn]) await nothingRan(card);
  });
});

test('an executor killed at work: unknown, until somebody who could have approved it says what the target shows', async () => {
  const card = await rig.askCard({ rule: 'settled', hold: true });
  await rig.approve('ana', card);
  await until('it runs', async () => (await rig.runs(card.id)) === 1);
  process.kill(rig.executor().pid, 'SIGKILL');
  await rig.executor().ended;
  await rig.startExecutor();
  expect(await rig.agent.wait(card)).toMatchObject({ outcome: 'unknown', settlement: null });
  await rig.cardSays(card, 'Outcome unknown');
  await cardShows(rig, card, BUTTONS.settle);

  // Dan operates, but could not have approved it; Mia asked.
  for (const person of ['dan', 'mia'] as const) {
    const refused = await rig.submit(person, card, 'settle', { ran: 'no', reason: 'I looked.' });
    expect(await refused.text()).toContain('Your word on what happened was not taken');
  }
  expect(await stateOf(rig, card)).toBe('unknown');
  const { status } = await rig.temporal.workflow.getHandle(card.requestId).describe();
  expect(status.name).toBe('RUNNING');

  await rig.slack.interact({ person: 'ben', message: card.message_ts, actionId: BUTTONS.settle });
  expect((await rig.slack.modal())?.callback_id).toBe('assent.settle');
  await rig.submit('ben', card, 'settle', { ran: 'yes', reason: 'Its row is there.' });
  await rig.cardSays(card, 'Outcome unknown, settled');
  await threadSays(rig, card, `${mention('ben')} says: *it ran*`);
  expect(await closedAs(rig, card)).toEqual(['COMPLETED', 'settled']);
  expect(await rig.agent.wait(card)).toMatchObject({
    outcome: 'unknown',
    settlement: { person: 'ben', ran: true, reason: 'Its row is there.' },
  });

  const { dossier, standings } = await rig.standing(card.requestId);
  expect([dossier.finishes, standings.start?.signer, standings.settlement?.signer]).toEqual([
    [],
    'executor',
    'gateway',
  ]);
  const records = await recordsOf(rig, card);
  const told = records.filter(({ kind }) => kind === 'execution_unknown' || kind === 'settled');
  expect(told.map(({ kind }) => kind)).toEqual(['execution_unknown', 'settled']);
  expect(told[0]?.record).not.toContain('ben');
  expect(told[1]?.record).toContain('ben');
  expect(await linesWith(rig, card, 'never said how it ended')).toBe(1);
  expect(await rig.runs(card.id)).toBe(1);
  const again = await rig.submit('ana', card, 'settle', { ran: 'no', reason: 'I looked too.' });
  expect(await again.text()).toContain('somebody has said so already');
});
