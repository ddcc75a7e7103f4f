/**
 * Lists requests with the state that the records show: for people to look over, never to decide from.
 *
 * A request is listed once the book holds it, or once a record claims it (one that policy denied was never
 * booked). What hostile histories say is read in code, where no odd text can break the query for all.
 */
import { type Kysely, type RawBuilder, sql } from 'kysely';
import { AssentError } from '../approval/error.ts';
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
  /** Give it as `before` to go on behind this one. */
  readonly cursor: string;
}

export interface ListingQuery {
  /** Compared with the latest state; `open` where there is none. */
  readonly state?: ListedState;
  readonly agent?: string;
  /** The action's name. */
  readonly action?: string;
  readonly limit: number;
  readonly before?: string;
}

const batchSize = 200;

/** Newest first. One round trip for each 200 requests that are looked at. */
export async function listRequests(
  db: Kysely<Database>,
  { state, agent, action, limit, before }: ListingQuery,
): Promise<readonly ListedRequest[]> {
  const fits = (request: ListedRequest) =>
    (state === undefined || state === (request.latest?.state ?? 'open')) &&
    (agent === undefined || agent === request.agent) &&
    (action === undefined || action === request.action);
  const listed: ListedRequest[] = [];
  let cursor = before;
  while (listed.length < limit) {
    const batch = await readBatch(db, cursor);
    listed.push(...batch.filter(fits));
    cursor = batch.at(-1)?.cursor;
    if (batch.length < batchSize) break;
  }
  return listed.slice(0, limit);
}

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
