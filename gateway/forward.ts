/** Says to Temporal what the book holds: at once after a click, and later whatever an outage or a crash left unsaid. */
import { type Client, isGrpcServiceError, ServiceError, WorkflowNotFoundError } from '@temporalio/client';
import type { Kysely } from 'kysely';
import type { Logger } from 'pino';
import { SIGNALS, type StatementKind } from '../approval/types.ts';
import { markForwarded, unforwarded } from '../book/forwarding.ts';
import type { BookedStatement } from '../book/page.ts';
import type { Database } from '../book/schema.ts';

export interface ForwardDeps {
  readonly client: Client;
  readonly db: Kysely<Database>;
}

export type Forwardable = Pick<BookedStatement, 'digest' | 'kind' | 'envelope' | 'request_id'>;

/** Signals the request's workflow, and keeps that it was said. */
export async function forward(statement: Forwardable, { client, db }: ForwardDeps): Promise<void> {
  const signal = SIGNAL_OF[statement.kind];
  if (signal === undefined || statement.request_id === null) return;
  try {
    await client.workflow.getHandle(statement.request_id).signal(signal, statement.envelope);
  } catch (error) {
    // It has ended, or never was: nobody is there to be told, and what decides stands in the book.
    if (!(error instanceof WorkflowNotFoundError)) throw error;
    await markForwarded(db, statement.digest, 'no_workflow');
    return;
  }
  await markForwarded(db, statement.digest, 'signalled');
}

const SIGNAL_OF: { readonly [K in StatementKind]?: string } = {
  decision: SIGNALS.decide,
  instruction: SIGNALS.withdraw,
};

/** How far back an outage is made good, and how long whoever booked a statement may take to forward it. */
const BACKLOG = { days: 7, olderThanSeconds: 2, limit: 100 } as const;

/** Forwards what is left. What Temporal refuses holds up nothing else. */
export async function forwardBacklog({
  log,
  ...deps
}: ForwardDeps & { readonly log: Logger }): Promise<void> {
  for (const statement of await unforwarded(deps.db, BACKLOG)) {
    try {
      await forward(statement, deps);
    } catch (error) {
      if (!isRefusal(error)) throw error;
      const { digest, request_id } = statement;
      log.error({ err: error, digest, request_id }, 'Temporal takes no word of this statement');
    }
  }
}

/** gRPC's INVALID_ARGUMENT, RESOURCE_EXHAUSTED and FAILED_PRECONDITION: about this signal, not about Temporal. */
const REFUSALS: ReadonlySet<number> = new Set([3, 8, 9]);

function isRefusal(error: unknown): boolean {
  const answer = error instanceof ServiceError ? error.cause : error;
  return isGrpcServiceError(answer) && REFUSALS.has(answer.code);
}
