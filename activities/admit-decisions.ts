/** admitDecisions: whose word each signal is; a forged, stray or unreadable one is refused by code. */
import {
  openDecision,
  openInstruction,
  openRequest,
  openWithdrawal,
  subjectOf,
} from '../approval/dossier.ts';
import { AssentError } from '../approval/error.ts';
import type { Verified } from '../approval/types.ts';
import { SIGNALS } from '../approval/types.ts';
import type { HouseJudge } from '../audit/judge.ts';
import type { AdmitInput, Admitted, WorkerActivities } from './types.ts';

export interface AdmitDecisionsDeps {
  judge(): HouseJudge;
}

export function createAdmitDecisions(deps: AdmitDecisionsDeps): WorkerActivities['admitDecisions'] {
  return async (input) => {
    const judge = deps.judge();
    const request = openRequest(input.request, judge.ring);
    return input.messages.map(({ signal, envelope }) => {
      try {
        if (signal === SIGNALS.decide) return admitDecision(envelope, request, input, judge);
        if (signal === SIGNALS.withdraw) return admitWithdrawal(envelope, request, judge);
        if (signal === SIGNALS.instruct) return admitInstruction(envelope, request, judge);
        return { kind: 'unknown', admitted: false, code: 'signal_unknown' };
      } catch (error) {
        if (!(error instanceof AssentError)) throw error;
        return { kind: KIND_OF[signal] ?? 'unknown', admitted: false, code: error.code };
      }
    });
  };
}

const KIND_OF: Readonly<Record<string, 'decision' | 'withdrawal' | 'instruction'>> = {
  [SIGNALS.decide]: 'decision',
  [SIGNALS.withdraw]: 'withdrawal',
  [SIGNALS.instruct]: 'instruction',
};

function admitDecision(
  envelope: unknown,
  request: Verified<'request'>,
  { preview_digest, rule_digest }: AdmitInput,
  { ring }: HouseJudge,
): Admitted {
  const decision = openDecision(envelope, ring);
  if (subjectOf(decision) !== request.statement.request_id) {
    return { kind: 'decision', admitted: false, code: 'other_request' };
  }
  const { person, verdict, standing, reason, decided_at, ...bound } = decision.statement;
  const binds =
    bound.action_digest === request.digest &&
    bound.preview_digest === preview_digest &&
    bound.rule_digest === rule_digest;
  if (verdict === 'approve' && !standing.eligible) {
    return { kind: 'decision', admitted: false, code: standing.code };
  }
  if (verdict === 'approve' && !binds) return { kind: 'decision', admitted: false, code: 'binds_other' };
  const { digest } = decision;
  const { eligible: stood, denials, code } = standing;
  const said = { digest, code, person, verdict, stood, denials, reason, decided_at };
  return { kind: 'decision', admitted: true, ...said };
}

function admitWithdrawal(envelope: unknown, request: Verified<'request'>, { ring }: HouseJudge): Admitted {
  const withdrawal = openWithdrawal(envelope, ring, request.statement.agent);
  if (subjectOf(withdrawal) !== request.statement.request_id) {
    return { kind: 'withdrawal', admitted: false, code: 'other_request' };
  }
  const { digest, statement } = withdrawal;
  return {
    kind: 'withdrawal',
    admitted: true,
    digest,
    reason: statement.reason,
    envelope: withdrawal.envelope,
  };
}

/** What people say of a request, and that something which held it was lifted: whom it concerns judges it again. */
function admitInstruction(envelope: unknown, request: Verified<'request'>, { ring }: HouseJudge): Admitted {
  const said = openInstruction(envelope, ring);
  const about = subjectOf(said);
  if (about !== null && about !== request.statement.request_id) {
    return { kind: 'instruction', admitted: false, code: 'other_request' };
  }
  const { digest, statement } = said;
  const { verb, person, reason } = statement;
  const ran = statement.verb === 'settle' ? statement.detail.ran : null;
  return { kind: 'instruction', admitted: true, digest, verb, ran, person, reason };
}
