/**
 * The one gate for decisions: judges who decides, signs what they decided and books it.
 *
 * Every authenticated click ends here, whoever made it: what does not count is on the record too. A channel
 * brings evidence of who it was; what counts is judged here alone.
 */
import { canonicalize } from '../approval/canonical-json.ts';
import type { SigningKey } from '../approval/keys.ts';
import { standingCode } from '../approval/standing.ts';
import { countersign, signStatement } from '../approval/statements.ts';
import type { DecisionStatement, Requirement, Verified } from '../approval/types.ts';
import { cardDigest } from '../approval/view.ts';
import { type Case, caseOf } from '../audit/case.ts';
import type { HouseJudge } from '../audit/judge.ts';
import type { Appended } from '../book/append.ts';
import type { Book } from '../book/book.ts';

export interface DecideDeps {
  /** The judge as of now. */
  judge(): HouseJudge;
  readonly book: Book;
  readonly key: SigningKey;
  now(): number;
}

/** What somebody decided; `person` is null where the account is bound to nobody. */
export interface Click
  extends Pick<
    DecisionStatement,
    'request_id' | 'card_digest' | 'verdict' | 'to' | 'typed' | 'reason' | 'person' | 'channel'
  > {
  /** Why the account may not speak for its person; null where it may. */
  readonly accountFault: string | null;
}

export interface Decided {
  /** `eligible` where the decision counts, or why it does not. */
  readonly code: string;
  readonly subject: Case;
  /** As it stands in the book. */
  readonly decision: Verified<'decision'>;
  /** `present` where the very same was said and booked before. */
  readonly outcome: Appended['outcome'];
}

/** A case of which somebody may have been asked. */
type Previewed = Case & { readonly preview: Verified<'preview'> };

/**
 * Null where nobody was ever asked about such a request.
 *
 * @param own the same as the person signed it themselves: countersigned and booked where it says just what the
 *   gateway finds; otherwise the gateway's own word of the attempt is
 */
export async function decide(
  click: Click,
  deps: DecideDeps,
  own: Verified<'decision'> | null = null,
): Promise<Decided | null> {
  return deps.book.locked(click.request_id, async (page) => {
    const now = deps.now();
    const judge = deps.judge();
    const pages = { booked: await page.statements(), house: await page.house() };
    const subject = caseOf(click.request_id, pages, judge, now);
    if (!wasPreviewed(subject)) return null;
    const { decisions } = subject.dossier;
    const said = decisions.find(({ digest }) => digest === own?.digest);
    if (said !== undefined) return present(said, subject);
    const decision = signed(click, own, subject, now, deps.key);
    const before = decisions.find(({ statement }) => saysTheSame(statement, decision.statement));
    if (before !== undefined) return present(before, subject);
    await page.append([decision]);
    return { ...present(decision, subject), outcome: 'booked' };
  });
}

function present(decision: Verified<'decision'>, subject: Case): Decided {
  return { code: decision.statement.standing.code, subject, decision, outcome: 'present' };
}

function wasPreviewed(subject: Case | null): subject is Previewed {
  return subject !== null && subject.preview !== null;
}

/** What {@link decide} would say of who decides, without deciding: for what is shown before a person has decided. */
export function codeOf(
  { person, verdict, to, card_digest }: Pick<Click, 'person' | 'verdict' | 'to' | 'card_digest'>,
  { content, standings, policy }: Case,
  now: number,
): string {
  const cardCurrent = content !== null && cardDigest(content) === card_digest;
  return standingCode({ person, verdict, to, cardCurrent, standings, policy, now });
}

function signed(
  click: Click,
  own: Verified<'decision'> | null,
  subject: Previewed,
  now: number,
  key: SigningKey,
): Verified<'decision'> {
  const code = click.accountFault ?? lacking(codeOf(click, subject, now), click, own !== null, subject);
  const sign = (standing: string) =>
    signStatement('decision', decisionOf(click, subject, standing, new Date(now).toISOString()), key);
  if (own === null) return sign(code);
  const { decided_at } = own.statement;
  const then = code === 'eligible' && click.verdict !== 'deny';
  // Their clock is a little off ours, and an approval has its place by theirs.
  const theirs = then ? codeOf(click, subject, Date.parse(decided_at)) : code;
  const found = decisionOf(click, subject, theirs, decided_at);
  if (canonicalize(found) === canonicalize(own.statement)) return countersign(own, key);
  // A denial is of the request, whatever else its author took to be so.
  return sign(theirs === 'eligible' && then ? 'statement_differs' : theirs);
}

/** What of all that the decision must bring is not there, even where its person may decide. */
function lacking(code: string, click: Click, own: boolean, { policy, content }: Case): string {
  if (code !== 'eligible') return code;
  const { verdict, reason, typed } = click;
  const needs = (need: Requirement['require'][number]) => policy.requirement?.require.includes(need) ?? false;
  if (verdict === 'approve' && needs('own_key') && !own) return 'own_key_required';
  // Nobody denies or hands on without saying why.
  if ((verdict !== 'approve' || needs('reason')) && isBlank(reason)) return 'reason_missing';
  if (verdict === 'approve' && needs('typed') && typed !== content?.target) return 'typed_mismatch';
  return code;
}

export function isBlank(reason: string | null): boolean {
  return reason === null || reason.trim() === '';
}

function decisionOf(
  { request_id, card_digest, verdict, to, person, channel, typed, reason }: Click,
  { dossier, preview, policy, ring }: Previewed,
  code: string,
  decided_at: string,
): DecisionStatement {
  return {
    audience: ring.audience,
    request_id,
    action_digest: dossier.request.digest,
    preview_digest: preview.digest,
    rule_digest: policy.rule_digest,
    card_digest,
    verdict,
    to,
    person,
    standing: {
      eligible: code === 'eligible',
      code,
      denials: policy.requirement?.denials ?? 1,
      directory_digest: policy.directory_digest,
    },
    channel,
    typed,
    reason,
    decided_at,
  };
}

/**
 * Idempotent on what is decided by whom, never on a delivery: a second click has a new one. Nor on which card, or on
 * whom somebody names who may not: their author says those, and could heap them up. An approval that is found
 * eligible is a new one: whatever its person approved before no longer suffices.
 */
function saysTheSame(left: DecisionStatement, right: DecisionStatement): boolean {
  if (right.verdict === 'approve' && right.standing.eligible) return false;
  return said(left) === said(right);
}

function said({
  decided_at: _,
  typed: __,
  reason: ___,
  card_digest: ____,
  to,
  standing: { code, eligible },
  ...rest
}: DecisionStatement): string {
  return canonicalize({ ...rest, to: eligible ? to : null, code });
}
