/** Why what a person said does not count, and what helps. */

const WHY: Readonly<Record<string, string>> = {
  person_unknown: 'the directory knows nobody by that name',
  person_mismatch: 'the key is somebody else’s',
  excluded: 'separation of duties',
  not_eligible: 'you are not among the people who may do this',
  not_asked_yet: 'you are asked only later, if it is still open then',
  other_not_eligible: 'the person named can’t decide this now; hand it to somebody else who can',
  card_stale: 'what is asked has changed since you looked; look again and decide anew',
  binds_other: 'what you spoke of has changed since you looked; look again',
  statement_differs:
    'the gateway judges it by another policy or directory than the files here; fetch those in force and look again',
  reason_missing: 'it needs a reason; give --reason',
  typed_mismatch: 'what was typed is not the name of what would be touched, to the letter',
  own_key_required: 'the rule wants the approver’s own key',
  already_approved: 'you approved it already, and each person counts once',
  already_denied: 'you denied it already, and a denial stands',
  already_said: 'somebody has said so already',
  agent_unknown: 'the directory has no such agent',
  freeze_unknown: 'no such freeze stands; assent freezes tells those that do',
  delegation_unknown: 'no such delegation stands; assent delegations tells those that do',
  delegate_unknown: 'the directory knows nobody by that name',
  delegate_self: 'nobody stands for themselves',
  period_invalid: 'a delegation ends after it begins, and lasts 90 days at most',
  request_not_broken: 'nobody has released this alone, so there is nothing to review',
  request_without_end: 'it has no end of its own that could come early',
  request_lapsed: 'the approval has run out, and it is about to be asked anew',
};

const STATES: Readonly<Record<string, string>> = {
  pending: 'it waits for approval, and nothing ran',
  approved: 'it is approved already',
  allowed: 'policy allows it without approval',
  refused: 'policy refuses it',
  running: 'it is approved and running',
  succeeded: 'it was approved and has run',
  active: 'it was approved and has run; assent revoke ends it early',
  ended: 'it was approved, has run and has ended',
  failed: 'it was approved, ran and failed',
  unknown: 'it may have run, and how it ended is unknown; assent settle says what the target shows',
  settled: 'it may have run, and somebody has said what the target shows',
  not_executed: 'it is closed and did not run',
};

/** Half a sentence; a code that it does not know is told as it is. */
export function whyRefused(code: string): string {
  const state = /^request_(.+)$/.exec(code)?.[1] ?? '';
  const known = Object.hasOwn(WHY, code)
    ? WHY[code]
    : Object.hasOwn(STATES, state)
      ? STATES[state]
      : undefined;
  if (known !== undefined) return known;
  return state === '' ? code.replaceAll('_', ' ') : `it is ${state.replaceAll('_', ' ')}`;
}
