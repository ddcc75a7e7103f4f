/** Scenes for a look at cards, and for their tests: an export of personal data, and a privilege that ends. */
import type { Part, Requirement } from '../../approval/types.ts';
import type { Scene, SceneEvent } from './scene.ts';

const dataOwners: Part = { any_of: [{ from: ['data-owners'], count: 2, people: ['dana', 'noor'] }] };
const security: Part = {
  any_of: [
    { from: ['security'], count: 1, people: ['ola', 'sam'] },
    { from: ['privacy-office', 'tove'], count: 2, people: ['ines', 'ravi', 'tove'] },
  ],
};

/** An export of customers' names and addresses that a user asked for. */
export const exportScene: Scene = {
  presentation: {
    title: 'Export name, email of customers to q3-renewals.csv',
    description: ['Reads crm as the role export_reader, which can write nothing.'],
    impact: ['1,204 rows leave the database', 'columns with personal data: customers.name, customers.email'],
    target: 'crm',
  },
  action: {
    name: 'sql.export',
    input: {
      database: 'crm',
      file: 'q3-renewals.csv',
      query:
        "SELECT name, email\n  FROM customers\n WHERE plan = 'business'\n   AND renews_on < date '2026-10-01'\n ORDER BY name",
    },
  },
  resource: { database: 'crm', tables: ['customers'] },
  claims: {
    on_behalf_of: 'maya',
    intent: {
      statement:
        'Give me everybody on the business plan who renews this quarter, so that I can write to them.',
      source: '#customer-success',
    },
    reason: 'Renewal letters go out on Friday.',
    trigger: null,
    context: { conversation: 'c-81' },
  },
  facts: { rows: 1204, columns: ['customers.name', 'customers.email'] },
  drift: [],
  endsAfter: null,
  requirement: {
    approvals: [dataOwners],
    order: 'parallel',
    denials: 1,
    timeout_seconds: 3600,
    remind_after_seconds: null,
    escalations: [
      { after_seconds: 1800, add: { from: ['security'], people: ['sam'] }, notify: { from: [], people: [] } },
    ],
    excluded: [{ person: 'maya', why: 'report-writer asks on their behalf' }],
    deputies: [],
    require: [],
    risk: 'high',
    channel: null,
  },
  release: {
    grant_ttl_seconds: 900,
    not_before: null,
    windows: [],
    closed: [],
    limit: null,
    slack_percent: 0,
  },
  powers: {
    settle: ['dana', 'noor', 'sam'],
    break_glass: ['kari'],
    review: ['kari', 'ola', 'sam'],
    revoke: ['dana', 'noor', 'kari'],
  },
  effect: 'require_approval',
  opens: new Date('2026-09-14T09:30:00.000Z'),
  events: [],
  now: 60,
  faces: {
    dana: { name: 'Dana Okafor', mention: 'U0DANA' },
    noor: { name: 'Noor Haddad', mention: 'U0NOOR' },
    sam: { name: 'Sam Lindqvist', mention: 'U0SAM' },
    maya: { name: 'Maya Iwu', mention: 'U0MAYA' },
    kari: { name: 'Kari Nordmann', mention: 'U0KARI' },
    ola: { name: 'Ola Berg', mention: 'U0OLA' },
    ines: { name: 'Inês Prado', mention: 'U0INES' },
    ravi: { name: 'Ravi Menon', mention: 'U0RAVI' },
    tove: { name: 'Tove Lund', mention: null },
  },
  temporal: 'http://127.0.0.1:8233/namespaces/default/workflows/assent-4f1c2a9d',
};

/** Membership of a database role, which ends by itself. */
const grantScene: Scene = {
  ...exportScene,
  presentation: {
    title: 'Grant incident_reader in crm to dana_login for 2 hours',
    description: ['dana_login becomes a member of incident_reader; its sessions are ended when that ends.'],
    impact: ['incident_reader may read 14 tables, 3 of them with personal data'],
    target: 'incident_reader',
  },
  action: {
    name: 'access.grant',
    input: { database: 'crm', role: 'incident_reader', login: 'dana_login', seconds: 7200 },
  },
  claims: {
    ...exportScene.claims,
    intent: { statement: 'I need to look at the failed renewals of last night.', source: '#incident-412' },
    reason: null,
  },
  facts: { tables: 14 },
  endsAfter: 7200,
};

const requiring = (change: Partial<Requirement>): Scene => ({
  ...exportScene,
  requirement: { ...exportScene.requirement, ...change },
});

const dana: SceneEvent = { kind: 'approve', person: 'dana', after: 120 };
const noor: SceneEvent = { kind: 'approve', person: 'noor', after: 300 };
const maya: SceneEvent = { kind: 'approve', person: 'maya', after: 90, refused: 'excluded' };
const start: SceneEvent = { kind: 'start', after: 301, seconds: 60 };
const done: SceneEvent = { kind: 'finish', after: 303, outcome: 'succeeded', code: 'succeeded' };
const glass: SceneEvent = {
  kind: 'break_glass',
  person: 'kari',
  after: 240,
  reason: 'The renewal run is down, customers are charged twice, and no data owner can be reached.',
};
const freeze: SceneEvent = {
  kind: 'freeze',
  person: 'kari',
  after: 200,
  scope: { of: 'action', action: 'sql.*' },
  reason: 'Someone is reading crm who should not: nothing leaves it until we know more.',
};
const ran: SceneEvent = {
  kind: 'settle',
  person: 'noor',
  after: 900,
  yes: true,
  reason: 'q3-renewals.csv is there with 1,204 rows, written at 09:35.',
};
const granted = [dana, noor, start, done];
const failed: SceneEvent = { kind: 'finish', after: 303, outcome: 'failed', code: 'statement_timeout' };

/** One scene for each state that a request can be in. */
export const stateScenes = {
  pending: { ...exportScene, events: [maya, dana], now: 130 },
  approved: { ...exportScene, events: [dana, noor], now: 300 },
  lapsed: { ...exportScene, events: [dana, noor], now: 1300 },
  running: { ...exportScene, events: [maya, dana, noor, start], now: 302 },
  succeeded: { ...exportScene, events: [maya, dana, noor, start, done], now: 310 },
  active: { ...grantScene, events: granted, now: 310 },
  ended: {
    ...grantScene,
    events: [
      ...granted,
      { kind: 'revoke', person: 'noor', after: 2400, reason: 'The incident is over.' },
      { kind: 'finish', after: 2402, outcome: 'succeeded', code: 'revoked' },
    ],
    now: 2410,
  },
  failed: { ...exportScene, events: [dana, noor, start, failed], now: 310 },
  not_executed: {
    ...exportScene,
    events: [dana, noor, { kind: 'close', code: 'cancelled', after: 302 }],
    now: 310,
  },
  unknown: { ...exportScene, events: [dana, noor, start], now: 400 },
  settled: { ...exportScene, events: [dana, noor, start, ran], now: 910 },
  denied: {
    ...exportScene,
    events: [
      dana,
      {
        kind: 'deny',
        person: 'noor',
        after: 240,
        reason: 'E-mail addresses are not needed for a renewal letter: ask for name and account id.',
      },
    ],
    now: 250,
  },
  expired: { ...exportScene, events: [dana], now: 3601 },
  withdrawn: {
    ...exportScene,
    events: [{ kind: 'withdraw', after: 200, reason: 'Maya no longer needs it.' }],
    now: 210,
  },
  undeliverable: { ...exportScene, events: [{ kind: 'close', code: 'undeliverable', after: 60 }], now: 61 },
  flooded: { ...exportScene, events: [{ kind: 'close', code: 'flooded', after: 60 }], now: 61 },
  allowed: { ...exportScene, effect: 'allow' },
  refused: { ...exportScene, effect: 'deny' },
} as const satisfies Record<string, Scene>;

const twoParts = { approvals: [dataOwners, security] };

/** What a state alone does not show. */
export const moreScenes = {
  two_parts: {
    ...requiring({
      ...twoParts,
      denials: 2,
      require: ['reason', 'typed'],
      remind_after_seconds: 900,
      deputies: [{ principal: 'kari', delegate: 'ola', delegation: null }],
    }),
    events: [
      {
        kind: 'approve',
        person: 'dana',
        after: 120,
        typed: 'crm',
        reason: 'The list is what marketing agreed on.',
      },
      { kind: 'approve', person: 'ola', after: 180, typed: 'crm', reason: 'No special categories in it.' },
      { kind: 'deny', person: 'sam', after: 190, reason: 'Let us wait for the new contract.' },
      { kind: 'defer', person: 'noor', to: 'sam', after: 200, reason: 'I am on a train until noon.' },
    ],
    now: 1000,
  },
  sequential: { ...requiring({ ...twoParts, order: 'sequential' }), events: [dana], now: 130 },
  escalated: {
    ...requiring({
      approvals: [dataOwners],
      escalations: [
        {
          after_seconds: 900,
          add: { from: ['security'], people: ['ola', 'sam'] },
          notify: { from: ['kari'], people: ['kari'] },
        },
        { after_seconds: 2700, add: { from: [], people: [] }, notify: { from: ['cto'], people: ['tove'] } },
      ],
    }),
    now: 1000,
  },
  own_key: requiring({ require: ['own_key'] }),
  frozen: { ...exportScene, events: [dana, freeze, noor], now: 310 },
  frozen_pending: { ...exportScene, events: [dana, freeze], now: 210 },
  held: {
    ...exportScene,
    release: {
      ...exportScene.release,
      windows: [
        { days: ['mon', 'tue', 'wed', 'thu', 'fri'], from: '18:00', to: '22:00', zone: 'Europe/Oslo' },
      ],
    },
    events: [dana, noor],
    now: 310,
  },
  limited: {
    ...exportScene,
    release: { ...exportScene.release, limit: { count: 5, per_seconds: 600 } },
    events: [dana, noor, start, { kind: 'finish', after: 302, outcome: 'refused', code: 'limit_reached' }],
    now: 310,
  },
  drifted: {
    ...exportScene,
    drift: ['rows: 1,204 when it was approved, 1,871 now', 'columns: customers.phone as well'],
    events: [dana, noor, { kind: 'preview', after: 400, facts: { rows: 1871 } }],
    now: 410,
  },
  asked_again: {
    ...exportScene,
    events: [dana, noor, { kind: 'preview', after: 1300, facts: exportScene.facts }],
    now: 1310,
  },
  approver_removed: {
    ...requiring({ approvals: [{ any_of: [{ from: ['data-owners'], count: 2, people: ['noor', 'sam'] }] }] }),
    events: [dana, noor],
    now: 310,
  },
  rule_changed: { ...exportScene, events: [{ ...dana, stale: true }], now: 310 },
  broken_glass: { ...exportScene, events: [dana, freeze, glass, start, done], now: 310 },
  glass_reviewed: {
    ...exportScene,
    events: [
      glass,
      start,
      done,
      {
        kind: 'review',
        person: 'sam',
        after: 4000,
        yes: false,
        reason: 'Two data owners were on call, and nobody had called them.',
      },
    ],
    now: 4100,
  },
  glass_unused: { ...exportScene, events: [glass], now: 2000 },
  did_not_run: {
    ...exportScene,
    events: [dana, noor, start, { ...ran, yes: false, reason: 'There is no such file.' }],
    now: 910,
  },
  lease_revoked: {
    ...grantScene,
    events: [...granted, { kind: 'revoke', person: 'kari', after: 500, reason: 'Wrong login.' }],
    now: 501,
  },
  lease_over: {
    ...grantScene,
    events: [...granted, { kind: 'finish', after: 7502, outcome: 'succeeded', code: 'ended' }],
    now: 7600,
  },
} as const satisfies Record<string, Scene>;
