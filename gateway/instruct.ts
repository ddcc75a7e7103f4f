/**
 * The one gate for what people say beside deciding: judges who says it, signs it and books it.
 *
 * What is about one request is judged under that request's lock. What is about the house needs none: saying the
 * same of it twice changes nothing, and each statement of it is booked alone. Only delegations, which are counted,
 * wait for each other.
 */
import { refuse } from '../activities/refuse.ts';
import { type BookedStatement, openInstruction, subjectOf } from '../approval/dossier.ts';
import { freezeSubject } from '../approval/house.ts';
import { saying } from '../approval/instruction.ts';
import { powerCode } from '../approval/powers.ts';
import { brokenGlassOf } from '../approval/state.ts';
import { countersign, signStatement } from '../approval/statements.ts';
import type { Instruction, InstructionDetails, Verb, Verified } from '../approval/types.ts';
import { type Case, caseOf } from '../audit/case.ts';
import type { HouseJudge } from '../audit/judge.ts';
import type { Appended } from '../book/append.ts';
import type { Book } from '../book/book.ts';
import { type DecideDeps, isBlank } from './decide.ts';

/** What people say; agents withdraw. */
export type PersonalVerb = Exclude<Verb, 'withdraw'>;
export type Personal = Instruction<PersonalVerb>;

/** What somebody says of what, before anybody says when. */
export type Order = {
  readonly [V in PersonalVerb]: {
    readonly verb: V;
    readonly subject: string;
    readonly detail: InstructionDetails[V];
  };
}[PersonalVerb];

export interface Speaker {
  /** The directory's id; null where the account is bound to nobody. */
  readonly person: string | null;
  readonly reason: string | null;
  /** Why the account may not speak for its person; null where it may. */
  readonly accountFault: string | null;
}

export interface Instructed {
  /** `eligible` where it holds, or why it does not. */
  readonly code: string;
  /** Null where it is about the house. */
  readonly subject: Case | null;
  /** As it stands in the book; null where it does not hold: then a Refusal is on the record. */
  readonly said: {
    readonly instruction: Verified<'instruction'>;
    readonly outcome: Appended['outcome'];
  } | null;
}

const MINUTE = 60_000;
const DAY = 24 * 60 * MINUTE;
const MOST_DAYS = 90;
/** Every judgement reads all that was ever said of the house, and anybody in the directory may delegate. */
const MOST_DELEGATIONS_A_DAY = 10;

/** How long each may be booked after it was said; a broken glass releases as long. A delegation says itself. */
const LASTS: { readonly [V in Exclude<PersonalVerb, 'delegate'>]: number } = {
  settle: 5 * MINUTE,
  break_glass: 15 * MINUTE,
  review: 5 * MINUTE,
  revoke: 5 * MINUTE,
  freeze: 5 * MINUTE,
  unfreeze: 5 * MINUTE,
};

/** The statement of an order that is given now. */
export function instructionOf(
  order: Exclude<Order, { verb: 'delegate' }>,
  { person, reason }: Pick<Speaker, 'person' | 'reason'>,
  { ring }: HouseJudge,
  now: number,
): Personal {
  const issued_at = new Date(now).toISOString();
  const expires_at = new Date(now + LASTS[order.verb]).toISOString();
  return { audience: ring.audience, ...order, person, reason, issued_at, expires_at };
}

export interface Instructing {
  readonly statement: Personal;
  readonly accountFault: string | null;
  /** The same as the person signed it themselves; null where the gateway speaks for them. */
  readonly own: Verified<'instruction'> | null;
}

/** Null where the book holds no such request. */
export async function instruct(said: Instructing, deps: DecideDeps): Promise<Instructed | null> {
  const { statement } = said;
  const request_id = subjectOf({ statement });
  const ofAll = () => (statement.verb === 'delegate' ? inTurn(said, deps) : ofHouse(said, deps));
  const instructed = await (request_id === null ? ofAll() : ofRequest(said, request_id, deps));
  if (instructed !== null && instructed.said === null) {
    const refused = { activity: 'instruct', request_id, step: statement.verb, code: instructed.code };
    await refuse(refused, { ...deps, audience: deps.judge().ring.audience });
  }
  return instructed;
}

function ofRequest(said: Instructing, requestId: string, deps: DecideDeps): Promise<Instructed | null> {
  return deps.book.locked(requestId, async (page) => {
    const now = deps.now();
    const pages = { booked: await page.statements(), house: await page.house() };
    const subject = caseOf(requestId, pages, deps.judge(), now);
    if (subject === null) return null;
    const stands = subject.dossier.instructions.find(({ digest }) => digest === said.own?.digest);
    if (stands !== undefined) {
      return { code: 'eligible', subject, said: { instruction: stands, outcome: 'present' } };
    }
    const code = said.accountFault ?? complete(codeOf(said.statement, subject), said.statement, now);
    if (code !== 'eligible') return { code, subject, said: null };
    const instruction = sealed(said, deps);
    await page.append([instruction]);
    return { code, subject, said: { instruction, outcome: 'booked' } };
  });
}

const turns = new WeakMap<Book, Promise<unknown>>();

/** So that a thousand at once are not all counted before the first is booked; a freeze waits for none of them. */
function inTurn(said: Instructing, deps: DecideDeps): Promise<Instructed> {
  const turn = (turns.get(deps.book) ?? Promise.resolve()).then(() => ofHouse(said, deps));
  turns.set(
    deps.book,
    turn.catch(() => undefined),
  );
  return turn;
}

async function ofHouse(said: Instructing, deps: DecideDeps): Promise<Instructed> {
  const judge = deps.judge();
  const standing = houseCodeOf(said.statement, judge, await deps.book.house(), deps.now());
  const code = said.accountFault ?? complete(standing, said.statement, deps.now());
  if (code !== 'eligible') return { code, subject: null, said: null };
  const instruction = sealed(said, deps);
  const [appended] = await deps.book.append([instruction]);
  return { code, subject: null, said: { instruction, outcome: appended?.outcome ?? 'booked' } };
}

function sealed({ statement, own }: Instructing, { key }: DecideDeps): Verified<'instruction'> {
  return own === null ? signStatement('instruction', statement, key) : countersign(own, key);
}

/** What {@link instruct} would say of who speaks of a request, and of what it binds, without booking anything. */
export function codeOf(statement: Personal, subject: Case): string {
  const { verb, person } = statement;
  if (verb === 'freeze' || verb === 'unfreeze' || verb === 'delegate') return 'other_request';
  const { standings, policy } = subject;
  const code = powerCode({ power: verb, person, standings, powers: policy.powers });
  if (code !== 'eligible') return code;
  if (verb === 'break_glass' && brokenGlassOf(subject) !== null) return 'already_said';
  return binds(statement, subject) ? code : 'binds_other';
}

/** Of what stands now, not of what stood when the card was painted. */
function binds(statement: Personal, { dossier, standings }: Case): boolean {
  switch (statement.verb) {
    case 'settle':
      return statement.detail.start === standings.start?.digest;
    case 'break_glass':
      return (
        statement.detail.action_digest === dossier.request.digest &&
        statement.detail.preview_digest === (dossier.preview?.digest ?? null)
      );
    case 'review':
      return statement.detail.break_glass === standings.glass?.broken.digest;
    default:
      return true;
  }
}

function houseCodeOf(
  statement: Personal,
  judge: HouseJudge,
  booked: readonly BookedStatement[],
  now: number,
): string {
  const { person } = statement;
  const { directory, operators } = judge.guard;
  if (person === null || directory.person(person) === null) return 'person_unknown';
  const operates = operators.includes(person);
  const house = judge.house(booked);
  switch (statement.verb) {
    case 'freeze': {
      const { scope } = statement.detail;
      if (!operates) return 'not_eligible';
      if (statement.subject !== freezeSubject(scope)) return 'binds_other';
      // A name that nobody bears would stop nothing, and look as if it did.
      return scope.of === 'agent' && directory.agent(scope.agent) === null ? 'agent_unknown' : 'eligible';
    }
    case 'unfreeze':
      if (!operates) return 'not_eligible';
      return house.freezes.some(({ digest }) => digest === statement.subject) ? 'eligible' : 'freeze_unknown';
    case 'delegate':
      if (statement.subject === person) return 'delegate_self';
      if (directory.person(statement.subject) === null) return 'delegate_unknown';
      return delegatedSince(now - DAY, person, booked, judge) < MOST_DELEGATIONS_A_DAY
        ? 'eligible'
        : 'delegated_too_often';
    case 'revoke': {
      const stands = house.delegations.find(({ digest }) => digest === statement.subject);
      if (stands === undefined) return 'delegation_unknown';
      return operates || stands.statement.person === person ? 'eligible' : 'not_eligible';
    }
    default:
      return 'other_request';
  }
}

/** How many delegations this person signed since a moment, those too that were revoked or are over. */
function delegatedSince(
  moment: number,
  person: string,
  booked: readonly BookedStatement[],
  { ring }: HouseJudge,
): number {
  const instructions = booked.map(({ envelope }) => openInstruction(envelope, ring));
  return saying(instructions, 'delegate').filter(
    ({ statement }) => statement.person === person && Date.parse(statement.issued_at) > moment,
  ).length;
}

/** Nobody says anything without saying why, nor for longer than it may last. */
function complete(code: string, statement: Personal, now: number): string {
  if (code !== 'eligible') return code;
  if (isBlank(statement.reason)) return 'reason_missing';
  return lastsRightly(statement, now) ? code : 'period_invalid';
}

function lastsRightly(statement: Personal, now: number): boolean {
  const issued = Date.parse(statement.issued_at);
  const expires = Date.parse(statement.expires_at);
  if (expires < now) return false;
  if (statement.verb !== 'delegate') return expires > issued && expires - issued <= LASTS[statement.verb];
  const starts = Date.parse(statement.detail.starts_at);
  return expires > starts && expires - starts <= MOST_DAYS * DAY && starts - issued <= MOST_DAYS * DAY;
}
