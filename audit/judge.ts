/** The judge of one process: whose signatures count, what an action is, and what policy says, from its own configuration. */
import type { ExaminedAction, Registry } from '../actions/registry.ts';
import { type BookedStatement, openBooked, openInstruction } from '../approval/dossier.ts';
import type { Judge } from '../approval/grant.ts';
import { houseOf } from '../approval/house.ts';
import type { Keyring } from '../approval/keyring.ts';
import type { Trust } from '../approval/trust.ts';
import type { Digest, RequestStatement, Verified } from '../approval/types.ts';
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
  const { directory } = guard;
  const ring: Keyring = { ...trust, agents: directory.agentKeys, people: directory.peopleKeys };
  const open = rememberedInstructions(ring);
  return {
    ring,
    guard,
    examine: ({ name, input }) => registry.examine(name, input),
    evaluate: guard.evaluate,
    house: (booked) => houseOf(booked.filter(({ kind }) => kind === 'instruction').map(open)),
  };
}

/** The house's page is read at every judgement and only ever grows: each envelope is verified once. */
function rememberedInstructions(ring: Keyring): (entry: BookedStatement) => Verified<'instruction'> {
  const verified = new Map<Digest, { readonly text: string; readonly said: Verified<'instruction'> }>();
  return (entry) => {
    const text = JSON.stringify(entry.envelope);
    const known = verified.get(entry.digest);
    if (known?.text === text) return known.said;
    const said = openBooked('instruction', entry, null, ring, () => openInstruction(entry.envelope, ring));
    verified.set(entry.digest, { text, said });
    return said;
  };
}
