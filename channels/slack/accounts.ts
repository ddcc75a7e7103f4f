/** Whether a Slack account may speak for a person right now: a full, living member of its own workspace. */
import { z } from 'zod';
import { AssentError } from '../../approval/error.ts';
import { readAnswer, type Slack } from './api.ts';
import type { SlackAccount } from './payload.ts';
import { calling } from './slack-error.ts';

export type AccountCode =
  | 'account_active'
  | 'account_deactivated'
  | 'account_bot'
  | 'account_guest'
  | 'account_stranger'
  | 'account_foreign_team';

// Slack leaves flags out for deactivated people only, and is_stranger where it is false.
const answer = z.object({
  user: z.discriminatedUnion('deleted', [
    z.object({ deleted: z.literal(true), id: z.string(), team_id: z.string() }),
    z.object({
      deleted: z.literal(false),
      id: z.string(),
      team_id: z.string(),
      is_bot: z.boolean(),
      is_workflow_bot: z.boolean().optional(),
      is_restricted: z.boolean(),
      is_ultra_restricted: z.boolean(),
      is_stranger: z.boolean().optional(),
    }),
  ]),
});

/**
 * Asks Slack at the moment of a decision.
 *
 * @param timeoutMs the longest to wait; a click must be answered within 3 s
 * @throws AssentError `account_unchecked` where time ran out, `slack_malformed`, and those of {@link calling}:
 *   whoever can't be checked can't decide
 */
export async function checkAccount(
  { web }: Slack,
  { team, user }: SlackAccount,
  { timeoutMs }: { readonly timeoutMs: number },
): Promise<AccountCode> {
  const asked = calling('users.info', () => web.users.info({ user }));
  const said = await within(timeoutMs, asked);
  const facts = readAnswer('users.info', answer, said).user;
  if (facts.id !== user) {
    throw new AssentError('slack_malformed', `Slack was asked about ${user} and told of ${facts.id}.`);
  }
  if (facts.team_id !== team) return 'account_foreign_team';
  if (facts.deleted) return 'account_deactivated';
  if (facts.is_bot || facts.is_workflow_bot === true) return 'account_bot';
  if (facts.is_stranger === true) return 'account_stranger';
  if (facts.is_restricted || facts.is_ultra_restricted) return 'account_guest';
  return 'account_active';
}

async function within<T>(milliseconds: number, work: Promise<T>): Promise<T> {
  const { promise, reject } = Promise.withResolvers<never>();
  const timer = setTimeout(() => {
    reject(new AssentError('account_unchecked', `Slack did not say within ${milliseconds} ms who this is.`));
  }, milliseconds);
  try {
    return await Promise.race([work, promise]);
  } finally {
    clearTimeout(timer);
  }
}
