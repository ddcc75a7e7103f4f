/**
 * preview: the executor looks at what would happen, read-only, and signs what it saw.
 *
 * The first preview of a request opens its timeline, so there is one, and a retry gives it again. Its facts go
 * into the book, for reviewers; the workflow, and with it the agent, learns the digest alone.
 */
import { ApplicationFailure, Context } from '@temporalio/activity';
import type { Logger } from 'pino';
import type { Implementations } from '../actions/registry.ts';
import { openDossier, openRequest } from '../approval/dossier.ts';
import { AssentError } from '../approval/error.ts';
import { delegationsAt } from '../approval/house.ts';
import { FRESHNESS_MS } from '../approval/judgement.ts';
import type { SigningKey } from '../approval/keys.ts';
import { signStatement } from '../approval/statements.ts';
import type { JsonObject, PolicyDecision, Timestamp, Verified } from '../approval/types.ts';
import type { HouseJudge } from '../audit/judge.ts';
import type { Book, LockedPage } from '../book/book.ts';
import type { Rate } from './rate.ts';
import { refuse } from './refuse.ts';
import { currentExecution } from './standalone.ts';
import type { ExecutorActivities, Previewed } from './types.ts';

export interface PreviewDeps {
  judge(): HouseJudge;
  readonly implementations: Implementations;
  readonly book: Book;
  readonly key: SigningKey;
  readonly rate: Rate;
  readonly log: Logger;
  now(): number;
}

/** Where a preview is: what fails at `request` denies it, what fails at `preview` can't be shown to anybody. */
interface Progress {
  requestId: string | null;
  step: 'request' | 'preview';
}

/** What keeps a request from being shown now, and until when. */
class Held extends AssentError {
  readonly until: Timestamp;

  constructor(code: string, message: string, until: Timestamp) {
    super(code, message);
    this.until = until;
  }
}

export function createPreview(deps: PreviewDeps): ExecutorActivities['preview'] {
  return async ({ request: envelope }) => {
    const progress: Progress = { requestId: null, step: 'request' };
    try {
      if (currentExecution() === null) {
        throw new AssentError('standalone', 'A preview runs inside a workflow only.');
      }
      const request = openRequest(envelope, deps.judge().ring);
      progress.requestId = request.statement.request_id;
      const standing = await standingPreview(request, deps);
      return previewed(standing ?? (await look(request, progress, deps)));
    } catch (error) {
      if (!(error instanceof AssentError)) throw untold(error, progress, deps);
      if (TRANSIENT.has(error.code)) throw error;
      return refused(error, progress, deps);
    }
  };
}

/** Worth another try; everything else is an answer. */
const TRANSIENT: ReadonlySet<string> = new Set(['database_unreachable', 'target_unreachable']);

/** What the book says of this request already. */
async function standingPreview(request: Verified<'request'>, { book, judge }: PreviewDeps) {
  const { request_id } = request.statement;
  const { booked } = await book.statements(request_id);
  const dossier = openDossier(request_id, booked, judge().ring);
  if (dossier !== null && dossier.request.digest !== request.digest) throw conflict();
  return dossier?.preview ?? null;
}

/** Worth another try; but what is not Assent's own could quote what the executor alone may see. */
function untold(error: unknown, { requestId }: Progress, { log }: PreviewDeps): ApplicationFailure {
  log.error({ err: error, request_id: requestId }, 'a preview failed');
  const kind = error instanceof Error ? error.name : typeof error;
  return ApplicationFailure.create({
    type: 'preview_failed',
    message: `The preview failed with ${kind}; the executor's log says more.`,
  });
}

async function look(
  request: Verified<'request'>,
  progress: Progress,
  deps: PreviewDeps,
): Promise<Verified<'preview'>> {
  const { book, key, implementations } = deps;
  const judge = deps.judge();
  const { audience, request_id, action, agent } = request.statement;
  await freshEnough(request, deps);
  const { resource, input } = judge.examine(action);
  const delegations = delegationsAt(judge.house(await book.house()), deps.now());
  const ask = (facts: JsonObject | null) =>
    judge.evaluate({
      request: request.statement,
      resource,
      preview: facts,
      delegations,
      now: new Date(deps.now()),
    });
  const before = ask(null);
  if (before.effect === 'deny' && !before.needs_preview) {
    throw new AssentError(before.code, before.explanation.join(' '));
  }
  const held = await book.locked(request_id, (page) => heldBy(request, before, page));
  if (held !== null) throw held;
  progress.step = 'preview';
  if (!deps.rate.admits(agent, deps.now())) {
    throw new AssentError(
      'preview_rate',
      `${agent} asks for more previews than one a second; wait a minute.`,
    );
  }
  const implementation = implementations.find(action.name);
  const signal = Context.current().cancellationSignal;
  const facts: JsonObject =
    implementation.preview === null ? {} : await implementation.preview({ input, resource, signal });
  const preview = signStatement(
    'preview',
    {
      audience,
      request_id,
      action_digest: request.digest,
      resource,
      facts,
      previewed_at: new Date(deps.now()).toISOString(),
      revision: 1,
    },
    key,
  );
  progress.step = 'request';
  const shown = await book.locked(request_id, async (page) => {
    const now = openDossier(request_id, await page.statements(), judge.ring);
    if (now !== null && now.request.digest !== request.digest) throw conflict();
    if (now?.preview) return now.preview;
    const held = before.needs_preview ? await heldBy(request, ask(facts), page) : null;
    if (held === null) await page.append([request, preview]);
    return held ?? preview;
  });
  if (shown instanceof Held) throw shown;
  return shown;
}

/** A request that was held was seen in its time: this executor's own word of that stands in the book. */
async function freshEnough(request: Verified<'request'>, { book, judge, now }: PreviewDeps): Promise<void> {
  const { request_id, requested_at } = request.statement;
  const age = (moment: number) => Math.abs(moment - Date.parse(requested_at));
  if (age(now()) <= FRESHNESS_MS) return;
  const { booked } = await book.statements(request_id);
  const held = (openDossier(request_id, booked, judge().ring)?.refusals ?? []).some(
    ({ statement, keyids }) =>
      statement.activity === 'preview' &&
      statement.code === LIMIT_REACHED &&
      judge().ring.executor.some(({ keyid }) => keyids.includes(keyid)) &&
      age(Date.parse(statement.refused_at)) <= FRESHNESS_MS,
  );
  if (held) return;
  throw new AssentError(
    'request_not_fresh',
    'The request was not made within five minutes of now; ask again.',
  );
}

const LIMIT_REACHED = 'limit_reached';

/** Reviewers see no more of one agent than the rule lets through: the others wait, and say so. */
async function heldBy(
  request: Verified<'request'>,
  policy: PolicyDecision,
  page: LockedPage,
): Promise<Held | null> {
  const { release, rule } = policy;
  if (release === null || release.limit === null || rule === null) return null;
  const { agent } = request.statement;
  const until = await page.admit({ agent, rule, ...release.limit });
  if (until === null) return null;
  const { count, per_seconds } = release.limit;
  // Booked here, so that what was held can be shown fresh when its turn comes.
  await page.append([request]);
  return new Held(
    LIMIT_REACHED,
    `${agent} had ${count} requests in ${per_seconds} seconds under the rule ${rule}; this one waits its turn.`,
    until,
  );
}

function conflict(): AssentError {
  return new AssentError(
    'request_conflict',
    'Another request stands in the book under the same id; use another key.',
  );
}

function previewed({ digest, statement }: Verified<'preview'>): Previewed {
  return { ok: true, preview_digest: digest, previewed_at: statement.previewed_at };
}

async function refused(
  error: AssentError,
  { requestId, step }: Progress,
  deps: PreviewDeps,
): Promise<Previewed> {
  const { code, message } = error;
  const { audience } = deps.judge().ring;
  await refuse({ activity: 'preview', request_id: requestId, step, code }, { ...deps, audience });
  if (code === 'standalone') throw ApplicationFailure.nonRetryable(message, code);
  return { ok: false, step, code, reason: message, until: error instanceof Held ? error.until : null };
}
