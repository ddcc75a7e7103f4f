/** `assent list`: the requests, newest first, each with its state. */
import {
  type Judging,
  type ListedRequest,
  type ListingQuery,
  listRequests,
  stateListed,
} from '../audit/listing.ts';
import { type ListedState, stateOfCase } from '../audit/shown-state.ts';
import { AssentError, PATTERN } from '../client/vocabulary.ts';
import { table, wrap } from './layout.ts';
import { canJudge, caseIn, ownJudge } from './read-case.ts';
import { readDatabase } from './read-database.ts';
import type { Answer, Terminal } from './terminal.ts';
import { agoSeconds, shortTime } from './time.ts';
import { one, type Word } from './usage.ts';
import { visible } from './visible.ts';

const STATES: { readonly [K in ListedState]: true } = {
  open: true,
  pending: true,
  allowed: true,
  approved: true,
  held: true,
  lapsed: true,
  refused: true,
  denied: true,
  expired: true,
  withdrawn: true,
  undeliverable: true,
  flooded: true,
  running: true,
  succeeded: true,
  active: true,
  ended: true,
  failed: true,
  not_executed: true,
  unknown: true,
  settled: true,
};
const MOST = 1000;

export const list = (terminal: Terminal): Word =>
  one({
    name: 'assent list',
    description: 'List requests, newest first',
    args: {
      state: { type: 'string', valueHint: 'state', description: 'pending, held, active, denied …' },
      agent: { type: 'string', valueHint: 'name', description: 'Of this agent only' },
      action: { type: 'string', valueHint: 'pattern', description: 'Of these actions only: sql.*' },
      'older-than': { type: 'string', valueHint: 'time', description: 'Asked before that: 2h, 3d' },
      'newer-than': { type: 'string', valueHint: 'time', description: 'Asked since: 90s, 15m' },
      limit: { type: 'string', valueHint: 'number', default: '20', description: `At most ${MOST}.` },
    },
    run: async ({ state, agent, action, limit, ...age }) => {
      const [older, newer] = [age['older-than'], age['newer-than']];
      const ago = (text: string) => new Date(terminal.now() - agoSeconds(text) * 1000).toISOString();
      const query = {
        limit: limitOf(limit),
        ...(state === undefined ? {} : { state: stateOf(state) }),
        ...(agent === undefined ? {} : { agent }),
        ...(action === undefined ? {} : { action: patternOf(action) }),
        ...(older === undefined ? {} : { asked_before: ago(older) }),
        ...(newer === undefined ? {} : { asked_after: ago(newer) }),
      };
      const requests = await readRequests(terminal, query);
      return listed(requests, query.limit, terminal.columns);
    },
  });

async function readRequests(terminal: Terminal, query: ListingQuery): Promise<readonly ListedRequest[]> {
  const judge = canJudge(terminal) ? await ownJudge(terminal) : null;
  return readDatabase(terminal, (db) => {
    if (judge === null) return listRequests(db, query);
    const judging: Judging = async (requestId) => {
      try {
        const subject = await caseIn(db, requestId, judge, terminal.now());
        return subject === null ? null : stateOfCase(subject.standings);
      } catch (error) {
        // What these files can't judge stays as its records say, and hides no other.
        if (error instanceof AssentError && error.code !== 'database_unreachable') return null;
        throw error;
      }
    };
    return listRequests(db, query, judging);
  });
}

export function listed(requests: readonly ListedRequest[], limit: number, columns: number): Answer {
  const told = requests.map((request) => {
    const { cursor: _, ...rest } = request;
    return { ...rest, state: stateListed(request) };
  });
  const claimed = '(claimed): only Temporal’s history says so; no signed statement in the book does.';
  const open = 'open: set ASSENT_TRUST, ASSENT_POLICY and ASSENT_DIRECTORY to see how far each has come.';
  const notes = [
    ...(requests.some(isClaimed) ? [claimed] : []),
    ...(requests.some((request) => request.backing === 'backed' && stateListed(request) === 'open')
      ? [open]
      : []),
  ];
  return {
    positive: true,
    document: { requests: told },
    lines:
      requests.length === 0
        ? ['No such request.']
        : [
            ...table([['ID', 'ASKED (UTC)', 'STATE', 'AGENT', 'ACTION'], ...requests.map(row)], columns),
            ...notes.flatMap((note) => ['', ...wrap(note, columns)]),
            ...(requests.length === limit
              ? ['', `There may be more: --limit ${Math.min(MOST, limit * 5)}`]
              : []),
          ],
  };
}

function isClaimed({ latest, backing, standing }: ListedRequest): boolean {
  return standing === null && (latest?.backing ?? backing) === 'claimed';
}

function row(request: ListedRequest): readonly string[] {
  const { request_id, asked_at, agent, action } = request;
  return [
    visible(request_id.slice(0, 12)),
    shortTime(asked_at),
    `${stateListed(request)}${isClaimed(request) ? ' (claimed)' : ''}`,
    visible(agent ?? '?'),
    visible(action ?? '?'),
  ];
}

function stateOf(text: string): ListedState {
  const state = isState(text) ? text : null;
  if (state !== null) return state;
  const known = Object.keys(STATES).join(', ');
  throw new AssentError('usage', `${JSON.stringify(text)} is no state; there are: ${known}.`);
}

function isState(text: string): text is ListedState {
  return Object.hasOwn(STATES, text);
}

function patternOf(text: string): string {
  if (PATTERN.test(text)) return text;
  throw new AssentError('usage', `${JSON.stringify(text)} is no pattern of action names, such as sql.*.`);
}

function limitOf(text: string): number {
  const limit = /^[0-9]{1,4}$/.test(text) ? Number(text) : 0;
  if (limit >= 1 && limit <= MOST) return limit;
  throw new AssentError('usage', `--limit takes a number from 1 to ${MOST}, not ${JSON.stringify(text)}.`);
}
