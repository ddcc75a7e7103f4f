/**
 * Who fills which place, where the order does not matter: a matching for each combination of alternatives. Pure.
 */
import type { Digest, Quorum, Timestamp } from './types.ts';

/**
 * So many combinations of alternatives are looked at, in the order in which they are listed. Which they are
 * depends on the requirement alone, so more approvals never make one of them unseen.
 */
export const MOST_COMBINATIONS = 4096;

/** An approval that may fill a place. */
export interface Approval {
  readonly person: string;
  /** Whom it counts for: people joined by deputies are one voter. */
  readonly voter: string;
  readonly digest: Digest;
  readonly decided_at: Timestamp;
  readonly moment: number;
  /** May fill a place of any part. */
  readonly anywhere: boolean;
}

/** A quorum and those of the approvals that may fill its places. */
export interface Choice {
  readonly quorum: Quorum;
  readonly fitting: ReadonlySet<Approval>;
}

export interface FilledPart {
  /** Of its alternatives the one that is met, or nearest to it. */
  readonly quorum: Quorum;
  readonly by: readonly Approval[];
}

export interface Filling {
  readonly met: boolean;
  readonly parts: readonly FilledPart[];
  /** How many parts are asked. */
  readonly opened: number;
  /** Since when the last of them is; null where that is since the beginning. */
  readonly opened_at: number | null;
  /** The last moment at which by some assignment a part was met and another opened; null for none. */
  readonly turned_at: number | null;
}

/** @param approvals in order of time */
export function fillInAnyOrder(
  approvals: readonly Approval[],
  choices: readonly (readonly Choice[])[],
): Filling {
  const votes = [...Map.groupBy(approvals, ({ voter }) => voter).values()];
  let best: { parts: readonly FilledPart[]; missing: number; filled: number } | null = null;
  for (const combination of combinations(choices)) {
    const parts = match(votes, combination);
    const filled = sum(parts.map(({ by }) => by.length));
    const missing = sum(parts.map(({ quorum }) => quorum.count)) - filled;
    if (best === null || missing < best.missing || (missing === best.missing && filled > best.filled)) {
      best = { parts, missing, filled };
    }
    if (missing === 0) break;
  }
  const parts = best?.parts ?? [];
  return { met: best?.missing === 0, parts, opened: parts.length, opened_at: null, turned_at: null };
}

function* combinations(choices: readonly (readonly Choice[])[]): Generator<readonly Choice[]> {
  const total = choices.reduce((product, alternatives) => product * alternatives.length, 1);
  for (let number = 0; number < Math.min(total, MOST_COMBINATIONS); number++) {
    let rest = number;
    yield choices.flatMap((alternatives) => {
      const chosen = alternatives[rest % alternatives.length];
      rest = Math.floor(rest / alternatives.length);
      return chosen === undefined ? [] : [chosen];
    });
  }
}

/** Kuhn's matching with room for several: whoever sits may move on, and nobody loses a place to a later one. */
function match(
  votes: readonly (readonly Approval[])[],
  combination: readonly Choice[],
): readonly FilledPart[] {
  type Votes = readonly Approval[];
  const benches = combination.map((chosen) => ({ ...chosen, holders: [] as Votes[] }));
  const seat = (voter: Votes, tried: Set<unknown>): boolean => {
    for (const bench of benches) {
      if (tried.has(bench) || !voter.some((approval) => bench.fitting.has(approval))) continue;
      tried.add(bench);
      if (bench.holders.length < bench.quorum.count) {
        bench.holders.push(voter);
        return true;
      }
      const moved = bench.holders.findIndex((holder) => seat(holder, tried));
      if (moved >= 0) {
        bench.holders[moved] = voter;
        return true;
      }
    }
    return false;
  };
  for (const voter of votes) seat(voter, new Set());
  return benches.map(({ quorum, fitting, holders }) => ({
    quorum,
    by: holders.flatMap((voter) => voter.find((approval) => fitting.has(approval)) ?? []),
  }));
}

const sum = (numbers: readonly number[]): number => numbers.reduce((total, one) => total + one, 0);
