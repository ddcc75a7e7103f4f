/**
 * Writes the committed histories anew: each path of the workflow `agentAction`, played on a real development server.
 *
 * Run it by hand when the workflow changes, look at the difference, and commit it: `npx node test/histories/generate.ts`
 */
import { readdir, rm, writeFile } from 'node:fs/promises';
import { historyToJSON } from '@temporalio/common/lib/proto-utils.js';
import { TestWorkflowEnvironment } from '@temporalio/testing';
import { searchAttributes } from '../../dev/temporal.ts';
import { findTemporalCli } from '../../dev/toolchain/find.ts';
import type { agentAction } from '../../workflows/agent-action.ts';
import { ended, paths } from '../workflows/paths.ts';
import { openStage, type Played } from '../workflows/stage.ts';

const folder = new URL('./', import.meta.url);

async function write(name: string, { handle }: Pick<Played, 'handle'>): Promise<void> {
  const history = historyToJSON(await handle.fetchHistory());
  await writeFile(new URL(`${name}.json`, folder), `${JSON.stringify(JSON.parse(history), null, 1)}\n`);
  process.stdout.write(`${name}\n`);
}

/** Back to the workflow task that asked people, with the approval applied again. */
async function reset({ connection, client, namespace = 'default' }: TestWorkflowEnvironment, played: Played) {
  const { workflowId } = played.handle;
  const { runId } = await played.handle.describe();
  const events = (await played.handle.fetchHistory()).events ?? [];
  const asked = events.find((event) => event.upsertWorkflowSearchAttributesEventAttributes);
  const workflowTaskFinishEventId =
    asked?.upsertWorkflowSearchAttributesEventAttributes?.workflowTaskCompletedEventId;
  const answer = await connection.workflowService.resetWorkflowExecution({
    namespace,
    workflowExecution: { workflowId, runId },
    reason: 'to see whether it runs twice',
    requestId: workflowId,
    ...(workflowTaskFinishEventId == null ? {} : { workflowTaskFinishEventId }),
  });
  const handle = client.workflow.getHandle<typeof agentAction>(workflowId, answer.runId);
  await handle.result();
  return { handle };
}

const extraArgs = Object.entries(searchAttributes).flatMap(([name, type]) => [
  '--search-attribute',
  `${name}=${type}`,
]);
const executable = { type: 'existing-path', path: (await findTemporalCli()).path } as const;
const environment = await TestWorkflowEnvironment.createLocal({ server: { executable, extraArgs } });
const stage = await openStage(environment);
try {
  const old = (await readdir(folder)).filter((name) => name.endsWith('.json'));
  await Promise.all(old.map((name) => rm(new URL(name, folder))));
  await Promise.all(
    paths.map(async ({ name, play }) => {
      const played = await play(stage);
      await ended(played);
      await write(name, played);
      if (name === 'approved') await write('reset', await reset(environment, played));
    }),
  );
} finally {
  await stage.close();
  await environment.teardown();
}
