/** What people decided, and what they tried to. */
import type { PlacedCode } from '../../approval/timeline.ts';
import type { Verdict, Verified } from '../../approval/types.ts';
import type { CardInput } from './card-input.ts';
import { lapsedApprovals } from './lapses.ts';
import { person, someone, words } from './markup.ts';
import { whyRefused } from './refusal-words.ts';
import { forWhom } from './requirement-words.ts';
import { type DatedLine, told } from './thread-line.ts';

type Decision = Verified<'decision'>;

export function votes(input: CardInput): readonly DatedLine[] {
  const codes = new Map(input.standings.placed.map(({ digest, code }) => [digest, code]));
  const seen = new Set<string>();
  const said = input.dossier.decisions.flatMap((decision) => {
    const { standing, verdict, channel, decided_at } = decision.statement;
    if (standing.eligible) return [vote(input, decision, codes.get(decision.digest))];
    // A second click on a button one has used is no attempt at anything, and a hundred attempts are one line.
    const attempt = JSON.stringify([channel, verdict, standing.code]);
    if (standing.code === 'already_approved' || seen.has(attempt)) return [];
    seen.add(attempt);
    const why = whyRefused(standing.code, input.policy, decision.statement.person);
    const markup = `:no_entry_sign:  ${who(input, decision)} tried to ${TRIED[verdict]}: *refused*, ${why}.`;
    return [told(decision.digest, decided_at, markup)];
  });
  return [...said, ...lapses(input)];
}

const TRIED: Readonly<Record<Verdict, string>> = {
  approve: 'approve',
  deny: 'deny',
  defer: 'hand this over',
};

/** Codes by which an approval never counted; one that lapsed since is told of in a line of its own. */
const NEVER: ReadonlySet<PlacedCode> = new Set(['before_preview', 'after_deadline', 'not_asked_yet']);

function vote(input: CardInput, decision: Decision, code: PlacedCode | undefined): DatedLine {
  const { verdict, to, reason, decided_at, standing } = decision.statement;
  const say = (markup: string) => told(decision.digest, decided_at, markup, reason);
  const stop = reason === null ? '.' : '';
  switch (verdict) {
    case 'approve': {
      const never = code !== undefined && NEVER.has(code);
      const count = never ? `; it does not count: ${whyRefused(code, input.policy, null)}` : '';
      return say(`:white_check_mark:  ${approver(input, decision)} *approved* this${count}${stop}`);
    }
    case 'deny': {
      const more = standing.denials > 1 ? `, and ${standing.denials} denials end it` : '';
      return say(`:no_entry:  ${who(input, decision)} *denied* this${more}${stop}`);
    }
    case 'defer':
      return say(
        `:handshake:  ${who(input, decision)} *handed this over* to ${someone(input, to)}, who is asked now${stop}`,
      );
  }
}

function approver(input: CardInput, decision: Decision): string {
  const { person: id } = decision.statement;
  return id === null ? who(input, decision) : forWhom(input, id);
}

/** The person, or the Slack account where the directory binds it to nobody. */
function who(input: CardInput, { statement }: Decision): string {
  if (statement.person !== null) return person(input, statement.person);
  const user = statement.channel.account.split('/').at(-1) ?? '';
  const onSlack = statement.channel.name === 'slack' && /^[UW][A-Z0-9]{1,40}$/.test(user);
  return onSlack ? `<@${user}>` : `Account ${words(statement.channel.account)}`;
}

function lapses(input: CardInput): readonly DatedLine[] {
  return lapsedApprovals(input).map(({ person: id, digest, why }) =>
    told(
      `lapsed:${digest}`,
      input.now.toISOString(),
      `:warning:  ${person(input, id)}’s approval *lapsed*: ${why}.`,
    ),
  );
}
