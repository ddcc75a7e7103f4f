/** `assent defer`: a person hands a request to another who may decide it. */
import { decide } from './decide.ts';
import type { Terminal } from './terminal.ts';
import { one, reasonGiven, requestId, type Word } from './usage.ts';

export const defer = (terminal: Terminal): Word =>
  one({
    name: 'assent defer',
    description: 'Hand a request to somebody else who may decide it',
    args: {
      id: requestId,
      to: { type: 'string', required: true, valueHint: 'person', description: 'By the directory’s id' },
      reason: reasonGiven,
    },
    run: ({ id, to, reason }, asJson) =>
      decide({ id, verdict: 'defer', to, reason, typed: null, yes: true, asJson }, terminal),
  });
