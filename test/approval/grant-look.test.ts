/** Looking once more, asking anew, and the limit: what comes last, in which order, and what it leaves behind. */
import { describe, expect, it } from 'vitest';
import { type Admission, type LockedPage, verifyGrant } from '../../approval/grant.ts';
import { GrantRefused } from '../../approval/refusal.ts';
import type { Situation } from '../../approval/state.ts';
import type { Release } from '../../approval/types.ts';
import {
  allowed,
  allowing,
  approved,
  asked,
  asking,
  at,
  decisionOf,
  denying,
  EXECUTION,
  instructionOf,
  keys,
  meanwhile,
  OPENS,
  previewOf,
  RELEASE,
  refusalOf,
  rowOf,
  startOf,
  verify,
  type World,
  withdrawalOf,
} from './world.ts';

/** A world in which each look is counted, with what the book held then. */
function watched(world: World) {
  const looks: { readonly situation: Situation; readonly kinds: readonly string[] }[] = [];
  world.look = (situation) => {
    looks.push({ situation, kinds: world.book.rows.map(({ kind }) => kind) });
  };
  return { world, looks };
}
const late = (world: World, seconds: number): World => {
  world.clock = OPENS + seconds * 1000;
  return world;
};
const but = (world: World, change: (world: World) => unknown): World => {
  change(world);
  return world;
};
const everything = instructionOf({
  verb: 'freeze',
  subject: 'everything',
  detail: { scope: { of: 'everything' } },
});

describe('a look', () => {
  it('is the last thing before the Start, with what was judged', async () => {
    const { world, looks } = watched(approved());
    const { start } = await verify(world);
    expect(looks).toHaveLength(1);
    expect(looks[0]?.kinds).toEqual(['request', 'preview', 'decision']);
    expect(looks[0]?.situation).toMatchObject({
      dossier: { request: { digest: world.request.digest }, preview: { digest: world.preview.digest } },
      policy: world.policy,
      examined: world.examined,
      now: OPENS + 120_000,
    });
    expect(world.book.rows.at(-1)?.digest).toBe(start.digest);
  });

  it('of what is allowed comes before anybody books the request', async () => {
    const { world, looks } = watched(allowed());
    await verify(world);
    expect(looks.map(({ kinds }) => kinds)).toEqual([[]]);
  });

  it.each<[string, () => World]>([
    ['nobody approved', () => asked()],
    ['policy denies', () => but(approved(), (world) => (world.policy = denying))],
    [
      'somebody denied',
      () => but(approved(), (world) => world.books(decisionOf(world, { verdict: 'deny' }))),
    ],
    ['it was withdrawn', () => but(approved(), (world) => world.books(withdrawalOf(world.request)))],
    [
      'it was executed',
      () =>
        but(approved(), ({ book }) =>
          book.consumptions.push({ start: `sha256:${'0'.repeat(64)}`, execution: EXECUTION }),
        ),
    ],
    ['it is frozen', () => but(approved(), ({ book }) => book.houseRows.push(rowOf(everything)))],
    ['it may not run yet', () => approved(asking({}, { not_before: at(500) }))],
    ['the grant is too old', () => late(approved(), 960)],
    ['the allowed request is too old', () => late(allowed(), 291)],
    [
      'something was forged',
      () => but(asked(), (world) => world.books(decisionOf(world, {}, keys.impostor))),
    ],
    [
      'the request is another',
      () => but(approved(), (world) => (world.envelope = previewOf(world.request).envelope)),
    ],
  ])('is not taken when %s', async (_, arrange) => {
    const { world, looks } = watched(arrange());
    await refusalOf(world);
    expect(looks).toEqual([]);
  });

  it('that finds something else refuses before any Start, and says what it said', async () => {
    const world = approved();
    const drifted = new GrantRefused('input', 'drifted', 'More rows.', {
      again: { how: 'hold', until: null },
    });
    world.look = () => {
      throw drifted;
    };
    const before = [...world.book.rows];
    expect(await refusalOf(world)).toBe(drifted);
    expect(world.book.rows).toEqual(before);
    expect(world.book.consumptions).toEqual([]);
  });

  it('that breaks lets nothing through', async () => {
    const world = approved();
    const broken = new TypeError('broken');
    world.look = () => {
      throw broken;
    };
    await expect(verify(world)).rejects.toBe(broken);
    expect(world.book.consumptions).toEqual([]);
  });

  it('takes time, which the Start and the lock know of', async () => {
    const world = approved();
    world.look = () => {
      world.clock += 30_000;
    };
    const { start } = await verify(world);
    expect(start.statement.started_at).toBe(at(150));
    const slow = approved();
    slow.look = () => {
      slow.clock = OPENS + 960_000;
    };
    const refusal = await refusalOf(slow);
    expect(refusal).toMatchObject({ step: 'consume', code: 'grant_expired' });
    expect(refusal.again).toEqual({ how: 'hold', until: refusal.start?.statement.started_at });
  });

  it('that others used to deny is judged again', async () => {
    const world = approved();
    world.look = () => world.books(decisionOf(world, { verdict: 'deny', person: 'ola' }));
    expect(await refusalOf(world)).toMatchObject({ step: 'consume', code: 'denied' });
  });
});

describe('an approval that was given too long ago', () => {
  const anew = new GrantRefused('time', 'grant_expired', 'Asked anew.', {
    again: { how: 'ask', preview: { digest: `sha256:${'1'.repeat(64)}`, previewed_at: at(1000) } },
  });
  function asksAnew(world: World) {
    const calls: { readonly situation: Situation; readonly refused: GrantRefused }[] = [];
    const askAnew = async (situation: Situation, refused: GrantRefused): Promise<never> => {
      calls.push({ situation, refused });
      throw anew;
    };
    const run = () =>
      verifyGrant(world.envelope, EXECUTION, { ...world.deps, askAnew }).catch((error: unknown) => error);
    return { calls, run };
  }

  it('has people asked anew, of what stands, and is refused as that says', async () => {
    const world = late(approved(), 960);
    const { calls, run } = asksAnew(world);
    expect(await run()).toBe(anew);
    expect(calls).toHaveLength(1);
    expect(calls[0]?.refused).toMatchObject({ step: 'time', code: 'grant_expired', start: null });
    expect(calls[0]?.situation.dossier.preview?.digest).toBe(world.preview.digest);
    expect(world.book.rows.some(({ kind }) => kind === 'start')).toBe(false);
  });

  it.each<[string, () => World]>([
    ['it is not too old', () => approved()],
    ['nobody approved', () => asked()],
    [
      'somebody denied',
      () => but(late(approved(), 960), (world) => world.books(decisionOf(world, { verdict: 'deny' }))),
    ],
    [
      'it was withdrawn',
      () => but(late(approved(), 960), (world) => world.books(withdrawalOf(world.request))),
    ],
    ['policy denies', () => but(late(approved(), 960), (world) => (world.policy = denying))],
    [
      'the rule changed',
      () => but(late(approved(), 960), (world) => (world.policy = asking({ denials: 2 }))),
    ],
    ['it is frozen', () => but(late(approved(), 960), ({ book }) => book.houseRows.push(rowOf(everything)))],
    ['an allowed request is too old', () => late(allowed(), 291)],
    ['the lock is held', () => meanwhile((world) => late(world, 960))],
  ])('asks nobody where %s', async (_, arrange) => {
    const { calls, run } = asksAnew(arrange());
    await run();
    expect(calls).toEqual([]);
  });
});

describe('the limit', () => {
  const limit = { count: 5, per_seconds: 600 };
  const limited = (release: Partial<Release> = {}): World => {
    const world = approved(asking({}, { limit, ...release }));
    world.book.full = at(700);
    return world;
  };

  it('holds until there is room, with the Start that it refused', async () => {
    const world = limited();
    const refusal = await refusalOf(world);
    expect(refusal).toMatchObject({
      step: 'consume',
      code: 'limit_reached',
      again: { how: 'hold', until: at(700) },
    });
    expect(refusal.start?.statement.request).toBe(world.request.digest);
    expect(world.book.consumptions).toEqual([]);
  });

  it('holds what is allowed', async () => {
    const world = allowed();
    world.policy = { ...allowing, release: { ...RELEASE, limit } };
    world.book.full = at(700);
    expect(await refusalOf(world)).toMatchObject({ code: 'limit_reached' });
  });

  it('is nothing where the rule has none', async () => {
    const world = limited({ limit: null });
    await verify(world);
    expect(world.book.consumptions).toHaveLength(1);
  });

  it('lets through where there is room', async () => {
    const world = limited();
    world.book.full = null;
    await verify(world);
    expect(world.book.consumptions).toHaveLength(1);
  });

  it('holds what one person released alone', async () => {
    const world = limited();
    world.books(
      instructionOf({
        verb: 'break_glass',
        subject: world.request.statement.request_id,
        detail: { action_digest: world.request.digest, preview_digest: world.preview.digest },
        person: 'berit',
      }),
    );
    expect(await refusalOf(world)).toMatchObject({ code: 'limit_reached' });
  });

  /** What is counted, and in which order with the consumption. */
  function counting(world: World) {
    const admissions: Admission[] = [];
    const locked = <T>(id: string, within: (page: LockedPage) => Promise<T>) =>
      world.book.locked(id, (page) =>
        within({
          ...page,
          admit: (admission) => {
            admissions.push(admission);
            expect(world.book.consumptions).toEqual([]);
            return page.admit(admission);
          },
        }),
      );
    const book = { ...world.book, locked };
    const run = () =>
      verifyGrant(world.envelope, EXECUTION, { ...world.deps, book }).catch((error: unknown) => error);
    return { admissions, run };
  }

  it("counts this agent's requests under this rule, before it consumes", async () => {
    const world = limited();
    world.book.full = null;
    const { admissions, run } = counting(world);
    await run();
    expect(admissions).toEqual([{ agent: 'crm-assistant', rule: 'personal', ...limit }]);
    expect(world.book.consumptions).toHaveLength(1);
  });

  it.each<[string, (world: World) => unknown]>([
    ['what is denied', (world) => world.books(decisionOf(world, { verdict: 'deny' }))],
    ['what is frozen', ({ book }) => book.houseRows.push(rowOf(everything))],
    ['what is too late', (world) => late(world, 181)],
    [
      'what was executed',
      ({ book, request }) =>
        book.consumptions.push({ start: startOf(request, 90).digest, execution: EXECUTION }),
    ],
    ['what lost its Start', ({ book }) => book.rows.pop()],
  ])('does not count %s', async (_, change) => {
    const { admissions, run } = counting(meanwhile(change, limited()));
    expect(await run()).toBeInstanceOf(GrantRefused);
    expect(admissions).toEqual([]);
  });
});
