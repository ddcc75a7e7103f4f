/**
 * Hearing what is said too late to change the answer: each word is still admitted or refused on the record, and a
 * withdrawal still gets into the book, where the executor finds it.
 */
import { CancellationScope } from '@temporalio/workflow';
import type { Digest, Envelope } from '../approval/types.ts';
import type { Inbox } from './inbox.ts';
import type { AdmitInput, Admitted } from './messages.ts';
import { admitDecisions, notifyFirmly } from './proxies.ts';

export interface Hearing {
  readonly request: Envelope;
  readonly inbox: Inbox;
  readonly preview_digest: Digest | null;
  readonly rule_digest: Digest | null;
}

/** Does the work, and hears until it is done and the inbox empty. Costs nothing where nobody speaks. */
export async function hearing<T>(question: Hearing, work: () => Promise<T>): Promise<T> {
  let done = false;
  const listen = async (): Promise<void> => {
    for (;;) {
      await question.inbox.holdsOr(() => done);
      const messages = question.inbox.take();
      if (messages.length === 0) return;
      await hear(question, messages);
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

async function hear(
  { request, preview_digest, rule_digest }: Hearing,
  messages: AdmitInput['messages'],
): Promise<void> {
  const admitted = await admitDecisions({ request, preview_digest, rule_digest, messages });
  const statements = withdrawalsAmong(admitted).map(({ envelope }) => envelope);
  if (statements.length > 0) await notifyFirmly({ request, statements, closing: null });
}

export type Withdrawal = Extract<Admitted, { kind: 'withdrawal'; admitted: true }>;

export function withdrawalsAmong(admitted: readonly Admitted[]): readonly Withdrawal[] {
  return admitted.flatMap((entry) => (entry.kind === 'withdrawal' && entry.admitted ? [entry] : []));
}
