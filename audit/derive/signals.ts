/**
 * decision_received: each signal, whatever it holds. decision_accepted, decision_refused, withdrawn, settled and
 * instructed (whatever else people say): what the worker said of it.
 *
 * The worker judges signals in their order, many at once, and its marker holds its words in that order: so the n-th
 * word is about the n-th signal, and the record is of the signal's event.
 */
import type { Digest } from '../../approval/types.ts';
import { localActivitiesOf } from './activity.ts';
import { type ClaimedStatement, statementIn } from './envelope.ts';
import { at, type HistoryEvent, payloadAt } from './event.ts';
import { ACTIVITIES } from './names.ts';
import { digest, requestId, text } from './text.ts';
import type { Told } from './told.ts';

export function received(events: readonly HistoryEvent[]): readonly Told[] {
  return signalsIn(events).map((event) => {
    const said = saidBy(event);
    const subject = requestId(at(said?.statement, 'request_id') ?? at(said?.statement, 'subject'));
    const detail = {
      signal: text(at(event.attributes, 'signalName')),
      statement: said?.kind ?? null,
      about: subject,
      person: text(at(said?.statement, 'person')),
      verdict: text(at(said?.statement, 'verdict') ?? at(said?.statement, 'verb')),
    };
    return { kind: 'decision_received', event, digest: said?.digest ?? null, detail };
  });
}

export function judged(events: readonly HistoryEvent[]): readonly Told[] {
  const signals = signalsIn(events);
  const words = localActivitiesOf(ACTIVITIES.admission, events).flatMap(({ event, result }) =>
    (Array.isArray(result) ? result : []).map((word: unknown) => ({ by: event, word })),
  );
  // A word beyond the signals is about nothing that the history holds.
  return signals.flatMap((event, index) => {
    const found = words[index];
    return found === undefined ? [] : judgedBy(event, found.by, found.word);
  });
}

function judgedBy(event: HistoryEvent, by: HistoryEvent, word: unknown): Told {
  const admitted = at(word, 'admitted') === true;
  const carried: Digest | null = saidBy(event)?.digest ?? null;
  const meant = digest(at(word, 'digest'));
  const ran = at(word, 'ran');
  return {
    kind: admitted ? kindOf(word) : 'decision_refused',
    event,
    by,
    digest: carried,
    detail: {
      code: text(at(word, 'code')),
      person: text(at(word, 'person')),
      verdict: text(at(word, 'verdict') ?? at(word, 'verb')),
      ...(typeof ran === 'boolean' ? { outcome: ran ? 'ran' : 'did_not_run' } : {}),
      told_by: by.id,
      // Only a false history says yes to a digest that its signal did not carry.
      other_digest: meant === carried ? null : meant,
    },
  };
}

function kindOf(word: unknown): Told['kind'] {
  switch (at(word, 'kind')) {
    case 'withdrawal':
      return 'withdrawn';
    case 'instruction':
      return at(word, 'verb') === 'settle' ? 'settled' : 'instructed';
    default:
      return 'decision_accepted';
  }
}

function signalsIn(events: readonly HistoryEvent[]): readonly HistoryEvent[] {
  return events.filter(({ name }) => name === 'workflowExecutionSignaled');
}

function saidBy({ attributes }: HistoryEvent): ClaimedStatement | null {
  return statementIn(payloadAt(at(attributes, 'input')));
}
