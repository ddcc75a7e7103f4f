/** What calls people to a request: a reminder, an escalation, and that it is asked anew. */
import { denialsOf } from '../../approval/state.ts';
import type { Timestamp } from '../../approval/types.ts';
import { askedNow } from './asked.ts';
import type { CardInput } from './card-input.ts';
import { joined, named, persons } from './markup.ts';
import { type DatedLine, told } from './thread-line.ts';

export function promptings(input: CardInput): readonly DatedLine[] {
  return [...askedAgain(input), ...reminder(input), ...escalations(input)];
}

/** Keys bear the revision: each asking has its own time. */
function revisionOf({ content }: CardInput): number {
  return content?.revision ?? 1;
}

function askedAgain(input: CardInput): readonly DatedLine[] {
  const { content, dossier } = input;
  if (content === null || content.revision < 2 || dossier.preview === null) return [];
  const at = dossier.preview.statement.previewed_at;
  const why =
    content.changed.length === 0
      ? 'it did not run in time, and what was approved has run out'
      : 'what it would do has changed';
  const names = askedNow(input);
  const who = names.length === 0 ? '' : ` ${persons(input, names)}`;
  const markup = `:arrows_counterclockwise:  *Asked again*: ${why}. Earlier approvals count no more.${who}`;
  const changed = content.changed.length === 0 ? null : content.changed.join('\n');
  return [told(`asked:${content.revision}`, at, markup, changed)];
}

function reminder(input: CardInput): readonly DatedLine[] {
  const { standings, now } = input;
  const at = standings.timeline?.reminds_at ?? null;
  if (standings.state !== 'pending' || at === null || at > now.getTime()) return [];
  const names = askedNow(input);
  const markup = joined([
    ':alarm_clock:  *Still waiting* for an answer',
    names.length === 0 ? null : persons(input, names),
  ]);
  return [told(`reminder:${revisionOf(input)}`, new Date(at).toISOString(), markup)];
}

function escalations(input: CardInput): readonly DatedLine[] {
  const { policy, standings, now } = input;
  const { requirement } = policy;
  const { timeline } = standings;
  if (requirement === null || timeline === null) return [];
  const ended = endOf(input) ?? now.getTime() + 1;
  return timeline.escalations
    .filter(({ at }) => at <= now.getTime() && at < ended)
    .flatMap(({ at, index }) => {
      const step = requirement.escalations[index];
      if (step === undefined) return [];
      const { add, notify } = step;
      const added = add.from.length === 0 ? null : `${named(input, add.from)} may decide now too`;
      const hears = notify.from.length === 0 ? null : `${named(input, notify.from)} should know`;
      const people = [...new Set([...add.people, ...notify.people])];
      const names = people.length === 0 ? '' : `: ${persons(input, people)}`;
      const what = [added, hears].filter((part) => part !== null).join(', and ');
      const markup = `:bell:  Nobody has settled this yet: ${what}${names}.`;
      return [told(`escalation:${revisionOf(input)}:${index}`, new Date(at).toISOString(), markup)];
    });
}

/** When a request stopped waiting for people, in milliseconds; null while it waits. */
function endOf({ dossier, standings }: CardInput): number | null {
  const { tally, withdrawal, closed, start, glass } = standings;
  const ends: readonly (Timestamp | null | undefined)[] = [
    tally?.met_at,
    tally?.verdict === 'denied' ? denialsOf(dossier).at(-1)?.statement.decided_at : null,
    withdrawal?.statement.issued_at,
    closed?.statement.refused_at,
    start?.statement.started_at,
    glass?.broken.statement.issued_at,
  ];
  const moments = ends.flatMap((moment) => (moment == null ? [] : [Date.parse(moment)]));
  return moments.length === 0 ? null : Math.min(...moments);
}
