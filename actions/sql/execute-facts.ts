/** The facts of an execution's preview: what the executor saw, signed by it and shown to reviewers. Never values. */
import { z } from 'zod';
import { AssentError } from '../../approval/error.ts';
import type { JsonObject } from '../../approval/types.ts';
import { driftOf, rowsInWords } from './bound.ts';

/** Code of the database's own that the statement sets off: a trigger, a default, a check, a policy. */
export const codeSchema = z.array(
  z.strictObject({
    /** What calls it: `trigger stamp`, `default of code`. */
    where: z.string(),
    /** `public.stamp()`, as Postgres names it. */
    calls: z.string(),
    /** Of everything that says what it does. */
    digest: z.string(),
  }),
);

const schema = z.strictObject({
  rows: z.int().min(0),
  /** True where counting took too long and `rows` is the planner's guess. */
  estimate: z.boolean(),
  /** True where some of them may stay as they are, being in conflict with what is there. */
  at_most: z.boolean(),
  /** What becomes of a row: delete, insert, update. */
  effects: z.array(z.enum(['delete', 'insert', 'update'])),
  /** The columns read or written that the configuration names as personal data. */
  personal_data: z.array(z.string()),
  /** Plain tables, looked up in the catalogue. */
  tables: z.array(z.string()),
  code: codeSchema,
  /** Whether row security limits which rows of the written table a role sees. */
  row_security: z.boolean(),
  server: z.strictObject({ version: z.string(), role: z.string() }),
});

export type ExecuteFacts = z.infer<typeof schema>;

/** @throws AssentError `facts_malformed` */
export function parseExecuteFacts(facts: JsonObject): ExecuteFacts {
  const parsed = schema.safeParse(facts);
  if (parsed.success) return parsed.data;
  const [issue] = parsed.error.issues;
  throw new AssentError(
    'facts_malformed',
    `These are not the facts of a preview of sql.execute: ${issue?.path.join('.')}: ${issue?.message}.`,
  );
}

const PARTICIPLES = { delete: 'deleted', insert: 'inserted', update: 'updated' } as const;

export function impactOfExecution(facts: JsonObject): readonly string[] {
  const { rows, estimate, at_most, effects, personal_data, code, row_security } = parseExecuteFacts(facts);
  const words = effects.map((effect) => PARTICIPLES[effect]).join(' or ') || 'changed';
  const count = `${rowsInWords(rows)} would be ${words}`;
  return [
    estimate ? `About ${count} (an estimate: counting took too long)` : at_most ? `At most ${count}` : count,
    personal_data.length === 0
      ? 'Personal data: none of the columns that are configured as such'
      : `Personal data, read or written: ${personal_data.join(', ')}`,
    ...code.map(({ where, calls }) => `Runs code of the database: ${where} calls ${calls}`),
    ...(row_security ? ['Row security limits which rows are seen and changed'] : []),
  ];
}

export function driftOfExecution(approved: JsonObject, now: JsonObject, slack: number): readonly string[] {
  return driftOf(parseExecuteFacts(approved), parseExecuteFacts(now), slack);
}
