/** Refuses to work as a role that could do more than its work needs, or on a server whose grammar is newer than the parser's. */
import { z } from 'zod';
import { AssentError } from '../../approval/error.ts';
import { answer } from './answer.ts';
import { GRAMMAR_VERSION } from './parse.ts';
import type { Session, Target } from './session.ts';

export interface Server {
  readonly version: string;
  readonly role: string;
}

const shape = z.object({
  version: z.string(),
  number: z.coerce.number(),
  encoding: z.string(),
  role: z.string(),
  powers: z.array(z.string()),
  writes: z.boolean(),
});

/** A role that reads, before anyone has approved; or one that changes rows, after. */
export type Duty = 'read' | 'write';

const DUTIES: Readonly<Record<Duty, string>> = {
  read: 'use a role that can do nothing but SELECT',
  write: 'use a role that can do nothing but SELECT, INSERT, UPDATE and DELETE',
};

/** `mine` is every role whose rights the login has or can take. */
const QUESTION = `
WITH mine AS (
  SELECT oid, rolname, rolsuper, rolbypassrls, rolcreaterole, rolcreatedb, rolreplication
  FROM pg_catalog.pg_roles WHERE pg_catalog.pg_has_role(session_user, oid, 'MEMBER')
), relations AS (
  SELECT c.oid FROM pg_catalog.pg_class c JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
  WHERE c.relkind IN ('r', 'p', 'v', 'm', 'f') AND n.nspname !~ '^pg_' AND n.nspname <> 'information_schema'
), powers (word, held) AS (VALUES
  ('is a superuser', EXISTS (SELECT FROM mine WHERE rolsuper)),
  ('bypasses row security', EXISTS (SELECT FROM mine WHERE rolbypassrls)),
  ('creates roles', EXISTS (SELECT FROM mine WHERE rolcreaterole)),
  ('creates databases', EXISTS (SELECT FROM mine WHERE rolcreatedb)),
  ('replicates', EXISTS (SELECT FROM mine WHERE rolreplication)),
  ('is a member of a predefined role', EXISTS (SELECT FROM mine WHERE rolname LIKE 'pg\\_%')),
  ('acts as another role', session_user <> current_user),
  ('owns something', EXISTS (
    SELECT FROM pg_catalog.pg_shdepend
    WHERE refclassid = 'pg_catalog.pg_authid'::regclass AND deptype = 'o' AND refobjid IN (SELECT oid FROM mine))),
  ('empties tables or puts triggers on them', EXISTS (
    SELECT FROM relations WHERE pg_catalog.has_table_privilege(oid, 'TRUNCATE, TRIGGER'))),
  ('reads or writes files of the server', EXISTS (
    SELECT FROM pg_catalog.pg_proc
    WHERE proname IN ('pg_read_file', 'pg_read_binary_file', 'pg_ls_dir', 'pg_stat_file', 'pg_file_write',
      'lo_import', 'lo_export') AND pg_catalog.has_function_privilege(oid, 'EXECUTE'))),
  ('fires no triggers', pg_catalog.current_setting('session_replication_role') <> 'origin'),
  ('creates in a schema', EXISTS (
    SELECT FROM pg_catalog.pg_namespace
    WHERE nspname !~ '^pg_(toast_)?temp_' AND pg_catalog.has_schema_privilege(oid, 'CREATE')))
)
SELECT pg_catalog.json_build_object(
  'version', pg_catalog.current_setting('server_version'),
  'number', pg_catalog.current_setting('server_version_num'),
  'encoding', pg_catalog.current_setting('server_encoding'),
  'role', session_user,
  'writes', EXISTS (
    SELECT FROM relations WHERE pg_catalog.has_table_privilege(oid, 'INSERT, UPDATE, DELETE')
      OR pg_catalog.has_any_column_privilege(oid, 'INSERT, UPDATE')),
  'powers', COALESCE((SELECT pg_catalog.json_agg(word) FROM powers WHERE held), '[]'))`;

/** @throws AssentError `role_too_powerful`, `server_unsupported` */
export async function checkServer(session: Session, { database }: Target, duty: Duty): Promise<Server> {
  const { version, number, encoding, role, powers, writes } = await answer(
    session,
    { text: QUESTION },
    shape,
  );
  const excess = writes && duty === 'read' ? [...powers, 'writes to a table'] : powers;
  if (excess.length > 0) {
    throw new AssentError(
      'role_too_powerful',
      `The role ${role} on ${database} ${excess.join(', ')}; ${DUTIES[duty]}.`,
    );
  }
  if (Math.floor(number / 10_000) > Math.floor(GRAMMAR_VERSION / 10_000)) {
    throw new AssentError(
      'server_unsupported',
      `${database} runs Postgres ${version}, and statements are judged with the grammar of ${Math.floor(GRAMMAR_VERSION / 10_000)}; update libpg-query.`,
    );
  }
  if (encoding !== 'UTF8') {
    // Another encoding folds the case of names in another way than the parser does.
    throw new AssentError(
      'server_unsupported',
      `${database} is encoded in ${encoding}; only UTF8 is supported.`,
    );
  }
  return { version, role };
}
