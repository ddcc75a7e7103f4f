/**
 * execution_started, execution_finished, execution_unknown: the one execution, by the executor's word or without it.
 *
 * Temporal writes an activity's start only together with its end, and the Start's digest comes with the result: so
 * execution_started is told when the end is, of the event of the start. An activity still open when its run closes
 * is told of the event that scheduled it.
 */
import { type Activity, activitiesOf, failureOf } from './activity.ts';
import { closes } from './closing.ts';
import { statementIn } from './envelope.ts';
import { at, type HistoryEvent } from './event.ts';
import { ACTIVITIES } from './names.ts';
import { digest, text } from './text.ts';
import type { Told } from './told.ts';

export function executions(events: readonly HistoryEvent[]): readonly Told[] {
  const closing = events.find(closes);
  return activitiesOf(ACTIVITIES.execution, events).flatMap((activity) => {
    const { scheduled, ended } = activity;
    if (ended === null) return closing === undefined ? [] : abandoned(scheduled, closing);
    const code = failureOf(activity);
    if (code === null) return answered(activity, ended);
    return code === 'schedule_to_start' ? absent(ended) : silent(activity, ended, code);
  });
}

function answered({ scheduled, started, result }: Activity, ended: HistoryEvent): readonly Told[] {
  const outcome = text(at(result, 'outcome'));
  const start = statementIn(at(result, 'start'))?.digest ?? digest(at(result, 'start_digest'));
  const finish = statementIn(at(result, 'finish'))?.digest ?? digest(at(result, 'finish_digest'));
  const detail = { told_by: ended.id };
  const begun: Told = {
    kind: 'execution_started',
    event: started ?? scheduled,
    by: ended,
    digest: start,
    detail,
  };
  if (outcome === 'unknown') {
    const code = text(at(result, 'code'));
    return [begun, { kind: 'execution_unknown', event: ended, digest: start, detail: { code } }];
  }
  const finished: Told = {
    kind: 'execution_finished',
    event: ended,
    digest: finish ?? digest(at(result, 'refusal_digest')),
    detail: {
      outcome,
      step: text(at(result, 'step')),
      code: text(at(result, 'code')),
      again: text(at(result, 'again', 'how')),
      start,
    },
  };
  // What was refused before its Start has not begun.
  return outcome === 'refused' && start === null ? [finished] : [begun, finished];
}

/** Nobody took it in time: it has not run and will not. */
function absent(ended: HistoryEvent): readonly Told[] {
  const detail = { outcome: 'not_executed', step: null, code: 'executor_absent', start: null };
  return [{ kind: 'execution_finished', event: ended, digest: null, detail }];
}

/** Only what the executor signed says how it ended: this may have run. */
function silent({ scheduled, started }: Activity, ended: HistoryEvent, code: string): readonly Told[] {
  const detail = { told_by: ended.id };
  return [
    { kind: 'execution_started', event: started ?? scheduled, by: ended, digest: null, detail },
    { kind: 'execution_unknown', event: ended, digest: null, detail: { code } },
  ];
}

function abandoned(scheduled: HistoryEvent, closing: HistoryEvent): readonly Told[] {
  const [by, detail] = [closing, { told_by: closing.id }];
  return [
    { kind: 'execution_started', event: scheduled, by, digest: null, detail },
    { kind: 'execution_unknown', event: scheduled, by, digest: null, detail: { code: 'abandoned' } },
  ];
}
