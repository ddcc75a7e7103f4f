/** Laws of policies and directories that are made up: exclusion only takes away, and what counts is told by groups alone. */
import fc from 'fast-check';
import { expect, it } from 'vitest';
import { parse, stringify } from 'yaml';
import { AssentError } from '../../approval/error.ts';
import type { Delegation } from '../../approval/house.ts';
import type { PolicyDecision } from '../../approval/types.ts';
import { parseDirectory } from '../../policy/directory.ts';
import { evaluate } from '../../policy/evaluate.ts';
import { parsePolicy } from '../../policy/policy.ts';
import { canBeMet } from '../../policy/reach.ts';
import { CLAIMS, key, NOW, request } from './material.ts';

const PEOPLE = ['ana', 'ben', 'cid', 'dia', 'eli', 'fia'];
const GROUPS = ['g1', 'g2', 'g3'];
const AGENT_KEY = key('robot');

/** Groups hold people and groups of a lower number, so that none holds itself. */
const groups = fc
  .tuple(...GROUPS.map((_, index) => fc.subarray([...PEOPLE, ...GROUPS.slice(0, index)], { minLength: 1 })))
  .map((members) => Object.fromEntries(GROUPS.map((group, index) => [group, members[index] ?? []])));
const names = (least: number, most = 3) =>
  fc.uniqueArray(fc.constantFrom(...PEOPLE, ...GROUPS), { minLength: least, maxLength: most });
const house = fc.record({
  groups,
  owners: names(1, 1),
  acts_for: names(3, 6),
  away: fc.option(fc.tuple(fc.constantFrom(...PEOPLE), fc.constantFrom(...PEOPLE)), { nil: null }),
});
type House = typeof house extends fc.Arbitrary<infer T> ? T : never;
const quorum = fc.record({ from: names(1), count: fc.integer({ min: 1, max: 2 }) });
const terms = fc.record({
  approvals: fc.array(
    fc.oneof(quorum, fc.record({ any_of: fc.array(quorum, { minLength: 1, maxLength: 2 }) })),
    {
      minLength: 1,
      maxLength: 3,
    },
  ),
  exclude: names(0),
  add: names(0),
});
type Terms = typeof terms extends fc.Arbitrary<infer T> ? T : never;
const delegations = fc.array(
  fc.record({
    principal: fc.constantFrom(...PEOPLE),
    delegate: fc.constantFrom(...PEOPLE),
    action: fc.constantFrom('test.work', 'other.*', '**'),
    digest: fc.constant<Delegation['digest']>(`sha256:${'a'.repeat(64)}`),
  }),
  { maxLength: 2 },
);
const behalf = fc.constantFrom(null, ...PEOPLE);

function directoryText({ groups: members, owners, acts_for, away }: House): string {
  const absent = (id: string) =>
    away !== null && away[0] === id && away[1] !== id
      ? { away: [{ from: '2026-03-01T00:00Z', until: '2026-04-01T00:00Z', to: away[1] }] }
      : {};
  return stringify({
    people: Object.fromEntries(PEOPLE.map((id) => [id, { name: id, ...absent(id) }])),
    groups: members,
    agents: { robot: { keys: [AGENT_KEY], owners, acts_for } },
  });
}

function policyText({ approvals, exclude, add }: Terms): string {
  return stringify({
    version: 1,
    break_glass: { from: ['ana', 'ben'], review: { from: ['ana', 'ben', 'cid'] } },
    rules: [
      {
        id: 'only',
        match: { action: 'test.work' },
        effect: 'require_approval',
        approvals,
        timeout: '1h',
        ...(exclude.length === 0 ? {} : { exclude }),
        ...(add.length === 0 ? {} : { escalation: [{ add }] }),
      },
    ],
  });
}

/** Null where the two files are refused, which lets nothing through either. */
function decide(
  rules: Terms,
  people: House,
  on_behalf_of: string | null,
  stood: readonly Delegation[] = [],
): PolicyDecision | null {
  try {
    // Not bound: a rule that nobody could meet is a fault there, and a denial here.
    return evaluate({
      policy: parsePolicy(policyText(rules), 'policy.yaml').policy,
      directory: parseDirectory(directoryText(people), 'directory.yaml'),
      request: request({
        agent: 'robot',
        action: { name: 'test.work', input: {} },
        claims: { ...CLAIMS, on_behalf_of },
      }),
      resource: {},
      preview: null,
      delegations: stood,
      now: NOW,
    });
  } catch (error) {
    if (error instanceof AssentError) return null;
    throw error;
  }
}

function eligible(decision: PolicyDecision | null): readonly string[] {
  const { requirement = null, powers } = decision ?? {};
  return [
    ...(requirement?.approvals ?? []).flatMap(({ any_of }) => any_of.flatMap(({ people }) => people)),
    ...(requirement?.escalations ?? []).flatMap(({ add }) => add.people),
    ...(requirement === null ? [] : [...(powers?.settle ?? []), ...(powers?.break_glass ?? [])]),
  ];
}

it('an exclusion more makes nobody eligible', () => {
  let asked = 0;
  fc.assert(
    fc.property(
      terms,
      house,
      behalf,
      delegations,
      fc.constantFrom(...PEOPLE),
      (rules, people, who, stood, more) => {
        fc.pre(!rules.exclude.includes(more));
        const before = decide(rules, people, who, stood);
        const ruledOut = decide({ ...rules, exclude: [...rules.exclude, more] }, people, who, stood);
        const owning = decide(
          rules,
          { ...people, owners: [...new Set([...people.owners, more])] },
          who,
          stood,
        );
        if (eligible(before).length > 0) asked += 1;
        for (const after of [ruledOut, owning]) {
          expect(eligible(before)).toEqual(expect.arrayContaining([...eligible(after)]));
          expect(eligible(after)).not.toContain(more);
        }
      },
    ),
    { numRuns: 100 },
  );
  expect(asked).toBeGreaterThan(15);
});

it('whoever is excluded is eligible for nothing', () => {
  fc.assert(
    fc.property(terms, house, behalf, delegations, (rules, people, who, stood) => {
      const decision = decide(rules, people, who, stood);
      for (const { person } of decision?.requirement?.excluded ?? []) {
        expect(eligible(decision)).not.toContain(person);
        expect(decision?.powers.review).not.toContain(person);
      }
      if (who !== null) expect(eligible(decision)).not.toContain(who);
      if (decision?.requirement) expect(canBeMet(decision.requirement)).toBe(true);
    }),
    { numRuns: 100 },
  );
});

it('whoever is in no group, named nowhere and sent by nobody is not eligible', () => {
  const without = (list: readonly string[], person: string) => list.filter((name) => name !== person);
  fc.assert(
    fc.property(terms, house, behalf, fc.constantFrom('cid', 'dia', 'eli'), (rules, people, who, gone) => {
      const quorums = (list: readonly { from: string[]; count: number }[]) =>
        list
          .map(({ from, count }) => ({ from: without(from, gone), count }))
          .filter(({ from }) => from.length > 0);
      const approvals = rules.approvals.flatMap((part): Terms['approvals'] =>
        'any_of' in part ? [{ any_of: quorums(part.any_of) }] : quorums([part]),
      );
      const left: Terms = { approvals, exclude: rules.exclude, add: without(rules.add, gone) };
      const members = Object.fromEntries(
        Object.entries(people.groups).map(([group, list]) => [group, without(list, gone)]),
      );
      const decision = decide(left, { ...people, groups: members, away: null }, who);
      expect(eligible(decision)).not.toContain(gone);
    }),
    { numRuns: 100 },
  );
});

it('the order of names, keys and words, and comments, change no digest', () => {
  const shuffled = <T>(list: readonly T[], turn: number) =>
    list.map((_, index) => list[(index + turn) % list.length] ?? list[0]);
  const turned = (value: unknown, turn: number): unknown => {
    if (Array.isArray(value)) {
      const items = value.map((item) => turned(item, turn));
      // Parts and alternatives are in their author's order; names are not.
      return items.every((item) => typeof item === 'string') ? shuffled(items, turn) : items;
    }
    if (typeof value !== 'object' || value === null) return value;
    return Object.fromEntries(
      shuffled(Object.entries(value), turn).map((entry) => [entry?.[0], turned(entry?.[1], turn)]),
    );
  };
  const restyle = (text: string, turn: number) => `# turned\n${stringify(turned(parse(text), turn))}`;
  let judged = 0;
  fc.assert(
    fc.property(terms, house, fc.integer({ min: 1, max: 5 }), (rules, people, turn) => {
      const [policy, directory] = [policyText(rules), directoryText(people)];
      const before = digests(policy, directory);
      expect(digests(restyle(policy, turn), restyle(directory, turn))).toEqual(before);
      if (before !== null) judged += 1;
    }),
    { numRuns: 60 },
  );
  expect(judged).toBeGreaterThan(20);
});

function digests(policy: string, directory: string): readonly string[] | null {
  try {
    const { digest, rules } = parsePolicy(policy, 'policy.yaml').policy;
    return [digest, parseDirectory(directory, 'directory.yaml').digest, ...rules.map((rule) => rule.digest)];
  } catch (error) {
    if (error instanceof AssentError) return null;
    throw error;
  }
}
