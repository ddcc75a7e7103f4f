/** What keeps an action from running though nothing has ended it, and what may come of it: later, or anew. */
import { describe, expect, it } from 'vitest';
import type { Again, Step } from '../../approval/refusal.ts';
import { countersign } from '../../approval/statements.ts';
import type { FreezeScope, Verified } from '../../approval/types.ts';
import {
  allowed,
  allowing,
  approved,
  asked,
  asking,
  at,
  decisionOf,
  denying,
  finishOf,
  instructionOf,
  keys,
  meanwhile,
  OPENS,
  OWNERS,
  part,
  previewOf,
  RELEASE,
  refusalOf,
  rowOf,
  startOf,
  verify,
  type World,
  withdrawalOf,
} from './world.ts';

const other = `sha256:${'0'.repeat(64)}` as const;
const freezeOf = (scope: FreezeScope = { of: 'everything' }) =>
  instructionOf({ verb: 'freeze', subject: scope.of, detail: { scope } });
const unfreeze = instructionOf({ verb: 'unfreeze', subject: freezeOf().digest, detail: {} });
const housed = (world: World, ...said: readonly Verified<'instruction'>[]): World => {
  world.book.houseRows.push(...said.map(rowOf));
  return world;
};
const late = (world: World, seconds: number): World => {
  world.clock = OPENS + seconds * 1000;
  return world;
};
const hold = (until: string | null): Again => ({ how: 'hold', until });
const ask = ({ preview }: World): Again => ({
  how: 'ask',
  preview: { digest: preview.digest, previewed_at: preview.statement.previewed_at },
});
const revised = ({ request }: World) => previewOf(request, { revision: 2, previewed_at: at(110) });
const settled = ({ request }: World, start: Verified<'start'>) =>
  instructionOf({
    verb: 'settle',
    subject: request.statement.request_id,
    detail: { start: start.digest, ran: false },
  });
const tuesdays = [{ days: ['tue'], from: '08:00', to: '16:00', zone: 'Europe/Oslo' }] as const;
const christmas = [{ from: at(0), to: at(5000), reason: 'Christmas' }];
const withEnd = (code: string): World => {
  const world = approved();
  const start = startOf(world.request, 90);
  world.books(start, finishOf(start, { outcome: 'refused', code }));
  return world;
};

type Case = readonly [
  name: string,
  step: Step,
  code: string,
  again: (world: World) => Again | null,
  arrange: () => World,
];

const held: readonly Case[] = [
  ['everything is frozen', 'time', 'frozen', () => hold(null), () => housed(approved(), freezeOf())],
  [
    'its agent is frozen',
    'time',
    'frozen',
    () => hold(null),
    () => housed(approved(), freezeOf({ of: 'agent', agent: 'crm-assistant' })),
  ],
  [
    'its action is frozen',
    'time',
    'frozen',
    () => hold(null),
    () => housed(approved(), freezeOf({ of: 'action', action: 'sql.*' })),
  ],
  [
    'its resource is frozen',
    'time',
    'frozen',
    () => hold(null),
    () => housed(approved(), freezeOf({ of: 'resource', resource: { table: 'customers' } })),
  ],
  [
    'it is frozen, and another freeze was lifted',
    'time',
    'frozen',
    () => hold(null),
    () => housed(approved(), freezeOf(), freezeOf({ of: 'action', action: 'sql.*' }), unfreeze),
  ],
  [
    'it is frozen, which began long ago',
    'time',
    'frozen',
    () => hold(null),
    () =>
      housed(
        approved(),
        instructionOf({ ...freezeOf().statement, issued_at: at(-9e6), expires_at: at(-8e6) }),
      ),
  ],
  ['what is allowed is frozen', 'time', 'frozen', () => hold(null), () => housed(allowed(), freezeOf())],
  [
    'it may not run yet',
    'time',
    'not_before',
    () => hold(at(120.001)),
    () => approved(asking({}, { not_before: at(120.001) })),
  ],
  [
    'it runs on Tuesdays only',
    'time',
    'outside_window',
    () => hold('2026-03-03T07:00:00.000Z'),
    () => approved(asking({}, { windows: tuesdays })),
  ],
  [
    'it is Christmas',
    'time',
    'change_freeze',
    () => hold(at(5000)),
    () => approved(asking({}, { closed: christmas })),
  ],
  [
    'what is allowed may not run yet',
    'time',
    'not_before',
    () => hold(at(500)),
    () => {
      const world = allowed();
      world.policy = { ...allowing, release: { ...RELEASE, not_before: at(500) } };
      return world;
    },
  ],
  [
    'frozen, whatever the hour',
    'time',
    'frozen',
    () => hold(null),
    () => housed(approved(asking({}, { not_before: at(500) })), freezeOf()),
  ],
  [
    'held, and too old as well: asked anew when it may run',
    'time',
    'frozen',
    () => hold(null),
    () => late(housed(approved(), freezeOf()), 960),
  ],
  [
    'out of its hours, and too old as well',
    'time',
    'change_freeze',
    () => hold(at(5000)),
    () => late(approved(asking({}, { closed: christmas })), 960),
  ],
  ['frozen, and not approved', 'requirement', 'requirement_not_met', ask, () => housed(asked(), freezeOf())],
  [
    'frozen, and denied',
    'requirement',
    'denied',
    () => null,
    () => {
      const world = housed(approved(), freezeOf());
      world.books(decisionOf(world, { verdict: 'deny', person: 'ola' }));
      return world;
    },
  ],
  [
    'frozen, and policy denies',
    'policy',
    'denied_by_rule',
    () => null,
    () => {
      const world = housed(approved(), freezeOf());
      world.policy = denying;
      return world;
    },
  ],
  [
    'allowed, frozen, and no longer fresh',
    'time',
    'request_not_fresh',
    () => null,
    () => late(housed(allowed(), freezeOf()), 291),
  ],
  [
    'settled as having run, though nothing was consumed',
    'requirement',
    'settled',
    () => null,
    () => {
      const world = late(approved(), 400);
      const start = startOf(world.request, 90);
      world.books(start, settled(world, start));
      return world;
    },
  ],
  [
    "a freeze by an agent's key",
    'decisions',
    'book_statement_invalid',
    () => null,
    () => housed(approved(), instructionOf(freezeOf().statement, keys.agent)),
  ],
  [
    "a lifted freeze by a person's key alone",
    'decisions',
    'book_statement_invalid',
    () => null,
    () => housed(approved(), freezeOf(), instructionOf(unfreeze.statement, keys.kari)),
  ],
  [
    "a request's instruction on the house's page",
    'decisions',
    'book_statement_invalid',
    () => null,
    () => {
      const world = approved();
      const subject = world.request.statement.request_id;
      return housed(world, instructionOf({ verb: 'revoke', subject, detail: { of: 'lease' } }));
    },
  ],
];

/** What was approved stands no more: the preview that stands is shown anew. */
const anew: readonly Case[] = [
  ['nobody decided', 'requirement', 'requirement_not_met', ask, () => asked()],
  [
    'one of two',
    'requirement',
    'requirement_not_met',
    ask,
    () => approved(asking({ approvals: [part(2, OWNERS)] })),
  ],
  [
    'the rule changed',
    'decisions',
    'decisions_bind_other',
    ask,
    () => {
      const world = approved();
      world.policy = { ...asking(), rule_digest: other };
      return world;
    },
  ],
  [
    'the approver left',
    'eligibility',
    'approvers_not_eligible',
    ask,
    () => {
      const world = approved();
      world.policy = asking({ approvals: [part(1, ['ola'])] });
      return world;
    },
  ],
  [
    'the approver is excluded by now',
    'separation',
    'approvers_excluded',
    ask,
    () => {
      const world = approved();
      world.policy = asking({ excluded: [{ person: 'kari', why: 'asked for it' }] });
      return world;
    },
  ],
  [
    'the approval was late',
    'decisions',
    'decisions_out_of_time',
    ask,
    () => {
      const world = late(asked(), 3600);
      world.books(decisionOf(world, { decided_at: at(3600) }));
      return world;
    },
  ],
];

describe('before a Start', () => {
  it.each([...held, ...anew])('%s: %s, %s', async (_, step, code, again, arrange) => {
    const world = arrange();
    const before = [...world.book.rows];
    const refusal = await refusalOf(world);
    expect({ step: refusal.step, code: refusal.code, again: refusal.again }).toEqual({
      step,
      code,
      again: again(world),
    });
    expect(refusal.start).toBeNull();
    expect(world.book.consumptions).toEqual([]);
    expect(world.book.rows).toEqual(before);
  });

  it.each<[string, () => World]>([
    ['the freeze was lifted', () => housed(approved(), freezeOf(), unfreeze)],
    [
      'others are frozen',
      () =>
        housed(
          approved(),
          freezeOf({ of: 'agent', agent: 'nightly' }),
          freezeOf({ of: 'action', action: 'http.*' }),
          freezeOf({ of: 'resource', resource: { table: 'customers', schema: 'hr' } }),
        ),
    ],
    ['the hour has come', () => approved(asking({}, { not_before: at(120) }))],
    [
      'the change freeze is over',
      () => late(approved(asking({}, { closed: christmas, grant_ttl_seconds: 9000 })), 5000),
    ],
    [
      'an earlier Start was refused for a freeze that is lifted',
      () => housed(withEnd('frozen'), freezeOf(), unfreeze),
    ],
  ])('it runs when %s', async (_, arrange) => {
    const world = arrange();
    const { start } = await verify(world);
    expect(world.book.consumptions.map((one) => one.start)).toEqual([start.digest]);
  });
});

describe('between Start and consumption', () => {
  it.each<[string, string, (world: World) => Again | null, () => World]>([
    ['a freeze', 'frozen', () => hold(null), () => meanwhile((world) => housed(world, freezeOf()))],
    [
      'a freeze of what is allowed',
      'frozen',
      () => hold(null),
      () => meanwhile((world) => housed(world, freezeOf()), allowed()),
    ],
    [
      'the window closes',
      'outside_window',
      () => hold('2026-03-09T08:00:00.000Z'),
      () =>
        meanwhile(
          (world) => late(world, 180),
          (() => {
            const windows = [{ days: ['mon'], from: '08:00', to: '09:03', zone: 'UTC' }] as const;
            const world = approved(asking({}, { windows }));
            world.examined = { ...world.examined, maxSeconds: 900 };
            return world;
          })(),
        ),
    ],
    [
      'a change freeze begins',
      'change_freeze',
      () => hold(at(5000)),
      () =>
        meanwhile(
          (world) => late(world, 150),
          approved(asking({}, { closed: [{ from: at(150), to: at(5000), reason: 'Christmas' }] })),
        ),
    ],
    [
      'the approver is removed',
      'approvers_not_eligible',
      ask,
      () => meanwhile((world) => (world.policy = asking({ approvals: [part(1, ['ola'])] }))),
    ],
    [
      'one of two approvers is removed',
      'requirement_not_met',
      ask,
      () =>
        meanwhile(
          (world) => (world.policy = asking({ approvals: [part(2, ['kari', 'per'])] })),
          (() => {
            const world = approved(asking({ approvals: [part(2, OWNERS)] }));
            world.books(decisionOf(world, { person: 'ola' }));
            return world;
          })(),
        ),
    ],
    [
      'the approver is excluded',
      'approvers_excluded',
      ask,
      () =>
        meanwhile(
          (world) => (world.policy = asking({ excluded: [{ person: 'kari', why: 'asked for it' }] })),
        ),
    ],
    [
      'the rule changes',
      'decisions_bind_other',
      ask,
      () => meanwhile((world) => (world.policy = { ...asking(), rule_digest: other })),
    ],
    [
      "the approver's own key leaves the directory",
      'decisions_bind_other',
      ask,
      () =>
        meanwhile(
          (world) => (world.ring = { ...world.ring, people: [] }),
          (() => {
            const world = asked(asking({ require: ['own_key'] }));
            world.books(countersign(decisionOf(world, {}, keys.kari), keys.gateway));
            return world;
          })(),
        ),
    ],
    [
      'the grant expires: another try asks anew',
      'grant_expired',
      () => hold(at(120)),
      () => meanwhile((world) => late(world, 960)),
    ],
    [
      'an earlier preview is replaced',
      'decisions_bind_other',
      (world) => ({
        how: 'ask',
        preview: { digest: revised(world).digest, previewed_at: at(110) },
      }),
      () => meanwhile((world) => world.books(revised(world))),
    ],
    [
      'a denial',
      'denied',
      () => null,
      () => meanwhile((world) => world.books(decisionOf(world, { verdict: 'deny' }))),
    ],
    [
      'a withdrawal',
      'withdrawn',
      () => null,
      () => meanwhile((world) => world.books(withdrawalOf(world.request))),
    ],
    [
      'a settlement of another run',
      'settled',
      () => null,
      () =>
        meanwhile((world) => {
          const start = startOf(world.request, 30);
          world.books(start, settled(world, start));
        }),
    ],
  ])('%s: refused at consume, with its Start: %s', async (_, code, again, arrange) => {
    const world = arrange();
    const refusal = await refusalOf(world);
    expect({ step: refusal.step, code: refusal.code, again: refusal.again }).toEqual({
      step: 'consume',
      code,
      again: again(world),
    });
    expect(refusal.start?.statement.request).toBe(world.request.digest);
    expect(world.book.rows.some(({ digest }) => digest === refusal.start?.digest)).toBe(true);
    expect(world.book.consumptions).toEqual([]);
  });

  it('a freeze of another agent stops nothing', async () => {
    const world = meanwhile((one) => housed(one, freezeOf({ of: 'agent', agent: 'nightly' })));
    await verify(world);
    expect(world.book.consumptions).toHaveLength(1);
  });

  it('a freeze that was lifted meanwhile was refused before the Start already', async () => {
    const world = meanwhile((one) => housed(one, unfreeze), housed(approved(), freezeOf()));
    expect(await refusalOf(world)).toMatchObject({ code: 'frozen', start: null });
  });
});
