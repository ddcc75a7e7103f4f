/** A request that is over a limit waits its turn, and one whose rule reads the preview is judged by it. */
import { describe, expect, it } from 'vitest';
import { stringify } from 'yaml';
import { createEvaluatePolicy } from '../../activities/evaluate-policy.ts';
import type { SigningKey } from '../../approval/keys.ts';
import { signStatement } from '../../approval/statements.ts';
import type { RefusalStatement, Verified } from '../../approval/types.ts';
import { AUDIENCE, at, keys, requestOf } from '../gateway/case-in-hand.ts';
import { executorAtWork } from './executor-at-work.ts';
import { inActivity } from './run.ts';

const asks = { effect: 'require_approval', approvals: [{ from: ['approvers'] }], timeout: '4h' };
const limits = { count: 2, per: '10m' };
const when = (condition: string) => ({ match: { action: 'test.*', when: condition } });
const rules = [
  { id: 'burst', ...when('resource.rule == "burst"'), ...asks, limits },
  { id: 'many', ...when('preview.rows > 1000'), effect: 'deny', reason: 'Too many.' },
  { id: 'some', ...when('preview.rows > 10'), ...asks, limits },
  { id: 'few', ...when('true'), effect: 'allow' },
];
const POLICY = stringify({ version: 1, rules }, { aliasDuplicateObjects: false });

const FREE_AT = at(7200);
const HELD = { ok: false, step: 'request', code: 'limit_reached', until: FREE_AT };
const REFUSED = { ok: false, step: 'request', code: 'request_not_fresh', until: null };
const HOUR = 3_600_000;

function atWork(rows = 500) {
  const world = executorAtWork({ preview: async () => ({ rows: looks.push(rows) && rows }) }, POLICY);
  const looks: number[] = [];
  const { preview, execute, book } = world;
  const evaluate = createEvaluatePolicy({ judge: world.judge, book, now: () => world.clock.now });
  return {
    ...world,
    looks,
    look: ({ envelope }: Verified<'request'>) => inActivity(() => preview({ request: envelope })),
    run: ({ envelope }: Verified<'request'>) => inActivity(() => execute({ request: envelope })),
    rule: ({ envelope }: Verified<'request'>, previewed: boolean) =>
      evaluate({ request: envelope, previewed }),
    kinds: () => book.rows.map(({ kind }) => kind),
  };
}

describe('a request over the limit', () => {
  const request = () => requestOf({ rule: 'burst' });

  it('is not looked at; it is in the book, its refusal once, and when it may be', async () => {
    const { look, book, looks, kinds, refusals } = atWork();
    book.full = FREE_AT;
    const held = request();
    for (let time = 0; time < 3; time++) expect(await look(held)).toMatchObject(HELD);
    expect(kinds()).toEqual(['request', 'refusal']);
    expect(refusals()).toMatchObject([{ activity: 'preview', step: 'request', code: 'limit_reached' }]);
    expect(looks).toEqual([]);
  });

  it('is shown when its turn comes, however late: it was seen in its time', async () => {
    const { look, book, clock, kinds, opened } = atWork();
    book.full = FREE_AT;
    const held = request();
    await look(held);
    clock.now += 2 * HOUR;
    expect(await look(held)).toMatchObject(HELD);
    book.full = null;
    expect(await look(held)).toMatchObject({ ok: true });
    expect(kinds()).toEqual(['request', 'refusal', 'preview']);
    // Its timeline begins when it is shown.
    expect(opened('preview')[0]?.previewed_at).toBe(at(7200));
  });

  it('is not shown where it was never seen in its time', async () => {
    const { look, book, clock, kinds } = atWork();
    book.full = FREE_AT;
    clock.now += HOUR;
    const late = request();
    expect(await look(late)).toMatchObject(REFUSED);
    book.full = null;
    expect(await look(late)).toMatchObject(REFUSED);
    expect(kinds()).toEqual(['refusal']);
  });

  const refusal = (of: Verified<'request'>, change: Partial<RefusalStatement>, key: SigningKey) => {
    const { request_id } = of.statement;
    const said = {
      activity: 'preview',
      request_id,
      step: 'request',
      code: 'limit_reached',
      refused_at: at(0),
    };
    return signStatement('refusal', { audience: AUDIENCE, ...said, ...change }, key);
  };
  const others: readonly (readonly [string, Partial<RefusalStatement>, SigningKey])[] = [
    ["the gateway's", {}, keys.gateway],
    ['a refusal by another code', { code: 'preview_rate' }, keys.executor],
    ['a refusal of another activity', { activity: 'execute' }, keys.executor],
    ['a refusal after its time', { refused_at: at(301) }, keys.executor],
  ];

  it("is shown late by the executor's own word", async () => {
    const { look, book, clock } = atWork();
    const late = request();
    await book.append([late, refusal(late, {}, keys.executor)]);
    clock.now += HOUR;
    expect(await look(late)).toMatchObject({ ok: true });
  });

  it.each(others)('is not shown late by %s', async (_, change, key) => {
    const { look, book, clock } = atWork();
    const late = request();
    await book.append([late, refusal(late, change, key)]);
    clock.now += HOUR;
    expect(await look(late)).toMatchObject(REFUSED);
  });
});

describe('a rule that reads the preview', () => {
  it('is asked before and after, and asks whom it then says', async () => {
    const { look, rule, run, approve, looks } = atWork(500);
    const request = requestOf();
    const before = { effect: 'deny', code: 'preview_needed', needs_preview: true, rule: null };
    expect(await rule(request, false)).toMatchObject(before);
    expect(await look(request)).toMatchObject({ ok: true });
    expect(await rule(request, true)).toMatchObject({ effect: 'require_approval', rule: 'some' });
    await approve(request);
    expect(await run(request)).toMatchObject({ outcome: 'succeeded' });
    // Once for reviewers, and once more before it ran.
    expect(looks).toEqual([500, 500]);
  });

  it('lets through at once what it then allows', async () => {
    const { look, rule, run } = atWork(10);
    const request = requestOf();
    await look(request);
    expect(await rule(request, true)).toMatchObject({ effect: 'allow', rule: 'few' });
    expect(await run(request)).toMatchObject({ outcome: 'succeeded' });
  });

  it('denies by what was seen: that is in the book, and nothing runs', async () => {
    const { look, rule, run, ran, kinds } = atWork(1001);
    const request = requestOf();
    expect(await look(request)).toMatchObject({ ok: true });
    expect(kinds()).toEqual(['request', 'preview']);
    expect(await rule(request, true)).toMatchObject({
      effect: 'deny',
      code: 'denied_by_rule',
      rule: 'many',
      needs_preview: false,
    });
    expect(await run(request)).toMatchObject({ outcome: 'refused', step: 'policy', code: 'denied_by_rule' });
    expect(ran).toEqual([]);
  });

  it('runs nothing of what was never looked at', async () => {
    const { run, ran } = atWork(10);
    expect(await run(requestOf())).toMatchObject({
      outcome: 'refused',
      step: 'policy',
      code: 'preview_needed',
    });
    expect(ran).toEqual([]);
  });

  it('holds by a limit that only the preview leads to, and shows nobody what it saw', async () => {
    const { look, book, kinds, looks } = atWork(500);
    book.full = FREE_AT;
    const request = requestOf();
    expect(await look(request)).toMatchObject(HELD);
    expect(kinds()).toEqual(['request', 'refusal']);
    book.full = null;
    expect(await look(request)).toMatchObject({ ok: true });
    expect([kinds(), looks.length]).toEqual([['request', 'refusal', 'preview'], 2]);
  });
});
