/** Leases: what the executor does that has an end, written before it is done, open until its end is checked. */
import type { Kysely } from 'kysely';
import { AssentError } from '../approval/error.ts';
import type { Digest } from '../approval/types.ts';
import type { Database } from './schema.ts';

export interface Lease {
  /** 64 hex. */
  readonly request_id: string;
  /** Of the Start under which it was done. */
  readonly start_digest: Digest;
  /** The action's name. */
  readonly action: string;
  /** When it is to be undone, to the millisecond. */
  readonly ends_at: Date;
}

export interface LeaseEnd {
  readonly finish_digest: Digest;
  readonly ended_at: Date;
}

export interface BookedLease extends Lease {
  readonly leased_at: Date;
  /** Null while it is open. */
  readonly end: LeaseEnd | null;
}

const columns = ['request_id', 'start_digest', 'action', 'ends_at'] as const;

/**
 * Writes a lease; the very same again changes nothing. One round trip; two where one stood already.
 *
 * @throws AssentError `lease_conflict` where the request has another lease
 */
export async function writeLease(
  db: Kysely<Database>,
  { request_id, start_digest, action, ends_at }: Lease,
): Promise<void> {
  const written = await db
    .insertInto('leases')
    .values({ request_id, start_digest, action, ends_at })
    .onConflict((conflict) => conflict.column('request_id').doNothing())
    .returning('request_id')
    .executeTakeFirst();
  if (written !== undefined) return;
  const stands = await leaseOf(db, request_id);
  if (
    stands?.start_digest === start_digest &&
    stands.action === action &&
    stands.ends_at.getTime() === ends_at.getTime()
  ) {
    return;
  }
  throw new AssentError(
    'lease_conflict',
    `The request ${request_id} has another lease than this one of ${action}: a request is leased once.`,
    { evidence: { given: { request_id, start_digest, action, ends_at }, stands } },
  );
}

/** Writes that a lease has ended; the first end stands. One round trip. */
export async function endLease(
  db: Kysely<Database>,
  request_id: string,
  finish_digest: Digest,
): Promise<void> {
  await db
    .insertInto('lease_ends')
    .values({ request_id, finish_digest })
    .onConflict((conflict) => conflict.column('request_id').doNothing())
    .execute();
}

/** The leases that have not ended, those that were due first first. One round trip. */
export async function openLeases(db: Kysely<Database>): Promise<readonly Lease[]> {
  return db
    .selectFrom('leases as l')
    .select(columns)
    .where(({ not, exists, selectFrom }) =>
      not(
        exists(
          selectFrom('lease_ends as e').select('e.request_id').whereRef('e.request_id', '=', 'l.request_id'),
        ),
      ),
    )
    .orderBy('l.ends_at')
    .orderBy('l.request_id')
    .execute();
}

/** A request's lease, open or ended; null where it has none. One round trip. */
export async function leaseOf(db: Kysely<Database>, request_id: string): Promise<BookedLease | null> {
  const row = await db
    .selectFrom('leases as l')
    .leftJoin('lease_ends as e', 'e.request_id', 'l.request_id')
    .select([
      'l.request_id',
      'l.start_digest',
      'l.action',
      'l.ends_at',
      'l.leased_at',
      'e.finish_digest',
      'e.ended_at',
    ])
    .where('l.request_id', '=', request_id)
    .executeTakeFirst();
  if (row === undefined) return null;
  const { finish_digest, ended_at, ...lease } = row;
  const end = finish_digest === null || ended_at === null ? null : { finish_digest, ended_at };
  return { ...lease, end };
}
