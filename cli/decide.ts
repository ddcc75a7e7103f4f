/** A decision from the command line: looked at, confirmed, signed with the person's own key and said to the gateway. */
import type { Case } from '../audit/case.ts';
import type { HouseJudge } from '../audit/judge.ts';
import { type Deciding, sayDecision } from '../client/person.ts';
import type { Heard } from '../client/speak.ts';
import { AssentError, cardDigest, standingCode, type Verdict } from '../client/vocabulary.ts';
import { caseLines } from './card-lines.ts';
import { confirmApproval, type Given } from './confirm.ts';
import { wrap } from './layout.ts';
import { caseIn, readCase } from './read-case.ts';
import { readDatabase } from './read-database.ts';
import { whyRefused } from './refusal-words.ts';
import { speakerOf } from './speaker.ts';
import { progressWords, shownState } from './standing.ts';
import type { Answer, Terminal } from './terminal.ts';
import { visible } from './visible.ts';

export interface Wish extends Given {
  /** Enough of the beginning of the request's id. */
  readonly id: string;
  readonly verdict: Verdict;
  /** Whom a deferral names. */
  readonly to: string | null;
  readonly reason: string | null;
  readonly asJson: boolean;
}

/**
 * @throws AssentError those of {@link speakerOf}, {@link readCase}, {@link confirmApproval} and {@link sayDecision};
 *   `reason_missing`
 */
export async function decide(wish: Wish, terminal: Terminal): Promise<Answer> {
  const { person, judge } = await speakerOf(terminal);
  const subject = await readCase(terminal, wish.id, judge);
  const { content, policy, standings } = subject;
  if (content === null) return nothingAsked(subject, terminal);
  const standing = (now: number) =>
    standingCode({ ...wish, person: person.person, cardCurrent: true, standings, policy, now });
  // What will not count is said all the same, as a click is: the record keeps the attempt.
  const counts = standing(terminal.now()) === 'eligible';
  if (counts) needReason(wish, content.require);
  const asks = counts && wish.verdict === 'approve';
  if (!wish.asJson || (asks && terminal.ask !== null)) {
    terminal.aside(`${caseLines(subject, terminal.columns).join('\n')}\n\n`);
  }
  const typed = asks ? await confirmApproval(content, wish, terminal) : null;
  const now = terminal.now();
  const code = standing(now);
  const deciding: Deciding = {
    audience: content.audience,
    request_id: content.request_id,
    action_digest: content.action_digest,
    preview_digest: content.preview_digest,
    rule_digest: content.rule_digest,
    card_digest: cardDigest(content),
    verdict: wish.verdict,
    to: wish.to,
    standing: {
      eligible: code === 'eligible',
      code,
      denials: content.denials,
      directory_digest: policy.directory_digest,
    },
    typed,
    reason: wish.reason,
  };
  const heard = await sayDecision(deciding, person, now);
  return answered(wish, heard, await after(subject, judge, terminal), terminal.columns);
}

function needReason({ verdict, reason }: Wish, require: readonly string[]): void {
  const needs = verdict !== 'approve' || require.includes('reason');
  if (!needs || (reason !== null && reason.trim() !== '')) return;
  throw new AssentError('reason_missing', 'Say why: give --reason.');
}

/** Nobody could decide it now, so there is nothing to sign. */
function nothingAsked(subject: Case, { columns }: Terminal): Answer {
  const state = shownState(subject);
  const code = `request_${state}`;
  return {
    positive: false,
    document: { request_id: subject.dossier.request.statement.request_id, code, counts: false, state },
    lines: wrap(`Nobody is asked about it now: ${whyRefused(code)}. Nothing was said.`, columns),
  };
}

/** As it stands with what was just said. */
function after(subject: Case, judge: HouseJudge, terminal: Terminal): Promise<Case | null> {
  const { request_id } = subject.dossier.request.statement;
  return readDatabase(terminal, (db) => caseIn(db, request_id, judge, terminal.now()));
}

const SAID = { approve: 'Your approval', deny: 'Your denial', defer: 'Your deferral' } as const;

function answered({ verdict, to }: Wish, heard: Heard, subject: Case | null, columns: number): Answer {
  const { code, digest, outcome } = heard;
  const counts = code === 'eligible';
  const state = subject === null ? null : shownState(subject);
  const tally = subject?.standings.tally ?? null;
  const then = subject === null ? '' : ` ${progressWords(subject)}`;
  const taken = verdict === 'defer' ? `It is handed to ${to}.` : `${SAID[verdict]} counts.`;
  const words = counts
    ? `${taken}${then}`
    : `${SAID[verdict]} does not count: ${whyRefused(code)}. It is on the record.`;
  return {
    positive: counts,
    document: {
      request_id: subject?.dossier.request.statement.request_id ?? null,
      verdict,
      code,
      counts,
      digest,
      outcome,
      state,
      filled: tally?.filled ?? null,
      needed: tally?.needed ?? null,
    },
    lines: wrap(visible(words), columns),
  };
}
