/**
 * The one gate for decisions: judges who decides, signs what they decided and books it.
 *
 * Every authenticated click ends here, whoever made it: what does not count is on the record too. A channel
 * brings evidence of who it was; what counts is judged here alone.
 */

import { type Case, caseOf } from '../activities/case.ts';
import type { HouseJudge } from '../activities/judge.ts';
import { canonicalize } from '../approval/canonical-json.ts';
import type { SigningKey } from '../approval/keys.ts';
import { standingCode } from '../approval/standing.ts';
import { signStatement } from '../approval/statements.ts';
import type { DecisionStatement, Digest, Verified } from '../approval/types.ts';
import { cardDigest } from '../approval/view.ts';
import type { Book } from '../book/book.ts';

export interface DecideDeps {
  readonly judge: HouseJudge;
  readonly book: Book;
  readonly key: SigningKey;
  now(): number;
}

export interface Click {
  readonly request_id: string;
  /** What was on the card that was clicked. */
  readonly card_digest: Digest;
  readonly verdict: 'approve' | 'deny';
  readonly reason: string | null;
  /** The directory's id; null where the account is bound to nobody. */
  readonly person: string | null;
  readonly channel: DecisionStatement['channel'];
  /** Why the account may not speak for its person; null where it may. */
  readonly accountFault: string | null;
}

export interface Decided {
  /** `eligible` where the decision counts, or why it does not. */
  readonly code: string;
  readonly subject: Case;
  /** Null where the very same was said and booked before. */
  readonly decision: Verified<'decision'> | null;
}

/** Null where nobody was ever asked about such a request. */
export async function decide(click: Click, deps: DecideDeps): Promise<Decided | null> {
  return deps.book.locked(click.request_id, async (page) => {
    const now = deps.now();
    const subject = caseOf(click.request_id, await page.statements(), deps.judge, new Date(now));
    if (subject === null) return null;
    const code = click.accountFault ?? reasoned(codeOf(click, subject, now), click);
    const statement = decisionOf(click, subject, code, now, deps.judge);
    if (subject.dossier.decisions.some((booked) => saysTheSame(booked.statement, statement))) {
      return { code, subject, decision: null };
    }
    const decision = signStatement('decision', statement, deps.key);
    await page.append([decision]);
    return { code, subject, decision };
  });
}

/** What {@link decide} would say, without deciding: for what is shown before a person has decided. */
export function codeOf(
  { person, verdict, card_digest }: Pick<Click, 'person' | 'verdict' | 'card_digest'>,
  { content, standings, policy }: Case,
  now: number,
): string {
  const cardCurrent = content !== null && cardDigest(content) === card_digest;
  return standingCode({ person, verdict, cardCurrent, standings, policy, now });
}

/** Nobody denies without saying why, even where they may deny at last while they are told that they may not. */
function reasoned(code: string, { verdict, reason }: Click): string {
  return code === 'eligible' && verdict === 'deny' && reason === null ? 'reason_missing' : code;
}

function decisionOf(
  { request_id, card_digest, verdict, person, channel, reason }: Click,
  { dossier, preview, policy }: Case,
  code: string,
  now: number,
  { ring }: HouseJudge,
): DecisionStatement {
  return {
    audience: ring.audience,
    request_id,
    action_digest: dossier.request.digest,
    preview_digest: preview.digest,
    rule_digest: policy.rule_digest,
    card_digest,
    verdict,
    person,
    standing: { eligible: code === 'eligible', code, directory_digest: policy.directory_digest },
    channel,
    typed: null,
    reason,
    decided_at: new Date(now).toISOString(),
  };
}

/** Idempotent on what is decided by whom, never on a delivery: a second click has a new one. */
function saysTheSame(left: DecisionStatement, right: DecisionStatement): boolean {
  const said = ({ decided_at: _, standing, reason, ...rest }: DecisionStatement) =>
    canonicalize({ ...rest, code: standing.code, reason: rest.verdict === 'deny' ? null : reason });
  return said(left) === said(right);
}
