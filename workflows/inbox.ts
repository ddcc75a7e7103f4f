/** The inbox: signal handlers only push into it, so the workflow's body stays one sequence. */
import { condition, defineSignal, setDefaultSignalHandler, setHandler } from '@temporalio/workflow';
import { FLOOD_LIMIT, SIGNALS } from './messages.ts';

export interface Message {
  readonly signal: string;
  readonly envelope: unknown;
}

export interface Inbox {
  /** Waits for a message; false when the time passed first. */
  arrives(milliseconds: number, summary: string): Promise<boolean>;
  /** Waits, with no timer, for a message or for something else to come true. */
  holdsOr(other: () => boolean): Promise<void>;
  empty(): boolean;
  /** Takes all that has come since the last take. */
  take(): readonly Message[];
  /** More has come than any honest request sees. */
  flooded(): boolean;
}

/** Registers the handlers; call it before anything is awaited. */
export function openInbox(): Inbox {
  let waiting: Message[] = [];
  let received = 0;
  const push = (signal: string, envelope: unknown): void => {
    received += 1;
    // What comes after the flood is in the history; keeping it here too would only cost memory.
    if (received <= FLOOD_LIMIT) waiting.push({ signal, envelope });
  };
  setHandler(defineSignal<[unknown]>(SIGNALS.decide), (envelope) => push(SIGNALS.decide, envelope), {
    description: "A person's signed decision, as the gateway booked it.",
  });
  setHandler(defineSignal<[unknown]>(SIGNALS.withdraw), (envelope) => push(SIGNALS.withdraw, envelope), {
    description: 'The withdrawal that the requesting agent signed.',
  });
  setHandler(defineSignal<[unknown]>(SIGNALS.instruct), (envelope) => push(SIGNALS.instruct, envelope), {
    description: 'What else people said of it, or that what held it was lifted, as the gateway booked it.',
  });
  setDefaultSignalHandler((name) => push(name, null));
  return {
    arrives: (milliseconds, summary) =>
      condition(() => waiting.length > 0 || received > FLOOD_LIMIT, milliseconds, { summary }),
    holdsOr: (other) => condition(() => waiting.length > 0 || other()),
    empty: () => waiting.length === 0,
    take: () => {
      const taken = waiting;
      waiting = [];
      return taken;
    },
    flooded: () => received > FLOOD_LIMIT,
  };
}
