/** The judge of one process: whose signatures count, what an action is, and what policy says, from its own configuration. */
import type { ExaminedAction, Registry } from '../actions/registry.ts';
import type { Keyring } from '../approval/dossier.ts';
import type { Judge } from '../approval/grant.ts';
import type { Trust } from '../approval/trust.ts';
import type { RequestStatement } from '../approval/types.ts';
import type { Guard } from '../policy/guard.ts';

export interface HouseJudge extends Judge {
  readonly guard: Guard;
  examine(action: RequestStatement['action']): ExaminedAction;
}

export interface JudgeDeps {
  readonly trust: Trust;
  readonly guard: Guard;
  readonly registry: Registry;
}

export function createJudge({ trust, guard, registry }: JudgeDeps): HouseJudge {
  const ring: Keyring = { ...trust, agents: guard.directory.agentKeys };
  return {
    ring,
    guard,
    examine: ({ name, input }) => registry.examine(name, input),
    evaluate: guard.evaluate,
  };
}
