/** The facts of a grant's preview: what the role may do, signed by the executor and shown to reviewers. */
import { z } from 'zod';
import { AssentError } from '../../approval/error.ts';
import type { JsonObject } from '../../approval/types.ts';

const names = z.array(z.string());

const oid = z.string().regex(/^\d+$/);

/** Role and login as Postgres counts them: a renamed one keeps its number, and its name may become another's. */
export const numbers = z.object({ role_oid: oid, login_oid: oid });

export const rights = z.strictObject({
  /** Roles whose rights this one has, too. */
  memberships: names,
  /** How many tables and views it may read, and how many it may write. */
  reads: z.int().min(0),
  writes: z.int().min(0),
  /** The first of them, with what it may do: `public.orders: SELECT, UPDATE`. */
  tables: names,
  /** The first of the functions that it was given: `public.refund(id integer)`. */
  functions: names,
});

const accessFacts = rights.extend(numbers.shape);

export type AccessFacts = z.infer<typeof accessFacts>;

/** What a card can show; the counts are of all. */
export const SHOWN = 20;

/** @throws AssentError `facts_malformed` */
export function impactOf(facts: JsonObject): readonly string[] {
  const parsed = accessFacts.safeParse(facts);
  if (!parsed.success) {
    const [issue] = parsed.error.issues;
    throw new AssentError(
      'facts_malformed',
      `These are not the facts of a preview of access.grant: ${issue?.path.join('.')}: ${issue?.message}.`,
    );
  }
  const { memberships, reads, writes, tables, functions } = parsed.data;
  return [
    `The role may read ${counted(reads)} and write ${counted(writes)}`,
    ...(tables.length === 0 ? [] : [`${first(tables, reads, writes)}: ${tables.join('; ')}`]),
    ...(functions.length === 0 ? [] : [`Functions: ${functions.join('; ')}`]),
    ...(memberships.length === 0 ? [] : [`It has the rights of: ${memberships.join(', ')}`]),
  ];
}

/** Which of them are both read and written is not counted, so a full list may be all of it only where one count is. */
function first(tables: readonly string[], reads: number, writes: number): string {
  return Math.max(reads, writes) <= tables.length && tables.length <= SHOWN ? 'Tables' : 'First tables';
}

function counted(tables: number): string {
  return tables === 1 ? '1 table' : `${tables} tables`;
}
