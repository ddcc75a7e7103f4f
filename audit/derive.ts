/**
 * Derives a run's audit records from its event history: pure and total, the same bytes for the same history.
 *
 * | Record | Of the event | Digest |
 * | --- | --- | --- |
 * | requested | WorkflowExecutionStarted of `agentAction`, or with a Request | the Request's |
 * | policy_evaluated | marker of `evaluatePolicy` | |
 * | previewed | end of `preview` | the Preview's |
 * | delivered, undeliverable | end of the first `notify` | |
 * | escalated | ActivityTaskScheduled of `notify`, labelled as the paint for the next people | |
 * | reminded | the same, labelled as a reminder | |
 * | decision_received | WorkflowExecutionSignaled, whatever signal | the payload's of the envelope |
 * | decision_accepted, decision_refused, withdrawn, settled, instructed | that signal's, once the marker of `admitDecisions` tells of it | the same |
 * | approved, denied, withdrawn | UpsertWorkflowSearchAttributes of AssentState | the last accepted decision's or withdrawal's |
 * | expired, undeliverable, flooded | the same | |
 * | execution_started | ActivityTaskStarted of `execute` | the Start's |
 * | execution_finished | ActivityTaskCompleted of `execute`, or its timeout before any start | the Finish's |
 * | execution_unknown | ActivityTaskFailed, TimedOut or Canceled of `execute`, or its own word that nobody knows | |
 * | ended | ActivityTaskCompleted of `revoke`, where that has ended what was given | the Finish's |
 * | reset | WorkflowTaskFailed with the cause RESET_WORKFLOW | |
 * | closed | the run's last event | |
 *
 * A record once told never changes: the records of a history's beginning are among those of the whole. `copy_of`
 * in a detail names the run that a reset copied the event from. Inputs, results and reasons of people are not
 * copied: the statements hold them. Every record fits {@link MAX_RECORD_BYTES}; longer texts are cut by code point
 * and say so. All of it is what Temporal says, and so a claim.
 */
import type { temporal } from '@temporalio/proto';
import { closed } from './derive/closing.ts';
import { delivery, escalated, reminded } from './derive/delivery.ts';
import { ends } from './derive/ends.ts';
import { eventsOf } from './derive/event.ts';
import { executions } from './derive/execution.ts';
import { policyEvaluated } from './derive/policy.ts';
import { previewed } from './derive/previewed.ts';
import { requested, requestIdOf } from './derive/requested.ts';
import { markCopies, resets } from './derive/reset.ts';
import { resolved } from './derive/resolution.ts';
import { judged, received } from './derive/signals.ts';
import type { Told } from './derive/told.ts';
import { type AuditRecord, recordKinds } from './records.ts';

/** Bound of a record's bytes, given that Temporal bounds the ids to 1,000 bytes. */
export const MAX_RECORD_BYTES = 16 * 1024;

/** @returns records in the order of their events, those of one event in that of {@link recordKinds}; one for each key */
export function derive(
  history: temporal.api.history.v1.IHistory,
  { namespace, workflow_id, run_id }: Pick<AuditRecord, 'namespace' | 'workflow_id' | 'run_id'>,
): readonly AuditRecord[] {
  const events = eventsOf(history);
  const said = [
    ...policyEvaluated(events),
    ...previewed(events),
    ...delivery(events),
    ...judged(events),
  ].toSorted(byEvent);
  const told = distinct([
    ...requested(events),
    ...said,
    ...received(events),
    ...escalated(events),
    ...reminded(events),
    ...resolved(events, said),
    ...executions(events),
    ...ends(events),
    ...resets(events),
  ]);
  const request_id = requestIdOf(events);
  return markCopies([...told, ...closed(events, told)].toSorted(byEvent)).map((one) => {
    const { kind, event, digest, state, detail } = one;
    const key = { namespace, workflow_id, run_id, event_id: event.id, kind };
    return { ...key, at: event.at, request_id, digest, ...(state === undefined ? {} : { state }), detail };
  });
}

function byEvent(left: Told, right: Told): number {
  const events = left.event.position - right.event.position;
  return events !== 0 ? events : recordKinds.indexOf(left.kind) - recordKinds.indexOf(right.kind);
}

/** Only a broken history numbers two events alike; the first one stands. */
function distinct(told: readonly Told[]): readonly Told[] {
  const seen = new Map<string, Told>();
  for (const one of told) {
    const key = `${one.event.id} ${one.kind}`;
    if (!seen.has(key)) seen.set(key, one);
  }
  return [...seen.values()];
}
