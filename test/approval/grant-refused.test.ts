import { describe, expect, it } from 'vitest';
import { requestIdOf } from '../../approval/digest.ts';
import { AssentError } from '../../approval/error.ts';
import { verifyGrant } from '../../approval/grant.ts';
import type { Step } from '../../approval/refusal.ts';
import type { DecisionStatement, PolicyDecision } from '../../approval/types.ts';
import {
  AUDIENCE,
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
  keys,
  meanwhile,
  OPENS,
  OWNERS,
  part,
  previewOf,
  refusalOf,
  refusedStanding,
  requestOf,
  rowOf,
  startOf,
  verify,
  type World,
  withdrawalOf,
} from './world.ts';

type Case = readonly [name: string, step: Step, code: string, arrange: () => World];

const other = `sha256:${'0'.repeat(64)}` as const;

/** An approved request to which one thing is done. */
const but = (change: (world: World) => void, world: World = approved()): World => {
  change(world);
  return world;
};
/** A request on which one person decided, in a way of their own. */
const decided = (change: Partial<DecisionStatement>, policy?: PolicyDecision): World =>
  but((world) => world.books(decisionOf(world, change)), asked(policy));
const denied = (change: Partial<DecisionStatement>, world?: World): World =>
  but((one) => one.books(decisionOf(one, { verdict: 'deny', person: 'ola', ...change })), world);
const handing = (envelope: (world: World) => unknown): World =>
  but((world) => {
    world.envelope = envelope(world);
  });

const corpus: readonly Case[] = [
  ['nothing is handed in', 'request', 'envelope_malformed', () => handing(() => null)],
  ['a preview is handed in', 'request', 'envelope_type', () => handing(({ preview }) => preview.envelope)],
  [
    'a byte of the request differs',
    'request',
    'signature_invalid',
    () =>
      handing(({ request: { envelope } }) => {
        const payload = Buffer.from(envelope.payload, 'base64').toString().replace('customers', 'customerz');
        return { ...envelope, payload: Buffer.from(payload).toString('base64') };
      }),
  ],
  [
    'a request of a key that the directory has not',
    'request',
    'key_unknown',
    () => handing(() => requestOf({}, keys.impostor).envelope),
  ],
  [
    "a request of one agent by another's key",
    'request',
    'signer_mismatch',
    () => handing(() => requestOf({}, keys.otherAgent).envelope),
  ],
  [
    'a request for another deployment',
    'request',
    'audience_mismatch',
    () => handing(() => requestOf({ audience: 'staging' }).envelope),
  ],
  [
    "a request under another's id",
    'request',
    'request_id_mismatch',
    () =>
      handing(() => {
        const request_id = requestIdOf(AUDIENCE, 'crm-assistant', 'export-1');
        return requestOf({ agent: 'nightly', request_id }, keys.otherAgent).envelope;
      }),
  ],
  [
    'a request under an id of its own making',
    'request',
    'request_id_mismatch',
    () => handing(() => requestOf({ request_id: '0'.repeat(64) }).envelope),
  ],
  [
    'another action under the same key',
    'request',
    'request_conflict',
    () => handing(() => requestOf({ action: { name: 'sql.export', input: { table: 'salaries' } } }).envelope),
  ],
  [
    'other claims under the same key',
    'request',
    'request_conflict',
    () => handing(() => requestOf({ requested_at: at(-5) }).envelope),
  ],
  [
    'an input that the definition does not admit',
    'input',
    'input_invalid',
    () =>
      but((world) => {
        world.examine = () => {
          throw new AssentError('input_invalid', 'No.');
        };
      }),
  ],
  [
    'a resource other than the previewed one',
    'input',
    'resource_changed',
    () =>
      but((world) => {
        world.examined = { ...world.examined, resource: { table: 'customers', schema: 'hr' } };
      }),
  ],
  ['policy denies by now', 'policy', 'denied_by_rule', () => but((world) => (world.policy = denying))],
  [
    'policy asks, and names no requirement',
    'policy',
    'policy_inconsistent',
    () => but((world) => (world.policy = { ...asking(), requirement: null }), allowed()),
  ],
  [
    'policy allows, and names a requirement',
    'policy',
    'policy_inconsistent',
    () => approved({ ...asking(), effect: 'allow' }),
  ],
  [
    'a forged decision in the book',
    'decisions',
    'book_statement_invalid',
    () => but((world) => world.books(decisionOf(world, {}, keys.impostor)), asked()),
  ],
  [
    "a decision by the agent's key",
    'decisions',
    'book_statement_invalid',
    () => but((world) => world.books(decisionOf(world, {}, keys.agent)), asked()),
  ],
  [
    "a decision by the executor's key",
    'decisions',
    'book_statement_invalid',
    () => but((world) => world.books(decisionOf(world, {}, keys.executor)), asked()),
  ],
  [
    'a denial that somebody altered, beside a good approval',
    'decisions',
    'book_statement_invalid',
    () =>
      but((world) => {
        const row = rowOf(decisionOf(world, { verdict: 'deny', person: 'ola' }));
        const text = JSON.stringify(row.envelope).replace(/"sig":"..../, '"sig":"AAAA');
        world.book.rows.push({ ...row, envelope: JSON.parse(text) });
      }),
  ],
  [
    'an approval of another request on this page',
    'decisions',
    'book_statement_invalid',
    () => decided({ request_id: requestIdOf(AUDIENCE, 'crm-assistant', 'export-2') }),
  ],
  [
    'an approval for another deployment',
    'decisions',
    'book_statement_invalid',
    () => decided({ audience: 'staging' }),
  ],
  [
    "a preview by the gateway's key",
    'decisions',
    'book_statement_invalid',
    () => but(({ request, ...world }) => world.books(previewOf(request, { revision: 2 }, keys.gateway))),
  ],
  ['no preview', 'decisions', 'preview_missing', () => but(({ book }) => book.rows.splice(1, 1))],
  [
    'a preview of another action',
    'decisions',
    'preview_missing',
    () =>
      but((world) => {
        world.book.rows.length = 0;
        world.books(world.request, previewOf(world.request, { action_digest: other }));
      }),
  ],
  [
    'an approval of another action',
    'decisions',
    'decisions_bind_other',
    () => decided({ action_digest: other }),
  ],
  [
    'an approval of another preview',
    'decisions',
    'decisions_bind_other',
    () => decided({ preview_digest: other }),
  ],
  ['an approval by another rule', 'decisions', 'decisions_bind_other', () => decided({ rule_digest: other })],
  ['an approval of another card', 'decisions', 'decisions_bind_other', () => decided({ card_digest: other })],
  [
    'the definition paints another card by now',
    'decisions',
    'decisions_bind_other',
    () =>
      but((world) => {
        const present = () => ({ title: 'Harmless', description: [], impact: [], target: 'crm' });
        world.examined = { ...world.examined, present };
      }),
  ],
  [
    'the rule asks more people by now',
    'decisions',
    'decisions_bind_other',
    () => but((world) => (world.policy = asking({ approvals: [part(2, OWNERS)] }))),
  ],
  [
    'an approval before the preview',
    'decisions',
    'decisions_out_of_time',
    () => decided({ decided_at: at(-0.001) }),
  ],
  [
    'an approval at the deadline',
    'decisions',
    'decisions_out_of_time',
    () => but((world) => (world.clock = OPENS + 3_600_000), decided({ decided_at: at(3600) })),
  ],
  [
    'an early vote of the next people, shown later',
    'decisions',
    'decisions_out_of_time',
    () =>
      but((world) => (world.clock = OPENS + 1_900_000), decided({ person: 'siv', decided_at: at(1799.999) })),
  ],
  [
    'an approver who left the group',
    'eligibility',
    'approvers_not_eligible',
    () =>
      but(
        (world) => {
          world.policy = asking({ approvals: [part(1, ['ola'])] });
          world.books();
        },
        staged(['kari', 'ola']),
      ),
  ],
  [
    'an approver whom nobody named',
    'eligibility',
    'approvers_not_eligible',
    () => decided({ person: 'eve' }),
  ],
  [
    'an approver whom nobody knows',
    'eligibility',
    'approvers_not_eligible',
    () => decided({ person: null, standing: refusedStanding('person_unknown') }),
  ],
  [
    'a click that was refused, of one who may approve by now',
    'eligibility',
    'approvers_not_eligible',
    () => decided({ standing: refusedStanding('not_eligible') }),
  ],
  [
    "an excluded person, by the gateway's word eligible",
    'separation',
    'approvers_excluded',
    () => decided({ person: 'liv' }, asking({ approvals: [part(1, ['kari', 'liv'])] })),
  ],
  [
    'one approval out of its time and one of a stranger',
    'eligibility',
    'approvers_not_eligible',
    () => but((world) => world.books(decisionOf(world, { decided_at: at(-1) })), decided({ person: 'eve' })),
  ],
  ['nobody decided', 'requirement', 'requirement_not_met', () => asked()],
  [
    'nobody but one whose denial was refused',
    'requirement',
    'requirement_not_met',
    () => decided({ verdict: 'deny', person: 'eve', standing: refusedStanding('not_eligible') }),
  ],
  [
    'a denial alone, by another card',
    'requirement',
    'denied',
    () => decided({ verdict: 'deny', card_digest: other }),
  ],
  [
    'one of two',
    'requirement',
    'requirement_not_met',
    () => approved(asking({ approvals: [part(2, OWNERS)] })),
  ],
  [
    'the same person twice for two',
    'requirement',
    'requirement_not_met',
    () =>
      but(
        (world) => {
          const channel = { name: 'slack', account: 'T1/U9' };
          world.books(decisionOf(world, { decided_at: at(70), channel }));
        },
        approved(asking({ approvals: [part(2, OWNERS)] })),
      ),
  ],
  [
    'one of two, and one who left',
    'requirement',
    'requirement_not_met',
    () =>
      but(
        (world) => world.books(decisionOf(world, { person: 'eve' })),
        approved(asking({ approvals: [part(2, OWNERS)] })),
      ),
  ],
  [
    'a count of none',
    'requirement',
    'requirement_not_met',
    () => approved(asking({ approvals: [part(0, OWNERS)] })),
  ],
  ['a denial beside an approval', 'requirement', 'denied', () => denied({})],
  ["a denial over one's own approval", 'requirement', 'denied', () => denied({ person: 'kari' })],
  ['a denial before the approval', 'requirement', 'denied', () => denied({ decided_at: at(30) })],
  ['a denial by one who left the group since', 'requirement', 'denied', () => denied({ person: 'eve' })],
  ['a denial by one who is excluded since', 'requirement', 'denied', () => denied({ person: 'liv' })],
  [
    'a denial of an earlier action, preview, rule and card',
    'requirement',
    'denied',
    () => denied({ action_digest: other, preview_digest: other, rule_digest: other, card_digest: other }),
  ],
  [
    'a denial where every approval is outside its time',
    'requirement',
    'denied',
    () => denied({}, decided({ decided_at: at(7200) })),
  ],
  ['a denial outside the time', 'requirement', 'denied', () => denied({ decided_at: at(7200) })],
  ...[
    'request_running',
    'request_unknown',
    'request_not_executed',
    'request_flooded',
    'request_undeliverable',
  ].map(
    (code): Case => [
      `a denial put off as ${code}, while nothing was consumed`,
      'requirement',
      'denied',
      () => denied({ standing: refusedStanding(code) }),
    ],
  ),
  [
    'a withdrawal',
    'requirement',
    'withdrawn',
    () => but((world) => world.books(withdrawalOf(world.request))),
  ],
  [
    'a withdrawal out of its time',
    'requirement',
    'withdrawn',
    () => but((world) => world.books(withdrawalOf(world.request, { expires_at: at(30) }))),
  ],
  [
    'a consumption',
    'requirement',
    'already_consumed',
    () => but(({ book }) => book.consumptions.push({ start: other, execution: EXECUTION })),
  ],
  ...(['succeeded', 'failed'] as const).map(
    (outcome): Case => [
      `a Finish that says ${outcome}, though the consumption is gone`,
      'requirement',
      'already_consumed',
      () =>
        but((world) => {
          const start = startOf(world.request, 90);
          world.books(start, finishOf(start, { outcome }));
        }),
    ],
  ),
  [
    'policy allows by now what somebody denied',
    'requirement',
    'denied',
    () => but((world) => (world.policy = allowing), denied({})),
  ],
  [
    'allowed, and withdrawn before anybody booked the request',
    'requirement',
    'withdrawn',
    () => but((world) => world.books(withdrawalOf(world.request)), allowed()),
  ],
  [
    'allowed, and executed',
    'requirement',
    'already_consumed',
    () => but(({ book }) => book.consumptions.push({ start: other, execution: EXECUTION }), allowed()),
  ],
  [
    'a grant as old as it may become',
    'time',
    'grant_expired',
    () => but((world) => (world.clock = OPENS + 960_000)),
  ],
  [
    'an approval from far ahead',
    'time',
    'clock_skew',
    () => but((world) => (world.clock = OPENS + 60_000 - 300_001)),
  ],
  [
    'a third vote on a grant that expired',
    'time',
    'grant_expired',
    () => later((world) => decisionOf(world, { person: 'per', decided_at: at(2000) })),
  ],
  [
    'a third vote in the place of one who left',
    'time',
    'grant_expired',
    () =>
      but(
        (world) => {
          world.policy = asking({ approvals: [part(2, ['kari', 'per'])] });
        },
        later((world) => decisionOf(world, { person: 'per', decided_at: at(2000) })),
      ),
  ],
  [
    'a third vote in the place of one who is excluded by now',
    'time',
    'grant_expired',
    () =>
      but(
        (world) => {
          world.policy = asking({
            approvals: [part(2, OWNERS)],
            excluded: [{ person: 'ola', why: 'asked for it' }],
          });
        },
        later((world) => decisionOf(world, { person: 'per', decided_at: at(2000) })),
      ),
  ],
  [
    'an allowed request older than five minutes',
    'time',
    'request_not_fresh',
    () => but((world) => (world.clock = OPENS - 10_000 + 300_001), allowed()),
  ],
  [
    'an allowed request more than five minutes ahead',
    'time',
    'request_not_fresh',
    () => but((world) => (world.clock = OPENS - 10_000 - 300_001), allowed()),
  ],
];

/** Approved by somebody while more people were asked. */
function staged(people: readonly string[]): World {
  return approved(asking({ approvals: [part(1, people)] }));
}

/** Two of two approved early; half an hour on, another vote arrives. */
function later(vote: (world: World) => ReturnType<typeof decisionOf>): World {
  const world = approved(asking({ approvals: [part(2, OWNERS)] }));
  world.books(decisionOf(world, { person: 'ola', decided_at: at(61) }), vote(world));
  world.clock = OPENS + 2_001_000;
  return world;
}

describe('before a Start', () => {
  it.each(corpus)('%s: %s, %s', async (_, step, code, arrange) => {
    const world = arrange();
    const before = { rows: [...world.book.rows], consumptions: [...world.book.consumptions] };
    const refusal = await refusalOf(world);
    expect({ step: refusal.step, code: refusal.code }).toEqual({ step, code });
    expect(refusal.start).toBeNull();
    expect({ rows: world.book.rows, consumptions: world.book.consumptions }).toEqual(before);
  });

  it('an error that is nobody refusing stays what it is', async () => {
    const world = approved();
    const broken = new TypeError('broken');
    world.examine = () => {
      throw broken;
    };
    await expect(verify(world)).rejects.toBe(broken);
    expect(world.book.consumptions).toEqual([]);
  });

  it('a lifetime that is no number lets nothing through: it is no card either', async () => {
    const world = approved();
    world.policy = asking({}, { grant_ttl_seconds: Number.NaN });
    await expect(verify(world)).rejects.toMatchObject({ code: 'canonical_json_refused' });
    expect(world.book.consumptions).toEqual([]);
  });

  it.each([['allow-all'], [undefined]])(
    'an effect that nobody knows (%s) lets nothing through',
    async (effect) => {
      const world = allowed();
      Object.assign(world, { policy: { ...allowing, effect } });
      expect(await refusalOf(world)).toMatchObject({
        step: 'policy',
        code: 'policy_inconsistent',
        start: null,
      });
    },
  );
});

const between: readonly Case[] = [
  ['a denial', 'consume', 'denied', () => meanwhile((world) => denied({ person: 'per' }, world))],
  [
    'a denial that the Start put off',
    'consume',
    'denied',
    () => meanwhile((world) => denied({ standing: refusedStanding('request_running') }, world)),
  ],
  [
    'a withdrawal',
    'consume',
    'withdrawn',
    () => meanwhile((world) => world.books(withdrawalOf(world.request))),
  ],
  [
    'a denial of what is allowed',
    'consume',
    'denied',
    () =>
      meanwhile((world) => {
        world.books(decisionOf({ ...world, policy: asking() }, { verdict: 'deny' }));
      }, allowed()),
  ],
  [
    'a consumption',
    'consume',
    'already_consumed',
    () => meanwhile(({ book }) => book.consumptions.push({ start: other, execution: EXECUTION })),
  ],
  [
    'a Finish of another run',
    'consume',
    'already_consumed',
    () =>
      meanwhile((world) => {
        const start = startOf(world.request, 90);
        world.books(start, finishOf(start));
      }),
  ],
  ['policy denies', 'policy', 'denied_by_rule', () => meanwhile((world) => (world.policy = denying))],
  [
    'policy contradicts itself',
    'policy',
    'policy_inconsistent',
    () => meanwhile((world) => (world.policy = { ...asking(), requirement: null })),
  ],
  [
    'the rule changes',
    'consume',
    'decisions_bind_other',
    () => meanwhile((world) => (world.policy = { ...asking(), rule_digest: other })),
  ],
  [
    'the approver leaves',
    'consume',
    'approvers_not_eligible',
    () =>
      meanwhile(
        (world) => {
          world.policy = asking({ approvals: [part(1, ['ola'])] });
        },
        staged(['kari', 'ola']),
      ),
  ],
  [
    'the approver leaves and another one approves',
    'consume',
    'start_outdated',
    () =>
      meanwhile(
        (world) => {
          world.books(decisionOf(world, { person: 'ola', decided_at: at(100) }));
          world.policy = asking({ approvals: [part(1, ['ola'])] });
        },
        staged(['kari', 'ola']),
      ),
  ],
  [
    'what was allowed asks for approval, and has it',
    'consume',
    'start_outdated',
    () => {
      const world = approved();
      const policy = world.policy;
      world.policy = allowing;
      return meanwhile(() => (world.policy = policy), world);
    },
  ],
  [
    'what was approved is allowed',
    'consume',
    'start_outdated',
    () => meanwhile((world) => (world.policy = allowing)),
  ],
  [
    "the Start's deadline passes while the lock is waited for",
    'consume',
    'start_overdue',
    () => {
      const world = approved();
      world.examined = { ...world.examined, maxSeconds: 10 };
      return meanwhile((late) => (late.clock += 10_000), world);
    },
  ],
  [
    'the database goes away',
    'consume',
    'database_unreachable',
    () =>
      meanwhile(() => {
        throw new AssentError('database_unreachable', 'gone');
      }),
  ],
  [
    'something breaks that has no name',
    'consume',
    'consume_failed',
    () =>
      meanwhile(() => {
        throw new Error('broken');
      }),
  ],
  [
    'the grant expires',
    'consume',
    'grant_expired',
    () => meanwhile((world) => (world.clock = OPENS + 960_000)),
  ],
  [
    'the allowed request grows old',
    'consume',
    'request_not_fresh',
    () => meanwhile((world) => (world.clock = OPENS + 300_000), allowed()),
  ],
  [
    'a forged decision',
    'decisions',
    'book_statement_invalid',
    () => meanwhile((world) => world.books(decisionOf(world, {}, keys.impostor))),
  ],
  [
    'another request takes the id',
    'request',
    'request_conflict',
    () =>
      meanwhile((world) => {
        const action = { name: 'sql.export', input: { table: 'salaries' } };
        world.book.rows.unshift(rowOf(requestOf({ action })));
      }, allowed()),
  ],
  [
    'the Start is lost',
    'start',
    'start_not_booked',
    () => meanwhile(({ book }) => book.rows.splice(0, book.rows.length, ...book.rows.slice(0, -1))),
  ],
];

describe('between Start and consumption', () => {
  it.each(between)('%s: %s, %s', async (_, step, code, arrange) => {
    const world = arrange();
    const refusal = await refusalOf(world);
    expect({ step: refusal.step, code: refusal.code }).toEqual({ step, code });
    expect(refusal.start?.statement.request).toBe(world.request.digest);
    expect(world.book.consumptions.map(({ start }) => start)).not.toContain(refusal.start?.digest);
  });

  it('an approval that nobody needed changes nothing', async () => {
    const world = meanwhile((one) => one.books(decisionOf(one, { person: 'ola', decided_at: at(100) })));
    await verify(world);
    expect(world.book.consumptions).toHaveLength(1);
  });
});

describe('at once', () => {
  it.each([
    ['asked', approved],
    ['allowed', allowed],
  ])(
    'twenty executions of what is %s: one runs, each other one is told and knows its Start',
    async (_, arrange) => {
      const world = arrange();
      const calls = Array.from({ length: 20 }, (_, index) => {
        const deps = { ...world.deps, now: () => world.clock + index };
        return verifyGrant(world.envelope, { ...EXECUTION, activity_id: `${index}` }, deps);
      });
      const settled = await Promise.allSettled(calls);
      const won = settled.flatMap((result) => (result.status === 'fulfilled' ? [result.value] : []));
      const lost = settled.flatMap((result) => (result.status === 'rejected' ? [result.reason] : []));
      expect(won).toHaveLength(1);
      expect(world.book.consumptions.map(({ start }) => start)).toEqual(won.map(({ start }) => start.digest));
      expect(lost).toHaveLength(19);
      for (const refusal of lost) {
        expect(refusal).toMatchObject({ step: 'consume', code: 'already_consumed' });
        expect(refusal.start).not.toBeNull();
      }
    },
  );

  it('twins of one millisecond share a Start: the loser has none to finish', async () => {
    const world = approved();
    const twin = () => verify(world);
    const settled = await Promise.allSettled([twin(), twin()]);
    const lost = settled.flatMap((result) => (result.status === 'rejected' ? [result.reason] : []));
    expect(lost).toEqual([
      expect.objectContaining({ step: 'consume', code: 'already_consumed', start: null }),
    ]);
    expect(world.book.rows.filter(({ kind }) => kind === 'start')).toHaveLength(1);
    expect(world.book.consumptions).toHaveLength(1);
  });

  it('again, later, from another workflow: refused before a Start', async () => {
    const world = approved();
    await verify(world);
    world.clock += 1000;
    expect(await refusalOf(world)).toMatchObject({
      step: 'requirement',
      code: 'already_consumed',
      start: null,
    });
  });
});
