/**
 * verifyGrant: may this action run, now, once? Ten named steps, each with codes of its own.
 *
 * It runs in the executor, on the executor's configuration and clock. From the caller it takes the request and
 * nothing else; decisions, previews and instructions it reads from the book.
 */
import { canonicalize } from './canonical-json.ts';
import { type BookedStatement, openDossier, openRequest } from './dossier.ts';
import { AssentError } from './error.ts';
import { type Delegation, delegationsAt, type House } from './house.ts';
import { type Judgeable, type Judged, judgeDossier } from './judgement.ts';
import type { Keyring } from './keyring.ts';
import type { SigningKey } from './keys.ts';
import { GrantRefused, type Step } from './refusal.ts';
import type { Dossier, Situation } from './state.ts';
import { signStatement } from './statements.ts';
import type {
  Digest,
  JsonObject,
  PolicyDecision,
  RequestStatement,
  StatementKind,
  Timestamp,
  Verified,
} from './types.ts';
import type { Examined } from './view.ts';

/** Which execution asks; it is written beside the consumption. */
export interface Execution {
  readonly workflow_id: string;
  readonly run_id: string;
  readonly activity_id: string;
}

/** What policy is asked. */
export interface PolicyQuestion {
  readonly request: RequestStatement;
  /** As the action's definition computes it from the input. */
  readonly resource: JsonObject;
  /** The facts of the preview that stands; null where nothing was previewed. */
  readonly preview: JsonObject | null;
  /** Those in force. */
  readonly delegations: readonly Delegation[];
  readonly now: Date;
}

export interface Judge {
  readonly ring: Keyring;
  /** @throws AssentError where the action or its input is not what its definition admits */
  examine(action: RequestStatement['action']): Examined;
  evaluate(question: PolicyQuestion): PolicyDecision;
  /** @throws AssentError `book_statement_invalid` */
  house(booked: readonly BookedStatement[]): House;
}

/** So many requests of one agent under one rule within so many seconds. */
export interface Admission {
  readonly agent: string;
  readonly rule: string;
  readonly count: number;
  readonly per_seconds: number;
}

/** One transaction that holds the request's lock. */
export interface LockedPage {
  statements(): Promise<readonly BookedStatement[]>;
  /** The house's own page, to which nobody adds until this transaction ends. */
  house(): Promise<readonly BookedStatement[]>;
  /** Counts this request against the limit, once; gives when there is room again where there is none now. */
  admit(admission: Admission): Promise<Timestamp | null>;
  /** The Start that consumed this request, or null. */
  consumed(): Promise<Digest | null>;
  consume(start: Verified<'start'>, execution: Execution): Promise<void>;
}

export interface GrantBook {
  statements(requestId: string): Promise<{ booked: readonly BookedStatement[]; consumed: boolean }>;
  house(): Promise<readonly BookedStatement[]>;
  append(statements: readonly Verified<StatementKind>[]): Promise<unknown>;
  locked<T>(requestId: string, within: (page: LockedPage) => Promise<T>): Promise<T>;
}

export interface GrantDeps {
  /** The judge as of now: policy and directory may have been read anew since the last time. */
  judge(): Judge;
  readonly book: GrantBook;
  readonly key: SigningKey;
  /**
   * Looks once more at what is about to be touched, when everything else is proven.
   *
   * @throws GrantRefused where it is not what was approved
   */
  look(situation: Situation): Promise<void>;
  /**
   * Has people asked anew of what was approved and not executed in time.
   *
   * @throws GrantRefused with what to ask of
   */
  askAnew(situation: Situation, refused: GrantRefused): Promise<never>;
  now(): number;
}

/** What the executor may run, and the Start that says so. */
export interface Grant {
  readonly request: Verified<'request'>;
  readonly examined: Examined;
  readonly preview: Verified<'preview'> | null;
  /** How many percent more than approved a number may be. */
  readonly slack: number;
  readonly start: Verified<'start'>;
}

/**
 * Verifies everything, signs and books the Start, and consumes the request's one execution.
 *
 * @throws GrantRefused with the step and its code; where a Start was booked before, it is attached
 */
export async function verifyGrant(envelope: unknown, execution: Execution, deps: GrantDeps): Promise<Grant> {
  const { book, key } = deps;
  const judge = deps.judge();
  const request = atStep('request', () => openRequest(envelope, judge.ring));
  const requestId = request.statement.request_id;
  const [{ booked, consumed }, house] = await Promise.all([book.statements(requestId), book.house()]);
  const situation = situationOf(request, booked, house, judge, deps.now());
  const judged = await judgedNow({ ...situation, consumed }, deps);
  await deps.look(situation);

  const { dossier, policy, examined } = situation;
  const started = deps.now();
  const start = signStatement(
    'start',
    {
      audience: judge.ring.audience,
      request_id: requestId,
      request: request.digest,
      preview: dossier.preview?.digest ?? null,
      decisions: judged.approvals,
      instructions: [...dossier.instructions.map(({ digest }) => digest), ...delegationsUsed(policy)],
      policy: policy.policy_digest,
      directory: policy.directory_digest,
      steps: judged.steps,
      started_at: new Date(started).toISOString(),
      deadline: new Date(started + examined.maxSeconds * 1000).toISOString(),
    },
    key,
  );
  await book.append(booked.some(({ kind }) => kind === 'request') ? [start] : [request, start]);

  try {
    await consume({ request, policy, judged, start }, execution, deps);
  } catch (cause) {
    if (cause instanceof GrantRefused) throw cause;
    // Whatever became of the transaction, nothing runs on it; the Start is told so.
    const code = cause instanceof AssentError ? cause.code : 'consume_failed';
    throw new GrantRefused('consume', code, 'The execution could not be consumed, so nothing ran.', {
      start,
      cause,
    });
  }
  const slack = policy.release?.slack_percent ?? 0;
  return { request, examined, preview: dossier.preview, slack, start };
}

async function judgedNow(subject: Judgeable, { askAnew }: GrantDeps): Promise<Judged> {
  try {
    return judgeDossier(subject);
  } catch (error) {
    if (error instanceof GrantRefused && error.code === 'grant_expired') return askAnew(subject, error);
    throw error;
  }
}

function delegationsUsed({ requirement }: PolicyDecision): readonly Digest[] {
  return (requirement?.deputies ?? []).flatMap(({ delegation }) => (delegation === null ? [] : [delegation]));
}

interface Consumable extends Pick<Grant, 'request' | 'start'> {
  readonly policy: PolicyDecision;
  readonly judged: Judged;
}

/** Step 10, and 7 and 8 once more: under the lock that the gateway takes to write a decision or a freeze. */
async function consume(
  { request, policy, judged, start }: Consumable,
  execution: Execution,
  deps: GrantDeps,
): Promise<void> {
  const { book, now } = deps;
  await book.locked(request.statement.request_id, async (page) => {
    // The lock may have been waited for; what was read anew meanwhile counts.
    const judge = deps.judge();
    const current = await page.statements();
    const situation = situationOf(request, current, await page.house(), judge, now(), start);
    if (!current.some(({ digest }) => digest === start.digest)) {
      throw new GrantRefused('start', 'start_not_booked', 'The Start does not stand in the book.', { start });
    }
    const consumed = await page.consumed();
    if (consumed === start.digest) {
      // A twin of this execution signed the same Start in the same millisecond: the Finish is its own to write.
      throw new GrantRefused(
        'consume',
        'already_consumed',
        'The request was executed already; it runs once.',
      );
    }
    const { approvals, steps } = judgeDossier({ ...situation, consumed: consumed !== null, start });
    const stands =
      judged.approvals.every((digest) => approvals.includes(digest)) &&
      canonicalize(judged.steps) === canonicalize(steps) &&
      isSameWord(situation.policy, policy);
    if (!stands) {
      throw outdated(start, 'start_outdated', 'Policy, or what the Start rests on, changed meanwhile.');
    }
    if (now() >= Date.parse(start.statement.deadline)) {
      throw outdated(start, 'start_overdue', "The book was busy until the Start's own deadline.");
    }
    await admitted(page, situation, start);
    await page.consume(start, execution);
  });
}

/** The Start says by which policy and directory it runs; and where a rule allows, no approval binds it. */
function isSameWord(left: PolicyDecision, right: PolicyDecision): boolean {
  return (
    left.effect === right.effect &&
    left.rule_digest === right.rule_digest &&
    left.policy_digest === right.policy_digest &&
    left.directory_digest === right.directory_digest
  );
}

/** Nothing is wrong with the request itself: another try judges it again. */
function outdated(start: Verified<'start'>, code: string, message: string): GrantRefused {
  const until = start.statement.started_at;
  return new GrantRefused('consume', code, message, { start, again: { how: 'hold', until } });
}

/** Step 8: a burst of one agent's requests under one rule is held. */
async function admitted(
  page: LockedPage,
  { dossier, policy }: Situation,
  start: Verified<'start'>,
): Promise<void> {
  const { release, rule } = policy;
  if (release === null || release.limit === null || rule === null) return;
  const { agent } = dossier.request.statement;
  const until = await page.admit({ agent, rule, ...release.limit });
  if (until === null) return;
  const { count, per_seconds } = release.limit;
  throw new GrantRefused(
    'consume',
    'limit_reached',
    `${agent} had ${count} requests in ${per_seconds} seconds under the rule ${rule}; this one waits its turn.`,
    { start, again: { how: 'hold', until } },
  );
}

/** Steps 1 to 3 of what stands in the book: the dossier, the action as computed from it, and policy's word. */
function situationOf(
  request: Verified<'request'>,
  booked: readonly BookedStatement[],
  house: readonly BookedStatement[],
  judge: Judge,
  now: number,
  start?: Verified<'start'>,
): Situation {
  const evidence = start === undefined ? {} : { start };
  const dossier = dossierOf(request, booked, judge.ring, evidence);
  const examined = atStep('input', () => examineAgain(judge, dossier), evidence);
  const opened = atStep('decisions', () => judge.house(house), evidence);
  const policy = judge.evaluate({
    request: request.statement,
    resource: examined.resource,
    preview: dossier.preview?.statement.facts ?? null,
    delegations: delegationsAt(opened, now),
    now: new Date(now),
  });
  const subject = { dossier, house: opened, policy, examined, ring: judge.ring, now };
  return consistent(subject, evidence);
}

interface Evidence {
  readonly start?: Verified<'start'>;
}

function dossierOf(
  request: Verified<'request'>,
  booked: readonly BookedStatement[],
  ring: Keyring,
  evidence: Evidence,
): Dossier {
  const { digest, envelope, statement } = request;
  // Where nobody has booked the request yet, what stands under its id is about it all the same.
  const whole = [...booked, { kind: 'request', digest, envelope }] as const;
  const dossier = atStep('decisions', () => openDossier(statement.request_id, whole, ring), evidence);
  if (dossier?.request.digest !== digest) {
    throw new GrantRefused(
      'request',
      'request_conflict',
      'Another request stands in the book under the same id; use another key.',
      evidence,
    );
  }
  return dossier;
}

function examineAgain(judge: Judge, { request, preview }: Dossier): Examined {
  const examined = judge.examine(request.statement.action);
  if (preview !== null && canonicalize(preview.statement.resource) !== canonicalize(examined.resource)) {
    throw new AssentError(
      'resource_changed',
      'The action now touches another resource than the one previewed.',
    );
  }
  return examined;
}

/** Read off every field, so that a policy that contradicts itself lets nothing through. */
function consistent(situation: Situation, evidence: Evidence): Situation {
  const { policy } = situation;
  const { effect, requirement, release, needs_preview } = policy;
  if (effect === 'deny')
    throw new GrantRefused('policy', policy.code, policy.explanation.join(' '), evidence);
  if (needs_preview || release === null || (effect === 'allow') !== (requirement === null)) {
    throw new GrantRefused(
      'policy',
      'policy_inconsistent',
      'Policy contradicts itself on approvals.',
      evidence,
    );
  }
  return situation;
}

function atStep<T>(step: Step, run: () => T, evidence: Evidence = {}): T {
  try {
    return run();
  } catch (cause) {
    if (!(cause instanceof AssentError)) throw cause;
    throw new GrantRefused(step, cause.code, cause.message, { ...evidence, cause });
  }
}
