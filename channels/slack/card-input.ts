/** What every message about a request is rendered from: what it says, where it stands, and who people are. */

import type { Dossier, Standings } from '../../approval/state.ts';
import type { PolicyDecision, Timestamp } from '../../approval/types.ts';
import type { CardContent } from '../../approval/view.ts';
import { mrkdwn } from './text.ts';

/** How a person of the directory is shown. */
export interface Face {
  readonly name: string;
  /** The person's Slack user id in this workspace; null where the directory binds none. */
  readonly mention: string | null;
}

export interface CardInput {
  readonly content: CardContent;
  readonly dossier: Dossier;
  readonly policy: PolicyDecision;
  readonly standings: Standings;
  readonly now: Date;
  /** By the directory's id. */
  readonly people: (id: string) => Face;
  /** The name to show for a group or person as the policy names them. */
  readonly groups: (from: string) => string;
  readonly links: { readonly temporal: string | null };
}

const NAME_LIMIT = 80;
const MAX_NAMES = 20;

/** Markup for somebody else's one-line text. */
export function words(text: string, limit = NAME_LIMIT): string {
  return mrkdwn(text, { limit }).text;
}

/** Markup for a person: a mention where there is an account, the name otherwise. */
export function person({ people }: Pick<CardInput, 'people'>, id: string): string {
  const { name, mention } = people(id);
  return mention !== null && /^[UW][A-Z0-9]{1,40}$/.test(mention) ? `<@${mention}>` : words(name);
}

/** Markup for several people: `A, B and C`. */
export function persons(input: Pick<CardInput, 'people'>, ids: readonly string[]): string {
  return listed(ids.map((id) => person(input, id)));
}

/** `A, B and C`, and how many more where there are too many to read. */
export function listed(entries: readonly string[]): string {
  const shown = entries.slice(0, MAX_NAMES);
  const rest = entries.length - shown.length;
  const all = rest > 0 ? [...shown, `${rest} more`] : shown;
  const last = all.at(-1) ?? 'nobody';
  return all.length < 2 ? last : `${all.slice(0, -1).join(', ')} and ${last}`;
}

/** Markup for a moment: in the reader's own time zone, with UTC for clients that can't. */
export function date(moment: Timestamp): string {
  const utc = `${moment.slice(0, 16).replace('T', ' ')} UTC`;
  return `<!date^${Math.floor(Date.parse(moment) / 1000)}^{date_short_pretty} {time}|${utc}>`;
}

/** The first twelve hex digits of a digest or an id: enough to recognize, shown whole under Details. */
export function short(digest: string): string {
  return digest.replace(/^sha256:/, '').slice(0, 12);
}
