/**
 * notify: books what orchestration brings and nobody has booked yet, and paints the request's messages.
 *
 * It believes signatures and the book. A forged call can only have the truth painted again.
 */
import { ApplicationFailure } from '@temporalio/activity';
import { type Client, WorkflowNotFoundError } from '@temporalio/client';
import { z } from 'zod';
import { openRequest, openWithdrawal, subjectOf } from '../approval/dossier.ts';
import { AssentError } from '../approval/error.ts';
import type { SigningKey } from '../approval/keys.ts';
import { CLOSED_STEP } from '../approval/state.ts';
import type { Verified } from '../approval/types.ts';
import { SEARCH_ATTRIBUTES } from '../approval/types.ts';
import type { HouseJudge } from '../audit/judge.ts';
import type { Book } from '../book/book.ts';
import { whileBeating } from './heartbeat.ts';
import type { Paint } from './paint.ts';
import { refuse } from './refuse.ts';
import { currentExecution } from './standalone.ts';
import type { Closing, GatewayActivities, Notified } from './types.ts';

export interface NotifyDeps {
  /** The judge as of now. */
  judge(): HouseJudge;
  readonly book: Book;
  /** The gateway's decision key. */
  readonly key: SigningKey;
  readonly client: Client;
  readonly paint: Paint;
  now(): number;
}

export function createNotify(deps: NotifyDeps): GatewayActivities['notify'] {
  return (input) => whileBeating(() => notify(input, deps));
}

async function notify(input: unknown, deps: NotifyDeps): Promise<Notified> {
  const { request, closing } = await admitted(input, deps);
  const { request_id } = request.statement;
  if (closing !== null) await close(request_id, closing, deps);
  try {
    return { request_id, ...(await deps.paint(request_id)) };
  } catch (error) {
    throw retriable(error);
  }
}

/** Whoever writes to the namespace can call this with anything. */
const inputSchema = z.strictObject({
  request: z.unknown(),
  statements: z.array(z.unknown()).max(100),
  closing: z.enum(['flooded', 'undeliverable', 'cancelled', 'not_executed', 'denied']).nullable(),
});

/** Verifies all that was brought, and books it. */
async function admitted(
  input: unknown,
  deps: NotifyDeps,
): Promise<{ readonly request: Verified<'request'>; readonly closing: Closing | null }> {
  const { book } = deps;
  const { ring } = deps.judge();
  let requestId: string | null = null;
  try {
    if (currentExecution() === null)
      throw new AssentError('standalone', 'Cards are painted for workflows only.');
    const { data: brought, error } = inputSchema.safeParse(input);
    if (brought === undefined) throw new AssentError('notify_malformed', z.prettifyError(error));
    const request = openRequest(brought.request, ring);
    const { request_id, agent } = request.statement;
    requestId = request_id;
    const withdrawals = brought.statements.map((envelope) => openWithdrawal(envelope, ring, agent));
    if (withdrawals.some((withdrawal) => subjectOf(withdrawal) !== request_id)) {
      throw new AssentError('other_request', 'A withdrawal is of another request than the one to paint.');
    }
    if (withdrawals.length > 0) await book.append(withdrawals);
    return { request, closing: brought.closing };
  } catch (error) {
    if (!(error instanceof AssentError) || error.code.startsWith('database_')) throw error;
    await refuse(
      { activity: 'notify', request_id: requestId, step: 'request', code: error.code },
      { ...deps, audience: ring.audience },
    );
    throw ApplicationFailure.nonRetryable(error.message, error.code);
  }
}

/** The gateway says that a request was given up only where Temporal itself shows it so. */
async function close(requestId: string, closing: Closing, deps: NotifyDeps): Promise<void> {
  const shown = await shownState(requestId, deps.client);
  const refused = { activity: 'agentAction', request_id: requestId };
  const sign = { ...deps, audience: deps.judge().ring.audience };
  if (shown === closing) await refuse({ ...refused, step: CLOSED_STEP, code: closing }, sign);
  else await refuse({ ...refused, activity: 'notify', step: 'request', code: 'not_closed' }, sign);
}

async function shownState(workflowId: string, client: Client): Promise<string | null> {
  try {
    const { searchAttributes } = await client.workflow.getHandle(workflowId).describe();
    const [state] = searchAttributes[SEARCH_ATTRIBUTES.state] ?? [];
    return typeof state === 'string' ? state : null;
  } catch (error) {
    if (error instanceof WorkflowNotFoundError) return null;
    throw error;
  }
}

function retriable(error: unknown): unknown {
  if (!(error instanceof AssentError)) return error;
  const { retryAfterSeconds } = error.evidence;
  return ApplicationFailure.create({
    message: error.message,
    type: error.code,
    cause: error,
    ...(typeof retryAfterSeconds === 'number' ? { nextRetryDelay: retryAfterSeconds * 1000 } : {}),
  });
}
