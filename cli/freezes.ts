/** `assent freezes`: what is frozen now, by whom and why. */
import type { VerifiedInstruction } from '../client/vocabulary.ts';
import { freezes } from './house-page.ts';
import { wrap } from './layout.ts';
import type { Answer, Terminal } from './terminal.ts';
import { shortTime } from './time.ts';
import { one, type Word } from './usage.ts';
import { visible } from './visible.ts';
import { shortDigest } from './words.ts';

export const frozen = (terminal: Terminal): Word =>
  one({
    name: 'assent freezes',
    description: 'List what is frozen',
    args: {},
    run: async () => freezesAnswer(await freezes.list(terminal), terminal.columns),
  });

export function freezesAnswer(standing: readonly VerifiedInstruction<'freeze'>[], columns: number): Answer {
  return {
    positive: true,
    document: {
      freezes: standing.map(({ digest, statement: { subject, detail, person, reason, issued_at } }) => ({
        digest,
        subject,
        scope: detail.scope,
        person,
        reason,
        at: issued_at,
      })),
    },
    lines:
      standing.length === 0
        ? ['Nothing is frozen.']
        : standing.flatMap(({ digest, statement: { subject, person, reason, issued_at } }) => [
            ...wrap(visible(`${shortDigest(digest)}  ${subject}`), columns),
            ...wrap(
              visible(`${person ?? '?'}, ${shortTime(issued_at)} UTC: ${reason ?? 'no reason given'}`),
              columns,
              2,
            ),
          ]),
  };
}
