/** What the catalogue says of the table that is written: which code runs with it, and whose rows go with its own. */
import { z } from 'zod';
import { AssentError } from '../../approval/error.ts';
import { answer } from './answer.ts';
import { checkCatalogue } from './catalogue.ts';
import { codeSchema, type ExecuteFacts } from './execute-facts.ts';
import type { WriteJudgement } from './judge-write.ts';
import type { Session } from './session.ts';

export type Surroundings = Pick<ExecuteFacts, 'code' | 'row_security'>;

const shape = z.object({
  code: codeSchema,
  row_security: z.boolean(),
  /** Tables whose rows a foreign key changes along. */
  cascades: z.array(z.string()),
  /** Tables that inherit from it without being its partitions. */
  children: z.array(z.string()),
});

/**
 * $1 the table, $2 bits of what happens to its rows, as pg_trigger.tgtype has them, $3 columns that are updated.
 *
 * A row of a partitioned table may move: then a deletion's and an insertion's triggers fire, too. Built-in functions
 * are in no pg_depend; what extensions bring is the operator's choice.
 */
const QUESTION = `
WITH RECURSIVE family AS (
  SELECT c.oid, c.relkind, c.relrowsecurity FROM pg_catalog.pg_class c
    WHERE c.relname = $1 AND c.relnamespace = 'public'::regnamespace
  UNION SELECT c.oid, c.relkind, c.relrowsecurity FROM pg_catalog.pg_inherits i
    JOIN family f ON i.inhparent = f.oid JOIN pg_catalog.pg_class c ON c.oid = i.inhrelid
), events AS (
  SELECT CASE WHEN EXISTS (SELECT FROM family WHERE relkind = 'p') THEN 28 ELSE $2::int END AS bits
), triggers AS (
  SELECT t.oid, t.tgname, t.tgfoid FROM pg_catalog.pg_trigger t JOIN family f ON t.tgrelid = f.oid, events
  WHERE NOT t.tgisinternal AND t.tgenabled IN ('O', 'A') AND (t.tgtype::int & bits) <> 0
), objects (classid, objid, label) AS (
  SELECT 'pg_catalog.pg_attrdef'::regclass, d.oid, 'default of ' || a.attname FROM pg_catalog.pg_attrdef d
    JOIN family f ON d.adrelid = f.oid
    JOIN pg_catalog.pg_attribute a ON a.attrelid = d.adrelid AND a.attnum = d.adnum
  UNION ALL SELECT 'pg_catalog.pg_constraint'::regclass, c.oid, 'constraint ' || c.conname
    FROM pg_catalog.pg_constraint c JOIN family f ON c.conrelid = f.oid
  UNION ALL SELECT 'pg_catalog.pg_constraint'::regclass, c.oid, 'constraint ' || c.conname
    FROM pg_catalog.pg_constraint c JOIN pg_catalog.pg_attribute a ON a.atttypid = c.contypid
    JOIN family f ON a.attrelid = f.oid AND NOT a.attisdropped WHERE c.contypid <> 0
  UNION ALL SELECT 'pg_catalog.pg_policy'::regclass, p.oid, 'policy ' || p.polname
    FROM pg_catalog.pg_policy p JOIN family f ON p.polrelid = f.oid
  UNION ALL SELECT 'pg_catalog.pg_class'::regclass, i.indexrelid, 'index ' || i.indexrelid::regclass
    FROM pg_catalog.pg_index i JOIN family f ON i.indrelid = f.oid
  UNION ALL SELECT 'pg_catalog.pg_trigger'::regclass, t.oid, 'trigger ' || t.tgname FROM triggers t
), calls AS (
  SELECT 'trigger ' || tgname AS label, tgfoid AS function, pg_catalog.pg_get_triggerdef(oid) AS definition FROM triggers
  UNION SELECT o.label, d.refobjid, '' FROM objects o
    JOIN pg_catalog.pg_depend d ON d.classid = o.classid AND d.objid = o.objid
    WHERE d.refclassid = 'pg_catalog.pg_proc'::regclass AND d.refobjid >= '16384'::oid AND NOT EXISTS (
      SELECT FROM pg_catalog.pg_depend e
      WHERE e.classid = 'pg_catalog.pg_proc'::regclass AND e.objid = d.refobjid AND e.deptype = 'e')
), code AS (
  SELECT c.label, p.oid::regprocedure::text AS called, 'sha256:' || pg_catalog.encode(pg_catalog.sha256(
    pg_catalog.convert_to(pg_catalog.json_build_array(p.prosrc, p.probin, p.prosqlbody::text, p.prosecdef,
      p.proconfig, p.proowner, p.prolang,
      (SELECT pg_catalog.json_agg(DISTINCT a.definition ORDER BY a.definition) FROM calls a
        WHERE a.label = c.label AND a.function = c.function))::text, 'UTF8')), 'hex') AS digest
  FROM (SELECT DISTINCT label, function FROM calls) c JOIN pg_catalog.pg_proc p ON p.oid = c.function
)
SELECT pg_catalog.json_build_object(
  'code', COALESCE((SELECT pg_catalog.json_agg(pg_catalog.json_build_object(
    'where', label, 'calls', called, 'digest', digest) ORDER BY label, called) FROM code), '[]'),
  'row_security', COALESCE((SELECT pg_catalog.bool_or(relrowsecurity) FROM family), false),
  'cascades', COALESCE((SELECT pg_catalog.json_agg(DISTINCT c.conrelid::regclass::text)
    FROM pg_catalog.pg_constraint c JOIN family f ON c.confrelid = f.oid, events
    WHERE c.contype = 'f' AND (
      (bits & 8 <> 0 AND c.confdeltype IN ('c', 'n', 'd'))
      OR (bits & 16 <> 0 AND c.confupdtype IN ('c', 'n', 'd') AND EXISTS (
        SELECT FROM pg_catalog.pg_attribute a WHERE a.attrelid = c.confrelid AND a.attnum = ANY (c.confkey)
          AND a.attname IN (SELECT u FROM pg_catalog.json_array_elements_text($3::json) AS t(u)))))), '[]'),
  'children', COALESCE((SELECT pg_catalog.json_agg(c.oid::regclass::text) FROM family f
    JOIN pg_catalog.pg_class c ON c.oid = f.oid
    WHERE NOT c.relispartition AND c.oid IN (SELECT inhrelid FROM pg_catalog.pg_inherits)
      AND NOT (c.relname = $1 AND c.relnamespace = 'public'::regnamespace)), '[]'))`;

const BITS = { insert: 4, delete: 8, update: 16 } as const;

/** @throws AssentError `table_refused`, and as `checkCatalogue` does */
export async function lookAtWritten(session: Session, judgement: WriteJudgement): Promise<Surroundings> {
  const { table, effects, updated, columns, columnsWritten } = judgement;
  await checkCatalogue(session, { ...judgement, columns: [...columns, ...columnsWritten] });
  const bits = effects.reduce((sum, effect) => sum + BITS[effect], 0);
  const values = [table, bits, JSON.stringify(updated)];
  const { cascades, children, ...found } = await answer(session, { text: QUESTION, values }, shape);
  if (cascades.length > 0) {
    throw refused(
      `a foreign key changes rows of ${cascades.join(', ')} along with ${table}; change them by statements of their own first`,
    );
  }
  if (children.length > 0) throw refused(`${children.join(', ')} inherits from ${table}`);
  return found;
}

function refused(words: string): AssentError {
  return new AssentError('table_refused', `The statement would reach beyond its table: ${words}.`);
}
