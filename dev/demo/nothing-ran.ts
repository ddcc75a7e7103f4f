/** That nothing of a request ran: the book, the executions that Temporal knows and the disk all say so. */

import { bookOf } from './look/book.ts';
import { exportedFiles, exportIn } from './look/export.ts';
import { scheduled } from './look/temporal.ts';
import { type Finding, together } from './story.ts';
import type { World } from './world.ts';

export async function nothingRan(world: World, requestId: string): Promise<Finding> {
  const { request, starts, consumption } = await bookOf(world, requestId);
  const { file } = exportIn(request.statement.action.input);
  return {
    expected: { starts: 0, consumption: null, file: false },
    found: {
      starts: starts.length,
      consumption,
      file: (await exportedFiles(world)).includes(file),
    },
  };
}

/** The same, where it was not even tried. */
export async function nothingTried(world: World, requestId: string): Promise<Finding> {
  const executions = await scheduled(world, { workflowId: requestId }, 'execute');
  return together(await nothingRan(world, requestId), { expected: 0, found: executions });
}

/** That its right to run was not used; it may have been tried. */
export async function nothingConsumed(world: World, requestId: string): Promise<Finding> {
  const { finishes, consumption } = await bookOf(world, requestId);
  const ran = finishes.filter(({ statement }) => statement.outcome !== 'refused');
  return { expected: { ran: 0, consumption: null }, found: { ran: ran.length, consumption } };
}
