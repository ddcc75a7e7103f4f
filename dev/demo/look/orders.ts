/** The orders of the target database, as its superuser sees and changes them. */
import pg from 'pg';
import { z } from 'zod';
import type { World } from '../world.ts';

/** What the story's agent wants to delete. */
export const RETURNS = "status = 'returned' AND placed_at < '2024-03-01'";

const counted = z.tuple([z.object({ count: z.coerce.number() })]);

export async function countOrders(world: World, condition: string): Promise<number> {
  const { rows } = await query(world, `SELECT count(*) FROM orders WHERE ${condition}`);
  return counted.parse(rows)[0].count;
}

/** Twelve more old orders come back. */
export async function returnMore(world: World): Promise<void> {
  await query(
    world,
    `UPDATE orders SET status = 'returned' WHERE id IN (
      SELECT id FROM orders WHERE status <> 'returned' AND placed_at < '2024-03-01' ORDER BY id LIMIT 12)`,
  );
}

async function query({ stack: { target } }: World, text: string): Promise<pg.QueryResult> {
  const client = new pg.Client({ connectionString: target.superuserUrl });
  // A server that stops in between fails the query, which says so; without a listener it would end the process.
  client.on('error', () => undefined);
  await client.connect();
  try {
    return await client.query(text);
  } finally {
    await client.end();
  }
}
