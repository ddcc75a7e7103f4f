/** Slack's refusals and outages as errors that say whether to try again, and what to do otherwise. */
import {
  WebAPIHTTPError,
  WebAPIPlatformError,
  WebAPIRateLimitedError,
  WebAPIRequestError,
} from '@slack/web-api';
import { AssentError } from '../../approval/error.ts';

/** The code of each error by which it is worth trying again; all others are for good. */
export const TRANSIENT_CODES: ReadonlySet<string> = new Set(['slack_unavailable', 'slack_rate_limited']);

/** What an operator can do about Slack's own error. */
const CURES: Readonly<Record<string, string>> = {
  channel_not_found:
    'there is no such channel, or it is private and the app is not in it: in the channel, type "/invite @" and the app’s name',
  not_in_channel: 'the app is not in the channel: there, type "/invite @" and the app’s name',
  is_archived: 'the channel is archived: unarchive it or configure another',
  restricted_action:
    'the workspace does not let this app post there: change the channel’s posting permissions',
  invalid_auth: 'the bot token is not valid: check SLACK_BOT_TOKEN',
  not_authed: 'no bot token was sent: set SLACK_BOT_TOKEN',
  account_inactive: 'the bot token belongs to a removed app or workspace: install the app again',
  token_revoked: 'the bot token was revoked: install the app again',
  token_expired: 'the bot token has expired: install the app again',
  missing_scope: 'the app lacks a scope: install it again with channels/slack/manifest.json',
  invalid_blocks: 'Slack does not take these blocks: this is a fault of Assent, please report it',
  invalid_blocks_format: 'Slack does not take these blocks: this is a fault of Assent, please report it',
  msg_too_long: 'the message is too long: this is a fault of Assent, please report it',
  message_not_found: 'the message is gone: somebody deleted it',
  cant_update_message: 'the message is not this app’s: the bot token may have changed apps',
  expired_trigger_id: 'more than 3 s passed since the click: click again',
  trigger_expired: 'more than 3 s passed since the click: click again',
  exchanged_trigger_id: 'that click has opened its modal already: click again',
  user_not_found: 'there is no such user in this workspace: check the Slack id in the directory',
  cannot_dm_bot: 'Slack lets no bot write to a bot: check the Slack id in the directory',
};

const TRANSIENT: ReadonlySet<string> = new Set([
  'internal_error',
  'fatal_error',
  'service_unavailable',
  'request_timeout',
  'team_added_to_org',
]);

/**
 * Runs one call of Slack's API.
 *
 * @throws AssentError `slack_rate_limited` (evidence: retryAfterSeconds), `slack_unavailable`, `slack_refused`
 *   (evidence: error, Slack's own code)
 */
export async function calling<T>(method: string, call: () => Promise<T>): Promise<T> {
  try {
    return await call();
  } catch (cause) {
    throw slackError(method, cause);
  }
}

function slackError(method: string, cause: unknown): AssentError {
  if (cause instanceof AssentError) return cause;
  if (cause instanceof WebAPIRateLimitedError) return rateLimited(method, cause.retryAfter, cause);
  if (cause instanceof WebAPIPlatformError) return platformError(method, cause);
  if (cause instanceof WebAPIHTTPError && cause.statusCode < 500 && cause.statusCode !== 408) {
    const error = `http_${cause.statusCode}`;
    const message = `Slack answered ${method} with HTTP ${cause.statusCode}: check that the API's address is right.`;
    return new AssentError('slack_refused', message, { cause, evidence: { method, error } });
  }
  const why = cause instanceof WebAPIRequestError ? cause.original.message : String(cause);
  return new AssentError('slack_unavailable', `Slack could not be asked for ${method}: ${why}`, {
    cause,
    evidence: { method },
  });
}

function platformError(method: string, cause: WebAPIPlatformError): AssentError {
  const { error } = cause.data;
  if (error === 'ratelimited' || error === 'rate_limited') return rateLimited(method, 30, cause);
  if (TRANSIENT.has(error)) {
    const message = `Slack could not do ${method} just now: ${error}.`;
    return new AssentError('slack_unavailable', message, { cause, evidence: { method, error } });
  }
  const cure = CURES[error] ?? `see Slack’s documentation of ${method}`;
  return new AssentError('slack_refused', `Slack refused ${method} with ${error}: ${cure}.`, {
    cause,
    evidence: { method, error },
  });
}

function rateLimited(method: string, seconds: number, cause: unknown): AssentError {
  return new AssentError('slack_rate_limited', `Slack wants ${method} again in ${seconds} s.`, {
    cause,
    evidence: { method, retryAfterSeconds: seconds },
  });
}
