/**
 * delivered, undeliverable: how the first paint of the card ended. escalated: the paint for the next people.
 *
 * Later paints change nothing: that a card is out is said once.
 */
import { activitiesOf, failureOf } from './activity.ts';
import { at, type HistoryEvent } from './event.ts';
import { ACTIVITIES, ESCALATION } from './names.ts';
import { text } from './text.ts';
import type { Told } from './told.ts';

export function delivery(events: readonly HistoryEvent[]): readonly Told[] {
  const [first] = activitiesOf(ACTIVITIES.delivery, events);
  if (first === undefined || first.ended === null || first.ended.name === 'activityTaskCanceled') return [];
  const kind = at(first.result, 'delivered') === true ? 'delivered' : 'undeliverable';
  const detail = {
    code: failureOf(first) ?? text(at(first.result, 'code')),
    book_state: text(at(first.result, 'state')),
  };
  return [{ kind, event: first.ended, digest: null, detail }];
}

export function escalated(events: readonly HistoryEvent[]): readonly Told[] {
  return activitiesOf(ACTIVITIES.delivery, events)
    .filter(({ scheduled }) => scheduled.label === ESCALATION)
    .map(({ scheduled }, index) => ({
      kind: 'escalated',
      event: scheduled,
      digest: null,
      detail: { stage: String(index + 1) },
    }));
}
