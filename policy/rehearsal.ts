/**
 * A rehearsal: what policy says of a request, and what becomes of it while people decide.
 *
 * It is judged by the same code as a real one, from statements that nobody signed. Pure; the clock is passed in.
 */
import { digestOfJson } from '../approval/digest.ts';
import type { Delegation } from '../approval/house.ts';
import { standingCode } from '../approval/standing.ts';
import {
  boundDecisions,
  type Dossier,
  type Situation,
  type Standings,
  standingsOf,
} from '../approval/state.ts';
import type {
  DecisionStatement,
  JsonObject,
  PolicyDecision,
  RequestStatement,
  StatementByKind,
  StatementKind,
  Verified,
} from '../approval/types.ts';
import type { Guard } from './guard.ts';

export interface Rehearsal {
  readonly request: RequestStatement;
  readonly resource: JsonObject;
  /** What an approver types where the rule asks for it. */
  readonly target: string;
  readonly preview: JsonObject | null;
  /** In force all the time. */
  readonly delegations: readonly Delegation[];
  /** In order of time, none of them after `now`. */
  readonly said: readonly Said[];
  /** When all of it is judged. */
  readonly now: Date;
}

/** One person's decision. */
export interface Said {
  readonly person: string;
  readonly verdict: 'approve' | 'deny';
  readonly at: Date;
  readonly reason: string | null;
  readonly typed: string | null;
  /** Keyid of their own key, where they sign with it. */
  readonly keyid: string | null;
}

export interface Rehearsed {
  readonly policy: PolicyDecision;
  readonly standings: Standings;
  /** Those that had no effect, and why. */
  readonly vain: readonly { readonly said: Said; readonly code: string }[];
}

export function rehearse(guard: Guard, rehearsal: Rehearsal): Rehearsed {
  const decisions: Verified<'decision'>[] = [];
  for (const said of rehearsal.said) {
    const { policy, ...situation } = situationAt(said.at, guard, rehearsal, decisions);
    const standings = standingsOf({ policy, ...situation });
    const { person, verdict } = said;
    const now = said.at.getTime();
    const code = standingCode({ person, verdict, to: null, cardCurrent: true, standings, policy, now });
    decisions.push(decisionOf(said, code, policy, situation.dossier));
  }
  const situation = situationAt(rehearsal.now, guard, rehearsal, decisions);
  const bound = boundDecisions(situation);
  return {
    policy: situation.policy,
    standings: standingsOf(situation),
    vain: rehearsal.said.flatMap((said, index) => {
      const decision = decisions[index];
      if (decision === undefined) return [];
      const { eligible, code } = decision.statement.standing;
      if (!eligible) return [{ said, code }];
      return bound.includes(decision) ? [] : [{ said, code: 'lacks_what_is_required' }];
    }),
  };
}

function situationAt(
  now: Date,
  guard: Guard,
  { request, resource, target, preview, delegations }: Rehearsal,
  decisions: readonly Verified<'decision'>[],
): Situation {
  const policy = guard.evaluate({ request, resource, preview, delegations, now });
  const asked = unsigned('request', request);
  const previewed = unsigned('preview', {
    audience: request.audience,
    request_id: request.request_id,
    action_digest: asked.digest,
    resource,
    facts: preview ?? {},
    previewed_at: request.requested_at,
    revision: 1,
  });
  return {
    dossier: {
      request: asked,
      previews: [previewed],
      preview: previewed,
      decisions,
      instructions: [],
      starts: [],
      finishes: [],
      refusals: [],
    },
    house: { freezes: [], delegations: [] },
    policy,
    examined: {
      resource,
      maxSeconds: 0,
      endsAfter: null,
      present: () => ({ title: '', description: [], impact: [], target }),
      drift: () => [],
    },
    ring: {
      audience: request.audience,
      gateway: [],
      executor: [],
      agents: [],
      people: guard.directory.peopleKeys,
    },
    now: now.getTime(),
  };
}

function decisionOf(
  { person, verdict, at, reason, typed, keyid }: Said,
  code: string,
  { rule_digest, requirement, directory_digest }: PolicyDecision,
  { request, preview }: Dossier,
): Verified<'decision'> {
  const statement: DecisionStatement = {
    audience: request.statement.audience,
    request_id: request.statement.request_id,
    action_digest: request.digest,
    preview_digest: preview?.digest ?? request.digest,
    rule_digest,
    // What was shown is no matter of policy's.
    card_digest: request.digest,
    verdict,
    to: null,
    person,
    standing: {
      eligible: code === 'eligible',
      code,
      denials: requirement?.denials ?? 1,
      directory_digest,
    },
    channel: { name: 'rehearsal', account: person },
    typed,
    reason,
    decided_at: at.toISOString(),
  };
  return unsigned('decision', statement, keyid === null ? [] : [keyid]);
}

/** Stands for a statement whose signature was checked; it bears none. */
function unsigned<K extends StatementKind>(
  kind: K,
  statement: StatementByKind[K],
  keyids: readonly string[] = [],
): Verified<K> {
  const envelope = { payloadType: '', payload: '', signatures: [] };
  return { kind, signer: '', keyids, digest: digestOfJson(statement), statement, envelope };
}
