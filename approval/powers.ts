/** Whether a person may give an instruction about a request at this moment, and if not, why. */
import type { RequestState, Standings } from './state.ts';
import type { Powers } from './types.ts';

/** What people say of a request beside deciding it. */
export type Power = keyof Powers;

export interface PowerQuestion {
  readonly power: Power;
  readonly person: string | null;
  readonly standings: Standings;
  readonly powers: Powers;
}

export type PowerCode = 'eligible' | 'person_unknown' | 'not_eligible' | 'already_said' | `request_${string}`;

export function powerCode({ power, person, standings, powers }: PowerQuestion): PowerCode {
  if (person === null) return 'person_unknown';
  if (!powers[power].includes(person)) return 'not_eligible';
  const { state, glass, settlement, lease } = standings;
  switch (power) {
    case 'settle':
      if (settlement !== null) return 'already_said';
      return state === 'unknown' ? 'eligible' : `request_${state}`;
    case 'break_glass':
      return BREAKABLE.has(state) ? 'eligible' : `request_${state}`;
    case 'review':
      if (glass === null) return 'request_not_broken';
      if (glass.review !== null) return 'already_said';
      // What one did alone is for others to judge.
      return glass.broken.statement.person === person ? 'not_eligible' : 'eligible';
    case 'revoke':
      if (lease === null) return 'request_without_end';
      if (lease.revoked !== null || lease.ended !== null) return 'already_said';
      return ENDABLE.has(state) ? 'eligible' : `request_${state}`;
  }
}

/** Undecided, or held before it ran. */
const BREAKABLE: ReadonlySet<RequestState> = new Set(['pending', 'approved', 'lapsed', 'allowed']);

/** Something may have been given and not been taken back. */
const ENDABLE: ReadonlySet<RequestState> = new Set(['active', 'running', 'unknown', 'settled', 'failed']);
