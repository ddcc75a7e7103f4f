import { Client, Connection } from '@temporalio/client';
import { expect, it } from 'vitest';
import { createNotify } from '../../activities/notify.ts';
import type { Painted } from '../../activities/paint.ts';
import { AssentError } from '../../approval/error.ts';
import type { SigningKey } from '../../approval/keys.ts';
import { openStatement, signStatement } from '../../approval/statements.ts';
import type { Instruction, Verified } from '../../approval/types.ts';
import { AUDIENCE, at, judgeOf, keys, OPENS, requestOf } from '../gateway/case-in-hand.ts';
import { memoryBook } from '../gateway/memory-book.ts';
import { AGENT, OTHER_AGENT } from '../rig/house.ts';
import { inActivity } from './run.ts';

const judge = judgeOf();
const PAINTED: Painted = { delivered: true, code: 'delivered', state: 'pending' };

function gatewayAtWork(painting: () => Promise<Painted> = async () => PAINTED) {
  const book = memoryBook();
  const painted: string[] = [];
  // Never asked here: what does not verify is refused before Temporal is asked about it.
  const client = new Client({ connection: Connection.lazy({ address: '127.0.0.1:1' }) });
  const notify = createNotify({
    judge: () => judge,
    book,
    key: keys.gateway,
    client,
    now: () => OPENS,
    paint: async (requestId) => {
      painted.push(requestId);
      return painting();
    },
  });
  const call = notify as (input: unknown) => ReturnType<typeof notify>;
  const refusals = () =>
    book.rows
      .filter(({ kind }) => kind === 'refusal')
      .map(({ envelope }) => {
        const trust = { keys: [keys.gateway.verifier], audience: AUDIENCE };
        const { step, code } = openStatement('refusal', envelope, trust).statement;
        return `${step} ${code}`;
      });
  return { call, book, painted, refusals };
}

const withdrawalOf = (
  { statement }: Verified<'request'>,
  change: Partial<Instruction<'withdraw'>> = {},
  key: SigningKey = keys.agent,
) =>
  signStatement(
    'instruction',
    {
      audience: AUDIENCE,
      verb: 'withdraw',
      subject: statement.request_id,
      detail: { agent: AGENT },
      person: null,
      reason: null,
      issued_at: at(20),
      expires_at: at(320),
      ...change,
    },
    key,
  );

const request = requestOf();
const asking = { request: request.envelope, statements: [], closing: null };

it('paints, and says where the request stands', async () => {
  const { call, painted } = gatewayAtWork();
  const { request_id } = request.statement;
  expect(await inActivity(() => call(asking))).toEqual({ request_id, ...PAINTED });
  expect(painted).toEqual([request_id]);
});

it('books a withdrawal of the agent that asked, once', async () => {
  const { call, book } = gatewayAtWork();
  const statements = [withdrawalOf(request).envelope];
  for (let time = 0; time < 2; time++) await inActivity(() => call({ ...asking, statements }));
  expect(book.rows.map(({ kind }) => kind)).toEqual(['instruction']);
});

const other = requestOf();
const lies: readonly (readonly [string, unknown, string])[] = [
  ['nothing at all', undefined, 'notify_malformed'],
  ['no list of statements', { ...asking, statements: undefined }, 'notify_malformed'],
  ['more than there are places for', { ...asking, statements: Array(101).fill({}) }, 'notify_malformed'],
  ['a field that nobody reads', { ...asking, text: 'Approved!' }, 'notify_malformed'],
  ['an end that is none, and that the workflow shows', { ...asking, closing: 'pending' }, 'notify_malformed'],
  ['an end that only the executor can tell', { ...asking, closing: 'succeeded' }, 'notify_malformed'],
  ['no request', { ...asking, request: {} }, 'envelope_malformed'],
  [
    'a request that nobody signed',
    { ...asking, request: requestOf({ key: keys.impostor }).envelope },
    'key_unknown',
  ],
  [
    "a request in another agent's name",
    { ...asking, request: requestOf({ change: { agent: OTHER_AGENT } }).envelope },
    'signer_mismatch',
  ],
  [
    "another agent's withdrawal",
    {
      ...asking,
      statements: [withdrawalOf(request, { detail: { agent: OTHER_AGENT } }, keys.rival).envelope],
    },
    'signer_mismatch',
  ],
  [
    "another request's withdrawal",
    { ...asking, statements: [withdrawalOf(other).envelope] },
    'other_request',
  ],
  ['a request as a withdrawal', { ...asking, statements: [request.envelope] }, 'envelope_type'],
];

it.each(lies)('%s: refused for good, on the record, and nothing is painted', async (_, input, code) => {
  const { call, book, painted, refusals } = gatewayAtWork();
  await expect(inActivity(() => call(input))).rejects.toMatchObject({ type: code, nonRetryable: true });
  expect(refusals()).toEqual([`request ${code}`]);
  expect(book.rows).toHaveLength(1);
  expect(painted).toEqual([]);
});

it('paints for no one who started it by itself', async () => {
  const { call, painted, refusals } = gatewayAtWork();
  await expect(inActivity(() => call(asking), 'alone')).rejects.toMatchObject({ type: 'standalone' });
  expect([refusals(), painted]).toEqual([['request standalone'], []]);
});

it('tries again when Slack wants it to', async () => {
  const limited = new AssentError('slack_rate_limited', 'Slack wants it again in 7 s.', {
    evidence: { retryAfterSeconds: 7 },
  });
  const { call } = gatewayAtWork(() => Promise.reject(limited));
  await expect(inActivity(() => call(asking))).rejects.toMatchObject({
    type: 'slack_rate_limited',
    nextRetryDelay: 7000,
    nonRetryable: false,
  });
});

it('tries again where the book is away', async () => {
  const { call, book, painted } = gatewayAtWork();
  book.outage = new AssentError('database_unreachable', 'Postgres cannot be reached.');
  const statements = [withdrawalOf(request).envelope];
  await expect(inActivity(() => call({ ...asking, statements }))).rejects.toBe(book.outage);
  expect(painted).toEqual([]);
});
