/** A stage for `agentAction`: the real workflow code on a real server, with activities that play a script. */
import { setTimeout } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { Context } from '@temporalio/activity';
import type { WorkflowHandle } from '@temporalio/client';
import type { TestWorkflowEnvironment } from '@temporalio/testing';
import { bundleWorkflowCode, DefaultLogger, Runtime, Worker, type WorkflowBundle } from '@temporalio/worker';
import type { ExecutorActivities, GatewayActivities, WorkerActivities } from '../../activities/types.ts';
import type { StatementByKind, Verified } from '../../approval/types.ts';
import type { agentAction } from '../../workflows/agent-action.ts';
import { AGENT_ACTION, QUEUES, SEARCH_ATTRIBUTES, SIGNALS } from '../../workflows/messages.ts';
import { aDecision, aRequest } from '../book/statements.ts';
import { defaultScript, type Script } from './script.ts';

export interface Played {
  readonly request: Verified<'request'>;
  readonly handle: WorkflowHandle<typeof agentAction>;
  /** A decision of this moment, by the server's clock, that was not sent yet. */
  decision(change?: Partial<StatementByKind['decision']>): Promise<Verified<'decision'>>;
  /** Resolves once people are asked. */
  pending(): Promise<void>;
  decide(envelope: unknown): Promise<void>;
  withdraw(envelope: unknown): Promise<void>;
  instruct(envelope: unknown): Promise<void>;
  /** Resolves once its state, as Temporal lists it, is this. */
  reaches(state: string): Promise<void>;
}

export interface Stage {
  /** Starts one workflow; what the script leaves out goes as in the path of one approval. */
  play(script?: (request: Verified<'request'>) => Partial<Script>): Promise<Played>;
  close(): Promise<void>;
}

let bundle: Promise<WorkflowBundle> | undefined;
// Failures are played on purpose here: what matters of them is in the histories.
const logger = new DefaultLogger('ERROR', () => undefined);
Runtime.install({ logger });

/** The workflows as they are now, bundled once in a process. */
export function workflowBundle(): Promise<WorkflowBundle> {
  const workflowsPath = fileURLToPath(new URL('../../workflows/agent-action.ts', import.meta.url));
  bundle ??= bundleWorkflowCode({ workflowsPath, logger });
  return bundle;
}

export async function openStage(environment: TestWorkflowEnvironment): Promise<Stage> {
  const { client, nativeConnection, namespace } = environment;
  const scripts = new Map<string, Script>();
  const current = (): Script => {
    const { workflowId = '' } = Context.current().info.workflowExecution ?? {};
    const script = scripts.get(workflowId);
    if (script === undefined) throw new Error(`no script for ${workflowId}`);
    return script;
  };
  const worker: WorkerActivities = {
    evaluatePolicy: (input) => current().evaluatePolicy(input),
    admitDecisions: (input) => current().admitDecisions(input),
    recordHistory: () => current().recordHistory(),
  };
  const executor: ExecutorActivities = {
    preview: (input) => current().preview(input),
    execute: (input) => current().execute(input),
    revoke: (input) => current().revoke(input),
  };
  const gateway: GatewayActivities = { notify: (input) => current().notify(input) };
  const connected = { connection: nativeConnection, namespace: namespace ?? 'default' };
  const workers = await Promise.all([
    Worker.create({
      ...connected,
      taskQueue: QUEUES.worker,
      workflowBundle: await workflowBundle(),
      activities: { ...worker },
    }),
    Worker.create({ ...connected, taskQueue: QUEUES.executor, activities: { ...executor } }),
    Worker.create({ ...connected, taskQueue: QUEUES.gateway, activities: { ...gateway } }),
  ]);
  const running = workers.map((part) => part.run());
  return {
    play: async (script = () => ({})) => {
      const request = aRequest();
      const workflowId = request.statement.request_id;
      scripts.set(workflowId, { ...defaultScript(request), ...script(request) });
      const handle = await client.workflow.start<typeof agentAction>(AGENT_ACTION, {
        workflowId,
        taskQueue: QUEUES.worker,
        args: [{ request: request.envelope }],
      });
      return {
        request,
        handle,
        decision: async (change = {}) => {
          const decided_at = new Date(await environment.currentTimeMs()).toISOString();
          return aDecision(request, { decided_at, ...change });
        },
        pending: () => untilUpsert(environment, workflowId, 'pending'),
        decide: (envelope) => handle.signal(SIGNALS.decide, envelope),
        withdraw: (envelope) => handle.signal(SIGNALS.withdraw, envelope),
        instruct: (envelope) => handle.signal(SIGNALS.instruct, envelope),
        reaches: (state) => untilUpsert(environment, workflowId, state),
      };
    },
    close: async () => {
      for (const part of workers) part.shutdown();
      await Promise.all(running);
    },
  };
}

/** Read off the history, which the time-skipping server tells nobody to wait for; a query would add to it. */
async function untilUpsert(
  { connection, namespace = 'default' }: TestWorkflowEnvironment,
  workflowId: string,
  state: string,
): Promise<void> {
  for (;;) {
    const execution = { workflowId };
    const { history } = await connection.workflowService.getWorkflowExecutionHistory({
      namespace,
      execution,
    });
    const fields = (history?.events ?? []).map(
      (event) => event.upsertWorkflowSearchAttributesEventAttributes?.searchAttributes?.indexedFields,
    );
    const states = fields.flatMap((indexed) => indexed?.[SEARCH_ATTRIBUTES.state]?.data ?? []);
    if (states.some((data) => Buffer.from(data).toString() === JSON.stringify(state))) return;
    await setTimeout(20);
  }
}
