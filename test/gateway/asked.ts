/** A request of which people were asked, with a book in memory and both ways to the gates: a channel's and an own key's. */
import { Client, Connection } from '@temporalio/client';
import { digestOfJson } from '../../approval/digest.ts';
import type { SigningKey } from '../../approval/keys.ts';
import { openStatement, signStatement } from '../../approval/statements.ts';
import type {
  DecisionStatement,
  Envelope,
  InstructionStatement,
  StatementByKind,
  Verified,
} from '../../approval/types.ts';
import { cardDigest } from '../../approval/view.ts';
import { type Case, caseOf } from '../../audit/case.ts';
import { openDatabase } from '../../book/database.ts';
import { type Decided, decide } from '../../gateway/decide.ts';
import type { StatementsDeps, Taken } from '../../gateway/statements.ts';
import { takeStatement } from '../../gateway/statements.ts';
import { FLAGS, LAPSES, type Signer, STEP } from '../rig/house.ts';
import { type Asking, AUDIENCE, at, judgeOf, keys, OPENS, previewOf, requestOf } from './case-in-hand.ts';
import { type Move, reasonOf, type Step } from './decision-vectors.ts';
import { memoryBook } from './memory-book.ts';

const judge = judgeOf();
const FAULTS: Readonly<Record<string, string>> = {
  gus: 'account_guest',
  bot: 'account_bot',
  stan: 'account_stranger',
  del: 'account_deactivated',
  fox: 'account_foreign_team',
};
// Nothing is said to Temporal and nothing is painted here.
const client = new Client({ connection: Connection.lazy({ address: '127.0.0.1:1' }) });
const db = openDatabase('postgres://nobody@127.0.0.1:1/nothing');

export async function asked(asking: Asking & { readonly previewed?: false } = {}) {
  const book = memoryBook();
  const request = requestOf(asking);
  const { request_id } = request.statement;
  await book.append(asking.previewed === false ? [request] : [request, previewOf(request)]);
  const clock = { now: OPENS + 500 };
  const begun: string[] = [];
  const deps: StatementsDeps = {
    judge: () => judge,
    book,
    key: keys.gateway,
    now: () => {
      clock.now += 1;
      return clock.now;
    },
    client,
    db,
    background: {
      begin: (what) => begun.push(what),
      repeat: () => undefined,
      close: async () => undefined,
    },
    paint: async () => undefined,
    tend: async () => undefined,
  };
  const standing = async (): Promise<Case> => {
    const pages = { booked: (await book.statements(request_id)).booked, house: await book.house() };
    const found = caseOf(request_id, pages, judge, clock.now);
    if (found === null) throw new Error('nothing was asked');
    return found;
  };
  const cardOf = async ({ card }: Move) => {
    const { content } = await standing();
    return content === null || card === 'stale' ? digestOfJson('another card') : cardDigest(content);
  };

  const bySlack = async (move: Move): Promise<Decided | null> => {
    const { person, verdict, to = null, typed = null } = move;
    return decide(
      {
        request_id,
        card_digest: await cardOf(move),
        verdict,
        to,
        typed,
        reason: reasonOf(move),
        person: person === 'eve' ? null : person,
        channel: { name: 'slack', account: `T1/${person}` },
        accountFault: person in FLAGS ? (FAULTS[person] ?? null) : null,
      },
      deps,
    );
  };

  /** What somebody says who takes it that they may. */
  const decisionOf = async (
    person: Signer,
    move: Move,
    change: Partial<DecisionStatement> = {},
  ): Promise<DecisionStatement> => {
    const { policy, preview } = await standing();
    return {
      audience: AUDIENCE,
      request_id,
      action_digest: request.digest,
      preview_digest: preview?.digest ?? digestOfJson('no preview'),
      rule_digest: policy.rule_digest,
      card_digest: await cardOf(move),
      verdict: move.verdict,
      to: move.to ?? null,
      person,
      standing: {
        eligible: true,
        code: 'eligible',
        denials: policy.requirement?.denials ?? 1,
        directory_digest: policy.directory_digest,
      },
      channel: { name: 'own_key', account: keys[person].keyid },
      typed: move.typed ?? null,
      reason: reasonOf(move),
      decided_at: new Date(clock.now).toISOString(),
      ...change,
    };
  };
  const post = (envelope: unknown): Promise<Taken> =>
    takeStatement(Buffer.from(typeof envelope === 'string' ? envelope : JSON.stringify(envelope)), deps);
  const byKey = async (person: Signer, move: Move): Promise<Taken> => {
    clock.now += 1;
    return post(signStatement('decision', await decisionOf(person, move), keys[person]).envelope);
  };

  const step = async (one: Step): Promise<void> => {
    if (!('until' in one)) await bySlack(one);
    else if (one.until === 'escalated') clock.now = OPENS + STEP * 1000;
    else if (one.until === 'expired') clock.now = OPENS + LAPSES * 1000;
    else await run('succeeded');
  };

  /** What the executor signs of a run; `unknown` is a Start without a Finish, past its deadline. */
  const run = async (outcome: 'succeeded' | 'failed' | 'unknown'): Promise<Verified<'start'>> => {
    const start = signStatement(
      'start',
      {
        audience: AUDIENCE,
        request_id,
        request: request.digest,
        preview: null,
        decisions: [],
        instructions: [],
        policy: digestOfJson('policy'),
        directory: digestOfJson('directory'),
        steps: [],
        started_at: at(1),
        deadline: at(60),
      },
      keys.executor,
    );
    await book.append([start]);
    if (outcome === 'unknown') {
      clock.now = OPENS + 61_000;
      return start;
    }
    const ended = { outcome, code: outcome, result_digest: null, finished_at: at(1) } as const;
    const finish = { audience: AUDIENCE, request_id, start: start.digest, ...ended };
    await book.append([signStatement('finish', finish, keys.executor)]);
    return start;
  };

  /** What somebody says now, good for five minutes unless told. */
  const said = <S extends Partial<InstructionStatement>>(statement: S) => ({
    audience: AUDIENCE,
    reason: 'Because.',
    issued_at: new Date(clock.now).toISOString(),
    expires_at: new Date(clock.now + 300_000).toISOString(),
    ...statement,
  });
  const say = (statement: InstructionStatement, key: SigningKey): Promise<Taken> =>
    post(signStatement('instruction', statement, key).envelope);

  /** The last statement in the book, which the gateway signed whoever else did. */
  const last = <K extends 'decision' | 'instruction' | 'refusal'>(kind: K): StatementByKind[K] => {
    const trust = { keys: [keys.gateway.verifier], audience: AUDIENCE };
    return openStatement(kind, book.rows.at(-1)?.envelope, trust).statement;
  };

  return {
    book,
    request,
    request_id,
    clock,
    deps,
    begun,
    standing,
    bySlack,
    byKey,
    decisionOf,
    post,
    step,
    run,
    said,
    say,
    last,
  };
}

export type Asked = Awaited<ReturnType<typeof asked>>;

/** The same with a second signature, over whatever. */
export function withSignature(envelope: Envelope, key: SigningKey, over: string): Envelope {
  const sig = Buffer.from(key.sign(Buffer.from(over))).toString('base64');
  return { ...envelope, signatures: [...envelope.signatures, { keyid: key.keyid, sig }] };
}
