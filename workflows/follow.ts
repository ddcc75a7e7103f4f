/** What follows an execution: a person settles what is unknown, and what has an end is ended. */
import { sleep } from '@temporalio/workflow';
import type { Timestamp } from '../approval/types.ts';
import { type Hearing, hear } from './hear.ts';
import { stateByBook } from './look.ts';
import type { AgentActionResult, Ruling } from './messages.ts';
import { revokeOn } from './proxies.ts';

/** How long nothing is heard before the book is asked again; it doubles up to a day. */
const FIRST_LOOK_MS = 60_000;
const LAST_LOOK_MS = 24 * 3600 * 1000;
/** What could not be ended yet is tried again after this; the executor tries by itself meanwhile. */
const END_AGAIN_MS = 10_000;
/** Timers are a little late on purpose, so that the executor's clock has passed the moment too. */
const CLOCK_SLACK_MS = 250;

/** Waits until somebody says what the target shows, or the book has the executor's late word after all. */
export async function settled(question: Hearing): Promise<AgentActionResult['settlement']> {
  for (let looks = 0; ; looks++) {
    await spell(question, Math.min(LAST_LOOK_MS, FIRST_LOOK_MS * 2 ** looks), 'unknown: waits to be settled');
    const { instructions } = await hear(question);
    const settlement = instructions.find(({ verb }) => verb === 'settle');
    if (settlement !== undefined && settlement.ran !== null) {
      const { person, ran, reason } = settlement;
      return { person, ran, reason };
    }
    const state = await stateByBook(question.request);
    if (state !== null && !OPEN.has(state)) return null;
  }
}

const OPEN: ReadonlySet<string> = new Set(['unknown', 'running', 'unseen']);

/** Waits for the end, or for somebody who says so earlier, and has the executor end it. */
export async function ended(question: Hearing, ruling: Ruling, until: Timestamp): Promise<void> {
  const revoke = revokeOn(ruling.task_queue, ruling.max_seconds);
  let next = Date.parse(until) + CLOCK_SLACK_MS;
  for (;;) {
    await spell(question, Math.max(1, next - Date.now()), 'in force: ends after this');
    const { instructions } = await hear(question);
    const due = Date.now() >= next || instructions.some(({ verb }) => verb === 'revoke');
    if (!due) continue;
    const { ended: over } = await revoke({ request: question.request });
    if (over) return;
    next = Date.now() + END_AGAIN_MS;
  }
}

/** Till a word comes or the time has passed; after a flood of words, only the time counts. */
async function spell({ inbox }: Hearing, milliseconds: number, summary: string): Promise<void> {
  if (inbox.flooded()) await sleep(milliseconds, { summary });
  else await inbox.arrives(milliseconds, summary);
}
