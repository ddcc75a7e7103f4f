/**
 * The answer of a request: from its workflow's end, or, where that stays open for what still has to come of it (an
 * end, a settlement), from the workflow itself as soon as it knows.
 */
import { setTimeout } from 'node:timers/promises';
import { type Client, WorkflowFailedError, type WorkflowHandle } from '@temporalio/client';
import { TerminatedFailure } from '@temporalio/common';
import {
  type AgentActionStatus,
  ANSWERED_STATES,
  SEARCH_ATTRIBUTES,
  STATUS_QUERY,
} from '../workflows/messages.ts';

/** How often an open workflow is looked at; it doubles. */
const FIRST_LOOK_MS = 250;
const LAST_LOOK_MS = 4000;

/** Nobody vouches for it yet. */
export async function answerOf(client: Client, workflowId: string): Promise<unknown> {
  const handle = client.workflow.getHandle(workflowId);
  const stop = new AbortController();
  try {
    return await Promise.race([
      client.withAbortSignal(stop.signal, () => closed(handle)),
      open(handle, stop.signal),
    ]);
  } finally {
    stop.abort();
  }
}

/** What the workflow's newest run answers. A reset terminates one run and starts the next. */
async function closed(handle: WorkflowHandle): Promise<unknown> {
  for (;;) {
    try {
      return await handle.result();
    } catch (error) {
      const terminated = error instanceof WorkflowFailedError && error.cause instanceof TerminatedFailure;
      if (!terminated || (await handle.describe()).status.name === 'TERMINATED') throw error;
    }
  }
}

/** Settles only with an answer: whatever is wrong with Temporal, the waiting for the end tells. */
async function open(handle: WorkflowHandle, stop: AbortSignal): Promise<unknown> {
  for (let wait = FIRST_LOOK_MS; ; wait = Math.min(wait * 2, LAST_LOOK_MS)) {
    await setTimeout(wait, undefined, { signal: stop });
    const answer = await answerNow(handle).catch(() => null);
    if (answer !== null) return answer;
  }
}

async function answerNow(handle: WorkflowHandle): Promise<unknown> {
  const { searchAttributes } = await handle.describe();
  const [state] = searchAttributes[SEARCH_ATTRIBUTES.state] ?? [];
  if (typeof state !== 'string' || !ANSWERED_STATES.includes(state)) return null;
  return (await handle.query<AgentActionStatus>(STATUS_QUERY)).answer;
}
