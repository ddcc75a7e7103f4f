/** The actions that are measured: they do nothing, so that what is left is Assent's own share. */
import { z } from 'zod';
import { defineAction } from '../actions/define.ts';

/** Served by the bench's own process, beside the bare activity that it is compared with. */
export const BENCH_QUEUE = 'bench-executor';

const define = (name: string) =>
  defineAction<{ run: string }>({
    name,
    input: z.strictObject({ run: z.string() }),
    resource: ({ run }) => ({ run }),
    title: ({ run }) => `Run ${run}`,
    describe: () => ['Does nothing'],
    impact: () => [],
    taskQueue: BENCH_QUEUE,
    maxSeconds: 30,
  });

export const askedAction = define('bench.asked');
export const allowedAction = define('bench.allowed');
export const actions = [askedAction, allowedAction];
