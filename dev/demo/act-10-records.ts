/** Act 10: the audit records of all of it, in Postgres and derived once more from Temporal's histories, are the same. */
import type { AuditRecord } from '../../audit/records.ts';
import { appendRecords } from '../../audit/store.ts';
import { openDatabase } from '../../book/database.ts';
import type { Attacked } from './act-9-attacks.ts';
import { backingOf, differences, faultOf, recordsOfAll, storedBytes } from './look/records.ts';
import { allEnded, deriveAll, listRuns } from './look/runs.ts';
import type { World } from './world.ts';

export async function compareRecords(
  world: World,
  { approved, survey, denied, giveaway }: Attacked,
): Promise<void> {
  const { story } = world;
  story.act('The record of it all');
  story.say(
    'Each workflow recorded its own history as it ended. That is done once more now, for every run of ' +
      'every workflow, Mallory’s too. Then what stands in Postgres is held against what Temporal tells.',
  );
  const runs = await listRuns(world);
  await story.claim(`Temporal lists ${runs.length} runs; all have ended, and none is missing.`, () =>
    allEnded(world, runs),
  );
  await appendAsWorker(world, await deriveAll(world, runs));
  const stored = await storedBytes(world);
  await story.claim(
    `The ${stored.size} records in Postgres are those that Temporal’s histories give, byte for byte.`,
    async () => ({
      expected: { missing: [], extra: [], altered: [] },
      found: differences(stored, await deriveAll(world, runs)),
    }),
  );
  await story.claim('Recording all of it again adds nothing.', async () => ({
    expected: 0,
    found: await appendAsWorker(world, await deriveAll(world, runs)),
  }));

  const backed = (await recordsOfAll(world)).filter(({ backing }) => backing === 'backed');
  await story.claim(
    `${backed.length} of them are backed: each names a signed statement in the book, which verifies.`,
    async () => {
      const faults = await Promise.all(backed.map((record) => faultOf(world, record)));
      return { expected: [], found: faults.filter((fault) => fault !== null) };
    },
  );
  await story.claim('The forged approvals stand there as claimed: no statement backs them.', async () => ({
    expected: ['signature_invalid claimed', 'key_unknown claimed'],
    found: await backingOf(world, survey.requestId, 'decision_refused'),
  }));
  await story.claim(
    'So does Ana Castro’s approval where it was replayed; Sam Weiss’s click is his own each time.',
    async () => ({
      expected: ['not_asked_yet backed', 'other_request claimed', 'not_asked_yet backed'],
      found: await backingOf(world, denied.requestId, 'decision_refused'),
    }),
  );
  await story.claim('So does her reset, for which nobody signed.', async () => ({
    expected: ['once more claimed'],
    found: await backingOf(world, approved.requestId, 'reset', 'reason'),
  }));
  await story.claim('What the executor refused her is backed by its signed refusals.', async () => ({
    expected: [['denied backed'], ['succeeded backed', 'already_consumed backed']],
    found: [
      await backingOf(world, giveaway.requestId, 'execution_finished'),
      await backingOf(world, approved.requestId, 'execution_finished'),
    ],
  }));
}

/** With the rights that the worker's `recordHistory` has; gives how many were new. */
async function appendAsWorker({ stack }: World, records: readonly AuditRecord[]): Promise<number> {
  const db = openDatabase(stack.databases.assent_worker);
  try {
    return (await appendRecords(db, records)).appended;
  } finally {
    await db.destroy();
  }
}
