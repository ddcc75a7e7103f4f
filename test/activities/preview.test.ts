import { expect, it } from 'vitest';
import { AssentError } from '../../approval/error.ts';
import { openStatement } from '../../approval/statements.ts';
import type { JsonObject } from '../../approval/types.ts';
import { AUDIENCE, keys, OPENS, requestOf } from '../gateway/case-in-hand.ts';
import { OTHER_AGENT } from '../rig/house.ts';
import { executorAtWork } from './executor-at-work.ts';
import { inActivity } from './run.ts';

it('signs and books what it saw, and tells the workflow its digest alone', async () => {
  const { preview, book } = executorAtWork({ preview: async () => ({ rows: 1204, secret: 'of reviewers' }) });
  const request = requestOf();
  const previewed = await inActivity(() => preview({ request: request.envelope }));
  const [asked, seen] = book.rows;
  expect(asked?.digest).toBe(request.digest);
  const trust = { keys: [keys.executor.verifier], audience: AUDIENCE };
  const { statement, digest } = openStatement('preview', seen?.envelope, trust);
  expect(statement).toMatchObject({
    action_digest: request.digest,
    resource: { rule: 'one' },
    facts: { rows: 1204 },
  });
  expect(previewed).toEqual({ ok: true, preview_digest: digest, previewed_at: statement.previewed_at });
});

it('gives the first preview again, whenever it is asked, without another look', async () => {
  let looks = 0;
  const { preview, book, clock } = executorAtWork({
    preview: async () => {
      looks += 1;
      return {};
    },
  });
  const { envelope } = requestOf();
  const first = await inActivity(() => preview({ request: envelope }));
  clock.now += 3_600_000;
  expect(await inActivity(() => preview({ request: envelope }))).toEqual(first);
  expect([looks, book.rows.length]).toEqual([1, 2]);
});

it('opens one timeline, where two look at once', async () => {
  const { preview, book, clock } = executorAtWork({
    preview: async () => {
      clock.now += 1;
      return {};
    },
  });
  const { envelope } = requestOf();
  const both = await Promise.all([1, 2].map(() => inActivity(() => preview({ request: envelope }))));
  expect(both[0]).toEqual(both[1]);
  expect(book.rows.map(({ kind }) => kind)).toEqual(['request', 'preview']);
});

const claims = requestOf().statement.claims;
const refused: readonly (readonly [string, ReturnType<typeof requestOf>, string])[] = [
  ['made six minutes ago', requestOf({ change: { requested_at: minutes(-6) } }), 'request_not_fresh'],
  ['made six minutes ahead', requestOf({ change: { requested_at: minutes(6) } }), 'request_not_fresh'],
  ['denied by policy', requestOf({ rule: 'none' }), 'denied_by_default'],
  [
    'for somebody for whom the agent may not ask',
    requestOf({ change: { claims: { ...claims, on_behalf_of: 'ana' } } }),
    'not_acting_for',
  ],
  ["under another agent's name", requestOf({ change: { agent: OTHER_AGENT } }), 'signer_mismatch'],
  ['by a key that nobody knows', requestOf({ key: keys.impostor }), 'key_unknown'],
  ['of an action that nobody knows', requestOf({ action: { name: 'a.b', input: {} } }), 'action_unknown'],
];

it.each(refused)('a request %s: no look, on the record', async (_, request, code) => {
  let looks = 0;
  const { preview, refusals } = executorAtWork({
    preview: async () => {
      looks += 1;
      return {};
    },
  });
  const previewed = await inActivity(() => preview({ request: request.envelope }));
  expect(previewed).toMatchObject({ ok: false, step: 'request', code });
  expect(refusals()).toMatchObject([{ activity: 'preview', step: 'request', code }]);
  expect(looks).toBe(0);
});

it('looks for no one who started it by itself', async () => {
  const { preview, refusals, book } = executorAtWork();
  const { envelope } = requestOf();
  await expect(inActivity(() => preview({ request: envelope }), 'alone')).rejects.toMatchObject({
    type: 'standalone',
    nonRetryable: true,
  });
  expect(refusals()).toMatchObject([{ code: 'standalone', request_id: null }]);
  expect(book.rows).toHaveLength(1);
});

it('does not look for an agent that asks too often, and still does for another', async () => {
  const { preview } = executorAtWork();
  const codes: (string | undefined)[] = [];
  for (let count = 0; count < 4; count++) {
    const previewed = await inActivity(() => preview({ request: requestOf().envelope }));
    codes.push(previewed.ok ? undefined : `${previewed.step} ${previewed.code}`);
  }
  expect(codes).toEqual([undefined, undefined, undefined, 'preview preview_rate']);
  const rival = requestOf({ change: { agent: OTHER_AGENT }, key: keys.rival });
  expect(await inActivity(() => preview({ request: rival.envelope }))).toMatchObject({ ok: true });
});

it('refuses another request under an id that stands', async () => {
  const { preview, refusals } = executorAtWork();
  const first = requestOf();
  const { key, request_id } = first.statement;
  const second = requestOf({ change: { key, request_id, requested_at: new Date(OPENS).toISOString() } });
  await inActivity(() => preview({ request: first.envelope }));
  expect(await inActivity(() => preview({ request: second.envelope }))).toMatchObject({
    ok: false,
    step: 'request',
    code: 'request_conflict',
  });
  expect(refusals()).toHaveLength(1);
});

it("gives the action's own refusal as its answer", async () => {
  const { preview } = executorAtWork({
    preview: async () => {
      throw new AssentError('branch_missing', 'There is no branch main.');
    },
  });
  const { envelope } = requestOf();
  expect(await inActivity(() => preview({ request: envelope }))).toMatchObject({
    ok: false,
    step: 'preview',
    code: 'branch_missing',
    reason: 'There is no branch main.',
  });
});

it('tries again after any other error, and quotes nothing of it outside its own log', async () => {
  const { preview, logged, book } = executorAtWork({
    preview: async () => {
      throw new TypeError('password=hunter2');
    },
  });
  const { envelope } = requestOf();
  const error: unknown = await inActivity(() => preview({ request: envelope })).catch(
    (thrown: unknown) => thrown,
  );
  expect(error).toMatchObject({ type: 'preview_failed', nonRetryable: false });
  expect(`${error} ${JSON.stringify(error)}`).not.toContain('hunter2');
  expect(logged.join('')).toContain('hunter2');
  expect(book.rows).toEqual([]);
});

it('tries again where the target or the book is away', async () => {
  const away = new AssentError('target_unreachable', 'The database crm cannot be reached.');
  const { preview, book } = executorAtWork({
    preview: async () => {
      throw away;
    },
  });
  const { envelope } = requestOf();
  await expect(inActivity(() => preview({ request: envelope }))).rejects.toBe(away);
  book.outage = new AssentError('database_unreachable', 'Postgres cannot be reached.');
  await expect(inActivity(() => preview({ request: envelope }))).rejects.toBe(book.outage);
});

const unfit: readonly (readonly [string, JsonObject, string])[] = [
  ['more than a statement holds', { text: 'x'.repeat(300_000) }, 'json_too_large'],
  ['no JSON', { rows: Number.NaN }, 'canonical_json_refused'],
];

it.each(unfit)('cannot show facts that are %s', async (_, facts, code) => {
  const { preview, refusals } = executorAtWork({ preview: async () => facts });
  const { envelope } = requestOf();
  expect(await inActivity(() => preview({ request: envelope }))).toMatchObject({
    ok: false,
    step: 'preview',
    code,
  });
  expect(refusals()).toHaveLength(1);
});

function minutes(count: number): string {
  return new Date(OPENS + count * 60_000).toISOString();
}
