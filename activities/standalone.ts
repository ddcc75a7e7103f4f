/** Which execution calls: one inside a workflow, or a standalone start, which every activity refuses. */
import { Context } from '@temporalio/activity';
import type { Execution } from '../approval/grant.ts';

/** Null for an activity that was started by itself, without a workflow. */
export function currentExecution(): Execution | null {
  const { inWorkflow, workflowExecution, activityId } = Context.current().info;
  if (!inWorkflow || workflowExecution === undefined) return null;
  return {
    workflow_id: workflowExecution.workflowId,
    run_id: workflowExecution.runId,
    activity_id: activityId,
  };
}
