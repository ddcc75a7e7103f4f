/** What stands in Temporal: histories, and what they tell. */
import { defaultPayloadConverter } from '@temporalio/common';
import type proto from '@temporalio/proto';
import { z } from 'zod';
import { derive } from '../../../audit/derive.ts';
import type { AuditRecord } from '../../../audit/records.ts';
import { type AgentActionStatus, STATUS_QUERY } from '../../../workflows/messages.ts';
import type { World } from '../world.ts';

export type History = proto.temporal.api.history.v1.IHistory;

type HistoryPage = proto.temporal.api.workflowservice.v1.IGetWorkflowExecutionHistoryResponse;

export interface Run {
  readonly workflowId: string;
  /** The latest run of the workflow where it is left out. */
  readonly runId?: string;
}

export async function historyOf({ temporal }: World, { workflowId, runId }: Run): Promise<History> {
  return temporal.workflow.getHandle(workflowId, runId).fetchHistory();
}

/** How many activities of a type were scheduled in a run. */
export async function scheduled(world: World, run: Run, activity: string): Promise<number> {
  const { events } = await historyOf(world, run);
  return (events ?? []).filter(
    ({ activityTaskScheduledEventAttributes: attributes }) => attributes?.activityType?.name === activity,
  ).length;
}

/** The signed request that a run was started with, as anybody with access reads it. */
export async function requestIn(world: World, run: Run): Promise<unknown> {
  const { events } = await historyOf(world, run);
  const payload = events?.[0]?.workflowExecutionStartedEventAttributes?.input?.payloads?.[0];
  const input = payload ? defaultPayloadConverter.fromPayload(payload) : undefined;
  return z.object({ request: z.unknown() }).parse(input).request;
}

export async function statusOf({ temporal }: World, workflowId: string): Promise<AgentActionStatus> {
  return temporal.workflow.getHandle(workflowId).query<AgentActionStatus>(STATUS_QUERY);
}

/** The codes by which the worker refused what a run was told, once it refused `count` of them. */
export async function refusedSignals(world: World, run: Run, count: number): Promise<readonly string[]> {
  const codes = (history: History) =>
    derived(world, { runId: '', ...run }, history)
      .filter(({ kind }) => kind === 'decision_refused')
      .map(({ detail }) => String(detail.code));
  return codes(await untilHistory(world, run, (history) => codes(history).length >= count));
}

export function derived(
  { stack }: World,
  { workflowId, runId }: Required<Run>,
  history: History,
): readonly AuditRecord[] {
  const { namespace } = stack.temporal;
  return derive(history, { namespace, workflow_id: workflowId, run_id: runId });
}

const PATIENCE_MS = 20_000;

/** The history once it is as asked; or as it is when the run has ended, or patience has. */
export async function untilHistory(
  { temporal, stack }: World,
  { workflowId, runId = '' }: Run,
  isSo: (history: History) => boolean,
): Promise<History> {
  const { namespace } = stack.temporal;
  const execution = { workflowId, runId };
  const deadline = Date.now() + PATIENCE_MS;
  let events: NonNullable<History['events']> = [];
  let nextPageToken: Uint8Array | null = null;
  do {
    const page: HistoryPage = await temporal.workflowService.getWorkflowExecutionHistory({
      namespace,
      execution,
      waitNewEvent: true,
      ...(nextPageToken === null ? {} : { nextPageToken }),
    });
    events = [...events, ...(page.history?.events ?? [])];
    if (isSo({ events })) break;
    nextPageToken = page.nextPageToken ?? null;
  } while (nextPageToken !== null && nextPageToken.length > 0 && Date.now() < deadline);
  return { events };
}
