/**
 * Looking again: what is about to be touched is held against what was approved, once everything else is proven.
 *
 * What drifted, and an approval whose time ran out, gets a new revision of the preview, of which people are asked
 * anew. The executor alone makes one, and only here.
 */
import type { Implementations } from '../actions/registry.ts';
import { openDossier } from '../approval/dossier.ts';
import { AssentError } from '../approval/error.ts';
import type { Judge } from '../approval/grant.ts';
import { delegationsAt } from '../approval/house.ts';
import type { SigningKey } from '../approval/keys.ts';
import { GrantRefused } from '../approval/refusal.ts';
import type { Situation } from '../approval/state.ts';
import { signStatement } from '../approval/statements.ts';
import type { JsonObject, Verified } from '../approval/types.ts';
import type { Book } from '../book/book.ts';

export interface LookAgainDeps {
  judge(): Pick<Judge, 'evaluate'>;
  readonly implementations: Implementations;
  readonly book: Book;
  readonly key: SigningKey;
  readonly signal: AbortSignal;
  now(): number;
}

/** People are not asked about one request for ever. */
const MAX_REVISIONS = 5;
/** A target that is away is tried again after this. */
const AWAY_MS = 15_000;

/**
 * Where the preconditions hold and nothing drifted, nothing happens.
 *
 * @throws GrantRefused at `input`: `precondition_failed`, `drifted`, `asked_too_often`, `target_unreachable`
 */
export async function lookAgain(situation: Situation, deps: LookAgainDeps): Promise<void> {
  const { dossier, policy, examined } = situation;
  const failing = await whileThere(deps, () => preconditionsOf(situation, deps));
  if (failing.length > 0) throw new GrantRefused('input', 'precondition_failed', failing.join(' '));
  if (dossier.preview === null) return;
  const facts = await whileThere(deps, () => factsNow(situation, deps));
  if (facts === null) return;
  const { facts: approved } = dossier.preview.statement;
  const drift = examined.drift(approved, facts, policy.release?.slack_percent ?? 0);
  if (drift.length === 0 && !isRuledOtherwise(approved, facts, situation, deps)) return;
  const preview = await reviseFrom(situation, facts, deps);
  const what = drift.join('; ') || 'by what there is now, another rule judges it';
  throw asking('input', 'drifted', `Changed since it was approved: ${what}.`, preview);
}

/** Slack is of numbers that people or a rule let through, and carries nothing over into another rule. */
function isRuledOtherwise(
  approved: JsonObject,
  facts: JsonObject,
  { dossier, house, examined, now }: Situation,
  { judge }: LookAgainDeps,
): boolean {
  const { evaluate } = judge();
  const { statement: request } = dossier.request;
  const { resource } = examined;
  const delegations = delegationsAt(house, now);
  // Both as of now, so that nothing but the facts makes a difference.
  const ruleBy = (preview: JsonObject) =>
    evaluate({ request, resource, preview, delegations, now: new Date(now) }).rule_digest;
  return ruleBy(facts) !== ruleBy(approved);
}

/**
 * What was approved ran out of time: it is looked at as it is now, and asked anew.
 *
 * @throws GrantRefused with what to ask of
 */
export async function askAnew(
  situation: Situation,
  refused: GrantRefused,
  deps: LookAgainDeps,
): Promise<never> {
  const facts = await whileThere(deps, () => factsNow(situation, deps));
  const preview = await reviseFrom(situation, facts ?? {}, deps);
  throw asking(refused.step, refused.code, refused.message, preview);
}

function asking(
  step: GrantRefused['step'],
  code: string,
  message: string,
  { digest, statement }: Verified<'preview'>,
): GrantRefused {
  const again = { how: 'ask', preview: { digest, previewed_at: statement.previewed_at } } as const;
  return new GrantRefused(step, code, message, { again });
}

async function preconditionsOf(
  { dossier, examined }: Situation,
  { implementations, signal }: LookAgainDeps,
): Promise<readonly string[]> {
  const { name, input } = dossier.request.statement.action;
  return implementations.find(name).preconditions({ input, resource: examined.resource, signal });
}

/** Null where the action has no preview. */
async function factsNow(
  { dossier, examined }: Situation,
  { implementations, signal }: LookAgainDeps,
): Promise<JsonObject | null> {
  const { name, input } = dossier.request.statement.action;
  const look = implementations.find(name).preview;
  return look === null ? null : look({ input, resource: examined.resource, signal });
}

/** Nothing has run: where the target is away, the execution waits and is tried again. */
async function whileThere<T>({ now }: LookAgainDeps, look: () => Promise<T>): Promise<T> {
  try {
    return await look();
  } catch (cause) {
    if (!(cause instanceof AssentError)) throw cause;
    const until = new Date(now() + AWAY_MS).toISOString();
    const again = cause.code === 'target_unreachable' ? ({ how: 'hold', until } as const) : null;
    throw new GrantRefused('input', cause.code, cause.message, { cause, again });
  }
}

/** The next revision; where another execution made it meanwhile, that one. */
async function reviseFrom(
  { dossier, examined, ring }: Situation,
  facts: JsonObject,
  { book, key, now }: LookAgainDeps,
): Promise<Verified<'preview'>> {
  const { request } = dossier;
  const { audience, request_id } = request.statement;
  const before = dossier.preview?.statement.revision ?? 0;
  if (before >= MAX_REVISIONS) {
    throw new GrantRefused(
      'input',
      'asked_too_often',
      `People were asked ${MAX_REVISIONS} times, and each time it changed or waited too long; make a new request.`,
    );
  }
  return book.locked(request_id, async (page) => {
    const last = openDossier(request_id, await page.statements(), ring)?.preview ?? null;
    if (last !== null && last.statement.revision > before) return last;
    const preview = signStatement(
      'preview',
      {
        audience,
        request_id,
        action_digest: request.digest,
        resource: examined.resource,
        facts,
        previewed_at: new Date(now()).toISOString(),
        revision: before + 1,
      },
      key,
    );
    await page.append([preview]);
    return preview;
  });
}
