/** Whom a rule asks, how far that has come and who may not: in words. */
import type { Case } from '../audit/case.ts';
import type { PolicyDecision, Standings } from '../client/vocabulary.ts';
import { wrap } from './layout.ts';
import { shortTime } from './time.ts';
import { visible } from './visible.ts';
import { listed, shortDigest } from './words.ts';

type Asked = Pick<Case, 'policy' | 'standings'>;

/** No lines where nobody is asked. */
export function requirementLines({ policy, standings }: Asked, columns: number): readonly string[] {
  const { requirement } = policy;
  if (requirement === null) return [];
  const told = [
    ...partsOf({ policy, standings }),
    ...(requirement.require.length === 0
      ? []
      : [`An approval takes ${listed(requirement.require.map(needWords))}.`]),
    ...(requirement.denials === 1 ? [] : [`It takes ${requirement.denials} denials to end it.`]),
    ...escalationsOf({ policy, standings }),
    ...requirement.deputies.map(
      ({ principal, delegate, delegation }) =>
        `${delegate} stands for ${principal} (${delegation === null ? 'out of office' : `delegation ${shortDigest(delegation)}`}).`,
    ),
    ...requirement.excluded.map(({ person, why }) => `${person} may not decide: ${why}`),
    ...deadlineOf(standings),
  ];
  return [titleOf(policy), ...told.flatMap((text) => bullet(text, columns))];
}

function titleOf({ rule, requirement }: PolicyDecision): string {
  const order = requirement?.order === 'sequential' ? ', one after the other' : '';
  return visible(`Approvals that rule ${rule ?? '?'} asks for${order}`);
}

function partsOf({ policy: { requirement }, standings: { tally } }: Asked): readonly string[] {
  return (requirement?.approvals ?? []).map(({ any_of }, index) => {
    const standing = tally?.parts[index];
    const filled = standing?.filled ?? 0;
    const quorums = any_of.map(({ from, count }) => `${count} from ${listed(from)}`).join(', or ');
    const by = (tally?.approvals ?? []).filter(({ place }) => place === index).map(({ person }) => person);
    const given = by.length === 0 ? '' : ` by ${listed(by)}`;
    if (standing === undefined) return quorums;
    if (filled >= standing.needed) return `${quorums}: met${given}`;
    const still = standing.open ? `asked now: ${some(standing.people)}` : 'asked once those before are met';
    return `${quorums}: ${filled} so far${given}; ${still}`;
  });
}

const MOST = 12;

function some(people: readonly string[]): string {
  const more = people.length - MOST;
  return more > 0 ? `${people.slice(0, MOST).join(', ')} and ${more} more` : listed(people);
}

const NEEDS = {
  reason: 'a reason',
  typed: 'the typed name of what is touched',
  own_key: 'the approver’s own key',
} as const;

function needWords(need: keyof typeof NEEDS): string {
  return NEEDS[need];
}

function escalationsOf({ policy: { requirement }, standings: { timeline } }: Asked): readonly string[] {
  return (timeline?.escalations ?? []).flatMap(({ at, index }) => {
    const step = requirement?.escalations[index];
    if (step === undefined) return [];
    const adds = step.add.from.length === 0 ? [] : [`${listed(step.add.from)} may fill any place too`];
    const tells = step.notify.from.length === 0 ? [] : [`${listed(step.notify.from)} is told`];
    return [`From ${timeOf(at)}: ${[...adds, ...tells].join('; ')}.`];
  });
}

function deadlineOf({ timeline }: Pick<Standings, 'timeline'>): readonly string[] {
  return timeline === null ? [] : [`Open until ${timeOf(timeline.deadline)}.`];
}

function timeOf(moment: number): string {
  return `${shortTime(new Date(moment).toISOString())} UTC`;
}

/** `  - ` and the words, further lines under them. */
export function bullet(text: string, columns: number): string[] {
  const [first = '', ...rest] = wrap(visible(text), columns, 4);
  return [`  - ${first.trimStart()}`, ...rest];
}
