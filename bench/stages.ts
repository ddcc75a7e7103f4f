/**
 * Where the time of a click goes, read off what the parts wrote down anyway: the book's and Temporal's own times.
 * All of them are of this machine's one clock.
 */
import type { Client } from '@temporalio/client';
import type { temporal } from '@temporalio/proto';
import pg from 'pg';
import { z } from 'zod';
import type { Measured } from './measure.ts';
import { spreadOf } from './statistics.ts';

export interface Stage {
  readonly name: string;
  /** Median milliseconds since the stage before. */
  readonly assent: number;
  /** The same of the bare workflow; null for what it has not. */
  readonly bare: number | null;
}

const BARE: readonly string[] = ['signal in Temporal', 'activity scheduled', 'action began'];
const ASSENT: readonly string[] = [
  'decision in the book',
  'signal in Temporal',
  'activity scheduled',
  'Start in the book',
  'consumed',
  'action began',
];

type Event = temporal.api.history.v1.IHistoryEvent;

const row = z.object({ decision: z.date(), start: z.date(), consumed: z.date() });
const QUERY = `
  select d.booked_at as decision, s.booked_at as start, c.consumed_at as consumed
  from consumptions c
  join statements s on s.digest = c.start_digest
  join statements d on d.request_id = c.request_id and d.kind = 'decision'
  where c.request_id = $1`;

export async function stagesOf(
  assent: readonly Measured[],
  bare: readonly Measured[],
  { client, databaseUrl }: { readonly client: Client; readonly databaseUrl: string },
): Promise<readonly Stage[]> {
  const db = new pg.Client({ connectionString: databaseUrl });
  await db.connect();
  try {
    const own: (readonly number[])[] = [];
    for (const run of assent) own.push(await approvedStages(run, client, db));
    const least = await Promise.all(bare.map(async (run) => steps(run, await times(run, client))));
    return ASSENT.map((name, index) => {
      const at = BARE.indexOf(name);
      const bareMedian = at < 0 ? null : median(least.map((run) => run[at] ?? Number.NaN));
      return { name, assent: median(own.map((run) => run[index] ?? Number.NaN)), bare: bareMedian };
    });
  } finally {
    await db.end();
  }
}

async function approvedStages(run: Measured, client: Client, db: pg.Client): Promise<readonly number[]> {
  const { rows } = await db.query(QUERY, [run.workflowId]);
  const { decision, start, consumed } = row.parse(rows[0]);
  const [signalled = 0, scheduled = 0] = await times(run, client);
  return steps(run, [decision.getTime(), signalled, scheduled, start.getTime(), consumed.getTime()]);
}

/** When the signal and the activity's scheduling came into the history. */
async function times({ workflowId }: Measured, client: Client): Promise<readonly number[]> {
  const { events } = await client.workflow.getHandle(workflowId).fetchHistory();
  const signal = events?.find((event) => event.workflowExecutionSignaledEventAttributes != null);
  const after = events?.filter((event) => Number(event.eventId) > Number(signal?.eventId ?? 0));
  const scheduled = after?.find((event) => event.activityTaskScheduledEventAttributes != null);
  return [timeOf(signal), timeOf(scheduled)];
}

function timeOf(event: Event | undefined): number {
  const { seconds, nanos } = event?.eventTime ?? {};
  return Number(seconds ?? 0) * 1000 + (nanos ?? 0) / 1e6;
}

function steps({ from, began }: Measured, moments: readonly number[]): readonly number[] {
  const all = [from, ...moments, from + began];
  return all.slice(1).map((moment, index) => moment - (all[index] ?? moment));
}

function median(samples: readonly number[]): number {
  return spreadOf(samples).median;
}
