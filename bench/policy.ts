/**
 * `npm run bench:policy`: how long a policy of 1,000 rules and a directory of 10,000 people take to load, and one
 * evaluation after that.
 */
import { stringify } from 'yaml';
import { generateSigningKey } from '../approval/keys.ts';
import type { RequestStatement } from '../approval/types.ts';
import { guardOf } from '../policy/guard.ts';
import { spreadOf } from './statistics.ts';

const [PEOPLE, GROUPS, AGENTS, RULES, RUNS] = [10_000, 400, 50, 1000, 20_000];
const numbered = (count: number, letter: string) =>
  Array.from({ length: count }, (_, index) => `${letter}${index}`);

function directoryText(): string {
  const people = numbered(PEOPLE, 'p');
  const groups = numbered(GROUPS, 'g').map((group, index) => [
    group,
    [
      ...people.filter((_, person) => person % GROUPS === index),
      ...(index % 10 === 9 ? [`g${index - 1}`] : []),
    ],
  ]);
  return stringify({
    people: Object.fromEntries(
      people.map((id, index) => [id, { name: `Person ${index}`, slack: { team: 'T1', user: `U${index}` } }]),
    ),
    groups: Object.fromEntries([...groups, ['everybody', people]]),
    agents: Object.fromEntries(
      numbered(AGENTS, 'a').map((name, index) => [
        name,
        {
          keys: [generateSigningKey(name).signing.verifier.text],
          owners: [`p${index}`],
          acts_for: ['everybody'],
        },
      ]),
    ),
  });
}

/** Twenty rules an action, each with a condition of its own, so that the last of them is reached last. */
function policyText(): string {
  const rules = Array.from({ length: RULES }, (_, index) => ({
    id: `r${index}`,
    match: {
      action: `app${Math.floor(index / 20)}.do`,
      when: `resource.table == "t${index}" && size(resource.columns) > 1`,
    },
    effect: 'require_approval',
    approvals: [
      { from: [`g${index % GROUPS}`], count: 2 },
      { any_of: [{ from: [`g${(index + 1) % GROUPS}`] }, { from: [`g${(index + 2) % GROUPS}`], count: 2 }] },
    ],
    exclude: [`g${(index + 3) % GROUPS}`],
    timeout: '1h',
    escalation: [{ add: [`g${(index + 4) % GROUPS}`] }],
  }));
  return stringify({ version: 1, operators: ['g0'], rules });
}

function requestOf(rule: number): RequestStatement {
  return {
    audience: 'bench',
    request_id: '0'.repeat(64),
    key: 'k',
    agent: `a${rule % AGENTS}`,
    action: { name: `app${Math.floor(rule / 20)}.do`, input: { table: `t${rule}` } },
    claims: { on_behalf_of: `p${rule}`, intent: null, reason: null, trigger: null, context: {} },
    attested: null,
    requested_at: '2026-03-02T09:30:00.000Z',
  };
}

const texts = { policy: policyText(), directory: directoryText() };
const files = { policy: 'policy.yaml', directory: 'directory.yaml' };
const begun = performance.now();
const guard = guardOf(texts, files);
const loaded = performance.now() - begun;

const effects = new Map<string, number>();
const samples: number[] = [];
for (let run = 0; run < RUNS; run++) {
  const rule = (run * 7) % RULES;
  const question = {
    request: requestOf(rule),
    resource: { table: `t${rule}`, columns: ['a', 'b'] },
    preview: null,
    delegations: [],
    now: new Date('2026-03-02T09:30:00.000Z'),
  };
  const start = performance.now();
  const { effect } = guard.evaluate(question);
  samples.push(performance.now() - start);
  effects.set(effect, (effects.get(effect) ?? 0) + 1);
}
const { median, p99 } = spreadOf(samples);
process.stdout.write(
  `${RULES} rules and ${PEOPLE} people: loaded in ${loaded.toFixed(0)} ms, ` +
    `evaluated in ${median.toFixed(3)} ms at the median, ${p99.toFixed(3)} ms at p99 (${RUNS} runs: ` +
    `${[...effects].map(([effect, count]) => `${count} ${effect}`).join(', ')})\n`,
);
