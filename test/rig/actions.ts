/** The action that tests have approved and run; loaded by every process of a rig through ASSENT_ACTIONS. */
import { z } from 'zod';
import { defineAction } from '../../actions/define.ts';

const input = z.strictObject({
  /** Which rule of the policy asks. */
  rule: z.string(),
  /** Unique: names the file that tells how often it ran. */
  id: z.string().regex(/^[a-z0-9-]+$/),
  /** Runs until it is released. */
  hold: z.boolean(),
  note: z.string().optional(),
});

export const QUEUE = 'test-executor';

export const work = defineAction({
  name: 'test.work',
  input,
  resource: ({ rule }) => ({ rule }),
  title: ({ id }) => `Work on ${id}`,
  describe: () => [],
  impact: () => [],
  taskQueue: QUEUE,
  maxSeconds: 4,
});

/** Lent for so many seconds: its runs are counted as the id's, its ends as those of `<id>-ended`. */
export const lend = defineAction({
  name: 'test.lend',
  input: z.strictObject({
    rule: z.string(),
    id: z.string().regex(/^[a-z0-9-]+$/),
    seconds: z.int().min(1),
    /** Its end goes on until `<id>-ended` is released. */
    holdEnd: z.boolean(),
  }),
  resource: ({ rule }) => ({ rule }),
  title: ({ id }) => `Lend ${id}`,
  describe: () => [],
  impact: () => [],
  endsAfter: ({ seconds }) => seconds,
  taskQueue: QUEUE,
  maxSeconds: 4,
});

export const actions = [work, lend];
