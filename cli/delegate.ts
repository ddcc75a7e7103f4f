/** `assent delegate`: somebody else may decide for you, for a while and for some actions. */
import { AssentError, PATTERN } from '../client/vocabulary.ts';
import { say } from './instruct.ts';
import type { Terminal } from './terminal.ts';
import { momentOf, shortTime } from './time.ts';
import { one, reasonGiven, type Word } from './usage.ts';
import { shortDigest } from './words.ts';

export const delegate = (terminal: Terminal): Word =>
  one({
    name: 'assent delegate',
    description: 'Let somebody decide for you for a while',
    args: {
      to: { type: 'string', required: true, valueHint: 'person', description: 'By the directory’s id' },
      action: {
        type: 'string',
        required: true,
        valueHint: 'pattern',
        description: 'For these actions: sql.*',
      },
      from: {
        type: 'string',
        valueHint: 'time',
        description: '2026-03-02, 2026-03-02T09:00; now if left out',
      },
      until: { type: 'string', required: true, valueHint: 'time', description: 'A day is meant to its end' },
      reason: reasonGiven,
    },
    run: ({ to, action, from, until, reason }) => {
      if (!PATTERN.test(action)) {
        throw new AssentError(
          'usage',
          `${JSON.stringify(action)} is no pattern of action names, such as sql.*.`,
        );
      }
      const now = new Date(terminal.now()).toISOString();
      const starts_at = from === undefined ? now : momentOf(from, 'from');
      const end = momentOf(until, 'until');
      if (end <= now || end <= starts_at) {
        throw new AssentError(
          'usage',
          `It would end at ${end}: --until must come after --from, and after now.`,
        );
      }
      const words = {
        done: (digest: `sha256:${string}`) =>
          `${to} stands for you in ${action} from ${shortTime(starts_at)} to ${shortTime(end)} UTC. ` +
          `To end it early: assent revoke ${shortDigest(digest)} --reason …`,
        not: 'Nothing is delegated',
      };
      return say(
        { verb: 'delegate', subject: to, detail: { action, starts_at }, reason, until: end },
        words,
        terminal,
      );
    },
  });
