/** Whether a channel can carry cards: the app is in it, and nobody from outside reads along. */
import { z } from 'zod';
import { AssentError } from '../../approval/error.ts';
import { readAnswer, type Slack } from './api.ts';
import { calling } from './slack-error.ts';

// Strict on what it reads: a flag that is missing is not a flag that is false.
const answer = z.object({
  channel: z.object({
    name: z.string(),
    is_archived: z.boolean(),
    is_member: z.boolean(),
    is_ext_shared: z.boolean(),
    is_pending_ext_shared: z.boolean(),
  }),
});

/**
 * Run before a card is posted.
 *
 * @param channel Slack's id, `C…`
 * @throws AssentError `channel_shared`, `channel_archived`, `channel_not_joined`, and those of {@link calling}
 */
export async function checkChannel({ web }: Slack, channel: string): Promise<{ readonly name: string }> {
  const said = await calling('conversations.info', () => web.conversations.info({ channel }));
  const facts = readAnswer('conversations.info', answer, said).channel;
  const refuse = (code: string, why: string) =>
    new AssentError(code, `#${facts.name} (${channel}) ${why}.`, { evidence: { channel } });
  if (facts.is_ext_shared || facts.is_pending_ext_shared) {
    throw refuse('channel_shared', 'is shared with another organization: configure one that is not');
  }
  if (facts.is_archived) throw refuse('channel_archived', 'is archived: unarchive it or configure another');
  if (!facts.is_member) {
    throw refuse(
      'channel_not_joined',
      'is not joined by the app: there, type "/invite @" and the app’s name',
    );
  }
  return { name: facts.name };
}
