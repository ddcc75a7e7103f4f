/** When each run's action began, as told by the executor or the bare activity in this very process. */

export interface Moments {
  began(run: string): void;
  /** Milliseconds of performance.now(), once it has begun. */
  of(run: string): Promise<number>;
}

export function createMoments(): Moments {
  const waiting = new Map<string, PromiseWithResolvers<number>>();
  const entry = (run: string) => {
    const known = waiting.get(run) ?? Promise.withResolvers<number>();
    waiting.set(run, known);
    return known;
  };
  return { began: (run) => entry(run).resolve(performance.now()), of: (run) => entry(run).promise };
}
