/** The keyring: whose signature counts for what. */
import type { VerifierKey } from './keys.ts';
import type { StatementKind, Verified } from './types.ts';

/** Whose signature counts for what; from configuration alone. */
export interface Keyring {
  readonly audience: string;
  readonly gateway: readonly VerifierKey[];
  readonly executor: readonly VerifierKey[];
  /** Of every agent in the directory; a key bears its agent's name. */
  readonly agents: readonly VerifierKey[];
  /** Of everyone in the directory who has some; a key bears its person's id. */
  readonly people: readonly VerifierKey[];
}

/** The keys whose signature may stand on a kind of statement. */
export function keysFor(kind: StatementKind, ring: Keyring): readonly VerifierKey[] {
  switch (kind) {
    case 'request':
      return ring.agents;
    case 'instruction':
      return [...ring.gateway, ...ring.agents, ...ring.people];
    case 'decision':
      return [...ring.gateway, ...ring.people];
    case 'preview':
    case 'start':
    case 'finish':
      return ring.executor;
    case 'refusal':
      return [...ring.gateway, ...ring.executor];
  }
}

/** Whether the gateway signed it: it vouches for who spoke, when, and with what standing. */
export function isVouched({ keyids }: Verified<StatementKind>, { gateway }: Keyring): boolean {
  return gateway.some(({ keyid }) => keyids.includes(keyid));
}
