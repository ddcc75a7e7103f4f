/** admitDecisions: whose word each signal is; a forged, stray or unreadable one is refused by code. */
import { openRequest, openWithdrawal, subjectOf } from '../approval/dossier.ts';
import { AssentError } from '../approval/error.ts';
import { openStatement } from '../approval/statements.ts';
import type { Verified } from '../approval/types.ts';
import { SIGNALS } from '../approval/types.ts';
import type { HouseJudge } from './judge.ts';
import type { AdmitInput, Admitted, WorkerActivities } from './types.ts';

export interface AdmitDecisionsDeps {
  readonly judge: HouseJudge;
}

export function createAdmitDecisions({ judge }: AdmitDecisionsDeps): WorkerActivities['admitDecisions'] {
  return async (input) => {
    const request = openRequest(input.request, judge.ring);
    return input.messages.map(({ signal, envelope }) => {
      try {
        if (signal === SIGNALS.decide) return admitDecision(envelope, request, input, judge);
        if (signal === SIGNALS.withdraw) return admitWithdrawal(envelope, request, judge);
        return { kind: 'unknown', admitted: false, code: 'signal_unknown' };
      } catch (error) {
        if (!(error instanceof AssentError)) throw error;
        const kind = signal === SIGNALS.decide ? 'decision' : 'withdrawal';
        return { kind, admitted: false, code: error.code };
      }
    });
  };
}

function admitDecision(
  envelope: unknown,
  request: Verified<'request'>,
  { preview_digest, rule_digest }: AdmitInput,
  { ring }: HouseJudge,
): Admitted {
  const decision = openStatement('decision', envelope, { keys: ring.gateway, audience: ring.audience });
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
  const stood = standing.eligible;
  const said = { digest, code: standing.code, person, verdict, stood, reason, decided_at };
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
