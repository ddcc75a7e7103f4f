/** `assent deny`: a person's denial, signed with their own key. */
import { decide } from './decide.ts';
import type { Terminal } from './terminal.ts';
import { one, reasonGiven, requestId, type Word } from './usage.ts';

export const deny = (terminal: Terminal): Word =>
  one({
    name: 'assent deny',
    description: 'Deny a request, with a key of your own',
    args: { id: requestId, reason: reasonGiven },
    run: ({ id, reason }, asJson) =>
      decide({ id, verdict: 'deny', to: null, reason, typed: null, yes: true, asJson }, terminal),
  });
