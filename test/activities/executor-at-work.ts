/** An executor's activities over a book in memory, with actions that do what a test wants. */
import { pino } from 'pino';
import type { EndCall, ExecuteCall, PreviewCall } from '../../actions/implement.ts';
import { implement } from '../../actions/implement.ts';
import { createImplementations } from '../../actions/registry.ts';
import { createExecute } from '../../activities/execute.ts';
import { createPreview } from '../../activities/preview.ts';
import { createRate } from '../../activities/rate.ts';
import { openStatement } from '../../approval/statements.ts';
import type { JsonObject, StatementByKind, Verified } from '../../approval/types.ts';
import { cardDigest } from '../../approval/view.ts';
import { caseOf } from '../../audit/case.ts';
import { type Decided, decide } from '../../gateway/decide.ts';
import { AUDIENCE, judgeOf, keys, lend, OPENS } from '../gateway/case-in-hand.ts';
import { memoryBook } from '../gateway/memory-book.ts';
import { work } from '../rig/actions.ts';
import { POLICY } from '../rig/house.ts';

export interface Acts {
  preview?(call: PreviewCall<object>): Promise<JsonObject>;
  preconditions?(call: PreviewCall<object>): Promise<readonly string[]>;
  execute?(call: ExecuteCall<object>): Promise<JsonObject>;
  end?(call: EndCall<object>): Promise<void>;
  /** Happens between the lease and what is done under it. */
  leased?(): void;
}

/** Both of the actions that tests know, doing the same. */
export function implementing(acts: Acts, ran: string[]) {
  const looks = {
    preview: async (call: PreviewCall<object>) => acts.preview?.(call) ?? { looked: true },
    preconditions: async (call: PreviewCall<object>) => acts.preconditions?.(call) ?? [],
  };
  const execute = async (call: ExecuteCall<{ readonly id: string }>) => {
    ran.push(call.input.id);
    return acts.execute?.(call) ?? { done: true };
  };
  return createImplementations([
    implement(work, { ...looks, execute }),
    implement(lend, { ...looks, execute, end: async (call) => acts.end?.(call) }),
  ]);
}

export function executorAtWork(acts: Acts = {}, policy: string = POLICY) {
  const book = memoryBook();
  const clock = { now: OPENS };
  const ran: string[] = [];
  const logged: string[] = [];
  const leased: { readonly action: string; readonly until: string }[] = [];
  const own = judgeOf(policy);
  const judge = () => own;
  const now = () => clock.now;
  const deps = {
    judge,
    implementations: implementing(acts, ran),
    book,
    key: keys.executor,
    log: pino({}, { write: (line) => logged.push(line) }),
    now,
  };
  const opened = <K extends 'preview' | 'refusal' | 'start' | 'finish'>(
    kind: K,
  ): readonly StatementByKind[K][] => {
    const trust = { keys: [keys.executor.verifier], audience: AUDIENCE };
    return book.rows
      .filter((row) => row.kind === kind)
      .map(({ envelope }) => openStatement(kind, envelope, trust).statement);
  };
  return {
    judge,
    book,
    clock,
    ran,
    logged,
    leased,
    preview: createPreview({ ...deps, rate: createRate({ calls: 3, windowMs: 60_000 }) }),
    execute: createExecute({
      ...deps,
      lease: async (_, action, until) => {
        if (book.outage !== null) throw book.outage;
        leased.push({ action, until });
        acts.leased?.();
      },
    }),
    opened,
    refusals: () =>
      opened('refusal').map(({ activity, step, code, request_id }) => ({ activity, step, code, request_id })),
    /** A second later, through the gateway's own gate. */
    approve: async ({ statement: { request_id } }: Verified<'request'>, person = 'ana'): Promise<Decided> => {
      clock.now += 1000;
      const pages = { booked: (await book.statements(request_id)).booked, house: await book.house() };
      const content = caseOf(request_id, pages, own, clock.now)?.content;
      if (!content) throw new Error('policy asks nobody');
      const answer = { verdict: 'approve', to: null, typed: null, reason: null, accountFault: null } as const;
      const channel = { name: 'slack', account: `T1/${person}` };
      const click = { request_id, card_digest: cardDigest(content), person, channel, ...answer };
      const decided = await decide(click, { judge, book, key: keys.gateway, now });
      if (decided?.code !== 'eligible') throw new Error(`not approved: ${decided?.code}`);
      return decided;
    },
  };
}
