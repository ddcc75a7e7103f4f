/** One request's world: real keys and signatures, a book in memory, a policy and a clock that tests turn. */
import { digestOfJson, requestIdOf } from '../../approval/digest.ts';
import { type BookedStatement, openBooked, openInstruction } from '../../approval/dossier.ts';
import { type Execution, type GrantBook, type GrantDeps, verifyGrant } from '../../approval/grant.ts';
import { type House, houseOf } from '../../approval/house.ts';
import type { Keyring } from '../../approval/keyring.ts';
import { generateSigningKey, type SigningKey } from '../../approval/keys.ts';
import { GrantRefused } from '../../approval/refusal.ts';
import { statementSchemas } from '../../approval/schemas.ts';
import type { Dossier, Situation } from '../../approval/state.ts';
import { signStatement } from '../../approval/statements.ts';
import type {
  DecisionStatement,
  Digest,
  FinishStatement,
  Instruction,
  InstructionStatement,
  JsonObject,
  PolicyDecision,
  Powers,
  PreviewStatement,
  Release,
  RequestStatement,
  Requirement,
  Timestamp,
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
  /** People's own. */
  kari: signing('kari'),
  ola: signing('ola'),
  /** Bears the gateway's name and is nobody's. */
  impostor: signing('gateway'),
};

export const RING: Keyring = {
  audience: AUDIENCE,
  gateway: [keys.gateway.verifier],
  executor: [keys.executor.verifier],
  agents: [keys.agent.verifier, keys.otherAgent.verifier],
  people: [keys.kari.verifier, keys.ola.verifier],
};

/** One part: so many of these people. */
export const part = (
  count: number,
  people: readonly string[],
  from: readonly string[] = ['data-owners'],
) => ({
  any_of: [{ from, people, count }],
});

/** Added after so many seconds. */
export const escalation = (after_seconds: number, people: readonly string[]) => ({
  after_seconds,
  add: { from: ['security'], people },
  notify: { from: [], people: [] },
});

export const OWNERS = ['kari', 'ola', 'per'];

export const REQUIREMENT: Requirement = {
  approvals: [part(1, OWNERS)],
  order: 'parallel',
  denials: 1,
  timeout_seconds: 3600,
  remind_after_seconds: null,
  escalations: [escalation(1800, ['siv'])],
  excluded: [{ person: 'liv', why: 'owns the agent' }],
  deputies: [],
  require: [],
  risk: 'high',
  channel: null,
};

export const RELEASE: Release = {
  grant_ttl_seconds: 900,
  not_before: null,
  windows: [],
  closed: [],
  limit: null,
  slack_percent: 0,
};

export const POWERS: Powers = {
  settle: ['kari', 'ola', 'per', 'siv'],
  break_glass: ['berit'],
  review: ['berit', 'siv'],
  revoke: ['kari', 'ola', 'per', 'siv', 'liv'],
};

const digest = (of: string): Digest => digestOfJson(of);

export function asking(change: Partial<Requirement> = {}, release: Partial<Release> = {}): PolicyDecision {
  return {
    effect: 'require_approval',
    code: 'approval_required',
    rule: 'personal',
    rule_digest: digest('rule'),
    policy_digest: digest('policy'),
    directory_digest: digest('directory'),
    needs_preview: false,
    requirement: { ...REQUIREMENT, ...change },
    release: { ...RELEASE, ...release },
    powers: POWERS,
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
  release: null,
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

export const EXAMINED: Examined = {
  resource: { table: 'customers' },
  maxSeconds: 60,
  present: presented,
  drift: () => [],
  endsAfter: null,
};

export const withdrawalOf = (
  request: Verified<'request'>,
  change: Partial<Instruction<'withdraw'>> = {},
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

/** What a person says, as the gateway signs it. */
export const instructionOf = (
  said: Pick<InstructionStatement, 'verb' | 'subject' | 'detail'> & Partial<InstructionStatement>,
  key: SigningKey = keys.gateway,
): Verified<'instruction'> =>
  signStatement(
    'instruction',
    // Verb and detail belong together, which a spread can't show; signing parses them strictly.
    statementSchemas.instruction.parse({
      audience: AUDIENCE,
      person: 'kari',
      reason: 'because',
      issued_at: at(20),
      expires_at: at(600),
      ...said,
    }),
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
        viewOf({
          request,
          previews: [preview],
          policy,
          examined: EXAMINED,
        }),
      ),
      verdict: 'approve',
      person: 'kari',
      to: null,
      standing: { eligible: true, code: 'eligible', denials: 1, directory_digest: digest('directory') },
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
  denials: 1,
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
  /** The house's own page. */
  readonly houseRows: BookedStatement[];
  /** What the limit says: until when there is no room. */
  full: Timestamp | null;
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
    houseRows: [],
    full: null,
    consumptions: [],
    house: async () => [...book.houseRows],
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
          house: async () => [...book.houseRows],
          admit: async () => book.full,
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
  examine(): Examined;
  /** What the executor finds when it looks once more. */
  look(situation: Situation): void;
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
    look: () => undefined,
    examine: () => world.examined,
    examined: EXAMINED,
    deps: {
      judge: () => ({
        ring: world.ring,
        examine: () => world.examine(),
        evaluate: () => world.policy,
        house: (booked) =>
          houseOf(
            booked.map((entry) =>
              openBooked('instruction', entry, null, world.ring, () =>
                openInstruction(entry.envelope, world.ring),
              ),
            ),
          ),
      }),
      look: async (situation) => world.look(situation),
      askAnew: async (_, refused) => {
        throw refused;
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

/** A request that was previewed, and of which nothing more is known than what is told. */
export interface Told extends Partial<Pick<Situation, 'policy' | 'ring'>> {
  readonly dossier?: Partial<Dossier>;
  readonly house?: Partial<House>;
  readonly examined?: Partial<Examined>;
  /** Past the first preview. */
  readonly seconds?: number;
}

export function situationOf({ dossier = {}, house, examined, seconds = 100, ...told }: Told): Situation {
  const request = requestOf();
  const previews = dossier.previews ?? [previewOf(request)];
  const nothing = { decisions: [], instructions: [], starts: [], finishes: [], refusals: [] };
  return {
    dossier: { request, ...nothing, preview: previews.at(-1) ?? null, ...dossier, previews },
    house: { freezes: [], delegations: [], ...house },
    policy: asking(),
    examined: { ...EXAMINED, ...examined },
    ring: RING,
    now: OPENS + seconds * 1000,
    ...told,
  };
}

export const verify = (world: World) => verifyGrant(world.envelope, EXECUTION, world.deps);

export async function refusalOf(world: World): Promise<GrantRefused> {
  const refusal = await verify(world).catch((error: unknown) => error);
  if (refusal instanceof GrantRefused) return refusal;
  throw new Error('It was not refused.', { cause: refusal });
}

/** Something happens after the Start was booked and before its lock is taken. */
export function meanwhile(happens: (world: World) => unknown, world: World = approved()): World {
  world.book.between = () => {
    happens(world);
  };
  return world;
}
