/** Markup for the things that messages name: people, groups, moments, durations, digests. */
import type { Timestamp } from '../../approval/types.ts';
import type { Wording } from './card-input.ts';
import { mrkdwn } from './text.ts';

const NAME_LIMIT = 80;
const MAX_NAMES = 20;

/** Somebody else's one-line text. */
export function words(text: string, limit = NAME_LIMIT): string {
  return mrkdwn(text, { limit }).text;
}

/** Somebody else's name for a thing, as code: nothing in it ends that. */
export function code(text: string, limit = NAME_LIMIT): string {
  return `\`${words(text.replaceAll('`', "'"), limit)}\``;
}

/** A mention where there is an account, the name otherwise. */
export function person({ people }: Pick<Wording, 'people'>, id: string): string {
  const { name, mention } = people(id);
  return mention !== null && /^[UW][A-Z0-9]{1,40}$/.test(mention) ? `<@${mention}>` : words(name);
}

/** A person, or whoever it was where nobody knows. */
export function someone(input: Pick<Wording, 'people'>, id: string | null): string {
  return id === null ? 'somebody' : person(input, id);
}

/** `A, B and C`. */
export function persons(input: Pick<Wording, 'people'>, ids: readonly string[], most = MAX_NAMES): string {
  return listed(
    ids.map((id) => person(input, id)),
    most,
  );
}

/** Groups or people as the policy names them: `A or B`. */
export function named({ groups }: Pick<Wording, 'groups'>, from: readonly string[]): string {
  const names = from.map((name) => `*${words(groups(name))}*`);
  return listed(names, MAX_NAMES, 'or');
}

/** `A, B and C`, and how many more where there are too many to read. */
export function listed(entries: readonly string[], most = MAX_NAMES, link: 'and' | 'or' = 'and'): string {
  const shown = entries.slice(0, most);
  const rest = entries.length - shown.length;
  const all = rest > 0 ? [...shown, `${rest} more`] : shown;
  const last = all.at(-1) ?? 'nobody';
  return all.length < 2 ? last : `${all.slice(0, -1).join(', ')} ${link} ${last}`;
}

/** A moment: in the reader's own time zone, with UTC for clients that can't. */
export function date(moment: Timestamp): string {
  const utc = `${moment.slice(0, 16).replace('T', ' ')} UTC`;
  return `<!date^${Math.floor(Date.parse(moment) / 1000)}^{date_short_pretty} {time}|${utc}>`;
}

/** `2 hours 30 minutes`: exact, in the units that it has. */
export function duration(seconds: number): string {
  const units = [
    ['day', 86_400],
    ['hour', 3600],
    ['minute', 60],
    ['second', 1],
  ] as const;
  const said: string[] = [];
  let rest = seconds;
  for (const [unit, length] of units) {
    const count = Math.floor(rest / length);
    rest -= count * length;
    if (count > 0) said.push(`${count} ${unit}${count === 1 ? '' : 's'}`);
  }
  return said.join(' ') || 'no time';
}

/** The first twelve hex digits of a digest or an id: enough to recognize, shown whole under Details. */
export function short(digest: string): string {
  return digest.replace(/^sha256:/, '').slice(0, 12);
}

/** Parts of one line, those that there are. */
export function joined(parts: readonly (string | null)[]): string {
  return parts.filter((part) => part !== null && part !== '').join('  ·  ');
}
