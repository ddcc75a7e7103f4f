/**
 * The database that the examples act on: a small CRM, the same rows every time, and the roles that the executor
 * uses on it. Who previews sees no more than who exports, so what can't be exported fails before anyone is asked.
 */
import { randomBytes } from 'node:crypto';
import pg from 'pg';
import { createDatabase, type Postgres } from './postgres.ts';

export interface TargetDatabase {
  /** As superuser, for a test that looks at what happened. */
  readonly superuserUrl: string;
  /** As `assent_preview`: every transaction is read-only, short, and sees customers and orders. */
  readonly previewUrl: string;
  /** As `assent_export`: SELECT on customers and orders, and nothing else. */
  readonly exportUrl: string;
  /** As `assent_execute`: SELECT, INSERT, UPDATE and DELETE on customers and orders. */
  readonly executeUrl: string;
  /** As `assent_access`: may lend the role `order_desk` to logins, and end their sessions. */
  readonly accessUrl: string;
  /** As `intern`: a login with no rights, to which a role may be lent. */
  readonly internUrl: string;
  readonly customers: number;
}

const customers = 1204;
const orders = 3500;

/** Makes the database `target`, fills it and creates its two login roles with passwords made for this run. */
export async function createTarget(postgres: Postgres): Promise<TargetDatabase> {
  const superuserUrl = await createDatabase(postgres.superuserUrl, 'target');
  const logins = ['assent_preview', 'assent_export', 'assent_execute', 'assent_access', 'intern'] as const;
  const passwords = new Map(logins.map((login) => [login, randomBytes(24).toString('base64url')]));
  const client = new pg.Client({ connectionString: superuserUrl });
  await client.connect();
  try {
    const secret = (login: Login) => client.escapeLiteral(passwords.get(login) ?? '');
    await client.query(tables);
    await client.query(closeToPublic);
    await client.query(readerSql('assent_preview', secret('assent_preview')));
    await client.query(readerSql('assent_export', secret('assent_export')));
    await client.query(writerSql(secret('assent_execute')));
    await client.query(accessSql(secret('assent_access'), secret('intern')));
  } finally {
    await client.end();
  }
  const url = (login: Login) => postgres.urlFor(login, passwords.get(login) ?? '', 'target');
  return {
    superuserUrl,
    previewUrl: url('assent_preview'),
    exportUrl: url('assent_export'),
    executeUrl: url('assent_execute'),
    accessUrl: url('assent_access'),
    internUrl: url('intern'),
    customers,
  };
}

type Login = 'assent_preview' | 'assent_export' | 'assent_execute' | 'assent_access' | 'intern';

const tables = `
CREATE TABLE customers (
  id integer PRIMARY KEY,
  name text NOT NULL,
  email text NOT NULL UNIQUE,
  country char(2) NOT NULL,
  phone text NOT NULL,
  created_at timestamptz NOT NULL
);
CREATE TABLE orders (
  id integer PRIMARY KEY,
  customer_id integer NOT NULL REFERENCES customers,
  placed_at timestamptz NOT NULL,
  status text NOT NULL,
  total_cents integer NOT NULL
);
CREATE TABLE staff_notes (
  id integer PRIMARY KEY,
  customer_id integer NOT NULL REFERENCES customers,
  note text NOT NULL
);
INSERT INTO customers
SELECT n, first || ' ' || last, lower(first || '.' || last || n || '@example.com'), country,
  prefix || ' 555 ' || lpad((n * 7919 % 1000000)::text, 6, '0'),
  timestamptz '2023-01-02 09:00+00' + n * interval '19 hours 37 minutes'
FROM generate_series(1, ${customers}) AS n,
LATERAL (SELECT
  (ARRAY['Ada','Bruno','Chiara','Dmitri','Elif','Farid','Greta','Hugo','Ines','Jonas','Katja','Liam','Mei',
    'Noor','Olga','Pablo'])[1 + n * 7 % 16] AS first,
  (ARRAY['Almeida','Berg','Costa','Dahl','Eriksen','Fontaine','Garcia','Hansen','Ivanova','Jansen','Keller',
    'Lindqvist','Moreau','Novak','Okafor'])[1 + n * 11 % 15] AS last,
  (ARRAY['DE','FR','NL','SE','ES','IT','PL'])[1 + n * 5 % 7] AS country,
  (ARRAY['+49','+33','+31','+46','+34','+39','+48'])[1 + n * 5 % 7] AS prefix) AS person;
INSERT INTO orders
SELECT n, 1 + n * 397 % ${customers}, timestamptz '2024-01-01 08:00+00' + n * interval '3 hours 11 minutes',
  (ARRAY['paid','shipped','delivered','returned'])[1 + n * 3 % 4], 500 + n * 7907 % 90000
FROM generate_series(1, ${orders}) AS n;
INSERT INTO staff_notes SELECT n, n * 31, 'Asked for a call back on invoice ' || n FROM generate_series(1, 30) AS n;
ANALYZE;
`;

/** What Postgres gives to everybody and these roles don't need: large objects write even without a table. */
const closeToPublic = `
REVOKE ALL ON SCHEMA public FROM PUBLIC;
ALTER DEFAULT PRIVILEGES REVOKE EXECUTE ON FUNCTIONS FROM PUBLIC;
DO $$
DECLARE f regprocedure;
BEGIN
  FOR f IN SELECT oid FROM pg_proc WHERE proname ~ '^(lo_|lowrite$|loread$)' AND pronamespace = 'pg_catalog'::regnamespace
  LOOP EXECUTE format('REVOKE EXECUTE ON FUNCTION %s FROM PUBLIC', f); END LOOP;
END $$;
`;

function readerSql(role: string, password: string): string {
  return `
CREATE ROLE ${role} LOGIN PASSWORD ${password}
  NOSUPERUSER NOCREATEDB NOCREATEROLE NOINHERIT NOREPLICATION NOBYPASSRLS CONNECTION LIMIT 20;
ALTER ROLE ${role} SET default_transaction_read_only = on;
ALTER ROLE ${role} SET statement_timeout = '30s';
ALTER ROLE ${role} SET lock_timeout = '2s';
ALTER ROLE ${role} SET idle_in_transaction_session_timeout = '60s';
ALTER ROLE ${role} SET search_path = public;
GRANT CONNECT ON DATABASE target TO ${role};
GRANT USAGE ON SCHEMA public TO ${role};
GRANT SELECT ON customers, orders TO ${role};
`;
}

function writerSql(password: string): string {
  return `
CREATE ROLE assent_execute LOGIN PASSWORD ${password}
  NOSUPERUSER NOCREATEDB NOCREATEROLE NOINHERIT NOREPLICATION NOBYPASSRLS CONNECTION LIMIT 20;
ALTER ROLE assent_execute SET statement_timeout = '30s';
ALTER ROLE assent_execute SET lock_timeout = '2s';
ALTER ROLE assent_execute SET idle_in_transaction_session_timeout = '60s';
GRANT CONNECT ON DATABASE target TO assent_execute;
GRANT USAGE ON SCHEMA public TO assent_execute;
GRANT SELECT, INSERT, UPDATE, DELETE ON customers, orders TO assent_execute;
`;
}

/** The order desk may see and change orders; who lends it can do nothing else. */
function accessSql(password: string, internPassword: string): string {
  return `
CREATE ROLE order_desk NOLOGIN;
GRANT USAGE ON SCHEMA public TO order_desk;
GRANT SELECT, UPDATE ON orders TO order_desk;
CREATE ROLE intern LOGIN PASSWORD ${internPassword};
GRANT CONNECT ON DATABASE target TO intern;
CREATE ROLE assent_access LOGIN PASSWORD ${password} NOINHERIT CONNECTION LIMIT 20;
GRANT CONNECT ON DATABASE target TO assent_access;
GRANT USAGE ON SCHEMA public TO assent_access;
GRANT order_desk TO assent_access WITH ADMIN TRUE, INHERIT FALSE, SET FALSE;
GRANT pg_signal_backend TO assent_access WITH INHERIT TRUE, SET FALSE;
`;
}
