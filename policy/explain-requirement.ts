/** A requirement in words: how many of whom, in which order, who stands for whom, and who may not. */
import type { Asked, Requirement } from '../approval/types.ts';
import type { Directory } from './directory.ts';
import { durationWords } from './duration.ts';
import { LONGEST_LIST, listed, named } from './explain.ts';

export function requirementWords(requirement: Requirement, directory: Directory): readonly string[] {
  const { excluded, deputies, denials, remind_after_seconds } = requirement;
  const name = (id: string) => named(id, directory);
  return [
    ...partWords(requirement, directory),
    ...(remind_after_seconds === null
      ? []
      : [`Whoever has not answered is reminded after ${durationWords(remind_after_seconds)}.`]),
    ...requirement.escalations.flatMap(({ after_seconds, add, notify }) => [
      ...(add.from.length === 0
        ? []
        : [`After ${durationWords(after_seconds)} these may answer as well, ${whoWords(add, directory)}.`]),
      ...(notify.from.length === 0
        ? []
        : [`After ${durationWords(after_seconds)} these are told, ${whoWords(notify, directory)}.`]),
    ]),
    ...(denials === 1 ? [] : [`The denials of ${denials} people end it.`]),
    ...requirement.require.map((word) => REQUIRED[word]),
    ...cut(
      deputies.map(({ principal, delegate, delegation }) => {
        const why = delegation === null ? 'who is away' : 'who asked them to';
        return `${name(delegate)} stands for ${name(principal)}, ${why}; together they count once.`;
      }),
      (more) => `${more} more people stand for others.`,
    ),
    ...cut(
      excluded.map(({ person, why }) => `${name(person)} may not approve: ${why}.`),
      (more) => `${more} more people may not approve, for the same reasons.`,
    ),
  ];
}

const REQUIRED: Readonly<Record<Requirement['require'][number], string>> = {
  reason: 'An approval must give a reason.',
  typed: 'Whoever approves must type the name of what is touched.',
  own_key: "An approval must be signed with the person's own key.",
};

function partWords(
  { approvals, order, timeout_seconds }: Requirement,
  directory: Directory,
): readonly string[] {
  const within = `within ${durationWords(timeout_seconds)}`;
  const parts = approvals.map(({ any_of }) => any_of.map((quorum) => quorumWords(quorum, directory)));
  const [only = []] = parts;
  if (parts.length === 1 && only.length === 1) {
    return approvals.flatMap(({ any_of }) =>
      any_of.map((quorum) => `${countWords(quorum.count)} ${within} of ${whoWords(quorum, directory)}.`),
    );
  }
  const how = order === 'sequential' ? 'one after the other, ' : '';
  const all = parts.length === 1 ? 'This' : 'All of this';
  return [
    `${all} is needed ${how}${within}; a person counts once.`,
    ...parts.map((alternatives) => `${alternatives.join(', or ')}.`),
  ];
}

function quorumWords(quorum: Asked & { readonly count: number }, directory: Directory): string {
  return `${countWords(quorum.count)} of ${whoWords(quorum, directory)}`;
}

function countWords(count: number): string {
  return `${count} ${count === 1 ? 'approval' : 'approvals'}`;
}

function whoWords({ from, people }: Asked, directory: Directory): string {
  return `${from.join(', ')}: ${listed(people, (id) => named(id, directory))}`;
}

function cut(sentences: readonly string[], rest: (more: number) => string): readonly string[] {
  const more = sentences.length - LONGEST_LIST;
  return more > 0 ? [...sentences.slice(0, LONGEST_LIST), rest(more)] : sentences;
}
