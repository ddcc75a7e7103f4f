/** What lifts a freeze is said to every request that it may have held, and to none of them again and again. */
import { Client, Connection } from '@temporalio/client';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { signStatement } from '../../approval/statements.ts';
import type { Verified } from '../../approval/types.ts';
import { createBook } from '../../book/book.ts';
import { unforwarded } from '../../book/forwarding.ts';
import { keepPosting } from '../../book/postings.ts';
import { forward } from '../../gateway/forward.ts';
import { type Cluster, startCluster } from '../book/cluster.ts';
import { AUDIENCE, at, keys } from '../gateway/case-in-hand.ts';

let cluster: Cluster;
let db: Awaited<ReturnType<Cluster['migrated']>>['db'];

beforeAll(async () => {
  cluster = await startCluster();
  ({ db } = await cluster.migrated('lifted'));
  for (const letter of ['a', 'b', 'c']) {
    const request_id = letter.repeat(64);
    await keepPosting(db, { request_id, channel: 'slack', key: 'card', place: 'C1', reference: letter });
  }
});
afterAll(() => cluster.stop());

async function lifting(): Promise<Verified<'instruction'>> {
  const unfreeze = signStatement(
    'instruction',
    {
      audience: AUDIENCE,
      verb: 'unfreeze',
      subject: `sha256:${'0'.repeat(64)}`,
      detail: {},
      person: 'dan',
      reason: 'Over.',
      issued_at: at(Math.random() * 1000),
      expires_at: at(2000),
    },
    keys.gateway,
  );
  await createBook(db).append([unfreeze]);
  return unfreeze;
}

/** A Temporal that takes no signal for some. */
function temporal(away: string) {
  const heard: string[] = [];
  const getHandle = (workflowId: string) => ({
    signal: async () => {
      if (away.includes(workflowId.slice(0, 1))) throw new Error('14 UNAVAILABLE');
      heard.push(workflowId.slice(0, 1));
    },
  });
  const lazy = new Client({ connection: Connection.lazy({ address: '127.0.0.1:1' }) });
  return { client: Object.assign(lazy, { workflow: Object.assign(lazy.workflow, { getHandle }) }), heard };
}

const open = async () => (await unforwarded(db, { days: 7, olderThanSeconds: 0, limit: 100 })).length;

test('one that Temporal can not tell has the others told once', async () => {
  const { client, heard } = temporal('b');
  const { digest, kind, envelope } = await lifting();
  await forward({ digest, kind, envelope, request_id: null }, { client, db });
  expect(heard).toEqual(['a', 'c']);
  expect(await open()).toBe(0);
});

test('it is said later where nobody could be told', async () => {
  const { client, heard } = temporal('abc');
  const { digest, kind, envelope } = await lifting();
  await expect(forward({ digest, kind, envelope, request_id: null }, { client, db })).rejects.toThrow('14');
  expect([heard, await open()]).toEqual([[], 1]);
});
