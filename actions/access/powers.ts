/** The question to Postgres of what a role has that would outlast its membership, or that nobody could bound. */

/**
 * Rows of `word`, given `$1`, the role's name. `mine` is every role that is reached through it, by whatever option.
 *
 * The member inherits and cannot SET ROLE, so what it makes is its own and loses the role's rights with the
 * membership. Left over would be: rights granted on, triggers and foreign keys (checked when they are made, not when
 * they fire), servers and user mappings, settings of the server.
 */
export const POWERS = `
WITH mine AS (
  SELECT r.* FROM pg_catalog.pg_roles asked
  JOIN pg_catalog.pg_roles r ON pg_catalog.pg_has_role(asked.oid, r.oid, 'MEMBER')
  WHERE asked.rolname = $1
), acls (kind, acl) AS (
  SELECT CASE WHEN relnamespace = 'pg_catalog'::regnamespace THEN 'system' ELSE 'relation' END, relacl
  FROM pg_catalog.pg_class
  UNION ALL SELECT CASE WHEN c.relnamespace = 'pg_catalog'::regnamespace THEN 'system' ELSE 'column' END, a.attacl
  FROM pg_catalog.pg_attribute a JOIN pg_catalog.pg_class c ON c.oid = a.attrelid
  UNION ALL SELECT CASE WHEN pronamespace = 'pg_catalog'::regnamespace THEN 'system'
    WHEN prosecdef AND prorettype IN ('trigger'::regtype, 'event_trigger'::regtype) THEN 'trigger'
    ELSE 'function' END, proacl FROM pg_catalog.pg_proc
  UNION ALL SELECT 'schema', nspacl FROM pg_catalog.pg_namespace
  UNION ALL SELECT 'type', typacl FROM pg_catalog.pg_type
  UNION ALL SELECT 'language', lanacl FROM pg_catalog.pg_language
  UNION ALL SELECT 'foreign', fdwacl FROM pg_catalog.pg_foreign_data_wrapper
  UNION ALL SELECT 'foreign', srvacl FROM pg_catalog.pg_foreign_server
  UNION ALL SELECT 'large object', lomacl FROM pg_catalog.pg_largeobject_metadata
  UNION ALL SELECT 'database', datacl FROM pg_catalog.pg_database
  UNION ALL SELECT 'tablespace', spcacl FROM pg_catalog.pg_tablespace
  UNION ALL SELECT 'parameter', paracl FROM pg_catalog.pg_parameter_acl
  UNION ALL SELECT 'default', defaclacl FROM pg_catalog.pg_default_acl
), rights AS (
  SELECT kind, given.privilege_type AS verb, given.is_grantable
  FROM acls CROSS JOIN LATERAL pg_catalog.aclexplode(acl) given WHERE given.grantee IN (SELECT oid FROM mine)
), uses AS (
  SELECT dbid, deptype FROM pg_catalog.pg_shdepend
  WHERE refclassid = 'pg_catalog.pg_authid'::regclass AND refobjid IN (SELECT oid FROM mine)
)
SELECT word FROM (VALUES
  (1, 'is a superuser', EXISTS (SELECT FROM mine WHERE rolsuper)),
  (2, 'creates roles', EXISTS (SELECT FROM mine WHERE rolcreaterole)),
  (3, 'creates databases', EXISTS (SELECT FROM mine WHERE rolcreatedb)),
  (4, 'replicates', EXISTS (SELECT FROM mine WHERE rolreplication)),
  (5, 'bypasses row security', EXISTS (SELECT FROM mine WHERE rolbypassrls)),
  (6, 'is or reaches a predefined role', EXISTS (SELECT FROM mine WHERE rolname LIKE 'pg\\_%')),
  (7, 'can log in', EXISTS (SELECT FROM mine WHERE rolcanlogin)),
  (8, 'owns something', EXISTS (SELECT FROM uses WHERE deptype = 'o')),
  (9, 'has default privileges for what it would create', EXISTS (
    SELECT FROM pg_catalog.pg_default_acl WHERE defaclrole IN (SELECT oid FROM mine))),
  (10, 'creates in a schema', EXISTS (
    SELECT FROM mine CROSS JOIN pg_catalog.pg_namespace n
    WHERE n.nspname !~ '^pg_(toast_)?temp_' AND pg_catalog.has_schema_privilege(mine.oid, n.oid, 'CREATE'))),
  (11, 'creates in a database', EXISTS (
    SELECT FROM mine CROSS JOIN pg_catalog.pg_database d
    WHERE pg_catalog.has_database_privilege(mine.oid, d.oid, 'CREATE'))),
  (12, 'creates in a tablespace', EXISTS (SELECT FROM rights WHERE kind = 'tablespace')),
  (13, 'admits members to a role', EXISTS (
    SELECT FROM pg_catalog.pg_auth_members WHERE admin_option AND member IN (SELECT oid FROM mine))),
  (14, 'may grant on what it was granted', EXISTS (SELECT FROM rights WHERE is_grantable)),
  (15, 'may attach triggers or foreign keys', EXISTS (
    SELECT FROM rights WHERE verb IN ('TRIGGER', 'REFERENCES') OR kind = 'trigger')),
  (16, 'may use foreign servers', EXISTS (SELECT FROM rights WHERE kind = 'foreign')),
  (17, 'may set parameters of the server', EXISTS (SELECT FROM rights WHERE kind = 'parameter')),
  (18, 'has rights in the system catalogue', EXISTS (SELECT FROM rights WHERE kind = 'system')),
  (19, 'has rights in another database, which cannot be seen from this one', EXISTS (
    SELECT FROM uses WHERE dbid NOT IN (0, (
      SELECT oid FROM pg_catalog.pg_database WHERE datname = pg_catalog.current_database()))))
) AS powers (place, word, held) WHERE held ORDER BY place`;
