/** `assent policy diff`: which of the requests that were made another policy would decide otherwise. */
import { loadGuard } from '../policy/guard.ts';
import { count, type Differing, type Found, type Judges, judged, nothing, TOLD } from './judge-both.ts';
import { directoryArg, directoryFile, examinerOf, registryOf } from './judging.ts';
import { wrap } from './layout.ts';
import { momentOption } from './moment-option.ts';
import { changeWords } from './policy-words.ts';
import { eachBooked, eachLine, type Recorded } from './recorded-requests.ts';
import type { Answer, Terminal } from './terminal.ts';
import { shortTime } from './time.ts';
import { one, type Word } from './usage.ts';
import { visible } from './visible.ts';

export const policyDiff = (terminal: Terminal): Word =>
  one({
    name: 'assent policy diff',
    description: 'Say which recorded requests a new policy would decide otherwise',
    args: {
      old: { type: 'positional', required: true, description: 'The policy as it is' },
      new: { type: 'positional', required: true, description: 'The policy as it would be' },
      requests: { type: 'string', valueHint: 'file', description: 'One a line as JSON, instead of the book' },
      since: { type: 'string', valueHint: 'time', description: 'Those from then on: 2026-03-01T00:00:00Z' },
      directory: directoryArg,
    },
    run: async (args) => {
      const since = args.since === undefined ? null : momentOption('--since', args.since);
      const directory = directoryFile(terminal, args.directory);
      const [before, after, registry] = await Promise.all([
        loadGuard({ policy: args.old, directory }),
        loadGuard({ policy: args.new, directory }),
        registryOf(terminal),
      ]);
      const examine = examinerOf(registry);
      const found = nothing();
      const see = (recorded: Recorded) => count(found, judged(recorded, { before, after, examine }));
      await (args.requests === undefined
        ? eachBooked(terminal, since, see)
        : eachLine(args.requests, since, see));
      return diffAnswer(found, { before, after }, terminal.columns);
    },
  });

function diffAnswer(
  { requests, differing, differences, uncertain, untold: unsure, kinds }: Found,
  { before, after }: Pick<Judges, 'before' | 'after'>,
  columns: number,
): Answer {
  const summary = [...kinds]
    .map(([change, count]) => ({ change, count }))
    .toSorted((a, b) => b.count - a.count);
  const cutAt = (all: number) => (all > TOLD ? [`  and ${all - TOLD} more`] : []);
  return {
    positive: differing === 0 && uncertain === 0,
    document: {
      old: before.policy.digest,
      new: after.policy.digest,
      requests,
      differing,
      uncertain,
      summary,
      differences,
      untold: unsure,
    },
    lines: [
      ...differences.flatMap((one) => differenceLines(one, columns)),
      ...cutAt(differing),
      ...unsure.flatMap(({ place, why }) => wrap(visible(`${placeWords(place)}: ${why}`), columns)),
      ...cutAt(uncertain),
      ...(differences.length + unsure.length === 0 ? [] : ['']),
      ...summary.flatMap(({ change, count }) => wrap(visible(`${count} × ${change}`), columns, 2)),
      ...wrap(totals(requests, differing, uncertain), columns),
    ],
  };
}

/** Of a request id, as much as `assent show` takes. */
function placeWords(place: string): string {
  return /^[0-9a-f]{64}$/.test(place) ? place.slice(0, 12) : place;
}

function totals(requests: number, differing: number, uncertain: number): string {
  const all = `${requests} ${requests === 1 ? 'request' : 'requests'}`;
  const unsure = uncertain === 0 ? '' : ` Of ${uncertain} it can't be told.`;
  return `${all}: ${differing === 0 ? 'none' : differing} would be decided otherwise.${unsure}`;
}

function differenceLines({ request_id, agent, action, requested_at, changes }: Differing, columns: number) {
  const head = `${request_id.slice(0, 12)}  ${shortTime(requested_at)}  ${agent}  ${action}`;
  return [
    ...wrap(visible(head), columns),
    ...changes.flatMap((change) => wrap(visible(changeWords(change)), columns, 4)),
  ];
}
