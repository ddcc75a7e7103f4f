/** `assent delegations`: who stands for whom, in what and until when. */
import type { Timestamp, VerifiedInstruction } from '../client/vocabulary.ts';
import { delegations } from './house-page.ts';
import { wrap } from './layout.ts';
import type { Answer, Terminal } from './terminal.ts';
import { shortTime } from './time.ts';
import { one, type Word } from './usage.ts';
import { visible } from './visible.ts';
import { shortDigest } from './words.ts';

export const delegated = (terminal: Terminal): Word =>
  one({
    name: 'assent delegations',
    description: 'List who stands for whom',
    args: {},
    run: async () => {
      const now = new Date(terminal.now()).toISOString();
      return delegationsAnswer(await delegations.list(terminal), now, terminal.columns);
    },
  });

/** Those that are over are left out. */
export function delegationsAnswer(
  standing: readonly VerifiedInstruction<'delegate'>[],
  now: Timestamp,
  columns: number,
): Answer {
  const told = standing
    .filter(({ statement }) => now < statement.expires_at)
    .map(({ digest, statement: { person, subject, detail, reason, expires_at } }) => ({
      digest,
      principal: person,
      delegate: subject,
      action: detail.action,
      from: detail.starts_at,
      until: expires_at,
      in_force: detail.starts_at <= now,
      reason,
    }));
  return {
    positive: true,
    document: { delegations: told },
    lines:
      told.length === 0
        ? ['Nobody stands for anybody by a delegation.']
        : told.flatMap(({ digest, principal, delegate, action, from, until, in_force, reason }) => {
            const when = `${in_force ? 'since' : 'from'} ${shortTime(from)} until ${shortTime(until)} UTC`;
            return [
              ...wrap(
                visible(`${shortDigest(digest)}  ${delegate} for ${principal ?? '?'}: ${action}`),
                columns,
              ),
              ...wrap(visible(`${when}: ${reason ?? 'no reason given'}`), columns, 2),
            ];
          }),
  };
}
