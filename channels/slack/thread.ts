/** The lines under a card, each under a key that stays, so that whoever posts them posts each once. */
import type { KnownBlock } from '@slack/types';
import type { PlacedCode } from '../../approval/timeline.ts';
import type { Timestamp, Verified } from '../../approval/types.ts';
import { quote, richText, section, withIds } from './blocks.ts';
import { type CardInput, listed, person, short, words } from './card-input.ts';
import { askedNames, outcomeWords, standingDenial } from './outcome-words.ts';
import { whyRefused } from './refusal-words.ts';
import { mrkdwn, plain } from './text.ts';

export interface ThreadLine {
  /** A statement's digest, or a name such as `escalation:1`. */
  readonly key: string;
  readonly text: string;
  readonly blocks: KnownBlock[];
}

interface Dated extends ThreadLine {
  readonly at: Timestamp;
}

/** Oldest first. Later renderings of the same request hold the same lines and perhaps more. */
export function renderThread(input: CardInput): readonly ThreadLine[] {
  const lines = [...votes(input), ...escalations(input), ...endings(input)];
  return lines.toSorted((a, b) => (a.at < b.at ? -1 : a.at > b.at ? 1 : 0)).map(({ at: _, ...line }) => line);
}

function told(key: string, at: Timestamp, markup: string, reason: string | null = null): Dated {
  const blocks: KnownBlock[] = [section(markup)];
  if (reason === null) return { key, at, text: markup, blocks: withIds(blocks) };
  blocks.push(richText(quote(plain(reason, REASON).text)));
  return { key, at, text: `${markup}: ${mrkdwn(reason, { limit: 1500 }).text}`, blocks: withIds(blocks) };
}

const REASON = { limit: 2500, rows: 40, lines: true };

function votes(input: CardInput): readonly Dated[] {
  const codes = new Map(input.standings.placed.map(({ digest, code }) => [digest, code]));
  const seen = new Set<string>();
  return input.dossier.decisions.flatMap((decision) => {
    const { standing, verdict, channel, decided_at } = decision.statement;
    if (standing.eligible) return [vote(input, decision, codes.get(decision.digest))];
    // A second click on a button one has used is no attempt at anything, and a hundred attempts are one line.
    const attempt = JSON.stringify([channel, verdict, standing.code]);
    if (standing.code === 'already_approved' || seen.has(attempt)) return [];
    seen.add(attempt);
    const why = whyRefused(standing.code, input.policy, decision.statement.person);
    const markup = `:no_entry_sign:  ${who(input, decision)} tried to ${verdict}: *refused*, ${why}.`;
    return [told(decision.digest, decided_at, markup)];
  });
}

/** `code` is undefined where the decision is of an earlier version of the card. */
function vote(input: CardInput, decision: Verified<'decision'>, code: PlacedCode | undefined): Dated {
  const { verdict, reason, decided_at } = decision.statement;
  const name = who(input, decision);
  if (verdict === 'deny')
    return told(decision.digest, decided_at, `:no_entry:  ${name} *denied* this`, reason);
  const why =
    code === undefined
      ? 'it was given to an earlier version'
      : whyRefused(code, input.policy, decision.statement.person);
  const count = code === 'counts' ? '' : `; it does not count: ${why}`;
  return told(decision.digest, decided_at, `:white_check_mark:  ${name} *approved* this${count}.`, reason);
}

/** The person, or the Slack account where the directory binds it to nobody. */
function who(input: CardInput, { statement }: Verified<'decision'>): string {
  if (statement.person !== null) return person(input, statement.person);
  const user = statement.channel.account.split('/').at(-1) ?? '';
  const onSlack = statement.channel.name === 'slack' && /^[UW][A-Z0-9]{1,40}$/.test(user);
  return onSlack ? `<@${user}>` : `Account ${words(statement.channel.account)}`;
}

function escalations(input: CardInput): readonly Dated[] {
  const { policy, standings, now } = input;
  const { requirement } = policy;
  const { timeline } = standings;
  if (requirement === null || timeline === null) return [];
  const ended = endOf(input) ?? now.getTime() + 1;
  return timeline.escalations
    .filter(({ at }) => at <= now.getTime() && at < ended)
    .flatMap(({ at, stage }) => {
      const step = requirement.stages[stage];
      if (step === undefined) return [];
      const before = new Set(requirement.stages.slice(0, stage).flatMap(({ people }) => people));
      const newly = step.people.filter((id) => !before.has(id)).map((id) => person(input, id));
      const names = newly.length === 0 ? '' : `: ${listed(newly)}`;
      const markup = `:bell:  Nobody has settled this yet, so ${askedNames(input, step.from)} may decide now too${names}.`;
      return [told(`escalation:${stage}`, new Date(at).toISOString(), markup)];
    });
}

/** When a request stopped waiting for people, in milliseconds; null while it waits. */
function endOf(input: CardInput): number | null {
  const { tally, withdrawal, closed, start } = input.standings;
  const ends = [
    tally?.met_at,
    standingDenial(input)?.statement.decided_at,
    withdrawal?.statement.issued_at,
    closed?.statement.refused_at,
    start?.statement.started_at,
  ].filter((moment) => moment != null);
  return ends.length === 0 ? null : Math.min(...ends.map((moment) => Date.parse(moment)));
}

function endings(input: CardInput): readonly Dated[] {
  const { state, withdrawal, closed, start, finish } = input.standings;
  const { icon, title, reason } = outcomeWords(input);
  const say = (key: string, at: Timestamp, markup: string, why: string | null = null) => [
    told(key, at, `:${icon}:  ${markup}`, why),
  ];
  if (finish !== null) return say(finish.digest, finish.statement.finished_at, resultOf(input));
  if (state === 'unknown' && start !== null) {
    const markup = `*${title}*: it started and never said how it ended. Check the target before asking again.`;
    return say(`unknown:${start.digest}`, start.statement.deadline, markup);
  }
  if (state === 'withdrawn' && withdrawal !== null) {
    return say(
      withdrawal.digest,
      withdrawal.statement.issued_at,
      `*Withdrawn* by the agent; nothing ran`,
      reason,
    );
  }
  if (closed !== null) {
    const markup = `*${title}* (\`${words(closed.statement.code)}\`); nothing ran.`;
    return say(closed.digest, closed.statement.refused_at, markup);
  }
  if (state === 'expired')
    return say('expired', input.content.deadline, '*Expired* without a decision; nothing ran.');
  if (state === 'not_executed') {
    return say(
      'lapsed',
      input.now.toISOString(),
      '*Not executed*: the approval ran out before it could run.',
    );
  }
  return [];
}

function resultOf({ standings: { finish } }: CardInput): string {
  if (finish === null) return '';
  const { outcome, code, result_digest } = finish.statement;
  const result = result_digest === null ? '' : ` Result \`${short(result_digest)}\`.`;
  switch (outcome) {
    case 'succeeded':
      return `*Done*: it ran once and succeeded.${result}`;
    case 'failed':
      return `*Failed* while running: \`${words(code)}\`.`;
    case 'refused':
      return `*Not executed*: the executor refused (\`${words(code)}\`); nothing ran.`;
  }
}
