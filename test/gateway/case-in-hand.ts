/** A request in hand: asked, previewed and booked, with real keys, the rig's policy and a clock that tests turn. */
import { randomUUID } from 'node:crypto';
import { z } from 'zod';
import { defineAction } from '../../actions/define.ts';
import { createRegistry } from '../../actions/registry.ts';
import { requestIdOf } from '../../approval/digest.ts';
import { generateSigningKey } from '../../approval/keys.ts';
import { signStatement } from '../../approval/statements.ts';
import type { RequestStatement, Verified } from '../../approval/types.ts';
import { createJudge, type HouseJudge } from '../../audit/judge.ts';
import { guardOf } from '../../policy/guard.ts';
import { work } from '../rig/actions.ts';
import { AGENT, directoryText, OTHER_AGENT, POLICY, SIGNERS } from '../rig/house.ts';

export const AUDIENCE = 'assent-test';
export const OPENS = Date.parse('2026-03-02T09:00:00.000Z');
export const at = (seconds: number): string => new Date(OPENS + seconds * 1000).toISOString();

const signing = (name: string) => generateSigningKey(name).signing;
export const keys = {
  agent: signing(AGENT),
  rival: signing(OTHER_AGENT),
  gateway: signing('gateway'),
  executor: signing('executor'),
  ana: signing('ana'),
  ben: signing('ben'),
  dan: signing('dan'),
  mia: signing('mia'),
  olaf: signing('olaf'),
  sam: signing('sam'),
  /** Bears Ana's name and is nobody's. */
  false_ana: signing('ana'),
  /** Bears the executor's name and is nobody's. */
  impostor: signing('executor'),
};

/** Of work that has an end. */
export const lend = defineAction({
  name: 'test.lend',
  input: z.strictObject({ rule: z.string(), id: z.string() }),
  resource: ({ rule }) => ({ rule }),
  title: ({ id }) => `Lend ${id}`,
  describe: () => [],
  impact: () => [],
  endsAfter: () => 3600,
});

export function judgeOf(policy: string = POLICY): HouseJudge {
  const agents = { [AGENT]: keys.agent.verifier.text, [OTHER_AGENT]: keys.rival.verifier.text };
  const own = SIGNERS.map((person) => [person, keys[person].verifier.text]);
  const directory = directoryText(agents, Object.fromEntries(own));
  return createJudge({
    trust: { audience: AUDIENCE, gateway: [keys.gateway.verifier], executor: [keys.executor.verifier] },
    guard: guardOf({ policy, directory }, { policy: 'policy.yaml', directory: 'directory.yaml' }),
    registry: createRegistry([work, lend]),
  });
}

export interface Asking {
  readonly rule?: string;
  readonly action?: RequestStatement['action'];
  readonly change?: Partial<RequestStatement>;
  readonly key?: typeof keys.agent;
}

export function requestOf({
  rule = 'one',
  action,
  change = {},
  key = keys.agent,
}: Asking = {}): Verified<'request'> {
  const id = `job-${randomUUID()}`;
  const agent = change.agent ?? AGENT;
  return signStatement(
    'request',
    {
      audience: AUDIENCE,
      request_id: requestIdOf(AUDIENCE, agent, change.key ?? id),
      key: id,
      agent,
      action: action ?? { name: 'test.work', input: { rule, id, hold: false } },
      claims: { on_behalf_of: 'mia', intent: null, reason: null, trigger: null, context: {} },
      attested: null,
      requested_at: at(-1),
      ...change,
    },
    key,
  );
}

export function previewOf({ statement, digest }: Verified<'request'>): Verified<'preview'> {
  const { request_id, action } = statement;
  return signStatement(
    'preview',
    {
      audience: AUDIENCE,
      request_id,
      action_digest: digest,
      resource: { rule: String(action.input.rule) },
      facts: { looked: true },
      previewed_at: at(0),
      revision: 1,
    },
    keys.executor,
  );
}
