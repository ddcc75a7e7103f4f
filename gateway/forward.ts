/** Says to Temporal what the book holds: at once after a click, and later whatever an outage or a crash left unsaid. */
import { type Client, isGrpcServiceError, ServiceError, WorkflowNotFoundError } from '@temporalio/client';
import type { Kysely } from 'kysely';
import type { Logger } from 'pino';
import { z } from 'zod';
import { openCards } from '../activities/card-postings.ts';
import { parseEnvelope } from '../approval/dsse.ts';
import { SIGNALS } from '../approval/types.ts';
import { type ForwardOutcome, markForwarded, unforwarded } from '../book/forwarding.ts';
import type { BookedStatement } from '../book/page.ts';
import type { Database } from '../book/schema.ts';

export interface ForwardDeps {
  readonly client: Client;
  readonly db: Kysely<Database>;
}

export type Forwardable = Pick<BookedStatement, 'digest' | 'kind' | 'envelope' | 'request_id'>;

/**
 * Signals the request's workflow, and keeps that it was said. What was said of the house concerns every request
 * that it may have held: lifting a freeze wakes them all.
 */
export async function forward(statement: Forwardable, deps: ForwardDeps): Promise<void> {
  const { digest, request_id, envelope } = statement;
  const signal = signalOf(statement);
  const concerned = request_id === null ? await lifted(envelope, deps) : [request_id];
  let outcome: ForwardOutcome = 'no_workflow';
  for (const workflowId of concerned) {
    try {
      await deps.client.workflow.getHandle(workflowId).signal(signal, envelope);
      outcome = 'signalled';
    } catch (error) {
      // It has ended, or never was: nobody is there to be told, and what decides stands in the book.
      const nobody = error instanceof WorkflowNotFoundError;
      // One of many that takes no word keeps none from the others, nor has it those who heard hear it again: each
      // signal counts towards a flood, which would close them.
      const others = request_id === null && (outcome === 'signalled' || isRefusal(error));
      if (!nobody && !others) throw error;
    }
  }
  await markForwarded(deps.db, digest, outcome);
}

async function lifted(envelope: unknown, { db }: ForwardDeps): Promise<readonly string[]> {
  return verbOf(envelope) === 'unfreeze' ? openCards(db) : [];
}

function signalOf({ kind, envelope }: Forwardable): string {
  if (kind === 'decision') return SIGNALS.decide;
  return verbOf(envelope) === 'withdraw' ? SIGNALS.withdraw : SIGNALS.instruct;
}

/** Of a statement that was verified before it was booked; whoever is told verifies it again. */
function verbOf(envelope: unknown): string {
  const payload = Buffer.from(parseEnvelope(envelope).payload, 'base64').toString();
  return z.object({ verb: z.string() }).parse(JSON.parse(payload)).verb;
}

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
