import { describe, expect, it } from 'vitest';
import { openDossier } from '../../approval/dossier.ts';
import { openStatement } from '../../approval/statements.ts';
import {
  AUDIENCE,
  allowed,
  approved,
  asked,
  asking,
  at,
  decisionOf,
  EXECUTION,
  finishOf,
  keys,
  OPENS,
  OWNERS,
  part,
  RELEASE,
  RING,
  refusedStanding,
  startOf,
  verify,
  type World,
} from './world.ts';

describe('a grant', () => {
  it('of what was asked names everything that it stands on', async () => {
    const world = approved();
    const decision = decisionOf(world, { person: 'ola', decided_at: at(90) });
    world.books(decision);
    const { request, preview, start, examined } = await verify(world);

    expect(request.digest).toBe(world.request.digest);
    expect(preview?.digest).toBe(world.preview.digest);
    expect(examined).toBe(world.examined);
    expect(start.signer).toBe('executor');
    expect(start.statement).toEqual({
      audience: AUDIENCE,
      request_id: world.request.statement.request_id,
      request: world.request.digest,
      preview: world.preview.digest,
      decisions: [decisionOf(world).digest, decision.digest],
      instructions: [],
      policy: world.policy.policy_digest,
      directory: world.policy.directory_digest,
      steps: [
        'request',
        'input',
        'policy',
        'decisions',
        'eligibility',
        'separation',
        'requirement',
        'time',
      ].map((step) => ({ step, code: 'passed' })),
      started_at: at(120),
      deadline: at(180),
    });
    expect(world.book.rows.map(({ kind }) => kind)).toEqual([
      'request',
      'preview',
      'decision',
      'decision',
      'start',
    ]);
    expect(world.book.consumptions).toEqual([{ start: start.digest, execution: EXECUTION }]);
  });

  it('of what is allowed books the request before its Start and reads no preview', async () => {
    const world = allowed();
    const { preview, start } = await verify(world);
    expect(preview).toBeNull();
    expect(start.statement).toMatchObject({ preview: null, decisions: [] });
    expect(start.statement.steps.map(({ step }) => step)).toEqual([
      'request',
      'input',
      'policy',
      'requirement',
      'time',
    ]);
    expect(world.book.rows.map(({ digest }) => digest)).toEqual([world.request.digest, start.digest]);
    expect(world.book.consumptions).toHaveLength(1);
    const dossier = openDossier(world.request.statement.request_id, world.book.rows, RING);
    expect(dossier?.starts).toEqual([start]);
  });

  it('is signed so that a stranger can open its Start', async () => {
    const { start } = await verify(approved());
    const trust = { keys: [keys.executor.verifier], audience: AUDIENCE };
    expect(openStatement('start', start.envelope, trust).statement).toEqual(start.statement);
  });
});

describe('is given', () => {
  it.each<[string, () => World]>([
    [
      'to more approvals than are needed',
      () => {
        const world = approved();
        for (const person of ['ola', 'per']) world.books(decisionOf(world, { person }));
        return world;
      },
    ],
    [
      'to two of two',
      () => {
        const world = approved(asking({ approvals: [part(2, OWNERS)] }));
        world.books(decisionOf(world, { person: 'ola' }));
        return world;
      },
    ],
    [
      'to the next people, once they are asked',
      () => {
        const world = asked();
        world.books(decisionOf(world, { person: 'siv', decided_at: at(1800) }));
        world.clock = OPENS + 1_801_000;
        return world;
      },
    ],
    [
      'in the last moment of the timeout, and used after it',
      () => {
        const world = asked();
        world.books(decisionOf(world, { decided_at: at(3599.999) }));
        world.clock = OPENS + 3_700_000;
        return world;
      },
    ],
    [
      'in the last moment of the grant',
      () => {
        const world = approved();
        world.clock = OPENS + (60 + RELEASE.grant_ttl_seconds) * 1000 - 1;
        return world;
      },
    ],
    [
      'to an approval that the clocks put five minutes ahead',
      () => {
        const world = approved();
        world.clock = OPENS + 60_000 - 300_000;
        return world;
      },
    ],
    [
      'although others clicked who may not',
      () => {
        const world = approved();
        world.books(
          decisionOf(world, { person: 'liv', standing: refusedStanding('excluded') }),
          decisionOf(world, { person: 'siv', verdict: 'deny', standing: refusedStanding('not_asked_yet') }),
          decisionOf(world, { person: null, standing: refusedStanding('person_unknown') }),
        );
        return world;
      },
    ],
    [
      'after a Start that was refused, and one that never consumed',
      () => {
        const world = approved();
        const refused = startOf(world.request, 90);
        world.books(refused, finishOf(refused, { outcome: 'refused' }), startOf(world.request, 95));
        return world;
      },
    ],
    [
      'to an allowed request five minutes old',
      () => {
        const world = allowed();
        world.clock = OPENS - 10_000 + 300_000;
        return world;
      },
    ],
    [
      'to an allowed request five minutes ahead',
      () => {
        const world = allowed();
        world.clock = OPENS - 10_000 - 300_000;
        return world;
      },
    ],
  ])('%s', async (_, arrange) => {
    const world = arrange();
    const { start } = await verify(world);
    expect(world.book.consumptions.map((consumption) => consumption.start)).toEqual([start.digest]);
  });
});
