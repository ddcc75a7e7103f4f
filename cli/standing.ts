/** Where a request stands by its verified statements, for whoever reads it as JSON, and the state in a word. */
import type { Case } from '../audit/case.ts';
import { type ListedState, stateOfCase } from '../audit/shown-state.ts';
import type { Digest, Standings, Timestamp } from '../client/vocabulary.ts';

export function shownState(subject: Pick<Case, 'standings'>): ListedState {
  return stateOfCase(subject.standings);
}

/** One sentence, for whoever has just said something. */
export function progressWords(subject: Case): string {
  const { tally, hold } = subject.standings;
  const state = shownState(subject);
  if (state === 'pending' && tally !== null) {
    return `${tally.filled} of ${tally.needed} approvals are there; it waits for the others.`;
  }
  if (state === 'held' && hold !== null) return `It is approved and held: ${hold.words}`;
  return `The request is ${state.replaceAll('_', ' ')}.`;
}

export interface ToldDecision {
  readonly digest: Digest;
  readonly person: string | null;
  readonly verdict: string;
  readonly to: string | null;
  /** `counts`, or why it has no weight. */
  readonly code: string;
  readonly reason: string | null;
  readonly at: Timestamp;
  readonly account: string;
}

export interface Standing {
  readonly state: ListedState;
  readonly effect: string;
  readonly rule: string | null;
  readonly explanation: readonly string[];
  readonly hold: Standings['hold'];
  /** 0 where nobody looked yet. */
  readonly revision: number;
  readonly revisions: readonly {
    readonly revision: number;
    readonly at: Timestamp;
    readonly changed: readonly string[];
  }[];
  readonly decisions: readonly ToldDecision[];
  readonly execution: {
    readonly started_at: Timestamp;
    readonly deadline: Timestamp;
    /** The executor's own word; null while there is none. */
    readonly outcome: string | null;
    readonly code: string | null;
    readonly finished_at: Timestamp | null;
  } | null;
  /** A person's word on what the target shows; the executor's stands beside it. */
  readonly settlement: (Spoken & { readonly ran: boolean }) | null;
  readonly glass: {
    readonly broken: Spoken;
    readonly review: (Spoken & { readonly justified: boolean }) | null;
  } | null;
  readonly lease: {
    readonly until: Timestamp;
    readonly revoked: Spoken | null;
    readonly ended_at: Timestamp | null;
  } | null;
}

interface Spoken {
  readonly digest: Digest;
  readonly person: string | null;
  readonly reason: string | null;
  readonly at: Timestamp;
}

/** As much of a case as is told. */
export type Looked = Pick<Case, 'dossier' | 'policy' | 'standings' | 'preview'> & {
  readonly examined: Pick<Case['examined'], 'drift'>;
};

export function standingOf(subject: Looked): Standing {
  const { standings, policy } = subject;
  const { settlement, glass, lease, start, finish } = standings;
  return {
    state: shownState(subject),
    effect: policy.effect,
    rule: policy.rule,
    explanation: policy.explanation,
    hold: standings.hold,
    revision: subject.preview?.statement.revision ?? 0,
    revisions: revisionsOf(subject),
    decisions: decisionsOf(subject),
    execution:
      start === null
        ? null
        : {
            started_at: start.statement.started_at,
            deadline: start.statement.deadline,
            outcome: finish?.statement.outcome ?? null,
            code: finish?.statement.code ?? null,
            finished_at: finish?.statement.finished_at ?? null,
          },
    settlement: settlement && { ...spoken(settlement), ran: settlement.statement.detail.ran },
    glass: glass && {
      broken: spoken(glass.broken),
      review: glass.review && { ...spoken(glass.review), justified: glass.review.statement.detail.justified },
    },
    lease: lease && {
      until: lease.until,
      revoked: lease.revoked && spoken(lease.revoked),
      ended_at: lease.ended?.statement.finished_at ?? null,
    },
  };
}

interface Said {
  readonly digest: Digest;
  readonly statement: {
    readonly person: string | null;
    readonly reason: string | null;
    readonly issued_at: Timestamp;
  };
}

function spoken({ digest, statement: { person, reason, issued_at } }: Said): Spoken {
  return { digest, person, reason, at: issued_at };
}

function revisionsOf({ dossier: { previews }, examined }: Looked): Standing['revisions'] {
  return previews.map(({ statement: { revision, previewed_at, facts } }, index) => {
    const before = previews[index - 1];
    return {
      revision,
      at: previewed_at,
      changed: before === undefined ? [] : examined.drift(before.statement.facts, facts, 0),
    };
  });
}

/** Every one, those too that bind what stood before. */
function decisionsOf({ dossier: { decisions }, standings: { placed } }: Looked): readonly ToldDecision[] {
  const placeOf = new Map(placed.map(({ digest, code }) => [digest, code]));
  return decisions.map(({ digest, statement }) => {
    const { person, verdict, to, standing, reason, decided_at, channel } = statement;
    const code = standing.eligible ? (placeOf.get(digest) ?? 'binds_other') : standing.code;
    const account = `${channel.name} ${channel.account}`;
    return { digest, person, verdict, to, code, reason, at: decided_at, account };
  });
}
