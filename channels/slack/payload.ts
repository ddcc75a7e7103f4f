/** Reading Slack's payloads: lenient on what Slack adds, strict on what is read. */
import { z } from 'zod';
import { AssentError } from '../../approval/error.ts';

/** Slack's ids, never names. */
export interface SlackAccount {
  readonly team: string;
  readonly user: string;
}

const teamId = z.string().regex(/^[TE][A-Z0-9]{1,30}$/);
export const userId = z.string().regex(/^[UW][A-Z0-9]{1,30}$/);

const signed = z.object({
  team: z.object({ id: teamId }).nullish(),
  user: z.object({ id: userId, team_id: teamId.nullish() }),
});

/** Who acted, and the workspace in which they did; both from the signed payload. */
export function readAccount(payload: unknown): { readonly account: SlackAccount; readonly team: string } {
  const { team, user } = read(signed, payload);
  if (!team) {
    throw new AssentError(
      'interaction_no_team',
      'The interaction names no workspace: install the app in a workspace, not for the whole organization.',
    );
  }
  // Somebody from a connected workspace acts in our team but belongs to theirs.
  return { account: { team: user.team_id ?? team.id, user: user.id }, team: team.id };
}

/** @throws AssentError `interaction_malformed` */
export function read<T>(schema: z.ZodType<T>, value: unknown): T {
  const result = schema.safeParse(value);
  if (result.success) return result.data;
  throw malformed(
    `The interaction is not as Slack describes it: ${z.prettifyError(result.error)}`,
    result.error,
  );
}

export function malformed(message: string, cause?: unknown): AssentError {
  return new AssentError('interaction_malformed', `${message}.`, { cause });
}

export function unknown(what: string): AssentError {
  return new AssentError('interaction_unknown', `Slack sent ${what}, which no card of ours has.`);
}
