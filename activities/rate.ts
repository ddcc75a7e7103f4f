/** How often one agent may have the executor look: a sliding window in memory, since a preview is a query. */

export interface Rate {
  /** True when this call is within the limit; it counts. */
  admits(who: string, now: number): boolean;
}

export function createRate({ calls, windowMs }: { readonly calls: number; readonly windowMs: number }): Rate {
  const seen = new Map<string, readonly number[]>();
  return {
    admits: (who, now) => {
      const recent = (seen.get(who) ?? []).filter((at) => at > now - windowMs);
      const admitted = recent.length < calls;
      seen.set(who, admitted ? [...recent, now] : recent);
      return admitted;
    },
  };
}
