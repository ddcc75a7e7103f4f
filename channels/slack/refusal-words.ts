/** Why a click did not count, for the person who clicked and for the thread. */
import type { PolicyDecision, Verdict } from '../../approval/types.ts';
import { words } from './markup.ts';

const WHY: Readonly<Record<string, string>> = {
  person_unknown: 'this Slack account is bound to nobody in the directory',
  card_stale: 'the card has changed since; look at it again and decide anew',
  binds_other: 'the card has changed since; look at it again',
  not_eligible: 'not among the people who may do this',
  not_asked_yet: 'asked only later, if it is still open then',
  other_not_eligible: 'the person named can’t decide this now; hand it to somebody else who can',
  reason_missing: 'it needs a reason; say why',
  typed_mismatch: 'what was typed is not the name of what would be touched, to the letter',
  own_key_required:
    'the rule wants an approval signed with one’s own key: approve on the command line, with `npx assent approve`',
  already_approved: 'approved already, and each person counts once',
  already_denied: 'denied it already, and a denial stands',
  already_said: 'somebody has said so already',
  before_preview: 'decided before there was anything to decide',
  after_deadline: 'the request had expired',
  request_pending: 'the request is still waiting for approval, and nothing ran',
  request_approved: 'the request is approved already',
  request_lapsed: 'the approval has run out, and it is about to be asked anew',
  request_running: 'the request is approved and running already',
  request_succeeded: 'the request was approved and has run',
  request_active: 'the request was approved and has run; it can be ended early',
  request_ended: 'the request was approved, has run and has ended',
  request_failed: 'the request was approved, ran and failed',
  request_denied: 'the request is denied already',
  request_expired: 'the request has expired',
  request_withdrawn: 'the agent has withdrawn the request',
  request_not_executed: 'the request is closed and did not run',
  request_undeliverable: 'the request is closed as undeliverable',
  request_flooded: 'the request is closed as flooded',
  request_unknown: 'the request has run, and how it ended is unknown',
  request_settled: 'the request has run, and somebody has said how it ended',
  request_allowed: 'policy allows this without approval',
  request_refused: 'policy refuses this',
  request_not_broken: 'nobody has released this alone, so there is nothing to review',
  request_without_end: 'this has no end of its own that could come early',
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
  return Object.hasOwn(WHY, code) ? (WHY[code] ?? '') : words(code.replaceAll('_', ' '));
}

export interface RefusedClick {
  readonly act: Verdict | 'settle' | 'revoke' | 'review_glass';
  /** Of the standing, or of the check of the account. */
  readonly code: string;
  readonly policy: PolicyDecision;
  readonly person: string | null;
}

const ACTS: Readonly<Record<RefusedClick['act'], string>> = {
  approve: 'Your approval was not counted',
  deny: 'Your denial was not counted',
  defer: 'It was not handed over',
  settle: 'Your word on what happened was not taken',
  revoke: 'It was not ended',
  review_glass: 'Your review was not taken',
};

/** The private answer to a click that had no effect on the request; reads the same where markup is not taken. */
export function renderRefusedClick({ act, code, policy, person }: RefusedClick): string {
  return `${ACTS[act]}: ${whyRefused(code, policy, person)}. It is on the record.`;
}
