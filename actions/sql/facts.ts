/** The facts of an export's preview: what the executor saw, signed by it and shown to reviewers. Never values. */
import { z } from 'zod';
import { AssentError } from '../../approval/error.ts';
import type { JsonObject } from '../../approval/types.ts';
import { driftOf, rowsInWords } from './bound.ts';

const schema = z.strictObject({
  rows: z.int().min(0),
  /** True where counting took too long and `rows` is the planner's guess. */
  estimate: z.boolean(),
  /** Names of the output's columns, in order. */
  columns: z.array(z.string()),
  /** The columns read that the configuration names as personal data. */
  personal_data: z.array(z.string()),
  /** Plain tables, looked up in the catalogue. */
  tables: z.array(z.string()),
  server: z.strictObject({ version: z.string(), role: z.string() }),
});

export type ExportFacts = z.infer<typeof schema>;

/** @throws AssentError `facts_malformed` */
export function parseFacts(facts: JsonObject): ExportFacts {
  const parsed = schema.safeParse(facts);
  if (parsed.success) return parsed.data;
  const [issue] = parsed.error.issues;
  throw new AssentError(
    'facts_malformed',
    `These are not the facts of a preview of sql.export: ${issue?.path.join('.')}: ${issue?.message}.`,
  );
}

export function impactOf(facts: JsonObject): readonly string[] {
  const { rows, estimate, columns, personal_data } = parseFacts(facts);
  const count = `${rowsInWords(rows)} would be exported`;
  return [
    estimate ? `About ${count} (an estimate: counting took too long)` : count,
    `Columns: ${columns.join(', ')}`,
    personal_data.length === 0
      ? 'Personal data: none of the columns that are configured as such'
      : `Personal data: ${personal_data.join(', ')}`,
  ];
}

export function driftOfExport(approved: JsonObject, now: JsonObject, slack: number): readonly string[] {
  return driftOf(parseFacts(approved), parseFacts(now), slack);
}
