/** An executor's activities over a book in memory, with an action that does what a test wants. */
import { pino } from 'pino';
import type { ExecuteCall, PreviewCall } from '../../actions/implement.ts';
import { implement } from '../../actions/implement.ts';
import { createImplementations } from '../../actions/registry.ts';
import { createExecute } from '../../activities/execute.ts';
import { createPreview } from '../../activities/preview.ts';
import { createRate } from '../../activities/rate.ts';
import { openStatement } from '../../approval/statements.ts';
import type { JsonObject } from '../../approval/types.ts';
import { AUDIENCE, judgeOf, keys, OPENS } from '../gateway/case-in-hand.ts';
import { memoryBook } from '../gateway/memory-book.ts';
import { work } from '../rig/actions.ts';

export interface Acts {
  preview?(call: PreviewCall<object>): Promise<JsonObject>;
  execute?(call: ExecuteCall<object>): Promise<JsonObject>;
}

export function executorAtWork(acts: Acts = {}) {
  const book = memoryBook();
  const clock = { now: OPENS };
  const ran: string[] = [];
  const logged: string[] = [];
  const implementation = implement(work, {
    preview: async (call) => acts.preview?.(call) ?? { looked: true },
    execute: async (call) => {
      ran.push(call.input.id);
      return acts.execute?.(call) ?? { done: true };
    },
  });
  const deps = {
    judge: judgeOf(),
    implementations: createImplementations([implementation]),
    book,
    key: keys.executor,
    log: pino({}, { write: (line) => logged.push(line) }),
    now: () => clock.now,
  };
  return {
    book,
    clock,
    ran,
    logged,
    preview: createPreview({ ...deps, rate: createRate({ calls: 3, windowMs: 60_000 }) }),
    execute: createExecute(deps),
    refusals: () =>
      book.rows
        .filter(({ kind }) => kind === 'refusal')
        .map(({ envelope }) => {
          const trust = { keys: [keys.executor.verifier], audience: AUDIENCE };
          const { activity, step, code, request_id } = openStatement('refusal', envelope, trust).statement;
          return { activity, step, code, request_id };
        }),
  };
}
