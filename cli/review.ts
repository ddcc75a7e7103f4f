/** `assent review`: what others say of a request that one person released alone. */
import { either, nothingToSay, say } from './instruct.ts';
import { readCase } from './read-case.ts';
import { speakerOf } from './speaker.ts';
import type { Terminal } from './terminal.ts';
import { one, reasonGiven, requestId, type Word } from './usage.ts';

export const review = (terminal: Terminal): Word =>
  one({
    name: 'assent review',
    description: 'Say whether it was right to break the glass',
    args: {
      id: requestId,
      justified: { type: 'boolean', description: 'It was right' },
      'not-justified': { type: 'boolean', description: 'It was wrong' },
      reason: reasonGiven,
    },
    run: async ({ id, justified, reason, ...args }) => {
      const right = either(justified, args['not-justified'], '--justified or --not-justified');
      const { judge } = await speakerOf(terminal);
      const subject = await readCase(terminal, id, judge);
      const { request_id } = subject.dossier.request.statement;
      const words = {
        done: () => `The review is answered: ${right ? 'justified' : 'not justified'}.`,
        not: 'Your review was not taken',
      };
      const { glass } = subject.standings;
      if (glass === null) return nothingToSay(request_id, 'request_not_broken', words, terminal);
      const detail = { break_glass: glass.broken.digest, justified: right };
      return say({ verb: 'review', subject: request_id, detail, reason }, words, terminal);
    },
  });
