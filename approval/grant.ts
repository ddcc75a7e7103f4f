/**
 * verifyGrant: may this action run, now, once? Ten named steps, each with codes of its own.
 *
 * It runs in the executor, on the executor's configuration and clock. From the caller it takes the request and
 * nothing else; decisions, previews and instructions it reads from the book.
 */
import { canonicalize } from './canonical-json.ts';
import { type BookedStatement, type Keyring, openDossier, openRequest } from './dossier.ts';
import { AssentError } from './error.ts';
import { type Judged, judgeDossier } from './judgement.ts';
import type { SigningKey } from './keys.ts';
import { GrantRefused, type Step } from './refusal.ts';
import type { Dossier } from './state.ts';
import { signStatement } from './statements.ts';
import type {
  Digest,
  JsonObject,
  PolicyDecision,
  RequestStatement,
  StatementKind,
  Verified,
} from './types.ts';
import type { Examined } from './view.ts';

/** Which execution asks; it is written beside the consumption. */
export interface Execution {
  readonly workflow_id: string;
  readonly run_id: string;
  readonly activity_id: string;
}

export interface Judge {
  readonly ring: Keyring;
  /** @throws AssentError where the action or its input is not what its definition admits */
  examine(action: RequestStatement['action']): Examined;
  evaluate(request: RequestStatement, resource: JsonObject, now: Date): PolicyDecision;
}

/** One transaction that holds the request's lock. */
export interface LockedPage {
  statements(): Promise<readonly BookedStatement[]>;
  /** The Start that consumed this request, or null. */
  consumed(): Promise<Digest | null>;
  consume(start: Verified<'start'>, execution: Execution): Promise<void>;
}

export interface GrantBook {
  statements(requestId: string): Promise<{ booked: readonly BookedStatement[]; consumed: boolean }>;
  append(statements: readonly Verified<StatementKind>[]): Promise<unknown>;
  locked<T>(requestId: string, within: (page: LockedPage) => Promise<T>): Promise<T>;
}

export interface GrantDeps {
  readonly judge: Judge;
  readonly book: GrantBook;
  readonly key: SigningKey;
  now(): number;
}

/** What the executor may run, and the Start that says so. */
export interface Grant {
  readonly request: Verified<'request'>;
  readonly examined: Examined;
  readonly preview: Verified<'preview'> | null;
  readonly start: Verified<'start'>;
}

/**
 * Verifies everything, signs and books the Start, and consumes the request's one execution.
 *
 * @throws GrantRefused with the step and its code; where a Start was booked before, it is attached
 */
export async function verifyGrant(envelope: unknown, execution: Execution, deps: GrantDeps): Promise<Grant> {
  const { judge, book, key } = deps;
  const request = atStep('request', () => openRequest(envelope, judge.ring));
  const requestId = request.statement.request_id;
  const { booked, consumed } = await book.statements(requestId);
  const dossier = dossierOf(request, booked, judge.ring);
  const examined = atStep('input', () => examineAgain(judge, dossier));
  const policy = evaluateAt(deps, request, examined);
  const judged = judgeDossier({ dossier, policy, examined, consumed, now: deps.now() });

  const started = deps.now();
  const start = signStatement(
    'start',
    {
      audience: judge.ring.audience,
      request_id: requestId,
      request: request.digest,
      preview: policy.effect === 'allow' ? null : (dossier.preview?.digest ?? null),
      decisions: judged.approvals,
      instructions: dossier.instructions.map(({ digest }) => digest),
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
    await consume({ request, examined, policy, judged, start }, execution, deps);
  } catch (cause) {
    if (cause instanceof GrantRefused) throw cause;
    // Whatever became of the transaction, nothing runs on it; the Start is told so.
    const code = cause instanceof AssentError ? cause.code : 'consume_failed';
    throw new GrantRefused('consume', code, 'The execution could not be consumed, so nothing ran.', {
      start,
      cause,
    });
  }
  return { request, examined, preview: policy.effect === 'allow' ? null : dossier.preview, start };
}

interface Consumable extends Omit<Grant, 'preview'> {
  readonly policy: PolicyDecision;
  readonly judged: Judged;
}

/** Step 10, and 7 and 8 once more: under the lock that the gateway takes to write a decision. */
async function consume(
  { request, examined, policy, judged, start }: Consumable,
  execution: Execution,
  deps: GrantDeps,
): Promise<void> {
  const { judge, book, now } = deps;
  const refused = (code: string, message: string) => new GrantRefused('consume', code, message, { start });
  await book.locked(request.statement.request_id, async (page) => {
    const current = await page.statements();
    const dossier = dossierOf(request, current, judge.ring, start);
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
    const fresh = evaluateAt(deps, request, examined, start);
    const again = { dossier, policy: fresh, examined, consumed: consumed !== null, now: now(), start };
    const { approvals } = judgeDossier(again);
    const stands = judged.approvals.every((digest) => approvals.includes(digest));
    if (fresh.effect !== policy.effect || !stands) {
      throw refused(
        'start_outdated',
        'Policy or an approval that the Start names changed meanwhile; ask again.',
      );
    }
    if (now() >= Date.parse(start.statement.deadline)) {
      throw refused('start_overdue', "The book was busy until the Start's own deadline; ask again.");
    }
    await page.consume(start, execution);
  });
}

function dossierOf(
  request: Verified<'request'>,
  booked: readonly BookedStatement[],
  ring: Keyring,
  start?: Verified<'start'>,
): Dossier {
  const evidence = start === undefined ? {} : { start };
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

function evaluateAt(
  { judge, now }: GrantDeps,
  request: Verified<'request'>,
  { resource }: Examined,
  start?: Verified<'start'>,
): PolicyDecision {
  const policy = judge.evaluate(request.statement, resource, new Date(now()));
  const evidence = start === undefined ? {} : { start };
  // Read off both, so that a policy that contradicts itself lets nothing through.
  if (policy.effect === 'allow' && policy.requirement === null) return policy;
  if (policy.effect === 'require_approval' && policy.requirement !== null) return policy;
  if (policy.effect !== 'deny') {
    throw new GrantRefused(
      'policy',
      'policy_inconsistent',
      'Policy contradicts itself on approvals.',
      evidence,
    );
  }
  throw new GrantRefused('policy', policy.code, policy.explanation.join(' '), evidence);
}

function atStep<T>(step: Step, run: () => T, evidence: { start?: Verified<'start'> } = {}): T {
  try {
    return run();
  } catch (cause) {
    if (!(cause instanceof AssentError)) throw cause;
    throw new GrantRefused(step, cause.code, cause.message, { ...evidence, cause });
  }
}
