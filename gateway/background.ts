/** Work that goes on after an answer was given: none is forgotten, none fails unheard. */
import type { Logger } from 'pino';

export interface Background {
  /** Begins work that nobody waits for. */
  begin(what: string, work: () => Promise<unknown>): void;
  /** Runs work again and again with a pause in between, until closed. */
  repeat(what: string, everyMs: number, work: () => Promise<unknown>): void;
  /** Waits for what has begun; nothing begins any more. */
  close(): Promise<void>;
}

export function createBackground(log: Logger): Background {
  const running = new Set<Promise<unknown>>();
  const timers = new Map<string, NodeJS.Timeout>();
  let closed = false;

  const begin = (what: string, work: () => Promise<unknown>): Promise<unknown> => {
    const done = work()
      .catch((error: unknown) => log.error({ err: error }, `${what} failed`))
      .finally(() => running.delete(done));
    running.add(done);
    return done;
  };

  const repeat = (what: string, everyMs: number, work: () => Promise<unknown>): void => {
    if (closed) return;
    const again = async () => {
      await begin(what, work);
      repeat(what, everyMs, work);
    };
    timers.set(what, setTimeout(again, everyMs));
  };

  return {
    begin: (what, work) => {
      void begin(what, work);
    },
    repeat,
    close: async () => {
      closed = true;
      for (const timer of timers.values()) clearTimeout(timer);
      await Promise.all(running);
    },
  };
}
