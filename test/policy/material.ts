/** A directory, a policy and requests that the tests of policy/ start from. */
import { generateSigningKey } from '../../approval/keys.ts';
import type { Claims, JsonObject, PolicyDecision, RequestStatement } from '../../approval/types.ts';
import { type Guard, type GuardQuestion, guardOf } from '../../policy/guard.ts';

export const key = (name: string): string => generateSigningKey(name).signing.verifier.text;
const assistantKey = key('crm-assistant');
const cronKey = key('nightly');

export const DIRECTORY = `people:
  kari: {name: Kari Hansen, slack: {team: T0001, user: U0001}}
  ola: {name: Ola Nordmann, slack: {team: T0001, user: U0002}}
  per: {name: Per Olsen, slack: {team: T0001, user: U0003}}
  siv: {name: Siv Berg}
  liv: {name: Liv Dahl}
groups:
  data-owners: [kari, ola, per]
  security: [siv]
  nobody: []
agents:
  crm-assistant:
    keys: [${assistantKey}]
    owners: [ola]
    acts_for: [kari, security]
  nightly:
    keys: [${cronKey}]
    owners: [liv]
`;

export const POLICY = `version: 1
rules:
  - id: personal
    match:
      action: sql.export
      when: resource.database == "crm" && "customers.email" in resource.columns
    effect: require_approval
    approvals: [{from: [data-owners], count: 1}]
    timeout: 1h
    escalation:
      - add: [security]
      - {after: 45m, add: [liv]}
  - id: orders
    match: {action: sql.export, when: 'resource.tables == ["orders"]'}
    effect: allow
  - id: frozen
    match: {action: "github.**"}
    effect: deny
    reason: Deployments are frozen.
`;

export function guard(policy: string = POLICY, directory: string = DIRECTORY): Guard {
  return guardOf({ policy, directory }, { policy: 'policy.yaml', directory: 'directory.yaml' });
}

export const NOW = new Date('2026-03-02T09:30:00.000Z');

export const CLAIMS: Claims = {
  on_behalf_of: 'kari',
  intent: null,
  reason: null,
  trigger: null,
  context: {},
};

export function request(change: Partial<RequestStatement> = {}): RequestStatement {
  return {
    audience: 'test',
    request_id: '0'.repeat(64),
    key: 'k',
    agent: 'crm-assistant',
    action: { name: 'sql.export', input: { database: 'crm' } },
    claims: CLAIMS,
    attested: null,
    requested_at: '2026-03-02T09:30:00.000Z',
    ...change,
  };
}

/** What a guard says of PERSONAL's request, or of one that differs in what is given. */
export function answer(subject: Guard, question: Partial<GuardQuestion> = {}): PolicyDecision {
  const usual = { request: request(), resource: PERSONAL, preview: null, delegations: [], now: NOW };
  return subject.evaluate({ ...usual, ...question });
}

export const PERSONAL: JsonObject = {
  database: 'crm',
  tables: ['customers'],
  columns: ['customers.email', 'customers.id'],
};
