/** What Temporal answers when it can't do what was asked, as errors with stable codes. */
import {
  isGrpcServiceError,
  NamespaceNotFoundError,
  ServiceError,
  WorkflowFailedError,
  WorkflowNotFoundError,
} from '@temporalio/client';
import { AssentError } from '../approval/error.ts';

/** gRPC's DEADLINE_EXCEEDED, UNAVAILABLE and CANCELLED: no answer, instead of one that says no. */
const UNANSWERED: ReadonlySet<number> = new Set([4, 14, 1]);

/** The error with a code of its own; what is not Temporal's is given back as it is. */
export function temporalError(error: unknown, evidence: { readonly requestId: string }): unknown {
  const { requestId } = evidence;
  const options = { cause: error, evidence };
  if (error instanceof WorkflowNotFoundError) {
    return new AssentError(
      'request_unknown',
      `Temporal knows no request ${requestId}: it was never asked in this namespace, or its retention has passed. Check TEMPORAL_NAMESPACE; the book still has what was signed.`,
      options,
    );
  }
  if (error instanceof WorkflowFailedError) {
    const why = error.cause?.message ?? error.message;
    return new AssentError(
      'workflow_failed',
      `The workflow of request ${requestId} was cut short (${why}); whether it ran, the book says.`,
      options,
    );
  }
  if (error instanceof NamespaceNotFoundError) {
    return new AssentError(
      'temporal_refused',
      `Temporal has no namespace ${error.namespace}; check TEMPORAL_NAMESPACE.`,
      options,
    );
  }
  const answer = error instanceof ServiceError ? error.cause : error;
  if (!isGrpcServiceError(answer)) return error;
  if (UNANSWERED.has(answer.code)) {
    return new AssentError(
      'temporal_unreachable',
      `Temporal does not answer: ${answer.details}. Nothing is lost: call again with the same key.`,
      options,
    );
  }
  return new AssentError('temporal_refused', `Temporal refused: ${answer.details}.`, options);
}
