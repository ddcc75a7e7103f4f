/** closed: how the run ended, and how many records it has, this one among them. */
import { at, type EventName, type HistoryEvent, payloadAt } from './event.ts';
import { text } from './text.ts';
import type { Told } from './told.ts';

const ends: { readonly [K in EventName]?: string } = {
  workflowExecutionCompleted: 'completed',
  workflowExecutionFailed: 'failed',
  workflowExecutionTimedOut: 'timed_out',
  workflowExecutionCanceled: 'cancelled',
  workflowExecutionTerminated: 'terminated',
  workflowExecutionContinuedAsNew: 'continued_as_new',
};

export function closes({ name }: HistoryEvent): boolean {
  return ends[name] !== undefined;
}

/** A run that did nothing to record is not Assent's, and has no end to record either. */
export function closed(events: readonly HistoryEvent[], told: readonly Told[]): readonly Told[] {
  const event = events.find(closes);
  if (event === undefined || told.length === 0) return [];
  const result = payloadAt(at(event.attributes, 'result'));
  const detail = {
    how: ends[event.name] ?? null,
    reason: text(at(event.attributes, 'reason')),
    resolution: text(at(result, 'resolution')),
    outcome: text(at(result, 'outcome')),
    code: text(at(result, 'code')),
    record_count: String(told.length + 1),
  };
  return [{ kind: 'closed', event, digest: null, detail }];
}
