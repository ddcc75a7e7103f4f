/** Every run of every workflow that Temporal knows, and what its history gives. */
import { setTimeout } from 'node:timers/promises';
import type { AuditRecord } from '../../../audit/records.ts';
import type { Finding } from '../story.ts';
import type { World } from '../world.ts';
import { derived, historyOf, type Run } from './temporal.ts';

export interface ListedRun extends Required<Run> {
  readonly open: boolean;
}

const PATIENCE_MS = 20_000;
const LOOK_MS = 100;

/** Temporal's list lags behind, and no event tells when it has caught up: so ask again. */
export async function listRuns(world: World): Promise<readonly ListedRun[]> {
  const deadline = Date.now() + PATIENCE_MS;
  for (;;) {
    const runs: ListedRun[] = [];
    for await (const { workflowId, runId, status } of world.temporal.workflow.list()) {
      runs.push({ workflowId, runId, open: status.name === 'RUNNING' });
    }
    const { open, unlisted } = await gaps(world, runs);
    if ((open.length === 0 && unlisted.length === 0) || Date.now() > deadline) return runs;
    await setTimeout(LOOK_MS);
  }
}

/** None is open, and none is missing of which the book or the records tell. */
export async function allEnded(world: World, runs: readonly ListedRun[]): Promise<Finding> {
  return { expected: { open: [], unlisted: [] }, found: await gaps(world, runs) };
}

async function gaps({ reader }: World, runs: readonly ListedRun[]) {
  const known = new Set(runs.flatMap(({ workflowId, runId }) => [workflowId, runId]));
  const [booked, recorded] = await Promise.all([
    reader.selectFrom('statements').select('request_id as id').where('kind', '=', 'request').execute(),
    reader.selectFrom('records').select('run_id as id').distinct().execute(),
  ]);
  return {
    open: runs.filter(({ open }) => open).map(({ workflowId }) => workflowId),
    unlisted: [...booked, ...recorded].flatMap(({ id }) => (id !== null && known.has(id) ? [] : [id])),
  };
}

/** The records that the histories give now. */
export async function deriveAll(world: World, runs: readonly ListedRun[]): Promise<readonly AuditRecord[]> {
  const records = await Promise.all(
    runs.map(async (run) => derived(world, run, await historyOf(world, run))),
  );
  return records.flat();
}
