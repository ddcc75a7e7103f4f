/** ended: what had an end has ended, by the executor's word. */
import { activitiesOf } from './activity.ts';
import { at, type HistoryEvent } from './event.ts';
import { ACTIVITIES } from './names.ts';
import { digest, text } from './text.ts';
import type { Told } from './told.ts';

export function ends(events: readonly HistoryEvent[]): readonly Told[] {
  return activitiesOf(ACTIVITIES.ending, events).flatMap(({ ended, result }) => {
    if (ended === null || at(result, 'ended') !== true) return [];
    const finish = digest(at(result, 'finish_digest'));
    return { kind: 'ended', event: ended, digest: finish, detail: { code: text(at(result, 'code')) } };
  });
}
