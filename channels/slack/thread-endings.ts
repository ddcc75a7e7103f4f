/** How it went: what the executor said, and how a request ended without it. */
import type { RequestState } from '../../approval/state.ts';
import type { Timestamp } from '../../approval/types.ts';
import type { CardInput } from './card-input.ts';
import { code, date, short } from './markup.ts';
import { outcomeWords } from './outcome-words.ts';
import { type DatedLine, told } from './thread-line.ts';

export function endings(input: CardInput): readonly DatedLine[] {
  return [...result(input), ...leaseEnd(input), ...unexecuted(input)];
}

function result(input: CardInput): readonly DatedLine[] {
  const { start, finish, lease } = input.standings;
  if (finish === null) return start === null ? [] : silence(input);
  const { outcome, code: said, result_digest, finished_at } = finish.statement;
  const digest = result_digest === null ? '' : ` Result \`${short(result_digest)}\`.`;
  const until = lease === null ? '' : ` It is in force until ${date(lease.until)}.`;
  switch (outcome) {
    case 'succeeded':
      return [
        told(
          finish.digest,
          finished_at,
          `:white_check_mark:  *Done*: it ran once and succeeded.${until}${digest}`,
        ),
      ];
    case 'failed':
      return [told(finish.digest, finished_at, `:x:  *Failed* while running: ${code(said)}.`)];
    case 'refused':
      return refused(input, said, finished_at);
  }
}

const OPEN: ReadonlySet<RequestState> = new Set(['pending', 'approved', 'lapsed', 'allowed']);

/** A refusal for now comes again with every try: one line for each reason. What waits its turn is told as held. */
function refused(input: CardInput, said: string, at: Timestamp): readonly DatedLine[] {
  const { state } = input.standings;
  if (said === 'limit_reached' && OPEN.has(state)) return [];
  const yet = OPEN.has(state) ? ' yet' : '';
  const markup = `:no_entry_sign:  *Not executed${yet}*: the executor refused (${code(said)}); nothing ran.`;
  return [told(`refused:${said}`, at, markup)];
}

function silence(input: CardInput): readonly DatedLine[] {
  const { state, start } = input.standings;
  if (start === null || (state !== 'unknown' && state !== 'settled')) return [];
  const markup =
    ':warning:  *Outcome unknown*: it started and never said how it ended. Check the target before asking again.';
  return [told(`unknown:${start.digest}`, start.statement.deadline, markup)];
}

function leaseEnd({ standings: { lease } }: CardInput): readonly DatedLine[] {
  if (lease?.ended == null) return [];
  const how = lease.revoked === null ? 'its time had come' : 'it was revoked';
  const markup = `:checkered_flag:  *Ended*: ${how}, and the executor took it back.`;
  return [told(lease.ended.digest, lease.ended.statement.finished_at, markup)];
}

function unexecuted(input: CardInput): readonly DatedLine[] {
  const { content, standings, now } = input;
  const { state, withdrawal, closed } = standings;
  if (state === 'withdrawn' && withdrawal !== null) {
    const { issued_at, reason } = withdrawal.statement;
    const markup = ':leftwards_arrow_with_hook:  *Withdrawn* by the agent; nothing ran';
    return [told(withdrawal.digest, issued_at, markup, reason)];
  }
  if (closed !== null && CLOSED.has(state)) {
    const { icon, title } = outcomeWords(input);
    const markup = `:${icon}:  *${title}* (${code(closed.statement.code)}); nothing ran.`;
    return [told(closed.digest, closed.statement.refused_at, markup)];
  }
  if (state === 'expired' && content !== null) {
    const markup = ':alarm_clock:  *Expired* without a decision; nothing ran.';
    return [told('expired', content.deadline, markup)];
  }
  if (state === 'refused') {
    const markup = ':no_entry:  *Refused*: policy denies this now; nothing ran.';
    return [told('refused', now.toISOString(), markup)];
  }
  return [];
}

const CLOSED: ReadonlySet<RequestState> = new Set(['undeliverable', 'flooded', 'not_executed']);
