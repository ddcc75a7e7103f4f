/** `assent list`: the requests, newest first, with the state that the records show. */

import { type ListedRequest, listRequests } from '../audit/listing.ts';
import type { ListedState } from '../audit/shown-state.ts';
import { AssentError } from '../client/vocabulary.ts';
import { table, wrap } from './layout.ts';
import { readDatabase } from './read-database.ts';
import type { Answer, Terminal } from './terminal.ts';
import { shortTime } from './time.ts';
import { one, type Word } from './usage.ts';
import { visible } from './visible.ts';

const STATES: { readonly [K in ListedState]: true } = {
  open: true,
  approved: true,
  denied: true,
  expired: true,
  withdrawn: true,
  undeliverable: true,
  flooded: true,
  running: true,
  succeeded: true,
  failed: true,
  not_executed: true,
  unknown: true,
};
const MOST = 1000;

export const list = (terminal: Terminal): Word =>
  one({
    name: 'assent list',
    description: 'List requests, newest first',
    args: {
      state: { type: 'string', valueHint: 'state', description: 'open, running, succeeded, denied …' },
      agent: { type: 'string', valueHint: 'name', description: 'Of this agent only' },
      action: { type: 'string', valueHint: 'name', description: 'Of this action only' },
      limit: { type: 'string', valueHint: 'number', default: '20', description: `At most ${MOST}.` },
    },
    run: async ({ state, agent, action, limit }) => {
      const query = {
        limit: limitOf(limit),
        ...(state === undefined ? {} : { state: stateOf(state) }),
        ...(agent === undefined ? {} : { agent }),
        ...(action === undefined ? {} : { action }),
      };
      const requests = await readDatabase(terminal, (db) => listRequests(db, query));
      return listed(requests, query.limit, terminal.columns);
    },
  });

export function listed(requests: readonly ListedRequest[], limit: number, columns: number): Answer {
  const told = requests.map(({ cursor: _, ...request }) => request);
  const note = '(claimed): only Temporal’s history says so; no signed statement in the book does.';
  return {
    positive: true,
    document: { requests: told },
    lines:
      requests.length === 0
        ? ['No such request.']
        : [
            ...table([['ID', 'ASKED (UTC)', 'STATE', 'AGENT', 'ACTION'], ...requests.map(row)], columns),
            ...(requests.some(isClaimed) ? ['', ...wrap(note, columns)] : []),
            ...(requests.length === limit
              ? ['', `There may be more: --limit ${Math.min(MOST, limit * 5)}`]
              : []),
          ],
  };
}

function isClaimed({ latest, backing }: ListedRequest): boolean {
  return (latest?.backing ?? backing) === 'claimed';
}

function row(request: ListedRequest): readonly string[] {
  const { request_id, asked_at, agent, action, latest } = request;
  return [
    visible(request_id.slice(0, 12)),
    shortTime(asked_at),
    `${latest?.state ?? 'open'}${isClaimed(request) ? ' (claimed)' : ''}`,
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

function limitOf(text: string): number {
  const limit = /^[0-9]{1,4}$/.test(text) ? Number(text) : 0;
  if (limit >= 1 && limit <= MOST) return limit;
  throw new AssentError('usage', `--limit takes a number from 1 to ${MOST}, not ${JSON.stringify(text)}.`);
}
