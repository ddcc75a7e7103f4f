/** The one place where an error becomes an HTTP status. */
import type { Context } from 'hono';
import type { Logger } from 'pino';
import { AssentError } from '../approval/error.ts';
import { faultInForm } from '../channels/slack/submission.ts';

const STATUS: ReadonlyMap<string, 400 | 401 | 403 | 404 | 413 | 422> = new Map([
  ['slack_signature_missing', 401],
  ['slack_timestamp_invalid', 401],
  ['slack_stale', 401],
  ['slack_signature_invalid', 401],
  ['interaction_too_large', 413],
  ['body_too_large', 413],
  ['interaction_malformed', 400],
  ['interaction_no_team', 400],
  ['interaction_unknown', 400],
  ['body_malformed', 400],
  ['envelope_malformed', 400],
  ['json_malformed', 400],
  ['canonical_json_refused', 400],
  ['statement_malformed', 400],
  ['statement_not_canonical', 400],
  ['statement_countersigned', 400],
  ['key_unknown', 401],
  ['signature_invalid', 401],
  ['statement_stale', 403],
  ['statement_early', 403],
  ['person_mismatch', 403],
  ['signer_mismatch', 403],
  ['request_unknown', 404],
  ['envelope_type', 422],
  ['audience_mismatch', 422],
  ['channel_mismatch', 422],
  ['statement_not_taken', 422],
]);

/** Says the code, and the message where the fault is the caller's. */
export function answerError(error: unknown, context: Context, log: Logger): Response {
  const inForm = faultInForm(error);
  // Slack wants 200 for what its form is to show.
  if (inForm !== null) return context.json(inForm);
  const status = error instanceof AssentError ? STATUS.get(error.code) : undefined;
  if (error instanceof AssentError && status !== undefined) {
    log.warn({ code: error.code, path: context.req.path }, error.message);
    return context.json({ code: error.code, message: error.message }, status);
  }
  log.error({ err: error, path: context.req.path }, 'a request failed');
  const code = error instanceof AssentError ? error.code : 'internal_error';
  return context.json({ code, message: 'This could not be done now; nothing was lost. Try again.' }, 503);
}
