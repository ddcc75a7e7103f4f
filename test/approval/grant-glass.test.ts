/** A broken glass: what one person alone can release, and what nobody can. */
import { describe, expect, it } from 'vitest';
import type { Step } from '../../approval/refusal.ts';
import type { InstructionStatement, PolicyDecision } from '../../approval/types.ts';
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
  finishOf,
  instructionOf,
  keys,
  meanwhile,
  OPENS,
  POWERS,
  previewOf,
  refusalOf,
  refusedStanding,
  rowOf,
  startOf,
  verify,
  type World,
  withdrawalOf,
} from './world.ts';

const other = `sha256:${'0'.repeat(64)}` as const;
const everything = instructionOf({
  verb: 'freeze',
  subject: 'everything',
  detail: { scope: { of: 'everything' } },
});

/** By somebody who knew of the broken glass. */
const later = instructionOf({
  verb: 'freeze',
  subject: 'everything',
  detail: { scope: { of: 'everything' } },
  issued_at: at(21),
});

type Said = Partial<
  Pick<InstructionStatement, 'audience' | 'subject' | 'person' | 'issued_at' | 'expires_at'>
>;

/** Berit alone, of what stands in the book. */
function glassOf(
  world: World,
  change: Said = {},
  bound: { readonly action_digest?: string; readonly preview_digest?: string | null } = {},
  key = keys.gateway,
) {
  const preview = world.book.rows.filter(({ kind }) => kind === 'preview').at(-1);
  return instructionOf(
    {
      verb: 'break_glass',
      subject: world.request.statement.request_id,
      detail: Object.assign(
        { action_digest: world.request.digest, preview_digest: preview?.digest ?? null },
        bound,
      ),
      person: 'berit',
      ...change,
    },
    key,
  );
}
const broken = (world: World, ...how: [Said?, object?]): World => {
  world.books(glassOf(world, ...how));
  return world;
};
const frozen = (world: World): World => {
  world.book.houseRows.push(rowOf(everything));
  return world;
};
const but = (world: World, change: (world: World) => unknown): World => {
  change(world);
  return world;
};
const without = (power: Partial<PolicyDecision['powers']>): PolicyDecision => ({
  ...asking(),
  powers: { ...POWERS, ...power },
});

describe('a broken glass releases', () => {
  it.each<[string, () => World]>([
    ['what nobody decided', () => broken(asked())],
    ['what is frozen', () => frozen(broken(approved()))],
    ['what is frozen and nobody decided', () => frozen(broken(asked()))],
    ['what may not run yet', () => broken(approved(asking({}, { not_before: at(9000) })))],
    [
      'what is closed',
      () => broken(approved(asking({}, { closed: [{ from: at(0), to: at(9000), reason: 'Christmas' }] }))),
    ],
    [
      'what is out of its window',
      () =>
        broken(
          approved(asking({}, { windows: [{ days: ['tue'], from: '08:00', to: '16:00', zone: 'UTC' }] })),
        ),
    ],
    ['what was approved too long ago', () => broken(approved(asking({}, { grant_ttl_seconds: 10 })))],
    ['what expired', () => broken(asked(asking({ timeout_seconds: 10 })))],
    [
      'what a stranger approved and one denied whose denial was refused',
      () =>
        but(broken(asked()), (world) => {
          world.books(
            decisionOf(world, { person: 'eve' }),
            decisionOf(world, { person: 'eve', verdict: 'deny', standing: refusedStanding('not_eligible') }),
          );
        }),
    ],
    [
      'what one denied, where it takes two',
      () =>
        but(broken(asked(asking({ denials: 2 }))), (world) => {
          const standing = { ...refusedStanding('eligible'), eligible: true, denials: 2 };
          world.books(decisionOf(world, { verdict: 'deny', standing }));
        }),
    ],
    ['what is allowed and frozen', () => frozen(broken(allowed()))],
    ['in its last moment', () => but(broken(asked()), (world) => (world.clock = OPENS + 599_999))],
    [
      'what was broken twice, of which one is over',
      () => broken(broken(asked(), { expires_at: at(30) }), { issued_at: at(40) }),
    ],
  ])('%s', async (_, arrange) => {
    const world = arrange();
    const { start } = await verify(world);
    expect(world.book.consumptions.map((one) => one.start)).toEqual([start.digest]);
    const digests = world.book.rows.filter(({ kind }) => kind === 'instruction').map(({ digest }) => digest);
    expect(start.statement.instructions).toEqual(digests);
  });

  it('says in its Start that nobody approved, whoever else did', async () => {
    const { start, preview } = await verify(broken(approved()));
    expect(start.statement.decisions).toEqual([]);
    expect(preview).not.toBeNull();
    expect(start.statement.steps.map(({ step }) => step)).toEqual([
      'request',
      'input',
      'policy',
      'separation',
      'requirement',
      'time',
    ]);
  });

  it('what was looked at once more, like anything else', async () => {
    const world = broken(asked());
    let looked = 0;
    world.look = () => {
      looked += 1;
    };
    await verify(world);
    expect(looked).toBe(1);
  });
});

type Case = readonly [name: string, step: Step, code: string, arrange: () => World];
const denial = (world: World) => world.books(decisionOf(world, { verdict: 'deny', person: 'ola' }));

const corpus: readonly Case[] = [
  ['a denial', 'requirement', 'denied', () => but(broken(asked()), denial)],
  ['a denial before it', 'requirement', 'denied', () => broken(but(asked(), denial))],
  [
    'a denial by the one who broke it',
    'requirement',
    'denied',
    () =>
      but(broken(asked()), (world) => world.books(decisionOf(world, { verdict: 'deny', person: 'berit' }))),
  ],
  [
    'a withdrawal',
    'requirement',
    'withdrawn',
    () => but(broken(asked()), (world) => world.books(withdrawalOf(world.request))),
  ],
  [
    'a consumption',
    'requirement',
    'already_consumed',
    () => but(broken(asked()), ({ book }) => book.consumptions.push({ start: other, execution: EXECUTION })),
  ],
  [
    'a Finish',
    'requirement',
    'already_consumed',
    () =>
      but(broken(asked()), (world) => {
        const start = startOf(world.request, 90);
        world.books(start, finishOf(start));
      }),
  ],
  [
    'a settlement',
    'requirement',
    'settled',
    () =>
      but(broken(asked()), (world) => {
        const start = startOf(world.request, 30);
        const subject = world.request.statement.request_id;
        world.books(
          start,
          instructionOf({ verb: 'settle', subject, detail: { start: start.digest, ran: true } }),
        );
      }),
  ],
  [
    'what policy denies',
    'policy',
    'denied_by_rule',
    () => but(broken(asked()), (world) => (world.policy = denying)),
  ],
  [
    'what policy has yet to see a preview of',
    'policy',
    'policy_inconsistent',
    () => broken(asked({ ...asking(), needs_preview: true })),
  ],
  [
    'an allowed request that is not fresh',
    'time',
    'request_not_fresh',
    () => but(frozen(broken(allowed())), (world) => (world.clock = OPENS + 290_001)),
  ],
  ['by one who may not', 'requirement', 'requirement_not_met', () => broken(asked(), { person: 'siv' })],
  ['by an approver', 'requirement', 'requirement_not_met', () => broken(asked(), { person: 'kari' })],
  [
    'by one who is in the group no longer',
    'requirement',
    'requirement_not_met',
    () => but(broken(asked()), (world) => (world.policy = without({ break_glass: ['siv'] }))),
  ],
  [
    'by one who is excluded, and so has no power',
    'requirement',
    'requirement_not_met',
    () => but(broken(asked(), { person: 'liv' }), (world) => (world.policy = without({ break_glass: [] }))),
  ],
  [
    'when it is over',
    'requirement',
    'requirement_not_met',
    () => but(broken(asked()), (world) => (world.clock = OPENS + 600_000)),
  ],
  [
    'of another action',
    'requirement',
    'requirement_not_met',
    () => broken(asked(), {}, { action_digest: other }),
  ],
  [
    'of another preview',
    'requirement',
    'requirement_not_met',
    () => broken(asked(), {}, { preview_digest: other }),
  ],
  [
    'of no preview',
    'requirement',
    'requirement_not_met',
    () => broken(asked(), {}, { preview_digest: null }),
  ],
  [
    'of an earlier revision',
    'requirement',
    'requirement_not_met',
    () =>
      but(broken(asked()), (world) => {
        world.books(previewOf(world.request, { revision: 2, previewed_at: at(100) }));
      }),
  ],
  [
    'of what was never looked at',
    'decisions',
    'preview_missing',
    () =>
      broken(
        but(asked(), ({ book }) => book.rows.splice(1, 1)),
        {},
        { preview_digest: null },
      ),
  ],
  [
    'by one who may not, of what is frozen',
    'time',
    'frozen',
    () => frozen(broken(approved(), { person: 'siv' })),
  ],
  ['over, of what is frozen', 'time', 'frozen', () => frozen(broken(approved(), { expires_at: at(120) }))],
  [
    'of another preview, of what is allowed and frozen',
    'time',
    'frozen',
    () => frozen(broken(allowed(), {}, { preview_digest: other })),
  ],
  [
    "by the agent's key",
    'decisions',
    'book_statement_invalid',
    () => but(asked(), (world) => world.books(glassOf(world, {}, {}, keys.agent))),
  ],
  [
    "by a person's key alone",
    'decisions',
    'book_statement_invalid',
    () => but(asked(), (world) => world.books(glassOf(world, { person: 'kari' }, {}, keys.kari))),
  ],
  [
    'of another request, on this page',
    'decisions',
    'book_statement_invalid',
    () => broken(asked(), { subject: '0'.repeat(64) }),
  ],
  [
    'for another deployment',
    'decisions',
    'book_statement_invalid',
    () => broken(asked(), { audience: 'staging' }),
  ],
];

describe('a broken glass does not release', () => {
  it.each(corpus)('%s: %s, %s', async (_, step, code, arrange) => {
    const world = arrange();
    const before = world.book.consumptions.length;
    expect(await refusalOf(world)).toMatchObject({ step, code, start: null });
    expect(world.book.consumptions).toHaveLength(before);
  });

  it.each<[string, string, () => World]>([
    ['what is denied meanwhile', 'denied', () => meanwhile(denial, broken(asked()))],
    [
      'what is withdrawn meanwhile',
      'withdrawn',
      () => meanwhile((world) => world.books(withdrawalOf(world.request)), broken(asked())),
    ],
    [
      'when the group changes meanwhile',
      'requirement_not_met',
      () => meanwhile((world) => (world.policy = without({ break_glass: [] })), broken(asked())),
    ],
    [
      'when it is over meanwhile',
      'requirement_not_met',
      () => meanwhile((world) => (world.clock += 59_000), broken(asked(), { expires_at: at(150) })),
    ],
    [
      'when it is over meanwhile, and others approved: its Start says what it no longer stands on',
      'start_outdated',
      () => meanwhile((world) => (world.clock += 59_000), broken(approved(), { expires_at: at(150) })),
    ],
    [
      'when it was broken meanwhile, and others approved: its Start says what it no longer stands on',
      'start_outdated',
      () => meanwhile((world) => broken(world), approved()),
    ],
    [
      'what is frozen after it was broken',
      'frozen',
      () => meanwhile((world) => world.book.houseRows.push(rowOf(later)), broken(asked())),
    ],
    [
      'what is frozen and allowed, when it is over meanwhile',
      'frozen',
      () =>
        meanwhile(
          (world) => (world.clock += 59_000),
          frozen(
            broken(
              but(allowed(), (one) => (one.policy = allowing)),
              { expires_at: at(150) },
            ),
          ),
        ),
    ],
  ])('%s: %s', async (_, code, arrange) => {
    const world = arrange();
    const refusal = await refusalOf(world);
    expect(refusal).toMatchObject({ step: 'consume', code });
    expect(refusal.start?.statement.request).toBe(world.request.digest);
    expect(world.book.consumptions).toEqual([]);
  });
});
