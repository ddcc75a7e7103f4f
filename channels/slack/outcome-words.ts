/** A request's state in one line, for people: one phrase for every state, from the signed statements alone. */
import type { RequestState } from '../../approval/state.ts';
import { type CardInput, date, listed, person, persons, words } from './card-input.ts';

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
  const { icon, title } = TITLES[input.standings.state];
  const detail = joined(DETAILS[input.standings.state](input));
  return { icon, title, detail, reason: reasonOf(input) };
}

/** The line as markup. */
export function outcomeLine(input: CardInput): string {
  const { icon, title, detail } = outcomeWords(input);
  return `:${icon}:  *${title}*${detail === '' ? '' : `  ·  ${detail}`}`;
}

const TITLES: Record<RequestState, { icon: string; title: string }> = {
  allowed: { icon: 'white_check_mark', title: 'Allowed by policy' },
  refused: { icon: 'no_entry', title: 'Refused by policy' },
  pending: { icon: 'hourglass_flowing_sand', title: 'Waiting for approval' },
  approved: { icon: 'white_check_mark', title: 'Approved' },
  running: { icon: 'arrow_forward', title: 'Approved, running' },
  succeeded: { icon: 'white_check_mark', title: 'Approved and done' },
  failed: { icon: 'x', title: 'Approved, but it failed' },
  not_executed: { icon: 'no_entry_sign', title: 'Not executed' },
  unknown: { icon: 'warning', title: 'Outcome unknown' },
  denied: { icon: 'no_entry', title: 'Denied' },
  expired: { icon: 'alarm_clock', title: 'Expired' },
  withdrawn: { icon: 'leftwards_arrow_with_hook', title: 'Withdrawn' },
  undeliverable: { icon: 'mailbox_with_no_mail', title: 'Undeliverable' },
  flooded: { icon: 'rotating_light', title: 'Closed as flooded' },
};

type Part = string | null;

const DETAILS: Record<RequestState, (input: CardInput) => readonly Part[]> = {
  allowed: () => ['nobody needs to approve'],
  refused: () => ['nothing ran'],
  pending: (input) => [approvalCount(input), `expires ${date(input.content.deadline)}`],
  approved: (input) => [by(input), 'about to run'],
  running: (input) => [by(input), started(input)],
  succeeded: (input) => [by(input), finished(input)],
  failed: (input) => [by(input), codeOf(input), finished(input)],
  not_executed: (input) => [codeOf(input) ?? 'the approval ran out before it could run', 'nothing ran'],
  unknown: (input) => [by(input), started(input), 'no word on how it ended: check the target'],
  denied: (input) => [denier(input), 'nothing ran'],
  expired: (input) => [`${approvalCount(input)} in time`, 'nothing ran'],
  withdrawn: (input) => [`by ${words(input.content.agent)}`, 'nothing ran'],
  undeliverable: () => ['the request could not be shown to anybody who may decide', 'nothing ran'],
  flooded: () => ['too many signals came in for it', 'nothing ran'],
};

/** `1 of 2`. */
export function approvalsOf({ standings, content }: CardInput): string {
  return `${standings.tally?.approvals.length ?? 0} of ${content.count}`;
}

function approvalCount(input: CardInput): string {
  return `${approvalsOf(input)} ${input.content.count === 1 ? 'approval' : 'approvals'}`;
}

/** Who approved, as markup; null where nobody did. */
export function approvers(input: CardInput): string | null {
  const approvals = input.standings.tally?.approvals ?? [];
  return approvals.length === 0
    ? null
    : persons(
        input,
        approvals.map((approval) => approval.person),
      );
}

/** The denial that stands, as the state reads it: given by somebody who was eligible then. */
export function standingDenial({ dossier }: CardInput) {
  return dossier.decisions.find(
    ({ statement }) => statement.verdict === 'deny' && statement.standing.eligible,
  );
}

function by(input: CardInput): Part {
  const who = approvers(input);
  return who === null ? null : `by ${who}`;
}

function denier(input: CardInput): Part {
  const denial = standingDenial(input)?.statement;
  if (denial === undefined) return null;
  return `by ${denial.person === null ? 'somebody' : person(input, denial.person)} ${date(denial.decided_at)}`;
}

function started({ standings }: CardInput): Part {
  return standings.start === null ? null : `started ${date(standings.start.statement.started_at)}`;
}

function finished({ standings }: CardInput): Part {
  return standings.finish === null ? null : date(standings.finish.statement.finished_at);
}

function codeOf({ standings }: CardInput): Part {
  const code = standings.finish?.statement.code ?? standings.closed?.statement.code;
  return code === undefined ? null : `\`${words(code)}\``;
}

function reasonOf(input: CardInput): string | null {
  if (input.standings.state === 'denied') return standingDenial(input)?.statement.reason ?? null;
  if (input.standings.state === 'withdrawn') return input.standings.withdrawal?.statement.reason ?? null;
  return null;
}

function joined(parts: readonly Part[]): string {
  return parts.filter((part) => part !== null).join('  ·  ');
}

/** Groups or people as the policy names them, as markup. */
export function askedNames({ groups }: CardInput, from: readonly string[]): string {
  return listed(from.map((name) => `*${words(groups(name))}*`));
}
