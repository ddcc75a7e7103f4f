/** What approvals must bring and bind for a grant, what denials weigh, and what a Start says it stands on. */
import { describe, expect, it } from 'vitest';
import { type PolicyQuestion, verifyGrant } from '../../approval/grant.ts';
import { generateSigningKey } from '../../approval/keys.ts';
import type { Step } from '../../approval/refusal.ts';
import { countersign } from '../../approval/statements.ts';
import type { DecisionStatement, Requirement, Verified } from '../../approval/types.ts';
import { cardDigest, viewOf } from '../../approval/view.ts';
import {
  allowing,
  approved,
  asked,
  asking,
  at,
  decisionOf,
  EXECUTION,
  instructionOf,
  keys,
  meanwhile,
  OPENS,
  OWNERS,
  part,
  previewOf,
  refusalOf,
  refusedStanding,
  rowOf,
  verify,
  type World,
} from './world.ts';

const other = `sha256:${'0'.repeat(64)}` as const;

type Requires = Requirement['require'];
const decided = (require: Requires, change: Partial<DecisionStatement> = {}, key = keys.gateway): World => {
  const world = asked(asking({ require }));
  world.books(decisionOf(world, change, key));
  return world;
};
const ownKey = (world = asked(asking({ require: ['own_key'] })), key = keys.kari): World => {
  world.books(countersign(decisionOf(world, {}, key), keys.gateway));
  return world;
};
const ringed = (world: World, change: Partial<World['ring']>): World => {
  world.ring = { ...world.ring, ...change };
  return world;
};

type Case = readonly [name: string, step: Step, code: string, arrange: () => World];
const unbound = ['decisions', 'decisions_bind_other'] as const;
const invalid = ['decisions', 'book_statement_invalid'] as const;

const lacking: readonly Case[] = [
  ['no reason', ...unbound, () => decided(['reason'])],
  ['an empty reason', ...unbound, () => decided(['reason'], { reason: '' })],
  ['a blank reason', ...unbound, () => decided(['reason'], { reason: ' \t\n' })],
  ['nothing typed', ...unbound, () => decided(['typed'])],
  ['another name typed', ...unbound, () => decided(['typed'], { typed: 'customer' })],
  ['the name in capitals', ...unbound, () => decided(['typed'], { typed: 'CUSTOMERS' })],
  ['the name in the reason', ...unbound, () => decided(['typed'], { reason: 'customers' })],
  ["the gateway's signature alone", ...unbound, () => decided(['own_key'])],
  ['the key of somebody else', ...unbound, () => ownKey(undefined, keys.ola)],
  [
    'a key that is theirs no longer',
    ...unbound,
    () => ringed(ownKey(), { people: [keys.ola.verifier, generateSigningKey('kari').signing.verifier] }),
  ],
  [
    'a key that is the agent of that name',
    ...unbound,
    () => ringed(ownKey(), { people: [], agents: [...asked().ring.agents, keys.kari.verifier] }),
  ],
  ["the person's key alone", ...invalid, () => decided(['own_key'], {}, keys.kari)],
  [
    "the person's key, and junk for the gateway's",
    ...invalid,
    () => {
      const world = asked(asking({ require: ['own_key'] }));
      const own = decisionOf(world, {}, keys.kari);
      const { envelope } = countersign(own, keys.gateway);
      const [first] = envelope.signatures;
      const signatures = [...(first ? [first] : []), { keyid: keys.gateway.keyid, sig: 'AAAA' }];
      world.books({ ...own, envelope: { ...envelope, signatures } });
      return world;
    },
  ],
  [
    "junk for the person's key, and the gateway's",
    ...invalid,
    () => {
      const world = asked(asking({ require: ['own_key'] }));
      const said = decisionOf(world);
      const signatures = [{ keyid: keys.kari.keyid, sig: 'AAAA' }, ...said.envelope.signatures];
      world.books({ ...said, envelope: { ...said.envelope, signatures } });
      return world;
    },
  ],
  ['the key and no reason', ...unbound, () => ownKey(asked(asking({ require: ['own_key', 'reason'] })))],
  [
    'a gateway that is trusted no longer',
    ...invalid,
    () => ringed(ownKey(), { gateway: [generateSigningKey('gateway').signing.verifier] }),
  ],
  [
    'one of two with what is asked',
    'requirement',
    'requirement_not_met',
    () => {
      const world = ownKey(asked(asking({ require: ['own_key'], approvals: [part(2, OWNERS)] })));
      world.books(decisionOf(world, { person: 'ola' }));
      return world;
    },
  ],
];

const standing = { ...refusedStanding('eligible'), eligible: true };
const denies = (world: World, person: string, denials: number, change: Partial<DecisionStatement> = {}) =>
  world.books(decisionOf(world, { verdict: 'deny', person, standing: { ...standing, denials }, ...change }));
/** Approved by one of them, and denied by these, each by a rule that takes so many. */
const deniedBy = (denials: Readonly<Record<string, number>>, takes = 2): World => {
  const world = approved(asking({ denials: takes }));
  for (const [person, one] of Object.entries(denials)) denies(world, person, one);
  return world;
};

const denied: readonly Case[] = [
  ['two of two', 'requirement', 'denied', () => deniedBy({ ola: 2, per: 2 })],
  ['two of two, where it takes three by now', 'requirement', 'denied', () => deniedBy({ ola: 2, per: 2 }, 3)],
  ['one of one, where it takes two by now', 'requirement', 'denied', () => deniedBy({ ola: 1 })],
  ['one of two and one of one', 'requirement', 'denied', () => deniedBy({ ola: 2, per: 1 })],
  ['one of two and one of three', 'requirement', 'denied', () => deniedBy({ ola: 2, per: 3 }, 3)],
  [
    'two of two, of what policy allows by now',
    'requirement',
    'denied',
    () => {
      const world = deniedBy({ ola: 2, per: 2 });
      world.policy = allowing;
      return world;
    },
  ],
  [
    'two of two, of whom one left',
    'requirement',
    'denied',
    () => {
      const world = deniedBy({ ola: 2, per: 2 });
      world.policy = asking({ denials: 2, approvals: [part(1, ['kari'])] });
      return world;
    },
  ],
  [
    'two of two, of whom one stands for the other by now',
    'requirement',
    'denied',
    () => {
      const world = deniedBy({ ola: 2, per: 2 });
      const deputies = [{ principal: 'ola', delegate: 'per', delegation: other }];
      world.policy = asking({ denials: 2, deputies });
      return world;
    },
  ],
  [
    'one of two, and one of two that was put off',
    'requirement',
    'denied',
    () => {
      const world = deniedBy({ ola: 2 });
      const putOff = { ...refusedStanding('request_running'), denials: 2 };
      world.books(decisionOf(world, { verdict: 'deny', person: 'per', standing: putOff }));
      return world;
    },
  ],
  [
    'one of two, of the only one who approved',
    'requirement',
    'requirement_not_met',
    () => deniedBy({ kari: 2 }),
  ],
  [
    'one of two that was put off, of the only one who approved',
    'requirement',
    'requirement_not_met',
    () => {
      const world = deniedBy({});
      const putOff = { ...refusedStanding('request_running'), denials: 2 };
      world.books(decisionOf(world, { verdict: 'deny', standing: putOff }));
      return world;
    },
  ],
];

const drifted = (world: World): Verified<'preview'> =>
  previewOf(world.request, { revision: 2, facts: { rows: 5000 }, previewed_at: at(100) });
const revised = (world: World): World => {
  world.books(drifted(world));
  return world;
};
const late = (world: World, seconds: number): World => {
  world.clock = OPENS + seconds * 1000;
  return world;
};

const revisions: readonly Case[] = [
  ['an approval of the revision before', ...unbound, () => revised(approved())],
  [
    'an approval of the revision before, given after',
    ...unbound,
    () => {
      const world = revised(asked());
      world.books(decisionOf(world, { decided_at: at(110) }));
      return world;
    },
  ],
  [
    'an approval of a revision to come',
    ...unbound,
    () => {
      const world = asked();
      world.books(decisionOf({ ...world, preview: drifted(world) }, { decided_at: at(110) }));
      return world;
    },
  ],
  [
    'an approval of this revision by the card of the one before',
    ...unbound,
    () => {
      const world = revised(asked());
      world.books(decisionOf(world, { preview_digest: drifted(world).digest, decided_at: at(110) }));
      return world;
    },
  ],
  [
    'an approval before this revision was made',
    'decisions',
    'decisions_out_of_time',
    () => {
      const world = revised(asked());
      world.books(cardedOf(world, at(99.999)));
      return world;
    },
  ],
  [
    'one of two approvals is of the revision before',
    'requirement',
    'requirement_not_met',
    () => {
      const world = revised(approved(asking({ approvals: [part(2, OWNERS)] })));
      world.books(cardedOf(world, at(110), { person: 'ola' }));
      return world;
    },
  ],
  [
    'a denial of the revision before',
    'requirement',
    'denied',
    () => {
      const world = asked();
      denies(world, 'ola', 1);
      world.books(drifted(world), cardedOf(world, at(110)));
      return world;
    },
  ],
  [
    'the revisions of two deployments',
    ...invalid,
    () => {
      const world = approved();
      world.books(previewOf(world.request, { revision: 2, audience: 'staging' }));
      return world;
    },
  ],
];

/** An approval of the second revision, by its own card. */
function cardedOf(world: World, decided_at: string, change: Partial<DecisionStatement> = {}) {
  const { request, policy, examined, preview } = world;
  const second = drifted(world);
  const card_digest = cardDigest(viewOf({ request, policy, examined, previews: [preview, second] }));
  return decisionOf({ request, policy, preview: second }, { card_digest, decided_at, ...change });
}

describe('refused', () => {
  it.each([...lacking, ...denied, ...revisions])('%s: %s, %s', async (_, step, code, arrange) => {
    const world = arrange();
    expect(await refusalOf(world)).toMatchObject({ step, code, start: null });
    expect(world.book.consumptions).toEqual([]);
  });

  it('asks of the revision that stands, not of the one that was approved', async () => {
    const world = revised(approved());
    const { digest } = drifted(world);
    expect((await refusalOf(world)).again).toEqual({
      how: 'ask',
      preview: { digest, previewed_at: at(100) },
    });
  });
});

describe('given', () => {
  it.each<[string, () => World]>([
    ['to a reason', () => decided(['reason'], { reason: 'needed' })],
    ['to the name typed', () => decided(['typed'], { typed: 'customers' })],
    ["to the person's key and the gateway's", () => ownKey()],
    [
      "to the gateway's and the person's key",
      () => {
        const world = asked(asking({ require: ['own_key'] }));
        world.books(countersign(decisionOf(world), keys.kari));
        return world;
      },
    ],
    [
      'to a decision whose own key has left, where none is asked for',
      () => ringed(ownKey(asked()), { people: [] }),
    ],
    ['to one denial of two', () => deniedBy({ ola: 2 })],
    ['to one denial of two, where one is enough by now', () => deniedBy({ ola: 2 }, 1)],
    [
      'to one who denied twice where it takes two',
      () => {
        const world = deniedBy({ ola: 2 });
        denies(world, 'ola', 2, { decided_at: at(90) });
        return world;
      },
    ],
    [
      'to two denials of which one was refused',
      () => {
        const world = deniedBy({ ola: 2 });
        const refused = { ...refusedStanding('not_eligible'), denials: 2 };
        world.books(decisionOf(world, { verdict: 'deny', person: 'eve', standing: refused }));
        return world;
      },
    ],
    [
      'to an approval of the last revision',
      () => {
        const world = revised(approved());
        world.books(cardedOf(world, at(110)));
        return world;
      },
    ],
    [
      'to an approval of the last revision, an hour after the first',
      () => {
        const world = revised(asked());
        world.books(cardedOf(world, at(3650)));
        return late(world, 3660);
      },
    ],
  ])('%s', async (_, arrange) => {
    const world = arrange();
    const { start } = await verify(world);
    expect(world.book.consumptions.map((one) => one.start)).toEqual([start.digest]);
  });

  it('with what was approved last, and only its own approvals', async () => {
    const world = revised(approved());
    const approval = cardedOf(world, at(110));
    world.books(approval);
    const { start, preview } = await verify(world);
    expect(preview?.digest).toBe(drifted(world).digest);
    expect(start.statement).toMatchObject({
      preview: drifted(world).digest,
      decisions: [approval.digest],
    });
  });
});

describe('a Start names the instructions that it stands on', () => {
  const delegation = instructionOf({
    verb: 'delegate',
    subject: 'eve',
    detail: { action: 'sql.*', starts_at: at(0) },
    expires_at: at(9000),
  });
  const deputies = [
    { principal: 'kari', delegate: 'eve', delegation: delegation.digest },
    { principal: 'ola', delegate: 'per', delegation: null },
  ];

  it('the delegations in force, and none that the directory says itself', async () => {
    const { start } = await verify(approved(asking({ deputies })));
    expect(start.statement.instructions).toEqual([delegation.digest]);
  });

  it("beside those of the request's own page", async () => {
    const world = approved(asking({ deputies }));
    const subject = world.request.statement.request_id;
    const said = instructionOf({ verb: 'revoke', subject, detail: { of: 'lease' } });
    world.books(said);
    const { start } = await verify(world);
    expect(start.statement.instructions).toEqual([said.digest, delegation.digest]);
  });

  /** Every question that policy is asked. */
  function listening(world: World) {
    const questions: PolicyQuestion[] = [];
    const judge = () => ({
      ...world.deps.judge(),
      evaluate: (question: PolicyQuestion) => {
        questions.push(question);
        return world.policy;
      },
    });
    return { questions, run: () => verifyGrant(world.envelope, EXECUTION, { ...world.deps, judge }) };
  }

  it.each([
    ['before it starts', at(121), at(9000), false],
    ['in its time', at(120), at(9000), true],
    ['in its last moment', at(0), at(120.001), true],
    ['when it is over', at(0), at(120), false],
  ])('a delegation reaches policy %s: from %s to %s', async (_, starts_at, expires_at, inForce) => {
    const world = approved();
    const said = instructionOf({
      verb: 'delegate',
      subject: 'eve',
      detail: { action: 'sql.*', starts_at },
      expires_at,
    });
    world.book.houseRows.push(rowOf(said));
    const { questions, run } = listening(world);
    await run();
    const delegations = [{ principal: 'kari', delegate: 'eve', action: 'sql.*', digest: said.digest }];
    expect(questions.map((question) => question.delegations)).toEqual([
      inForce ? delegations : [],
      inForce ? delegations : [],
    ]);
  });

  it('one that is revoked before the lock no longer reaches it', async () => {
    const world = meanwhile((one) => {
      const revoked = instructionOf({
        verb: 'revoke',
        subject: delegation.digest,
        detail: { of: 'delegation' },
      });
      one.book.houseRows.push(rowOf(revoked));
    });
    world.book.houseRows.push(rowOf(delegation));
    const { questions, run } = listening(world);
    await run();
    expect(questions.map(({ delegations }) => delegations.length)).toEqual([1, 0]);
  });

  it("policy is asked with the last revision's facts and the computed resource, at the executor's time", async () => {
    const world = revised(approved());
    world.books(cardedOf(world, at(110)));
    const { questions, run } = listening(world);
    await run();
    const question = {
      request: world.request.statement,
      resource: { table: 'customers' },
      preview: { rows: 5000 },
      delegations: [],
      now: new Date(OPENS + 120_000),
    };
    expect(questions).toEqual([question, question]);
  });
});
