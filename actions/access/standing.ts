/** How role, login and the executor's own login stand on the database, and what of it forbids the grant. */
import { z } from 'zod';
import { AssentError } from '../../approval/error.ts';
import { answer } from '../sql/answer.ts';
import type { Session } from '../sql/session.ts';
import type { AccessInput } from './definition.ts';
import type { numbers } from './facts.ts';
import { POWERS } from './powers.ts';

/** Both sides of a grant. */
export type Pair = Readonly<z.infer<typeof numbers>>;

export interface Standing {
  /** Null unless both are there. */
  readonly pair: Pair | null;
  /** Why it may not be granted; empty where it may. */
  readonly faults: readonly AssentError[];
}

/** Before 16 a membership could not be inherited without SET ROLE, and had one grantor. */
const OLDEST = 160_000;

const names = z.array(z.string());
const shape = z.object({
  number: z.coerce.number(),
  /** Transactions that outlive their session. */
  prepared: z.coerce.number(),
  role: z.string().nullable(),
  login: z.string().nullable(),
  powers: names,
  login_faults: names,
  own_faults: names,
  member: z.boolean(),
});

/** $1 role, $2 login, $3 every role that the configuration lists, as JSON. */
const QUESTION = `
WITH role AS (SELECT * FROM pg_catalog.pg_roles WHERE rolname = $1),
login AS (SELECT * FROM pg_catalog.pg_roles WHERE rolname = $2),
own AS (SELECT * FROM pg_catalog.pg_roles WHERE rolname = current_user),
admitted AS (SELECT m.roleid FROM pg_catalog.pg_auth_members m JOIN own ON own.oid = m.member WHERE m.admin_option),
login_faults (word, so) AS (VALUES
  ('is the role itself', $1 = $2),
  ('is the login of the executor', $2 = current_user),
  ('is a superuser', EXISTS (SELECT FROM login WHERE rolsuper)),
  ('cannot log in', EXISTS (SELECT FROM login WHERE NOT rolcanlogin)),
  ('has members, who would get the role, too', EXISTS (
    SELECT FROM pg_catalog.pg_auth_members m JOIN login ON login.oid = m.roleid WHERE m.inherit_option OR m.set_option))
), own_faults (word, so) AS (VALUES
  ('acts as another role', session_user <> current_user),
  ('is a superuser', EXISTS (SELECT FROM own WHERE rolsuper)),
  ('creates roles', EXISTS (SELECT FROM own WHERE rolcreaterole)),
  ('admits members to roles that are not listed', EXISTS (
    SELECT FROM admitted JOIN pg_catalog.pg_roles r ON r.oid = admitted.roleid
    WHERE r.rolname NOT IN (SELECT pg_catalog.json_array_elements_text($3::json)))),
  ('does not hold the role WITH ADMIN OPTION', NOT EXISTS (
    SELECT FROM admitted JOIN role ON role.oid = admitted.roleid)),
  ('cannot end sessions of the login; grant it pg_signal_backend', NOT (
    pg_catalog.pg_has_role(current_user, 'pg_signal_backend', 'USAGE')))
)
SELECT pg_catalog.json_build_object(
  'number', pg_catalog.current_setting('server_version_num'),
  'prepared', pg_catalog.current_setting('max_prepared_transactions'),
  'role', (SELECT oid::text FROM role),
  'login', (SELECT oid::text FROM login),
  'powers', COALESCE((SELECT pg_catalog.json_agg(word) FROM (${POWERS}) held), '[]'),
  'login_faults', COALESCE((SELECT pg_catalog.json_agg(word) FROM login_faults WHERE so), '[]'),
  'own_faults', COALESCE((SELECT pg_catalog.json_agg(word) FROM own_faults WHERE so), '[]'),
  'member', COALESCE((SELECT pg_catalog.pg_has_role(login.oid, role.oid, 'MEMBER') FROM login, role), false))`;

/** @throws AssentError as `Session.query` does, `server_unsupported` */
export async function standingOf(
  session: Session,
  { database, role, login }: Pick<AccessInput, 'database' | 'role' | 'login'>,
  listed: readonly string[],
): Promise<Standing> {
  await refuseOld(session, database);
  const values = [role, login, JSON.stringify(listed)];
  const found = await answer(session, { text: QUESTION, values }, shape);
  const faults: AssentError[] = [];
  const fault = (code: string, words: string): void => {
    faults.push(new AssentError(code, words));
  };
  if (found.role === null) fault('role_unknown', `There is no role ${role} on ${database}.`);
  if (found.login === null) fault('login_unknown', `There is no login ${login} on ${database}.`);
  if (found.powers.length > 0) {
    fault(
      'role_too_powerful',
      `The role ${role} on ${database} ${found.powers.join(', ')}: that would outlast the membership. Grant a role that has nothing but rights to use tables and functions of ${database}.`,
    );
  }
  if (found.login_faults.length > 0) {
    fault('login_refused', `The login ${login} on ${database} ${found.login_faults.join(', ')}.`);
  }
  if (found.own_faults.length > 0 && found.role !== null) {
    fault(
      'access_login_unfit',
      `The executor's own login on ${database} ${found.own_faults.join(', ')}; set it up as docs/actions.md says.`,
    );
  }
  if (found.prepared > 0) {
    fault(
      'prepared_transactions',
      `${database} allows prepared transactions, which could be committed after the end: set max_prepared_transactions to 0.`,
    );
  }
  if (found.member) {
    fault(
      'already_member',
      `${login} has the role ${role} on ${database} already, and the end would take away what it had before.`,
    );
  }
  const pair =
    found.role === null || found.login === null ? null : { role_oid: found.role, login_oid: found.login };
  return { pair, faults };
}

async function refuseOld(session: Session, database: string): Promise<void> {
  const text = "SELECT pg_catalog.current_setting('server_version_num')";
  if ((await answer(session, { text }, z.coerce.number())) >= OLDEST) return;
  throw new AssentError(
    'server_unsupported',
    `${database} is older than Postgres 16; access.grant needs 16.`,
  );
}

/** @throws AssentError the first fault */
export function requireSound({ pair, faults }: Standing): Pair {
  const [first] = faults;
  if (first !== undefined) throw first;
  if (pair !== null) return pair;
  throw new AssentError('role_unknown', 'Role and login are not both there.');
}
