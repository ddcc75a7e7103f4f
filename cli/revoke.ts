/** `assent revoke`: ends early what ends by itself, a privilege or a delegation. */
import { delegations } from './house-page.ts';
import { say } from './instruct.ts';
import { readCase } from './read-case.ts';
import { speakerOf } from './speaker.ts';
import type { Terminal } from './terminal.ts';
import { one, reasonGiven, type Word } from './usage.ts';

export const revoke = (terminal: Terminal): Word =>
  one({
    name: 'assent revoke',
    description: 'End a privilege or a delegation early',
    args: {
      id: {
        type: 'positional',
        required: true,
        description: 'A request id; or the digest of a delegation, sha256:…',
      },
      reason: reasonGiven,
    },
    run: async ({ id, reason }) => {
      if (id.startsWith('sha256:')) {
        const subject = await delegations.digestOf(terminal, id);
        const words = { done: () => 'The delegation has ended.', not: 'The delegation is not ended' };
        return say({ verb: 'revoke', subject, detail: { of: 'delegation' }, reason }, words, terminal);
      }
      const { judge } = await speakerOf(terminal);
      const { dossier } = await readCase(terminal, id, judge);
      const subject = dossier.request.statement.request_id;
      const words = {
        done: () =>
          `It is being ended; once the target shows so, assent show ${subject.slice(0, 12)} does too.`,
        not: 'It is not ended',
      };
      return say({ verb: 'revoke', subject, detail: { of: 'lease' }, reason }, words, terminal);
    },
  });
