/**
 * Hearing what is said: each word is admitted or refused on the record, by whomever and however late, and a
 * withdrawal gets into the book, where the executor finds it.
 */
import { CancellationScope } from '@temporalio/workflow';
import type { DatedDecision } from '../approval/timeline.ts';
import type { Digest, Envelope } from '../approval/types.ts';
import type { Inbox } from './inbox.ts';
import type { Admitted } from './messages.ts';
import { admitDecisions, notifyFirmly } from './proxies.ts';

export interface Hearing {
  readonly request: Envelope;
  readonly inbox: Inbox;
  readonly preview_digest: Digest | null;
  readonly rule_digest: Digest | null;
}

type Of<K extends Admitted['kind']> = Extract<Admitted, { kind: K; admitted: true }>;

/** What was admitted of all that was said since the last time. */
export interface Heard {
  readonly decisions: readonly DatedDecision[];
  /** Some decision binds another preview or rule than those that people were asked by here. */
  readonly bindsOther: boolean;
  readonly withdrawal: Of<'withdrawal'> | null;
  readonly instructions: readonly Of<'instruction'>[];
}

/** Takes what has come. A withdrawal is booked before anything else is done about it. */
export async function hear({ inbox, ...question }: Hearing): Promise<Heard> {
  const messages = inbox.take();
  if (messages.length === 0) return SILENCE;
  const admitted = await admitDecisions({ ...question, messages });
  const withdrawals = admitted.flatMap((entry) =>
    entry.kind === 'withdrawal' && entry.admitted ? [entry] : [],
  );
  if (withdrawals.length > 0) {
    const statements = withdrawals.map(({ envelope }) => envelope);
    await notifyFirmly({ request: question.request, statements, closing: null });
  }
  return {
    decisions: admitted.flatMap((entry) => (entry.kind === 'decision' && entry.admitted ? [entry] : [])),
    bindsOther: admitted.some((entry) => !entry.admitted && entry.code === 'binds_other'),
    withdrawal: withdrawals[0] ?? null,
    instructions: admitted.flatMap((entry) =>
      entry.kind === 'instruction' && entry.admitted ? [entry] : [],
    ),
  };
}

const SILENCE: Heard = { decisions: [], bindsOther: false, withdrawal: null, instructions: [] };

/** Does the work, and hears until it is done and the inbox empty. Costs nothing where nobody speaks. */
export async function hearing<T>(question: Hearing, work: () => Promise<T>): Promise<T> {
  let done = false;
  const listen = async (): Promise<void> => {
    for (;;) {
      await question.inbox.holdsOr(() => done);
      if (question.inbox.empty()) return;
      await hear(question);
    }
  };
  const [worked, heard] = await Promise.allSettled([
    work().finally(() => {
      done = true;
    }),
    CancellationScope.nonCancellable(listen),
  ]);
  if (worked.status === 'rejected') throw worked.reason;
  if (heard.status === 'rejected') throw heard.reason;
  return worked.value;
}
