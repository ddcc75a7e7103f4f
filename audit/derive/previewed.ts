/** previewed: the digest of what the executor saw, or why it saw nothing. */
import { activitiesOf, failureOf } from './activity.ts';
import { at, type HistoryEvent } from './event.ts';
import { ACTIVITIES } from './names.ts';
import { digest, text } from './text.ts';
import type { Told } from './told.ts';

export function previewed(events: readonly HistoryEvent[]): readonly Told[] {
  return activitiesOf(ACTIVITIES.preview, events).flatMap((activity) => {
    const { ended, result } = activity;
    if (ended === null) return [];
    const detail = {
      ok: at(result, 'ok') === true,
      step: text(at(result, 'step')),
      code: failureOf(activity) ?? text(at(result, 'code')),
    };
    return { kind: 'previewed', event: ended, digest: digest(at(result, 'preview_digest')), detail };
  });
}
