/** One request's world: real keys and signatures, a book in memory, a policy and a clock that tests turn. */
import { digestOfJson, requestIdOf } from '../../approval/digest.ts';
import type { BookedStatement, Keyring } from '../../approval/dossier.ts';
import type { Execution, GrantBook, GrantDeps } from '../../approval/grant.ts';
import { generateSigningKey, type SigningKey } from '../../approval/keys.ts';
import { signStatement } from '../../approval/statements.ts';
import type {
  DecisionStatement,
  Digest,
  FinishStatement,
  InstructionStatement,
  JsonObject,
  PolicyDecision,
  PreviewStatement,
  RequestStatement,
  Requirement,
  Verified,
} from '../../approval/types.ts';
import { cardDigest, type Examined, viewOf } from '../../approval/view.ts';

export const AUDIENCE = 'acme-test';
export const OPENS = Date.parse('2026-03-02T09:00:00.000Z');
export const at = (seconds: number): string => new Date(OPENS + seconds * 1000).toISOString();
export const EXECUTION: Execution = { workflow_id: 'w', run_id: 'r', activity_id: 'a' };

const signing = (name: string): SigningKey => generateSigningKey(name).signing;
export const keys = {
  agent: signing('crm-assistant'),
  otherAgent: signing('nightly'),
  gateway: signing('gateway'),
  executor: signing('executor'),
  /** Bears the gateway's name and is nobody's. */
  impostor: signing('gateway'),
};

export const RING: Keyring = {
  audience: AUDIENCE,
  gateway: [keys.gateway.verifier],
  executor: [keys.executor.verifier],
  agents: [keys.agent.verifier, keys.otherAgent.verifier],
};

export const REQUIREMENT: Requirement = {
  count: 1,
  timeout_seconds: 3600,
  stages: [
    { after_seconds: 0, from: ['data-owners'], people: ['kari', 'ola', 'per'] },
    { after_seconds: 1800, from: ['security'], people: ['siv'] },
  ],
  excluded: [{ person: 'liv', why: 'owns the agent' }],
  grant_ttl_seconds: 900,
  risk: 'high',
  channel: null,
};

const digest = (of: string): Digest => digestOfJson(of);

export function asking(change: Partial<Requirement> = {}): PolicyDecision {
  return {
    effect: 'require_approval',
    code: 'approval_required',
    rule: 'personal',
    rule_digest: digest('rule'),
    policy_digest: digest('policy'),
    directory_digest: digest('directory'),
    requirement: { ...REQUIREMENT, ...change },
    explanation: ['The rule personal asks.'],
  };
}

export const allowing: PolicyDecision = {
  ...asking(),
  effect: 'allow',
  code: 'allowed',
  rule: 'orders',
  requirement: null,
};
export const denying: PolicyDecision = {
  ...allowing,
  effect: 'deny',
  code: 'denied_by_rule',
  explanation: ['Frozen.'],
};

export function requestOf(
  change: Partial<RequestStatement> = {},
  key: SigningKey = keys.agent,
): Verified<'request'> {
  const statement: RequestStatement = {
    audience: AUDIENCE,
    request_id: '',
    key: 'export-1',
    agent: 'crm-assistant',
    action: { name: 'sql.export', input: { table: 'customers' } },
    claims: { on_behalf_of: null, intent: null, reason: null, trigger: null, context: {} },
    attested: null,
    requested_at: at(-10),
    ...change,
  };
  const request_id = change.request_id ?? requestIdOf(statement.audience, statement.agent, statement.key);
  return signStatement('request', { ...statement, request_id }, key);
}

export const previewOf = (
  request: Verified<'request'>,
  change: Partial<PreviewStatement> = {},
  key: SigningKey = keys.executor,
): Verified<'preview'> =>
  signStatement(
    'preview',
    {
      audience: AUDIENCE,
      request_id: request.statement.request_id,
      action_digest: request.digest,
      resource: { table: 'customers' },
      facts: { rows: 1204 },
      previewed_at: at(0),
      revision: 1,
      ...change,
    },
    key,
  );

export const presented = (facts: JsonObject) => ({
  title: 'Export customers',
  description: ['As a file.'],
  impact: [`${String(facts.rows)} rows`],
  target: 'customers',
});

export const withdrawalOf = (
  request: Verified<'request'>,
  change: Partial<InstructionStatement> = {},
  key: SigningKey = keys.agent,
): Verified<'instruction'> =>
  signStatement(
    'instruction',
    {
      audience: AUDIENCE,
      verb: 'withdraw',
      subject: request.statement.request_id,
      detail: { agent: 'crm-assistant' },
      person: null,
      reason: null,
      issued_at: at(20),
      expires_at: at(600),
      ...change,
    },
    key,
  );

export const finishOf = (
  start: Verified<'start'>,
  change: Partial<FinishStatement> = {},
  key: SigningKey = keys.executor,
): Verified<'finish'> =>
  signStatement(
    'finish',
    {
      audience: AUDIENCE,
      request_id: start.statement.request_id,
      start: start.digest,
      outcome: 'succeeded',
      code: 'succeeded',
      result_digest: null,
      finished_at: at(120),
      ...change,
    },
    key,
  );

/** The executor's word that it starts, as verifyGrant writes it. */
export const startOf = (
  request: Verified<'request'>,
  seconds: number,
  key: SigningKey = keys.executor,
): Verified<'start'> =>
  signStatement(
    'start',
    {
      audience: AUDIENCE,
      request_id: request.statement.request_id,
      request: request.digest,
      preview: null,
      decisions: [],
      instructions: [],
      policy: digest('policy'),
      directory: digest('directory'),
      steps: [],
      started_at: at(seconds),
      deadline: at(seconds + 60),
    },
    key,
  );

export const decisionOf = (
  { request, preview, policy }: Bound,
  change: Partial<DecisionStatement> = {},
  key: SigningKey = keys.gateway,
): Verified<'decision'> =>
  signStatement(
    'decision',
    {
      audience: AUDIENCE,
      request_id: request.statement.request_id,
      action_digest: request.digest,
      preview_digest: preview.digest,
      rule_digest: policy.rule_digest,
      card_digest: cardDigest(
        viewOf({ request, preview, policy, presentation: presented(preview.statement.facts) }),
      ),
      verdict: 'approve',
      person: 'kari',
      standing: { eligible: true, code: 'eligible', directory_digest: digest('directory') },
      channel: { name: 'slack', account: 'T1/U1' },
      typed: null,
      reason: null,
      decided_at: at(60),
      ...change,
    },
    key,
  );

export const refusedStanding = (code: string) => ({
  eligible: false,
  code,
  directory_digest: digest('directory'),
});

export interface Bound {
  readonly request: Verified<'request'>;
  readonly preview: Verified<'preview'>;
  readonly policy: PolicyDecision;
}

export const rowOf = ({ kind, digest, envelope }: Verified<BookedStatement['kind']>): BookedStatement => ({
  kind,
  digest,
  // Through text, as storage gives it back.
  envelope: JSON.parse(JSON.stringify(envelope)),
});

export interface MemoryBook extends GrantBook {
  readonly rows: BookedStatement[];
  readonly consumptions: { start: Digest; execution: Execution }[];
  /** Runs after a Start was booked and before the lock is taken. */
  between: () => void | Promise<void>;
}

/** One request's page: an append waits for the lock, and the lock is handed on in order of asking. */
export function memoryBook(): MemoryBook {
  let last: Promise<unknown> = Promise.resolve();
  const alone = <T>(run: () => T | Promise<T>): Promise<T> => {
    const turn = last.then(run);
    last = turn.catch(() => undefined);
    return turn;
  };
  const book: MemoryBook = {
    rows: [],
    consumptions: [],
    between: () => undefined,
    statements: async () => ({ booked: [...book.rows], consumed: book.consumptions.length > 0 }),
    append: (statements) =>
      alone(() => {
        for (const statement of statements) {
          if (!book.rows.some((row) => row.digest === statement.digest)) book.rows.push(rowOf(statement));
        }
      }),
    locked: async (_, within) => {
      await book.between();
      return alone(() =>
        within({
          statements: async () => [...book.rows],
          consumed: async () => book.consumptions[0]?.start ?? null,
          consume: async (start, execution) => {
            book.consumptions.push({ start: start.digest, execution });
          },
        }),
      );
    },
  };
  return book;
}

export interface World extends Bound {
  policy: PolicyDecision;
  clock: number;
  examined: Examined;
  ring: Keyring;
  /** What the caller hands in. */
  envelope: unknown;
  readonly book: MemoryBook;
  readonly deps: GrantDeps;
  books(...statements: readonly Verified<BookedStatement['kind']>[]): void;
}

/** A request that was previewed at 09:00:00 and asks people; the executor's clock stands two minutes later. */
export function asked(policy: PolicyDecision = asking()): World {
  const request = requestOf();
  const preview = previewOf(request);
  const book = memoryBook();
  const world: World = {
    request,
    preview,
    policy,
    book,
    ring: RING,
    clock: OPENS + 120_000,
    envelope: request.envelope,
    examined: {
      resource: { table: 'customers' },
      maxSeconds: 60,
      present: presented,
      drift: () => [],
      endsAfter: null,
    },
    deps: {
      judge: {
        get ring() {
          return world.ring;
        },
        examine: () => world.examined,
        evaluate: () => world.policy,
      },
      book,
      key: keys.executor,
      now: () => world.clock,
    },
    books: (...statements) => {
      book.rows.push(...statements.map(rowOf));
    },
  };
  world.books(request, preview);
  return world;
}

/** The same, approved by Kari a minute after the preview. */
export function approved(policy: PolicyDecision = asking()): World {
  const world = asked(policy);
  world.books(decisionOf(world));
  return world;
}

/** A request that policy allows, made ten seconds before 09:00:00 and booked by nobody yet. */
export function allowed(): World {
  const world = asked(allowing);
  world.book.rows.length = 0;
  return world;
}
