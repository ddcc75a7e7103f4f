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
import { FRESHNESS_MS } from '../approval/judgement.ts';
import type { SigningKey } from '../approval/keys.ts';
import { signStatement } from '../approval/statements.ts';
import type { JsonObject, Verified } from '../approval/types.ts';
import type { Book } from '../book/book.ts';
import type { HouseJudge } from './judge.ts';
import type { Rate } from './rate.ts';
import { refuse } from './refuse.ts';
import { currentExecution } from './standalone.ts';
import type { ExecutorActivities, Previewed } from './types.ts';

export interface PreviewDeps {
  readonly judge: HouseJudge;
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

export function createPreview(deps: PreviewDeps): ExecutorActivities['preview'] {
  return async ({ request: envelope }) => {
    const progress: Progress = { requestId: null, step: 'request' };
    try {
      if (currentExecution() === null) {
        throw new AssentError('standalone', 'A preview runs inside a workflow only.');
      }
      const request = openRequest(envelope, deps.judge.ring);
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

async function standingPreview(request: Verified<'request'>, { book, judge }: PreviewDeps) {
  const { request_id } = request.statement;
  const { booked } = await book.statements(request_id);
  const dossier = openDossier(request_id, booked, judge.ring);
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
  const { judge, book, key, implementations } = deps;
  const { audience, request_id, action, agent, requested_at } = request.statement;
  if (Math.abs(deps.now() - Date.parse(requested_at)) > FRESHNESS_MS) {
    throw new AssentError(
      'request_not_fresh',
      'The request was not made within five minutes of now; ask again.',
    );
  }
  const { resource, input } = judge.examine(action);
  const policy = judge.evaluate(request.statement, resource, new Date(deps.now()));
  if (policy.effect === 'deny') throw new AssentError(policy.code, policy.explanation.join(' '));
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
  return book.locked(request_id, async (page) => {
    const now = openDossier(request_id, await page.statements(), judge.ring);
    if (now !== null && now.request.digest !== request.digest) throw conflict();
    if (now?.preview) return now.preview;
    await page.append([request, preview]);
    return preview;
  });
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
  { code, message }: AssentError,
  { requestId, step }: Progress,
  deps: PreviewDeps,
): Promise<Previewed> {
  await refuse(
    { activity: 'preview', request_id: requestId, step, code },
    { ...deps, audience: deps.judge.ring.audience },
  );
  if (code === 'standalone') throw ApplicationFailure.nonRetryable(message, code);
  return { ok: false, step, code, reason: message };
}
