/** `assent unfreeze`: lifts one freeze. */
import { freezes } from './house-page.ts';
import { say } from './instruct.ts';
import type { Terminal } from './terminal.ts';
import { one, reasonGiven, type Word } from './usage.ts';

export const unfreeze = (terminal: Terminal): Word =>
  one({
    name: 'assent unfreeze',
    description: 'Lift a freeze',
    args: {
      digest: {
        type: 'positional',
        required: true,
        description: 'Of the freeze, or its beginning (assent freezes)',
      },
      reason: reasonGiven,
    },
    run: async ({ digest, reason }) => {
      const subject = await freezes.digestOf(terminal, digest);
      const words = {
        done: () => 'The freeze is lifted. What it held goes on, if nothing else holds it.',
        not: 'The freeze stands',
      };
      return say({ verb: 'unfreeze', subject, detail: {}, reason }, words, terminal);
    },
  });
