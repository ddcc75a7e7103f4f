/**
 * Lists requests with the state that the records show, or the book where somebody judges it: for people to look over,
 * never to decide from.
 *
 * A request is listed once the book holds it, or once a record claims it (one that policy denied was never
 * booked). What hostile histories say is read in code, where no odd text can break the query for all.
 */
import { type Kysely, type RawBuilder, sql } from 'kysely';
import { AssentError } from '../approval/error.ts';
import { matchesPattern } from '../approval/pattern.ts';
import type { Timestamp } from '../approval/types.ts';
import type { Database } from '../book/schema.ts';
import { type Backing, isBacked } from './backing.ts';
import type { RecordKind } from './records.ts';
import { askedByEnvelope, askedByRecord, bearingKinds, type ListedState, stateShown } from './shown-state.ts';

export interface ShownState {
  readonly state: ListedState;
  readonly at: Timestamp;
}

export interface ListedRequest {
  readonly request_id: string;
  /** `claimed` where only a history tells of it. */
  readonly backing: Backing;
  readonly agent: string | null;
  readonly action: string | null;
  /** When it was booked, or where it never was, when a history says that it was asked. */
  readonly asked_at: Timestamp;
  /** By the newest record that bears a state. */
  readonly latest: (ShownState & { readonly backing: Backing }) | null;
  /** By the newest such record that a statement in the book backs. */
  readonly backed: ShownState | null;
  /** By its statements in the book; null where nobody judged them, or where they could add nothing. */
  readonly standing: ListedState | null;
  /** Give it as `before` to go on behind this one. */
  readonly cursor: string;
}

export interface ListingQuery {
  /** Compared with {@link stateListed}. */
  readonly state?: ListedState;
  readonly agent?: string;
  /** A pattern of action names. */
  readonly action?: string;
  readonly asked_after?: Timestamp;
  readonly asked_before?: Timestamp;
  readonly limit: number;
  readonly before?: string;
}

/** Says where a request stands by the book; null where it can't. */
export type Judging = (requestId: string) => Promise<ListedState | null>;

const batchSize = 200;

/** The book's word where there is one, or else that of the newest record. */
export function stateListed({ standing, latest }: ListedRequest): ListedState {
  return standing ?? latest?.state ?? 'open';
}

/**
 * Newest first. One round trip for each 200 requests that are looked at, and one of `judge` for each that fits all but
 * the state, and whose last word its records do not have.
 */
export async function listRequests(
  db: Kysely<Database>,
  query: ListingQuery,
  judge: Judging = () => Promise.resolve(null),
): Promise<readonly ListedRequest[]> {
  const { state, limit, before, asked_after, asked_before } = query;
  const listed: ListedRequest[] = [];
  let cursor = before ?? (asked_before === undefined ? undefined : cursorBefore(asked_before));
  for (;;) {
    const batch = await readBatch(db, cursor);
    for (const row of batch.filter((request) => fits(request, query))) {
      const standing = mayDiffer(row, state) ? await judge(row.request_id) : null;
      const request = { ...row, standing };
      if (state === undefined || state === stateListed(request)) listed.push(request);
      if (listed.length === limit) return listed;
    }
    const last = batch.at(-1);
    const older = last !== undefined && asked_after !== undefined && last.asked_at < asked_after;
    if (last === undefined || older || batch.length < batchSize) return listed;
    cursor = last.cursor;
  }
}

function fits(request: ListedRequest, { agent, action, asked_after }: ListingQuery): boolean {
  const name = request.action ?? '';
  return (
    (agent === undefined || agent === request.agent) &&
    (action === undefined || action === name || matchesPattern(action, name)) &&
    (asked_after === undefined || asked_after <= request.asked_at)
  );
}

/** What its records call ended has; but one that succeeded may have an end to come. */
function mayDiffer({ backing, latest }: ListedRequest, wanted: ListedState | undefined): boolean {
  if (backing === 'claimed') return false;
  if (latest === null || latest.backing === 'claimed' || !ENDS.has(latest.state)) return true;
  return latest.state === 'succeeded' && (wanted === undefined || MAY_FOLLOW.has(wanted));
}

const ENDS: ReadonlySet<ListedState> = new Set([
  'denied',
  'withdrawn',
  'succeeded',
  'failed',
  'not_executed',
  'settled',
  'ended',
]);
const MAY_FOLLOW: ReadonlySet<ListedState> = new Set(['succeeded', 'active', 'ended']);

interface Row {
  readonly request_id: string;
  readonly asked_at: Date;
  readonly cursor: string;
  readonly envelope: string | null;
  readonly requested: Buffer | null;
  readonly latest_kind: RecordKind | null;
  readonly latest_at: Date | null;
  readonly latest_record: Buffer | null;
  readonly latest_backed: boolean;
  readonly backed_kind: RecordKind | null;
  readonly backed_at: Date | null;
  readonly backed_record: Buffer | null;
}

function listedOf(row: Row): ListedRequest {
  const { request_id, asked_at, cursor, envelope, requested } = row;
  const asked = envelope === null ? askedByRecord(requested ?? Buffer.alloc(0)) : askedByEnvelope(envelope);
  const latest = shown(row.latest_kind, row.latest_at, row.latest_record);
  return {
    request_id,
    backing: envelope === null ? 'claimed' : 'backed',
    ...asked,
    asked_at: asked_at.toISOString(),
    latest: latest && { ...latest, backing: row.latest_backed ? 'backed' : 'claimed' },
    backed: shown(row.backed_kind, row.backed_at, row.backed_record),
    standing: null,
    cursor,
  };
}

function shown(kind: RecordKind | null, at: Date | null, record: Buffer | null): ShownState | null {
  if (kind === null || at === null || record === null) return null;
  return { state: stateShown(kind, record), at: at.toISOString() };
}

async function readBatch(
  db: Kysely<Database>,
  before: string | undefined,
): Promise<readonly ListedRequest[]> {
  const { rows } = await sql<Row>`
    with booked as (
      select s.request_id, s.booked_at as asked_at, s.envelope, null::bytea as requested
      from statements s
      where s.kind = 'request' and ${behind(sql`s.booked_at`, sql`s.request_id`, before)}
        and not exists (select from statements earlier where earlier.kind = 'request'
          and earlier.request_id = s.request_id and earlier.position < s.position)
      order by s.booked_at desc, s.request_id desc limit ${batchSize}
    ), claimed as (
      select r.request_id, r.occurred_at, null, r.record
      from records r
      where r.kind = 'requested' and r.request_id is not null
        and ${behind(sql`r.occurred_at`, sql`r.request_id`, before)}
        and not exists (select from statements s where s.kind = 'request' and s.request_id = r.request_id)
        and not exists (select from records earlier where earlier.kind = 'requested'
          and earlier.request_id = r.request_id and ${orderOf('earlier')} < ${orderOf('r')})
      order by r.occurred_at desc, r.request_id desc limit ${batchSize}
    ), asked as (
      select * from booked union all select * from claimed
      order by asked_at desc, request_id desc limit ${batchSize}
    )
    select asked.*,
      to_char(asked.asked_at at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"') || '_' || asked.request_id as cursor,
      latest.kind as latest_kind, latest.occurred_at as latest_at, latest.record as latest_record,
      ${isBacked('latest')} as latest_backed,
      backed.kind as backed_kind, backed.occurred_at as backed_at, backed.record as backed_record
    from asked
    left join lateral (${newest(sql`true`)}) latest on true
    left join lateral (${newest(isBacked('r'))}) backed on true
    order by asked.asked_at desc, asked.request_id desc`.execute(db);
  return rows.map(listedOf);
}

function newest(condition: RawBuilder<unknown>): RawBuilder<unknown> {
  const bearing = sql.join(bearingKinds.map((kind) => sql.lit(kind)));
  return sql`select r.* from records r
    where r.request_id = asked.request_id and r.kind in (${bearing}) and ${condition}
    order by ${sql.join(keyOf('r').map((column) => sql`${column} desc`))} limit 1`;
}

/** Time first, then the key, so that the order is total. */
function keyOf(table: string): readonly RawBuilder<unknown>[] {
  const names = ['occurred_at', 'event_id', 'namespace', 'workflow_id', 'run_id', 'kind'];
  return names.map((name) => sql`${sql.ref(`${table}.${name}`)}`);
}

function orderOf(table: string): RawBuilder<unknown> {
  return sql`(${sql.join(keyOf(table))})`;
}

function behind(
  at: RawBuilder<unknown>,
  id: RawBuilder<unknown>,
  before: string | undefined,
): RawBuilder<unknown> {
  if (before === undefined) return sql`true`;
  const parsed = /^(\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{6}Z)_(.+)$/.exec(before);
  if (parsed === null) {
    throw new AssentError('cursor_malformed', `${before} is no cursor; take one from a listed request.`);
  }
  return sql`(${at}, ${id}) < (${parsed[1]}::timestamptz, ${parsed[2]})`;
}

/** A cursor in front of all that was asked before a moment. */
function cursorBefore(moment: Timestamp): string {
  return `${moment.replace(/Z$/, '000Z')}_0`;
}
