/**
 * delivered, undeliverable: how the first paint of the card ended. escalated: the paint for the next people.
 * reminded: the paint where nobody has answered for long.
 *
 * Later paints change nothing: that a card is out is said once.
 */
import { activitiesOf, failureOf } from './activity.ts';
import { at, type HistoryEvent } from './event.ts';
import { ACTIVITIES, ESCALATION, LOOK, NOBODY_ASKED, REMINDER } from './names.ts';
import { text } from './text.ts';
import type { Told } from './told.ts';

export function delivery(events: readonly HistoryEvent[]): readonly Told[] {
  const first = activitiesOf(ACTIVITIES.delivery, events).find(
    ({ scheduled, result }) => scheduled.label !== LOOK && at(result, 'code') !== NOBODY_ASKED,
  );
  if (first === undefined || first.ended === null || first.ended.name === 'activityTaskCanceled') return [];
  const kind = at(first.result, 'delivered') === true ? 'delivered' : 'undeliverable';
  const detail = {
    code: failureOf(first) ?? text(at(first.result, 'code')),
    book_state: text(at(first.result, 'state')),
  };
  return [{ kind, event: first.ended, digest: null, detail }];
}

export function escalated(events: readonly HistoryEvent[]): readonly Told[] {
  return labelled(ESCALATION, events).map((event, index) => ({
    kind: 'escalated',
    event,
    digest: null,
    detail: { stage: String(index + 1) },
  }));
}

export function reminded(events: readonly HistoryEvent[]): readonly Told[] {
  return labelled(REMINDER, events).map((event) => ({ kind: 'reminded', event, digest: null, detail: {} }));
}

function labelled(label: string, events: readonly HistoryEvent[]): readonly HistoryEvent[] {
  return activitiesOf(ACTIVITIES.delivery, events)
    .map(({ scheduled }) => scheduled)
    .filter((scheduled) => scheduled.label === label);
}
