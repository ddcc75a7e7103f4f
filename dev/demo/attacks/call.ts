/** An activity of Assent's, called from a workflow that is none of Assent's. */
import { randomUUID } from 'node:crypto';
import { ActivityFailure, ApplicationFailure, WorkflowFailedError } from '@temporalio/client';
import { z } from 'zod';
import type { World } from '../world.ts';
import type { Call } from './workflows.ts';

const answerSchema = z.object({ outcome: z.string(), code: z.string() });

/** The code of the activity's answer, or of the error that it threw. */
export async function callAs(world: World, call: Call): Promise<string> {
  const { taskQueue } = await world.intruder();
  try {
    const answer = await world.temporal.workflow.execute('call', {
      taskQueue,
      workflowId: `mallory-${randomUUID()}`,
      args: [call],
    });
    return answered(answer);
  } catch (error) {
    if (!(error instanceof WorkflowFailedError)) throw error;
    return failureCode(error.cause);
  }
}

/** `<outcome> <code>` of what `execute` gives; anything else as it is. */
export function answered(answer: unknown): string {
  const { data } = answerSchema.safeParse(answer);
  return data === undefined ? JSON.stringify(answer) : `${data.outcome} ${data.code}`;
}

/** The type of the failure that an activity threw. */
export function failureCode(failure: unknown): string {
  const cause = failure instanceof ActivityFailure ? failure.cause : failure;
  return cause instanceof ApplicationFailure ? (cause.type ?? cause.message) : String(cause);
}
