/** The people, the agents and the rules of a rig, and of the tests that judge the same people without one. */
import { stringify } from 'yaml';

export const AGENT = 'robot';
export const OTHER_AGENT = 'rival';
export const TEAM = 'T0ASSENTDEV';

/** Mia asks, Olaf owns the agent, Ana and Ben may decide, Sam a little later, Dan never; Eve is bound to nobody. */
export const BOUND = ['ana', 'ben', 'mia', 'olaf', 'sam', 'dan', 'gus', 'bot', 'stan', 'del', 'fox'] as const;
export type Bound = (typeof BOUND)[number];
export type Handle = Bound | 'eve';
export const HANDLES: readonly Handle[] = [...BOUND, 'eve'];

/** Those who have a key of their own. */
export const SIGNERS = ['ana', 'ben', 'dan', 'mia', 'olaf', 'sam'] as const;
export type Signer = (typeof SIGNERS)[number];

/** They may decide, but what Slack says of their accounts is in the way. */
export const FLAGS: Readonly<Partial<Record<Handle, Readonly<Record<string, unknown>>>>> = {
  gus: { is_restricted: true },
  bot: { is_bot: true },
  stan: { is_stranger: true },
  del: { deleted: true },
  fox: { team_id: 'T0ELSEWHERE' },
};

export const userOf = (handle: string): string => `U0${handle.toUpperCase()}`;

/**
 * @param agents the text of each agent's verifier key
 * @param keys the text of the verifier key of whoever has one
 */
export function directoryText(
  agents: Readonly<Record<string, string>>,
  keys: Readonly<Record<string, string>> = {},
): string {
  const people = BOUND.map((handle) => {
    const own = keys[handle] === undefined ? {} : { keys: [keys[handle]] };
    return [handle, { name: handle, slack: { team: TEAM, user: userOf(handle) }, ...own }];
  });
  return stringify({
    people: Object.fromEntries(people),
    groups: {
      approvers: ['ana', 'ben', 'mia', 'olaf', 'gus', 'bot', 'stan', 'del', 'fox'],
      security: ['sam'],
      operators: ['dan', 'olaf'],
    },
    agents: Object.fromEntries(
      Object.entries(agents).map(([name, key]) => [
        name,
        { keys: [key], owners: ['olaf'], acts_for: ['mia'] },
      ]),
    ),
  });
}

/** How long a lapsing request waits, and when the people of `steps` are asked further, in seconds. */
export const LAPSES = 15;
export const STEP = 8;

const IN_ORDER = {
  approvals: [{ from: ['approvers'] }, { from: ['security', 'ana'] }],
  order: 'sequential',
};

/** A rule for each way of asking, chosen by the input's `rule`. */
export const POLICY = policyText([
  asking('one', { count: 1, timeout: '1h', escalation: [{ add: ['security'] }] }),
  asking('two', { count: 2, timeout: '1h', escalation: [{ add: ['security'] }] }),
  asking('steps', { count: 1, timeout: '1h', escalation: [{ after: `${STEP}s`, add: ['security'] }] }),
  asking('lapsing', { count: 1, timeout: `${LAPSES}s` }),
  asking('reasoned', { count: 1, timeout: '1h', require: ['reason'] }),
  asking('typed', { count: 1, timeout: '1h', require: ['typed'] }),
  asking('signed', { count: 1, timeout: '1h', require: ['own_key'] }),
  asking('denials', { count: 2, timeout: '1h', denials: 2 }),
  { ...asking('ordered', { count: 1, timeout: '1h' }), ...IN_ORDER },
  { id: 'free', match: { action: 'test.work', when: 'resource.rule == "free"' }, effect: 'allow' },
  asking('exports', { count: 1, timeout: '1h' }, { action: 'sql.*' }),
]);

/** Dan and Olaf operate; Dan, Mia and Sam may break the glass. */
export function policyText(rules: readonly object[]): string {
  const policy = {
    version: 1,
    operators: ['operators'],
    break_glass: { from: ['dan', 'mia', 'sam'], review: { from: ['ana', 'dan', 'mia'] } },
    rules,
  };
  // An anchor is not read in a policy.
  return stringify(policy, { aliasDuplicateObjects: false });
}

/** @param terms of the rule, as policy.yaml writes them; without `approvals` it asks `count` of the approvers */
export function asking(
  id: string,
  { count = 1, ...terms }: Readonly<Record<string, unknown>>,
  match: object = { action: 'test.*', when: `resource.rule == "${id}"` },
) {
  const asked = { approvals: [{ from: ['approvers'], count }], timeout: '1h' };
  return { id, match, effect: 'require_approval', ...asked, ...terms };
}
