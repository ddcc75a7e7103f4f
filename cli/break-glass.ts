/** `assent break-glass`: one person releases one request alone; others are asked to review that. */
import { powerCode } from '../client/vocabulary.ts';
import { caseLines } from './card-lines.ts';
import { confirmed } from './confirm.ts';
import { say } from './instruct.ts';
import { readCase } from './read-case.ts';
import { speakerOf } from './speaker.ts';
import type { Terminal } from './terminal.ts';
import { one, reasonGiven, requestId, type Word } from './usage.ts';

export const breakGlass = (terminal: Terminal): Word =>
  one({
    name: 'assent break-glass',
    description: 'Release one frozen or undecided request alone',
    args: {
      id: requestId,
      reason: reasonGiven,
      yes: { type: 'boolean', description: 'Do not ask whether you mean it' },
    },
    run: async ({ id, reason, yes }, asJson) => {
      const { person, judge } = await speakerOf(terminal);
      const subject = await readCase(terminal, id, judge);
      const { dossier, standings, policy } = subject;
      const { request, preview } = dossier;
      if (!asJson || (yes !== true && terminal.ask !== null)) {
        terminal.aside(`${caseLines(subject, terminal.columns).join('\n')}\n\n`);
      }
      const powers = { powers: policy.powers, standings };
      const code = powerCode({ power: 'break_glass', person: person.person, ...powers });
      if (code === 'eligible') {
        const question = 'Release this alone, before anybody else agrees? Others will be asked to review it.';
        await confirmed(question, yes === true, terminal);
      }
      return say(
        {
          verb: 'break_glass',
          subject: request.statement.request_id,
          detail: { action_digest: request.digest, preview_digest: preview?.digest ?? null },
          reason,
        },
        {
          done: () => 'The glass is broken: it may run within 15 minutes. Others are asked to review that.',
          not: 'It is not released',
        },
        terminal,
      );
    },
  });
