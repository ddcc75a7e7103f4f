/**
 * Asks Postgres itself which relations this transaction has touched, and refuses any that was not judged.
 *
 * Whatever a statement reads, it locks until the transaction ends: a view that took the table's place after the
 * first look, a table behind a policy or a function. The transaction's own snapshot shows the catalogue as it was,
 * so the locks (which are in no snapshot) and the name lookup (which is always current) are what is asked.
 */
import { z } from 'zod';
import { AssentError } from '../../approval/error.ts';
import { answer } from './answer.ts';
import type { Judgement } from './judge.ts';
import type { Session } from './session.ts';

const shape = z.object({ moved: z.array(z.string()), others: z.array(z.string()), readable: z.boolean() });

/**
 * Below 16384 are Postgres's own relations, which planning and these very questions read.
 *
 * Reading locks with AccessShare, a foreign key's check with RowShare, writing with RowExclusive: that is for the
 * one table which is written ($3), its parts, indexes, out-of-line values and the sequences of its columns.
 */
const QUESTION = `
WITH RECURSIVE judged AS (
  SELECT t.name, c.oid FROM pg_catalog.json_array_elements_text($1::json) AS t(name)
  JOIN pg_catalog.pg_class c ON c.relname = t.name AND c.relnamespace = 'public'::regnamespace
), written AS (
  SELECT oid FROM judged WHERE name = $3
  UNION SELECT i.inhrelid FROM pg_catalog.pg_inherits i JOIN written w ON i.inhparent = w.oid
), neighbours AS (
  SELECT c.confrelid AS oid FROM pg_catalog.pg_constraint c JOIN written w ON c.conrelid = w.oid WHERE c.contype = 'f'
  UNION SELECT c.conrelid FROM pg_catalog.pg_constraint c JOIN written w ON c.confrelid = w.oid WHERE c.contype = 'f'
), family AS (
  SELECT oid FROM judged UNION SELECT oid FROM neighbours
  UNION SELECT i.inhrelid FROM pg_catalog.pg_inherits i JOIN family f ON i.inhparent = f.oid
), stores AS (
  SELECT oid FROM family UNION SELECT c.reltoastrelid FROM pg_catalog.pg_class c JOIN family f ON f.oid = c.oid
), known AS (
  SELECT oid FROM stores UNION SELECT x.indexrelid FROM pg_catalog.pg_index x JOIN stores s ON x.indrelid = s.oid
), changed AS (
  SELECT oid FROM written UNION SELECT c.reltoastrelid FROM pg_catalog.pg_class c JOIN written w ON w.oid = c.oid
), changeable AS (
  SELECT oid FROM changed UNION SELECT x.indexrelid FROM pg_catalog.pg_index x JOIN changed s ON x.indrelid = s.oid
  UNION SELECT d.objid FROM pg_catalog.pg_depend d JOIN written w ON d.refobjid = w.oid
    JOIN pg_catalog.pg_class s ON s.oid = d.objid AND s.relkind = 'S'
    WHERE d.classid = 'pg_catalog.pg_class'::regclass AND d.refclassid = 'pg_catalog.pg_class'::regclass
      AND d.deptype IN ('a', 'i')
  UNION SELECT d.refobjid FROM pg_catalog.pg_attrdef a JOIN written w ON a.adrelid = w.oid
    JOIN pg_catalog.pg_depend d ON d.classid = 'pg_catalog.pg_attrdef'::regclass AND d.objid = a.oid
    JOIN pg_catalog.pg_class s ON s.oid = d.refobjid AND s.relkind = 'S'
    WHERE d.refclassid = 'pg_catalog.pg_class'::regclass
)
SELECT pg_catalog.json_build_object(
  'moved', COALESCE((SELECT pg_catalog.json_agg(name) FROM judged
    WHERE pg_catalog.to_regclass(pg_catalog.format('public.%I', name)) IS DISTINCT FROM oid), '[]'),
  'others', COALESCE((SELECT pg_catalog.json_agg(DISTINCT l.relation::regclass::text) FROM pg_catalog.pg_locks l
    WHERE l.pid = pg_catalog.pg_backend_pid() AND l.locktype = 'relation' AND l.relation >= '16384'::oid
      AND NOT EXISTS (SELECT FROM known WHERE known.oid = l.relation AND l.mode IN ('AccessShareLock', 'RowShareLock'))
      AND NOT EXISTS (SELECT FROM changeable WHERE changeable.oid = l.relation
        AND l.mode IN ('AccessShareLock', 'RowShareLock', 'RowExclusiveLock'))), '[]'),
  'readable', COALESCE((SELECT pg_catalog.bool_and(pg_catalog.has_column_privilege(j.oid, r.field, 'SELECT'))
    FROM pg_catalog.json_to_recordset($2::json) AS r("table" text, field text) JOIN judged j ON j.name = r."table"), true))`;

/**
 * @param written the one table that may be written; null where none may be
 * @throws AssentError `table_refused`; `sql_failed` where a column is gone
 */
export async function checkHeld(
  session: Session,
  { tables, columns }: Judgement,
  written: string | null,
): Promise<void> {
  const fields = columns
    .map((column) => column.split('.'))
    .map(([table, field]) => ({ table, field }))
    .filter(({ field }) => field !== '*');
  const values = [JSON.stringify(tables), JSON.stringify(fields), written];
  const { moved, others, readable } = await answer(session, { text: QUESTION, values }, shape);
  if (moved.length === 0 && others.length === 0 && readable) return;
  const what = [...moved, ...others].join(', ') || 'a column';
  throw new AssentError(
    'table_refused',
    `Postgres would touch something else than the statement says (${what}): a view, a row security policy, a trigger or a function stands in between. Nothing of it is kept.`,
  );
}
