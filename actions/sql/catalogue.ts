/** Holds what the text claims to touch against the target's catalogue: plain tables, real columns, built-in functions. */
import { z } from 'zod';
import { AssentError } from '../../approval/error.ts';
import { answer } from './answer.ts';
import type { Judgement } from './judge.ts';
import type { Session } from './session.ts';

const shape = z.object({
  tables: z.array(
    z.object({
      name: z.string(),
      kind: z.string().nullable(),
      rules: z.boolean(),
      columns: z.array(z.string()),
      /** Kinds of all that inherits from it: a partition may be a foreign table. */
      heirs: z.array(z.string()),
    }),
  ),
  /** Functions and operators of the schema public that a name in the statement could also mean. */
  shadows: z.array(z.string()),
});

type TableEntry = z.infer<typeof shape>['tables'][number];

/** What extensions bring is the operator's choice (citext has its own `=`); anything else could be anyone's. */
const QUESTION = `
WITH named AS (SELECT name FROM pg_catalog.json_array_elements_text($1::json) AS t(name)),
public AS (SELECT oid FROM pg_catalog.pg_namespace WHERE nspname = 'public'),
found AS (
  SELECT named.name, c.oid, c.relkind
  FROM named LEFT JOIN pg_catalog.pg_class c ON c.relname = named.name AND c.relnamespace = (SELECT oid FROM public)
)
SELECT pg_catalog.json_build_object(
  'tables', COALESCE((SELECT pg_catalog.json_agg(pg_catalog.json_build_object(
    'name', f.name, 'kind', f.relkind, 'rules', EXISTS (SELECT FROM pg_catalog.pg_rewrite WHERE ev_class = f.oid),
    'columns', COALESCE((
      SELECT pg_catalog.json_agg(attname ORDER BY attnum) FROM pg_catalog.pg_attribute
      WHERE attrelid = f.oid AND attnum > 0 AND NOT attisdropped), '[]'),
    'heirs', COALESCE((
      WITH RECURSIVE heirs AS (
        SELECT inhrelid FROM pg_catalog.pg_inherits WHERE inhparent = f.oid
        UNION SELECT i.inhrelid FROM pg_catalog.pg_inherits i JOIN heirs h ON i.inhparent = h.inhrelid)
      SELECT pg_catalog.json_agg(DISTINCT c.relkind) FROM heirs JOIN pg_catalog.pg_class c ON c.oid = heirs.inhrelid), '[]')
  )) FROM found f), '[]'),
  'shadows', COALESCE((SELECT pg_catalog.json_agg(DISTINCT name) FROM (
    SELECT proname AS name, oid, 'pg_catalog.pg_proc'::regclass AS class FROM pg_catalog.pg_proc
      WHERE pronamespace = (SELECT oid FROM public)
        AND proname IN (SELECT f FROM pg_catalog.json_array_elements_text($2::json) AS t(f))
    UNION ALL
    SELECT oprname, oid, 'pg_catalog.pg_operator'::regclass FROM pg_catalog.pg_operator
      WHERE oprnamespace = (SELECT oid FROM public)
        AND oprname IN (SELECT o FROM pg_catalog.json_array_elements_text($3::json) AS t(o))
  ) s WHERE NOT EXISTS (
    SELECT FROM pg_catalog.pg_depend d WHERE d.classid = s.class AND d.objid = s.oid AND d.deptype = 'e')), '[]'))`;

const PLAIN: ReadonlySet<string> = new Set(['r', 'p']);
const KINDS: Readonly<Record<string, string | undefined>> = {
  v: 'a view, which may hide other tables',
  m: 'a materialized view, which may hide other tables',
  f: 'a foreign table, which reads elsewhere',
  S: 'a sequence',
  i: 'an index',
  I: 'an index',
  c: 'a type',
};

/** @throws AssentError `table_unknown`, `table_refused`, `column_unknown`, `function_shadowed` */
export async function checkCatalogue(session: Session, judgement: Judgement): Promise<void> {
  const { tables: names, functions, operators, columns } = judgement;
  const values = [names, functions, operators].map((list) => JSON.stringify(list));
  const { tables, shadows } = await answer(session, { text: QUESTION, values }, shape);
  for (const table of tables) {
    refuseTable(table);
    refuseColumns(table, columns);
  }
  if (shadows.length > 0) {
    throw new AssentError(
      'function_shadowed',
      `The schema public defines ${shadows.join(', ')}, which the statement could reach instead of Postgres's own.`,
    );
  }
}

function refuseTable({ name, kind, rules, heirs }: TableEntry): void {
  if (kind === null) {
    throw new AssentError('table_unknown', `The schema public has no table ${name} that can be seen.`);
  }
  const strange = [kind, ...heirs].find((one) => !PLAIN.has(one));
  if (strange !== undefined) {
    const word = KINDS[strange] ?? 'no plain table';
    const which = strange === kind ? name : `A part of ${name}`;
    throw new AssentError('table_refused', `${which} is ${word}; only plain tables are used.`);
  }
  if (rules) {
    throw new AssentError(
      'table_refused',
      `${name} has rules, which may hide other tables; only plain tables are used.`,
    );
  }
}

/** Postgres tries a column that is not there as a function of the whole row. */
function refuseColumns({ name, columns }: TableEntry, touched: readonly string[]): void {
  const missing = touched.find((column) => {
    const [table, field] = column.split('.');
    return table === name && field !== undefined && field !== '*' && !columns.includes(field);
  });
  if (missing === undefined) return;
  throw new AssentError(
    'column_unknown',
    `There is no column ${missing}; where GROUP BY means an output of the select list, repeat its expression.`,
  );
}
