/** Medians and spreads of measured milliseconds. */

export interface Spread {
  readonly count: number;
  readonly median: number;
  readonly p10: number;
  readonly p90: number;
  readonly p99: number;
}

export function spreadOf(samples: readonly number[]): Spread {
  const sorted = samples.toSorted((a, b) => a - b);
  const at = (share: number) =>
    sorted[Math.min(sorted.length - 1, Math.floor(share * sorted.length))] ?? Number.NaN;
  return { count: sorted.length, median: at(0.5), p10: at(0.1), p90: at(0.9), p99: at(0.99) };
}
