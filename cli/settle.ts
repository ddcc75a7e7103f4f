/** `assent settle`: a person's word on what the target shows of an execution whose end nobody signed. */
import { either, nothingToSay, say } from './instruct.ts';
import { readCase } from './read-case.ts';
import { speakerOf } from './speaker.ts';
import { shownState } from './standing.ts';
import type { Terminal } from './terminal.ts';
import { one, reasonGiven, requestId, type Word } from './usage.ts';

export const settle = (terminal: Terminal): Word =>
  one({
    name: 'assent settle',
    description: 'Say of an unknown outcome what the target shows',
    args: {
      id: requestId,
      ran: { type: 'boolean', description: 'It ran' },
      'did-not-run': { type: 'boolean', description: 'It did not run' },
      reason: { ...reasonGiven, description: 'What the target shows, and where you looked' },
    },
    run: async ({ id, ran, reason, ...args }) => {
      const did = either(ran, args['did-not-run'], '--ran or --did-not-run');
      const { judge } = await speakerOf(terminal);
      const subject = await readCase(terminal, id, judge);
      const { request_id } = subject.dossier.request.statement;
      const words = {
        done: () =>
          `It is settled: it ${did ? 'ran' : 'did not run'}, by your word. The executor's stays as it is: unknown.`,
        not: 'It is not settled',
      };
      const { start } = subject.standings;
      if (start === null) return nothingToSay(request_id, `request_${shownState(subject)}`, words, terminal);
      const detail = { start: start.digest, ran: did };
      return say({ verb: 'settle', subject: request_id, detail, reason }, words, terminal);
    },
  });
