/** recordHistory: derives this run's audit records from Temporal's own history and appends what is new. */
import { Context } from '@temporalio/activity';
import type { Client } from '@temporalio/client';
import type { Kysely } from 'kysely';
import { derive } from '../audit/derive.ts';
import { appendRecords } from '../audit/store.ts';
import type { Database } from '../book/schema.ts';
import type { WorkerActivities } from './types.ts';

export interface RecordHistoryDeps {
  client(): Client;
  readonly db: Kysely<Database>;
}

export function createRecordHistory({ client, db }: RecordHistoryDeps): WorkerActivities['recordHistory'] {
  return async () => {
    const { workflowExecution, workflowNamespace } = Context.current().info;
    if (workflowExecution === undefined || workflowNamespace === undefined) return { appended: 0 };
    const { workflowId, runId } = workflowExecution;
    const history = await client().workflow.getHandle(workflowId, runId).fetchHistory();
    const records = derive(history, { namespace: workflowNamespace, workflow_id: workflowId, run_id: runId });
    return appendRecords(db, records);
  };
}
