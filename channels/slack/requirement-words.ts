/** Whom a rule asks, how far that has come, and who is asked now: in words, within what one section takes. */
import type { KnownBlock } from '@slack/types';
import { addedBy } from '../../approval/timeline.ts';
import type { Part, Requirement } from '../../approval/types.ts';
import type { CardContent } from '../../approval/view.ts';
import { askedIn } from './asked.ts';
import { LIMITS, section } from './blocks.ts';
import type { CardInput } from './card-input.ts';
import { lapsedApprovals } from './lapses.ts';
import { date, joined, listed, named, person, persons, short } from './markup.ts';

/** How much is said; where it is too much for a card, less is, and Details has all of it. */
type Fullness = 'people' | 'groups' | 'counts';

/** More names than these are a crowd, and each is told by Slack. */
const MOST_ASKED = 6;

/** No blocks where nobody is asked. */
export function requirementBlocks(input: CardInput): readonly KnownBlock[] {
  const { content, policy, standings } = input;
  const { requirement } = policy;
  if (content === null || requirement === null || standings.tally === null) return [];
  const fullnesses = ['people', 'groups', 'counts'] as const;
  const texts = fullnesses.map((fullness) => linesOf(input, content, requirement, fullness).join('\n'));
  const fitting = texts.find((text) => text.length <= LIMITS.sectionText - 100) ?? '';
  return fitting === '' ? [] : [section(fitting)];
}

function linesOf(
  input: CardInput,
  content: CardContent,
  requirement: Requirement,
  fullness: Fullness,
): readonly string[] {
  const pending = input.standings.state === 'pending';
  return [
    `*${titleOf(requirement)}*`,
    ...requirement.approvals.map((part, index) => partLine(input, part, index, fullness)),
    ...(pending ? escalationLines(input, content, requirement, fullness) : []),
    ...(fullness === 'counts' ? [] : lapsedLines(input)),
    ...denialLines(input, requirement),
    ...(pending ? wantedLines(content) : []),
    ...(fullness === 'counts' ? ['_Who that is stands under Details._'] : []),
  ];
}

function titleOf({ approvals, order }: Requirement): string {
  if (approvals.length === 1) return 'Approvals';
  return order === 'sequential' ? 'Approvals, one after the other' : 'Approvals, all of these';
}

/** `1 of 2 data-owners, or 1 of security  ·  Dana  ·  asked now: Noor`. */
function partLine(input: CardInput, part: Part, index: number, fullness: Fullness): string {
  const { standings, policy } = input;
  const standing = standings.tally?.parts[index];
  const approvals = standings.tally?.approvals ?? [];
  const filled = standing?.filled ?? 0;
  const met = standing !== undefined && filled >= standing.needed;
  const quorums = part.any_of.flatMap(({ from, count }) => {
    const own = standing !== undefined && sameNames(from, standing.from) && count === standing.needed;
    const names = fullness === 'counts' ? '' : ` from ${named(input, from)}`;
    return met && !own ? [] : [`${own ? filled : 0} of ${count}${names}`];
  });
  const given = approvals.filter(({ place }) => place === index).map((one) => forWhom(input, one.person));
  const pending = standings.state === 'pending';
  const asked = askedIn(index, input);
  const now =
    !pending || met || fullness !== 'people' || asked.length === 0
      ? null
      : `asked now: ${persons(input, asked, MOST_ASKED)}`;
  const later = pending && standing?.open === false && policy.requirement?.order === 'sequential';
  return joined([
    `${met ? ':white_check_mark:' : '•'}  ${quorums.join(', or ')}`,
    given.length === 0 || fullness === 'counts' ? null : listed(given),
    later ? 'asked when those before are met' : now,
  ]);
}

function sameNames(left: readonly string[], right: readonly string[]): boolean {
  return left.length === right.length && left.every((name, index) => name === right[index]);
}

/** `Ola for Kari`, where one stands for the other. */
export function forWhom(input: CardInput, id: string): string {
  const principals = (input.policy.requirement?.deputies ?? [])
    .filter(({ delegate }) => delegate === id)
    .map(({ principal }) => principal);
  return `${person(input, id)}${principals.length === 0 ? '' : ` for ${persons(input, principals, 3)}`}`;
}

function escalationLines(
  input: CardInput,
  { escalations }: CardContent,
  requirement: Requirement,
  fullness: Fullness,
): readonly string[] {
  const now = input.now.getTime();
  const { timeline } = input.standings;
  if (fullness === 'counts') {
    return escalations.length === 0 ? [] : [`:bell: ${escalations.length} steps of escalation`];
  }
  return escalations.flatMap(({ at, add, notify }, index) => {
    const begun = Date.parse(at) <= now;
    const added = requirement.escalations[index]?.add.people ?? [];
    const open = begun && timeline !== null ? addedBy(now, timeline, requirement) : [];
    const who = added.filter((id) => open.includes(id));
    const names = fullness === 'people' && who.length > 0 ? `: ${persons(input, who, MOST_ASKED)}` : '';
    const joins = add.length === 0 ? null : `${named(input, add)} may fill any place too${names}`;
    const hears = notify.length === 0 ? null : `${begun ? 'told' : 'to be told'}: ${named(input, notify)}`;
    const said = joined([joins, hears]);
    return said === '' ? [] : [`:bell: ${begun ? 'Since' : 'From'} ${date(at)}: ${said}`];
  });
}

function lapsedLines(input: CardInput): readonly string[] {
  return lapsedApprovals(input)
    .slice(0, 10)
    .map(({ person: id, why }) => `:warning: ${person(input, id)}’s approval lapsed: ${why}`);
}

/** Said only where one denial is not enough, which nobody would guess. */
function denialLines(input: CardInput, { denials }: Requirement): readonly string[] {
  const given = input.standings.tally?.denials ?? [];
  if (denials === 1 && given.length < 2) return [];
  const by =
    given.length === 0
      ? ''
      : `: ${persons(
          input,
          given.map((one) => one.person),
        )}`;
  return [`:no_entry: ${given.length} of ${denials} denials that end it${by}`];
}

function wantedLines({ require, request_id }: CardContent): readonly string[] {
  const wanted = [
    require.includes('reason') ? 'a reason' : null,
    require.includes('typed') ? 'the typed name of what would be touched' : null,
  ].filter((part) => part !== null);
  return [
    ...(wanted.length === 0 ? [] : [`:pencil2: An approval takes ${wanted.join(' and ')}`]),
    ...(require.includes('own_key')
      ? [`:key: An approval takes one’s own key: \`npx assent approve ${short(request_id)}\``]
      : []),
  ];
}
