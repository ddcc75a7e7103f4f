/**
 * reset: the run goes on from a point of another run. Everything before that point is a copy of that run's events,
 * under the same numbers, and is told as such.
 */
import { at, type HistoryEvent, integer } from './event.ts';
import { text } from './text.ts';
import { concludedAt, type Told } from './told.ts';

/** WORKFLOW_TASK_FAILED_CAUSE_RESET_WORKFLOW */
const RESET_WORKFLOW = '20';

export function resets(events: readonly HistoryEvent[]): readonly Told[] {
  return events.flatMap((event) => {
    const { name, attributes } = event;
    if (name !== 'workflowTaskFailed' || integer(at(attributes, 'cause')) !== RESET_WORKFLOW) return [];
    const detail = {
      base_run_id: text(at(attributes, 'baseRunId')),
      new_run_id: text(at(attributes, 'newRunId')),
      reason: text(at(attributes, 'failure', 'message')),
    };
    return { kind: 'reset', event, digest: null, detail };
  });
}

/** A run can be reset more than once: what lies before the first point is of the first base run, and so on. */
export function markCopies(told: readonly Told[]): readonly Told[] {
  const points = told.filter(({ kind }) => kind === 'reset');
  return told.map((one) => {
    const point = points.find(({ event }) => concludedAt(one) < event.position);
    const base = point?.detail.base_run_id;
    return base === undefined ? one : { ...one, detail: { ...one.detail, copy_of: base } };
  });
}
