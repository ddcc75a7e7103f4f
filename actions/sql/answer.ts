/** Reads one JSON value out of a catalogue query's single cell, checked against a schema. */
import type { z } from 'zod';
import { AssentError } from '../../approval/error.ts';
import type { Query, Session } from './connection.ts';

/** @throws AssentError `catalogue_malformed` where Postgres answers in another shape */
export async function answer<Shape>(session: Session, query: Query, shape: z.ZodType<Shape>): Promise<Shape> {
  const { rows } = await session.query(query);
  const cell = rows[0]?.[0];
  const parsed = shape.safeParse(typeof cell === 'string' ? JSON.parse(cell) : cell);
  if (parsed.success) return parsed.data;
  throw new AssentError(
    'catalogue_malformed',
    "Postgres's catalogue answered in a shape that is not known here.",
  );
}
