/** The way to Slack's Web API: one client that tries once and gives up in time; Temporal does the retrying. */
import { LogLevel, WebClient } from '@slack/web-api';
import { z } from 'zod';
import { AssentError } from '../../approval/error.ts';
import { calling } from './slack-error.ts';

export interface SlackOptions {
  /** The bot token, `xoxb-…`. */
  readonly token: string;
  /** Another address than Slack's own, for a local server; ends in `/api/`. */
  readonly apiUrl?: string;
  /** The longest one call may take, in milliseconds. */
  readonly timeoutMs: number;
}

export interface Slack {
  readonly web: WebClient;
}

export function createSlack({ token, apiUrl, timeoutMs }: SlackOptions): Slack {
  const web = new WebClient(token, {
    ...(apiUrl === undefined ? {} : { slackApiUrl: apiUrl }),
    retryConfig: { retries: 0 },
    rejectRateLimitedCalls: true,
    timeout: timeoutMs,
    allowAbsoluteUrls: false,
    // What fails is thrown; the client's own warnings would say it twice.
    logLevel: LogLevel.ERROR,
  });
  return { web };
}

/** @throws AssentError `slack_malformed` where Slack's answer is not as it is documented */
export function readAnswer<T>(method: string, schema: z.ZodType<T>, answer: unknown): T {
  const result = schema.safeParse(answer);
  if (result.success) return result.data;
  throw new AssentError(
    'slack_malformed',
    `Slack's answer to ${method} is not as documented: ${z.prettifyError(result.error)}`,
    { cause: result.error, evidence: { method } },
  );
}

const identity = z.object({ user_id: z.string(), team_id: z.string() });

/** The bot's own user and the workspace that its token is for. */
export async function whoAmI({ web }: Slack): Promise<{ readonly user: string; readonly team: string }> {
  const answer = await calling('auth.test', () => web.auth.test());
  const { user_id, team_id } = readAnswer('auth.test', identity, answer);
  return { user: user_id, team: team_id };
}
