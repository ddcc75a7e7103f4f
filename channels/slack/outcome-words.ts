/** A request's state in one line, for people: one phrase for every state, from the signed statements alone. */
import { denialsOf, type RequestState } from '../../approval/state.ts';
import type { CardInput } from './card-input.ts';
import { holdWords } from './hold-words.ts';
import { code, date, joined, persons, someone, words } from './markup.ts';

export interface OutcomeWords {
  /** A Slack emoji's name. */
  readonly icon: string;
  /** One or two words. */
  readonly title: string;
  /** Markup: who and when; empty where there is nothing to add. */
  readonly detail: string;
  /** Somebody's own words on why; null where nobody gave any. */
  readonly reason: string | null;
}

export function outcomeWords(input: CardInput): OutcomeWords {
  const { state } = input.standings;
  const { icon, title } = (releasedAlone(input) ? ALONE[state] : undefined) ?? TITLES[state];
  const detail = joined(DETAILS[state](input));
  return { icon, title, detail, reason: reasonOf(input) };
}

/** The line as markup. */
export function outcomeLine(input: CardInput): string {
  const { icon, title, detail } = outcomeWords(input);
  return joined([`:${icon}:  *${title}*`, detail]);
}

const TITLES: Record<RequestState, { icon: string; title: string }> = {
  allowed: { icon: 'white_check_mark', title: 'Allowed by policy' },
  refused: { icon: 'no_entry', title: 'Refused by policy' },
  pending: { icon: 'hourglass_flowing_sand', title: 'Waiting for approval' },
  approved: { icon: 'white_check_mark', title: 'Approved' },
  lapsed: { icon: 'hourglass', title: 'Approval ran out' },
  running: { icon: 'arrow_forward', title: 'Approved, running' },
  succeeded: { icon: 'white_check_mark', title: 'Approved and done' },
  active: { icon: 'large_green_circle', title: 'Granted' },
  ended: { icon: 'checkered_flag', title: 'Granted, and ended' },
  failed: { icon: 'x', title: 'Approved, but it failed' },
  not_executed: { icon: 'no_entry_sign', title: 'Not executed' },
  unknown: { icon: 'warning', title: 'Outcome unknown' },
  settled: { icon: 'memo', title: 'Outcome unknown, settled' },
  denied: { icon: 'no_entry', title: 'Denied' },
  expired: { icon: 'alarm_clock', title: 'Expired' },
  withdrawn: { icon: 'leftwards_arrow_with_hook', title: 'Withdrawn' },
  undeliverable: { icon: 'mailbox_with_no_mail', title: 'Undeliverable' },
  flooded: { icon: 'rotating_light', title: 'Closed as flooded' },
};

/** Where one person alone let it through, nobody approved it. */
const ALONE: Partial<typeof TITLES> = {
  approved: { icon: 'rotating_light', title: 'Released' },
  running: { icon: 'rotating_light', title: 'Released, running' },
  succeeded: { icon: 'rotating_light', title: 'Released and done' },
  failed: { icon: 'rotating_light', title: 'Released, but it failed' },
};

type Part = string | null;

const DETAILS: Record<RequestState, (input: CardInput) => readonly Part[]> = {
  allowed: (input) => ['nobody needs to approve', heldOr(input, null)],
  refused: () => ['policy denies it now', 'nothing ran'],
  pending: (input) => [approvalCount(input), expires(input)],
  approved: (input) => [by(input), heldOr(input, 'about to run')],
  lapsed: (input) => [by(input), heldOr(input, 'about to be asked anew'), 'nothing ran'],
  running: (input) => [by(input), started(input)],
  succeeded: (input) => [by(input), finished(input)],
  active: (input) => [by(input), activeUntil(input)],
  ended: (input) => [by(input), ended(input)],
  failed: (input) => [by(input), codeOf(input), finished(input)],
  not_executed: (input) => [codeOf(input), 'nothing ran'],
  unknown: (input) => [by(input), started(input), 'no word on how it ended: check the target'],
  settled: (input) => [by(input), started(input), 'the executor never said how it ended'],
  denied: (input) => [deniers(input), 'nothing ran'],
  expired: (input) => [`${approvalCount(input) ?? 'not approved'} in time`, 'nothing ran'],
  withdrawn: (input) => [`by ${words(input.about.agent)}`, 'nothing ran'],
  undeliverable: () => ['the request could not be shown to anybody who may decide', 'nothing ran'],
  flooded: () => ['too many signals came in for it', 'nothing ran'],
};

/** `1 of 2 approvals`; null where nobody is asked. */
export function approvalCount({ standings: { tally } }: CardInput): Part {
  return tally === null
    ? null
    : `${tally.filled} of ${tally.needed} ${tally.needed === 1 ? 'approval' : 'approvals'}`;
}

/** What holds it has a line of its own. */
function heldOr(input: CardInput, otherwise: Part): Part {
  return holdWords(input) === null ? otherwise : '*held*';
}

function expires({ content }: CardInput): Part {
  return content === null ? null : `expires ${date(content.deadline)}`;
}

/** Who approved what ran, or what is about to: by the Start where there is one, whatever changed since. */
function approversOf({ dossier, standings: { start, tally } }: CardInput): readonly string[] {
  if (start === null) return (tally?.approvals ?? []).map((approval) => approval.person);
  const used = new Set<string>(start.statement.decisions);
  const approvers = dossier.decisions
    .filter(({ digest }) => used.has(digest))
    .flatMap(({ statement }) => statement.person ?? []);
  return [...new Set(approvers)];
}

/** Whether one person alone let it through. */
export function releasedAlone({ standings: { state, glass, start, tally } }: CardInput): boolean {
  if (glass === null) return false;
  if (start !== null) return start.statement.decisions.length === 0;
  return state === 'approved' && tally?.verdict !== 'approved';
}

function by(input: CardInput): Part {
  const { glass } = input.standings;
  if (glass !== null && releasedAlone(input)) {
    return `by ${someone(input, glass.broken.statement.person)} *alone*`;
  }
  const approvers = approversOf(input);
  return approvers.length === 0 ? null : `by ${persons(input, approvers)}`;
}

function deniers(input: CardInput): Part {
  const denials = denialsOf(input.dossier);
  const last = denials.at(-1);
  if (last === undefined) return null;
  const people = [...new Set(denials.flatMap(({ statement }) => statement.person ?? []))];
  return `by ${people.length === 0 ? 'somebody' : persons(input, people)} ${date(last.statement.decided_at)}`;
}

function started({ standings }: CardInput): Part {
  return standings.start === null ? null : `started ${date(standings.start.statement.started_at)}`;
}

function finished({ standings }: CardInput): Part {
  return standings.finish === null ? null : date(standings.finish.statement.finished_at);
}

function activeUntil({ standings: { lease } }: CardInput): Part {
  if (lease === null) return null;
  return lease.revoked === null ? `active until ${date(lease.until)}` : 'is being ended now';
}

function ended({ standings: { lease } }: CardInput): Part {
  if (lease === null || lease.ended === null) return null;
  const how = lease.revoked === null ? 'by itself' : 'early';
  return `ended ${how} ${date(lease.ended.statement.finished_at)}`;
}

function codeOf({ standings }: CardInput): Part {
  const said = standings.finish?.statement.code ?? standings.closed?.statement.code;
  return said === undefined ? null : code(said);
}

function reasonOf({ dossier, standings: { state, withdrawal } }: CardInput): string | null {
  if (state === 'denied') return denialsOf(dossier)[0]?.statement.reason ?? null;
  return state === 'withdrawn' ? (withdrawal?.statement.reason ?? null) : null;
}
