/** `assent withdraw`: takes a request back, signed by the agent of the environment. */

import { AssentClient } from '../client/client.ts';
import { identityOf } from '../client/environment.ts';
import { AssentError } from '../client/vocabulary.ts';
import type { Terminal } from './terminal.ts';
import { one, type Word } from './usage.ts';

export const withdraw = (terminal: Terminal): Word =>
  one({
    name: 'assent withdraw',
    description: 'Take a request back, as the agent that made it',
    args: {
      id: { type: 'positional', required: true, description: 'The request id, 64 hex digits' },
      reason: { type: 'string', valueHint: 'text', description: 'Why; reviewers see it' },
    },
    run: async ({ id, reason }) => {
      const identity = identityOf(terminal.env);
      if (!/^[0-9a-f]{64}$/.test(id)) {
        throw new AssentError(
          'request_id_malformed',
          `${id} is no request id; give all 64 hex digits (\`assent show\` tells them).`,
        );
      }
      await using client = await AssentClient.connect(identity);
      await client.withdraw({ requestId: id }, reason);
      return {
        positive: true,
        document: { requestId: id, withdrawal: 'sent' },
        lines: [
          'The withdrawal is on its way. It binds once it stands in the book, and does not',
          `stop what has begun: assent show ${id.slice(0, 12)}`,
        ],
      };
    },
  });
