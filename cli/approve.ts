/** `assent approve`: a person's approval, signed with their own key. */
import { decide } from './decide.ts';
import type { Terminal } from './terminal.ts';
import { one, requestId, type Word } from './usage.ts';

export const approve = (terminal: Terminal): Word =>
  one({
    name: 'assent approve',
    description: 'Approve a request, with a key of your own',
    args: {
      id: requestId,
      reason: { type: 'string', valueHint: 'text', description: 'Why; some rules want one' },
      typed: {
        type: 'string',
        valueHint: 'text',
        description: 'The name of the target, where the rule wants it',
      },
      yes: { type: 'boolean', description: 'Do not ask whether you mean it' },
    },
    run: ({ id, reason, typed, yes }, asJson) =>
      decide(
        {
          id,
          verdict: 'approve',
          to: null,
          reason: reason ?? null,
          typed: typed ?? null,
          yes: yes === true,
          asJson,
        },
        terminal,
      ),
  });
