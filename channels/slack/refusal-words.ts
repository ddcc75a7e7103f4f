/** Why a click did not count, for the person who clicked and for the thread. */
import type { PolicyDecision } from '../../approval/types.ts';
import { words } from './card-input.ts';

const WHY: Readonly<Record<string, string>> = {
  person_unknown: 'this Slack account is bound to nobody in the directory',
  card_stale: 'the card has changed since; look at it again and decide anew',
  not_eligible: 'not among the people who may decide this',
  not_asked_yet: 'asked only later, if nobody decides until then',
  reason_missing: 'a denial needs a reason; click Deny again',
  already_approved: 'approved already, and each person counts once',
  before_preview: 'decided before there was anything to decide',
  after_deadline: 'the request had expired',
  request_approved: 'the request is approved already',
  request_running: 'the request is approved and running already',
  request_succeeded: 'the request was approved and has run',
  request_failed: 'the request was approved, ran and failed',
  request_denied: 'the request is denied already',
  request_expired: 'the request has expired',
  request_withdrawn: 'the agent has withdrawn the request',
  request_not_executed: 'the request is closed and did not run',
  request_undeliverable: 'the request is closed as undeliverable',
  request_flooded: 'the request is closed as flooded',
  request_unknown: 'the request has run, and how it ended is unknown',
  request_allowed: 'policy allows this without approval',
  request_refused: 'policy refuses this',
  account_deactivated: 'this Slack account is deactivated',
  account_bot: 'this Slack account is a bot’s',
  account_guest: 'this Slack account is a guest’s',
  account_stranger: 'this Slack account is from outside this workspace',
  account_foreign_team: 'this Slack account belongs to another workspace',
};

/** Markup; `person` is the directory's id, for the reason by which policy excludes them. */
export function whyRefused(code: string, policy: PolicyDecision, person: string | null): string {
  if (code === 'excluded') {
    const exclusion = policy.requirement?.excluded.find((entry) => entry.person === person);
    return `separation of duties${exclusion === undefined ? '' : ` (${words(exclusion.why, 400)})`}`;
  }
  return WHY[code] ?? words(code.replaceAll('_', ' '));
}

export interface RefusedClick {
  readonly verdict: 'approve' | 'deny';
  /** Of the standing, or of the check of the account. */
  readonly code: string;
  readonly policy: PolicyDecision;
  readonly person: string | null;
}

/** The private answer to a click that had no effect on the request; reads the same where markup is not taken. */
export function renderRefusedClick({ verdict, code, policy, person }: RefusedClick): string {
  const act = verdict === 'approve' ? 'approval' : 'denial';
  return `Your ${act} was not counted: ${whyRefused(code, policy, person)}. It is on the record.`;
}
