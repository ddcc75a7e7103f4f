/** The activities of a history: each with how it ended, put together from its events. */
import { at, type EventName, type HistoryEvent, integer, payloadAt } from './event.ts';

export interface Activity {
  readonly scheduled: HistoryEvent;
  /** Temporal writes it together with the end. */
  readonly started: HistoryEvent | null;
  readonly ended: HistoryEvent | null;
  /** What it gave; undefined where it gave nothing. */
  readonly result: unknown;
}

const ends: readonly EventName[] = [
  'activityTaskCompleted',
  'activityTaskFailed',
  'activityTaskTimedOut',
  'activityTaskCanceled',
];

/** Activities of one type, in the order in which they were scheduled. */
export function activitiesOf(type: string, events: readonly HistoryEvent[]): readonly Activity[] {
  const followers = Map.groupBy(events, ({ attributes }) => integer(at(attributes, 'scheduledEventId')));
  return events.flatMap((scheduled) => {
    if (scheduled.name !== 'activityTaskScheduled') return [];
    if (at(scheduled.attributes, 'activityType', 'name') !== type) return [];
    const own = followers.get(scheduled.id) ?? [];
    const ended = own.find(({ name }) => ends.includes(name)) ?? null;
    const started = own.find(({ name }) => name === 'activityTaskStarted') ?? null;
    return { scheduled, started, ended, result: payloadAt(at(ended?.attributes, 'result')) };
  });
}

/** The markers that local activities of one type left, each with what it gave. */
export function localActivitiesOf(
  type: string,
  events: readonly HistoryEvent[],
): readonly { readonly event: HistoryEvent; readonly result: unknown }[] {
  return events.flatMap((event) => {
    if (event.name !== 'markerRecorded') return [];
    const { attributes } = event;
    if (at(attributes, 'markerName') !== 'core_local_activity') return [];
    if (at(payloadAt(at(attributes, 'details', 'data')), 'activity_type') !== type) return [];
    return { event, result: payloadAt(at(attributes, 'details', 'result')) };
  });
}

const timeouts = [
  'timed_out',
  'start_to_close',
  'schedule_to_start',
  'schedule_to_close',
  'heartbeat',
] as const;

/** Why there is no result, as a code; null where the activity completed. */
export function failureOf({ ended }: Activity): string | null {
  switch (ended?.name) {
    case 'activityTaskFailed':
      return 'failed';
    case 'activityTaskCanceled':
      return 'cancelled';
    case 'activityTaskTimedOut': {
      const type = Number(integer(at(ended.attributes, 'failure', 'timeoutFailureInfo', 'timeoutType')));
      return timeouts[type] ?? 'timed_out';
    }
    default:
      return null;
  }
}
