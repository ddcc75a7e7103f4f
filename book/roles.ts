/**
 * Who may do what in the database: NOLOGIN group roles, and logins that are members of one.
 *
 * Roles belong to the whole cluster, where another database may be migrated at the same moment: each is
 * made where it is missing, and losing that race is no error.
 */
import { type Kysely, sql } from 'kysely';
import type { Database } from './schema.ts';

/** Owns every table; nobody logs in as it. */
export const ownerRole = 'assent_owner';
export const groupRoles = ['assent_worker', 'assent_executor', 'assent_gateway', 'assent_reader'] as const;
export type GroupRole = (typeof groupRoles)[number];

/** Makes the owner and the groups, and shuts this database to everybody else in the cluster. */
export async function ensureRoles(db: Kysely<Database>): Promise<void> {
  for (const role of [ownerRole, ...groupRoles]) await createRole(db, role);
  const groups = sql.join(groupRoles.map((role) => sql.id(role)));
  const { rows } = await sql<{ name: string }>`select current_database() as name`.execute(db);
  for (const { name } of rows) {
    await sql`revoke all on database ${sql.id(name)} from public`.execute(db);
    await sql`grant connect on database ${sql.id(name)} to ${groups}`.execute(db);
  }
  await sql`revoke all on schema public from public`.execute(db);
  await sql`grant usage on schema public to ${groups}`.execute(db);
  await sql`grant usage, create on schema public to ${sql.id(ownerRole)}`.execute(db);
  // Who migrates without being superuser must be able to act as the owner.
  await sql`do ${sql.lit(`begin
    if not pg_has_role(current_user, '${ownerRole}', 'SET') then
      execute format('grant ${ownerRole} to %I with inherit false, set true', current_user);
    end if;
  exception when duplicate_object or unique_violation then null;
  end`)}`.execute(db);
}

export interface Login {
  readonly user: string;
  readonly password: string;
  readonly role: GroupRole;
}

/**
 * A login that is a member of one group and of no other of ours; its password is set anew each time.
 *
 * In single statements: a transaction that holds several roles deadlocks with its like in another database.
 */
export async function ensureLogin(db: Kysely<Database>, { user, password, role }: Login): Promise<void> {
  const others = groupRoles.filter((group) => group !== role).map((group) => sql.id(group));
  await db.connection().execute((connection) =>
    inTurn(connection, async () => {
      await createRole(connection, user);
      await sql`alter role ${sql.id(user)} login password ${sql.lit(password)}`.execute(connection);
      await sql`revoke ${sql.join(others)} from ${sql.id(user)}`.execute(connection);
      await sql`grant ${sql.id(role)} to ${sql.id(user)}`.execute(connection);
    }),
  );
}

/** Runs work on roles and schema while nobody else does so in this database. */
export async function inTurn(connection: Kysely<Database>, work: () => Promise<void>): Promise<void> {
  await sql`select pg_advisory_lock(hashtextextended('assent roles and schema', 0))`.execute(connection);
  try {
    await work();
  } finally {
    await sql`select pg_advisory_unlock(hashtextextended('assent roles and schema', 0))`.execute(connection);
  }
}

async function createRole(db: Kysely<Database>, role: string): Promise<void> {
  // The name travels as a setting, because DO takes no parameters.
  await sql`select set_config('assent.role', ${role}, false)`.execute(db);
  await sql`do ${sql.lit(`begin
    if not exists (select from pg_roles where rolname = current_setting('assent.role')) then
      execute format('create role %I nologin', current_setting('assent.role'));
    end if;
  exception when duplicate_object or unique_violation then null;
  end`)}`.execute(db);
}
