/** Requests in any state, as a card is rendered from them: real signed statements, made up for a look at cards. */
import { digestOfJson } from '../../approval/digest.ts';
import { generateSigningKey } from '../../approval/keys.ts';
import { CLOSED_STEP, type Dossier, standingsOf } from '../../approval/state.ts';
import { signStatement } from '../../approval/statements.ts';
import type {
  Claims,
  Digest,
  FinishStatement,
  JsonObject,
  PolicyDecision,
  Requirement,
  Verified,
} from '../../approval/types.ts';
import { cardDigest, type Presentation, viewOf } from '../../approval/view.ts';
import type { CardInput, Face } from '../../channels/slack/card-input.ts';

/** What happened, `after` so many seconds from the first preview. */
export type SceneEvent = { readonly after: number } & (
  | {
      readonly kind: 'approve' | 'deny';
      readonly person: string | null;
      readonly reason?: string;
      /** Why it was refused when it was given; eligible without. */
      readonly refused?: string;
      /** The rule has changed since. */
      readonly stale?: boolean;
    }
  | { readonly kind: 'withdraw'; readonly reason?: string }
  | { readonly kind: 'start'; readonly seconds: number }
  | { readonly kind: 'finish'; readonly outcome: FinishStatement['outcome']; readonly code: string }
  | { readonly kind: 'close'; readonly code: string }
);

export interface Scene {
  readonly presentation: Presentation;
  readonly action: { readonly name: string; readonly input: JsonObject };
  readonly claims: Claims;
  readonly facts: JsonObject;
  readonly requirement: Requirement;
  readonly effect: PolicyDecision['effect'];
  readonly opens: Date;
  readonly events: readonly SceneEvent[];
  /** Seconds from the first preview. */
  readonly now: number;
  readonly faces: Readonly<Record<string, Face>>;
  readonly temporal: string | null;
}

const audience = 'production';
const agent = 'report-writer';
const request_id = '4f1c2a9d'.repeat(8);
const agentKey = generateSigningKey(agent).signing;
const gatewayKey = generateSigningKey('gateway').signing;
const executorKey = generateSigningKey('executor').signing;

export function cardInput(scene: Scene): CardInput {
  const at = (after: number) => new Date(scene.opens.getTime() + after * 1000).toISOString();
  const policy = policyOf(scene);
  const request = signStatement(
    'request',
    {
      audience,
      request_id,
      key: 'weekly-report',
      agent,
      action: scene.action,
      claims: scene.claims,
      attested: null,
      requested_at: at(-2),
    },
    agentKey,
  );
  const preview = signStatement(
    'preview',
    {
      audience,
      request_id,
      action_digest: request.digest,
      resource: { database: 'crm', tables: ['customers'] },
      facts: scene.facts,
      previewed_at: at(0),
      revision: 1,
    },
    executorKey,
  );
  const content = viewOf({
    request,
    preview,
    policy: { ...policy, rule: 'crm-personal-data', requirement: scene.requirement },
    presentation: scene.presentation,
  });
  const dossier = dossierOf(scene, { request, preview, policy, card: cardDigest(content), at });
  const now = new Date(at(scene.now));
  const standings = standingsOf(dossier, policy, now.getTime());
  return {
    content,
    dossier,
    policy,
    standings,
    now,
    people: (id) => scene.faces[id] ?? { name: id, mention: null },
    groups: (from) => from,
    links: { temporal: scene.temporal },
  };
}

function policyOf({ effect, requirement }: Scene): PolicyDecision {
  return {
    effect,
    code: effect === 'require_approval' ? 'approval_required' : effect,
    rule: 'crm-personal-data',
    rule_digest: digestOfJson('rule'),
    policy_digest: digestOfJson('policy'),
    directory_digest: digestOfJson('directory'),
    requirement: effect === 'require_approval' ? requirement : null,
    explanation: [],
  };
}

interface Bindings {
  readonly request: Verified<'request'>;
  readonly preview: Verified<'preview'>;
  readonly policy: PolicyDecision;
  readonly card: Digest;
  readonly at: (after: number) => string;
}

function dossierOf({ events }: Scene, bindings: Bindings): Dossier {
  const { request, preview, policy, at } = bindings;
  const starts: Verified<'start'>[] = [];
  const dossier = {
    request,
    preview,
    decisions: events.flatMap((event) =>
      event.kind === 'approve' || event.kind === 'deny' ? [decisionOf(event, bindings)] : [],
    ),
    instructions: events.flatMap((event) =>
      event.kind === 'withdraw' ? [withdrawalOf(event.reason ?? null, at(event.after))] : [],
    ),
    starts,
    finishes: [] as Verified<'finish'>[],
    refusals: events.flatMap((event) =>
      event.kind === 'close' ? [closingOf(event.code, at(event.after))] : [],
    ),
  };
  for (const event of events) {
    if (event.kind === 'start') {
      const statement = {
        audience,
        request_id,
        request: request.digest,
        preview: preview.digest,
        decisions: dossier.decisions.map(({ digest }) => digest),
        instructions: [],
        policy: policy.policy_digest,
        directory: policy.directory_digest,
        steps: [{ step: 'request', code: 'passed' }],
        started_at: at(event.after),
        deadline: at(event.after + event.seconds),
      };
      starts.push(signStatement('start', statement, executorKey));
    }
    const start = starts.at(-1);
    if (event.kind === 'finish' && start !== undefined) {
      const { outcome, code } = event;
      const result_digest = outcome === 'succeeded' ? digestOfJson('result') : null;
      const statement = { audience, request_id, start: start.digest, outcome, code, result_digest };
      dossier.finishes.push(
        signStatement('finish', { ...statement, finished_at: at(event.after) }, executorKey),
      );
    }
  }
  return dossier;
}

function decisionOf(
  event: Extract<SceneEvent, { kind: 'approve' | 'deny' }>,
  { request, preview, policy, card, at }: Bindings,
): Verified<'decision'> {
  const { kind, person, reason = null, refused, stale = false, after } = event;
  const statement = {
    audience,
    request_id,
    action_digest: request.digest,
    preview_digest: preview.digest,
    rule_digest: stale ? digestOfJson('an earlier rule') : policy.rule_digest,
    card_digest: card,
    verdict: kind,
    person,
    standing: {
      eligible: refused === undefined,
      code: refused ?? 'eligible',
      directory_digest: policy.directory_digest,
    },
    channel: { name: 'slack', account: `T0ASSENTDEV/U0${(person ?? 'stranger').toUpperCase()}` },
    typed: null,
    reason,
    decided_at: at(after),
  };
  return signStatement('decision', statement, gatewayKey);
}

function withdrawalOf(reason: string | null, issued_at: string): Verified<'instruction'> {
  return signStatement(
    'instruction',
    {
      audience,
      verb: 'withdraw',
      subject: request_id,
      detail: { agent },
      person: null,
      reason,
      issued_at,
      expires_at: new Date(Date.parse(issued_at) + 60_000).toISOString(),
    },
    agentKey,
  );
}

function closingOf(code: string, refused_at: string): Verified<'refusal'> {
  return signStatement(
    'refusal',
    { audience, activity: 'notify', request_id, step: CLOSED_STEP, code, refused_at },
    gatewayKey,
  );
}

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
  requirement: {
    count: 2,
    timeout_seconds: 3600,
    stages: [
      { after_seconds: 0, from: ['data-owners'], people: ['dana', 'noor'] },
      { after_seconds: 1800, from: ['security'], people: ['sam'] },
    ],
    excluded: [{ person: 'maya', why: 'report-writer asks on their behalf' }],
    grant_ttl_seconds: 900,
    risk: 'high',
    channel: null,
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
  },
  temporal: 'http://127.0.0.1:8233/namespaces/default/workflows/assent-4f1c2a9d',
};

const dana: SceneEvent = { kind: 'approve', person: 'dana', after: 120 };
const noor: SceneEvent = { kind: 'approve', person: 'noor', after: 300 };
const maya: SceneEvent = { kind: 'approve', person: 'maya', after: 90, refused: 'excluded' };
const start: SceneEvent = { kind: 'start', after: 301, seconds: 60 };

/** One scene of the export for each state that a request can be in. */
export const stateScenes = {
  pending: { ...exportScene, events: [maya, dana], now: 130 },
  approved: { ...exportScene, events: [dana, noor], now: 300 },
  running: { ...exportScene, events: [maya, dana, noor, start], now: 302 },
  succeeded: {
    ...exportScene,
    events: [
      maya,
      dana,
      noor,
      start,
      { kind: 'finish', after: 303, outcome: 'succeeded', code: 'succeeded' },
    ],
    now: 310,
  },
  failed: {
    ...exportScene,
    events: [dana, noor, start, { kind: 'finish', after: 303, outcome: 'failed', code: 'statement_timeout' }],
    now: 310,
  },
  not_executed: {
    ...exportScene,
    events: [dana, noor, start, { kind: 'finish', after: 303, outcome: 'refused', code: 'already_consumed' }],
    now: 310,
  },
  unknown: { ...exportScene, events: [dana, noor, start], now: 400 },
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
