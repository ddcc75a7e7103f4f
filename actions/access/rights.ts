/** The facts of the preview: who gets which role, by number, and in short what it may do on the database. */
import { answer } from '../sql/answer.ts';
import type { Session } from '../sql/session.ts';
import { type AccessFacts, rights, SHOWN } from './facts.ts';
import type { Pair } from './standing.ts';

/** $1 the role's number. Rights that everybody has count, too: they are what the role may do. */
const QUESTION = `
WITH relations AS (
  SELECT c.oid, pg_catalog.format('%I.%I', n.nspname, c.relname) AS name
  FROM pg_catalog.pg_class c JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
  WHERE c.relkind IN ('r', 'p', 'v', 'm', 'f') AND n.nspname !~ '^pg_' AND n.nspname <> 'information_schema'
), verbs (place, verb, columns) AS (
  VALUES (1, 'SELECT', true), (2, 'INSERT', true), (3, 'UPDATE', true), (4, 'DELETE', false), (5, 'TRUNCATE', false)
), tables AS (
  SELECT r.name, pg_catalog.string_agg(v.verb, ', ' ORDER BY v.place) AS may,
    pg_catalog.bool_or(v.verb = 'SELECT') AS reads, pg_catalog.bool_or(v.verb <> 'SELECT') AS writes
  FROM relations r CROSS JOIN verbs v
  WHERE pg_catalog.has_table_privilege($1::oid, r.oid, v.verb)
    OR CASE WHEN v.columns THEN pg_catalog.has_any_column_privilege($1::oid, r.oid, v.verb) ELSE false END
  GROUP BY r.name
), functions AS (
  SELECT DISTINCT pg_catalog.format('%I.%I(%s)', n.nspname, p.proname,
    pg_catalog.pg_get_function_identity_arguments(p.oid)) AS name
  FROM pg_catalog.pg_proc p JOIN pg_catalog.pg_namespace n ON n.oid = p.pronamespace
  CROSS JOIN LATERAL pg_catalog.aclexplode(p.proacl) given
  WHERE given.grantee <> 0 AND pg_catalog.pg_has_role($1::oid, given.grantee, 'USAGE')
)
SELECT pg_catalog.json_build_object(
  'memberships', COALESCE((SELECT pg_catalog.json_agg(rolname ORDER BY rolname) FROM pg_catalog.pg_roles r
    WHERE r.oid <> $1::oid AND pg_catalog.pg_has_role($1::oid, r.oid, 'MEMBER')), '[]'),
  'reads', (SELECT pg_catalog.count(*) FROM tables WHERE reads),
  'writes', (SELECT pg_catalog.count(*) FROM tables WHERE writes),
  'tables', COALESCE((SELECT pg_catalog.json_agg(line ORDER BY line) FROM (
    SELECT pg_catalog.format('%s: %s', name, may) AS line FROM tables ORDER BY 1 LIMIT ${SHOWN}) first), '[]'),
  'functions', COALESCE((SELECT pg_catalog.json_agg(name ORDER BY name) FROM (
    SELECT name FROM functions ORDER BY 1 LIMIT ${SHOWN}) first), '[]'))`;

/** @throws AssentError as `Session.query` does */
export async function factsOf(session: Session, pair: Pair): Promise<AccessFacts> {
  return { ...pair, ...(await answer(session, { text: QUESTION, values: [pair.role_oid] }, rights)) };
}
