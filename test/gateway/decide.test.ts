import { describe, expect, it } from 'vitest';
import { caseOf } from '../../activities/case.ts';
import { digestOfJson } from '../../approval/digest.ts';
import { openStatement, signStatement } from '../../approval/statements.ts';
import type { Verified } from '../../approval/types.ts';
import { cardDigest } from '../../approval/view.ts';
import { type Click, decide } from '../../gateway/decide.ts';
import { FLAGS, type Handle, LAPSES, STEP } from '../rig/house.ts';
import { AUDIENCE, at, judgeOf, keys, OPENS, previewOf, requestOf } from './case-in-hand.ts';
import { type Move, type Step, vectors } from './decision-vectors.ts';
import { type MemoryBook, memoryBook } from './memory-book.ts';

const judge = judgeOf();
const FAULTS: Readonly<Record<string, string>> = {
  gus: 'account_guest',
  bot: 'account_bot',
  stan: 'account_stranger',
  del: 'account_deactivated',
  fox: 'account_foreign_team',
};

async function asked(rule: string) {
  const book = memoryBook();
  const request = requestOf({ rule });
  await book.append([request, previewOf(request)]);
  let clock = OPENS + 500;
  const { request_id } = request.statement;
  const now = () => {
    clock += 1;
    return clock;
  };
  const standing = () => {
    const found = caseOf(request_id, book.rows, judge, new Date(clock));
    if (found === null) throw new Error('nothing was previewed');
    return found;
  };
  const content = standing().content;
  if (content === null) throw new Error('policy asks nobody');
  const clickOf = ({ person, verdict, card, reason }: Move): Click => ({
    request_id,
    card_digest: card === 'stale' ? digestOfJson('another card') : cardDigest(content),
    verdict,
    reason: verdict === 'deny' && reason !== null ? 'Not now.' : null,
    person: person === 'eve' ? null : person,
    channel: { name: 'slack', account: `T1/${person}` },
    accountFault: person in FLAGS ? (FAULTS[person] ?? null) : null,
  });
  const move = (of: Move) => decide(clickOf(of), { judge, book, key: keys.gateway, now });
  const step = async (one: Step): Promise<void> => {
    if (!('until' in one)) await move(one);
    else if (one.until === 'escalated') clock = OPENS + STEP * 1000;
    else if (one.until === 'expired') clock = OPENS + LAPSES * 1000;
    else await run(request, book);
  };
  return { book, request, standing, move, step, clickOf, now };
}

async function run(request: Verified<'request'>, book: MemoryBook): Promise<void> {
  const { request_id } = request.statement;
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
  const ended = { outcome: 'succeeded', code: 'succeeded', result_digest: null, finished_at: at(1) } as const;
  const finish = signStatement(
    'finish',
    { audience: AUDIENCE, request_id, start: start.digest, ...ended },
    keys.executor,
  );
  await book.append([start, finish]);
}

describe('the one gate', () => {
  it.each(vectors.map((vector) => [vector.name, vector] as const))('%s', async (_, vector) => {
    const { rule, before, move, code, approvals, state } = vector;
    const request = await asked(rule);
    for (const one of before) await request.step(one);
    const booked = request.book.rows.length;
    const decided = await request.move(move);
    expect(decided?.code).toBe(code);
    // Counted or not, it is on the record, under the gateway's signature.
    expect(request.book.rows.length).toBe(booked + 1);
    const decision = openStatement('decision', request.book.rows.at(-1)?.envelope, {
      keys: [keys.gateway.verifier],
      audience: AUDIENCE,
    });
    expect(decision.statement.standing).toMatchObject({ eligible: code === 'eligible', code });
    const { standings } = request.standing();
    expect(standings.tally?.approvals.length).toBe(approvals);
    if (state !== undefined) expect(standings.state).toBe(state);
  });

  it('books the very same click once', async () => {
    const request = await asked('two');
    const people: readonly Handle[] = ['ana', 'mia', 'dan', 'eve'];
    for (const person of people) {
      const first = await request.move({ person, verdict: 'approve' });
      const again = await request.move({ person, verdict: 'approve' });
      const third = await request.move({ person, verdict: 'approve' });
      expect(first?.decision).not.toBeNull();
      // Ana's second click is another: she has approved already.
      expect(again?.decision === null).toBe(person !== 'ana');
      expect(third?.decision).toBeNull();
    }
  });

  it('takes no denial without a reason', async () => {
    const request = await asked('one');
    const decided = await request.move({ person: 'ana', verdict: 'deny', reason: null });
    expect(decided?.code).toBe('reason_missing');
    expect(request.standing().standings.state).toBe('pending');
    await request.move({ person: 'ana', verdict: 'deny' });
    expect(request.standing().standings.state).toBe('denied');
  });

  it('lets one of two who click at once approve, where one is asked', async () => {
    const request = await asked('one');
    const codes = await Promise.all(
      (['ana', 'ben'] as const).map(
        async (person) => (await request.move({ person, verdict: 'approve' }))?.code,
      ),
    );
    expect(codes.toSorted()).toEqual(['eligible', 'request_approved']);
  });

  it('signs nothing about a request of which nobody was asked', async () => {
    const request = await asked('one');
    const click = { ...request.clickOf({ person: 'ana', verdict: 'approve' }), request_id: '0'.repeat(64) };
    const { book, now } = request;
    expect(await decide(click, { judge, book, key: keys.gateway, now })).toBeNull();
    expect(book.rows).toHaveLength(2);
  });

  it('decides nothing over a book that somebody altered', async () => {
    const request = await asked('one');
    await request.move({ person: 'ana', verdict: 'deny' });
    const denial = request.book.rows.pop();
    const approval = signStatement(
      'decision',
      { ...openDenial(denial?.envelope), verdict: 'approve', reason: null },
      keys.impostor,
    );
    await request.book.append([approval]);
    await expect(request.move({ person: 'ben', verdict: 'approve' })).rejects.toMatchObject({
      code: 'book_statement_invalid',
    });
    expect(request.book.rows).toHaveLength(3);
  });
});

function openDenial(envelope: unknown) {
  return openStatement('decision', envelope, { keys: [keys.gateway.verifier], audience: AUDIENCE }).statement;
}
