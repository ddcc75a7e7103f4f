/** requested: what the run was started with. */
import { statementIn } from './envelope.ts';
import { at, type HistoryEvent, payloadAt } from './event.ts';
import { WORKFLOW } from './names.ts';
import { requestId, text } from './text.ts';
import type { Told } from './told.ts';

export function requested(events: readonly HistoryEvent[]): readonly Told[] {
  return events.flatMap((event) => {
    if (event.name !== 'workflowExecutionStarted') return [];
    const request = requestIn(event);
    const type = at(event.attributes, 'workflowType', 'name');
    if (type !== WORKFLOW && request?.kind !== 'request') return [];
    const detail = {
      agent: text(at(request?.statement, 'agent')),
      action: text(at(request?.statement, 'action', 'name')),
      workflow_type: text(type),
    };
    return { kind: 'requested', event, digest: request?.digest ?? null, detail };
  });
}

/** The request that the whole run is about; null where it was started with none. */
export function requestIdOf(events: readonly HistoryEvent[]): string | null {
  const started = events.find(({ name }) => name === 'workflowExecutionStarted');
  return started === undefined ? null : requestId(at(requestIn(started)?.statement, 'request_id'));
}

function requestIn({ attributes }: HistoryEvent) {
  return statementIn(at(payloadAt(at(attributes, 'input')), 'request'));
}
