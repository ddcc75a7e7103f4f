/** The end of a grant: the membership revoked, the login's sessions ended, and both looked at until nothing is left. */
import { z } from 'zod';
import { AssentError } from '../../approval/error.ts';
import type { JsonObject } from '../../approval/types.ts';
import { answer } from '../sql/answer.ts';
import { readOnly, readWrite, type Session, type Target } from '../sql/session.ts';
import type { AccessInput } from './definition.ts';
import { numbers } from './facts.ts';
import { quoted } from './grant.ts';

const SECONDS = 30;
/** How often a session that does not go is told again, and how long it is waited for each time. */
const ROUNDS = 5;
const WAIT_MS = 2000;

export interface End {
  readonly target: Target;
  readonly input: AccessInput;
  /** The facts that were approved; null where policy asked for no preview. */
  readonly approved: JsonObject | null;
  readonly signal: AbortSignal;
}

/** Numbers of role and login; null where no preview told them and nobody has the name (any more). */
interface Known {
  readonly role_oid: string | null;
  readonly login_oid: string | null;
}

/** @throws AssentError `access_not_ended` where something is left, and as `readWrite` does: then call it again */
export async function endAccess({ target, input, approved, signal }: End): Promise<void> {
  const known = await readWrite(target, SECONDS, signal, async (session) => {
    const pair = await knownOf(session, input, approved);
    await revoke(session, target, pair);
    return pair;
  });
  // In a later transaction: a session that begins once the REVOKE holds has nothing of the role.
  await readOnly(target, SECONDS, signal, async (session) => {
    await endSessions(session, target, input, known);
    const left = await membershipsOf(session, known);
    if (left.length > 0) throw notEnded(target, `${input.login} still has ${input.role}`);
  });
}

const { role_oid, login_oid } = numbers.shape;
const found = z.object({ role_oid: role_oid.nullable(), login_oid: login_oid.nullable() });

/** What was approved first: a name may be another's by now. */
async function knownOf(session: Session, input: AccessInput, approved: JsonObject | null): Promise<Known> {
  if (approved !== null) return approvedOf(approved);
  const text = `
    SELECT pg_catalog.json_build_object(
      'role_oid', (SELECT oid::text FROM pg_catalog.pg_roles WHERE rolname = $1),
      'login_oid', (SELECT oid::text FROM pg_catalog.pg_roles WHERE rolname = $2))`;
  return answer(session, { text, values: [input.role, input.login] }, found);
}

function approvedOf(facts: JsonObject): Known {
  const parsed = numbers.safeParse(facts);
  if (parsed.success) return parsed.data;
  throw new AssentError('facts_malformed', 'These facts of access.grant do not say which role and login.');
}

const MEMBERSHIPS = `
SELECT COALESCE(pg_catalog.json_agg(pg_catalog.json_build_object('role', r.rolname, 'login', l.rolname)), '[]')
FROM pg_catalog.pg_auth_members m
JOIN pg_catalog.pg_roles own ON own.oid = m.grantor AND own.rolname = current_user
JOIN pg_catalog.pg_roles r ON r.oid = m.roleid
JOIN pg_catalog.pg_roles l ON l.oid = m.member
WHERE ($1::oid IS NULL OR m.roleid = $1::oid) AND ($2::oid IS NULL OR m.member = $2::oid)`;

const memberships = z.array(z.object({ role: z.string(), login: z.string() }));

/** Those that the executor granted; of whoever bears a name that nobody bears, those that may be meant. */
async function membershipsOf(
  session: Session,
  { role_oid, login_oid }: Known,
): Promise<z.infer<typeof memberships>> {
  return answer(session, { text: MEMBERSHIPS, values: [role_oid, login_oid] }, memberships);
}

const PAIR = `
SELECT COALESCE(pg_catalog.json_agg(pg_catalog.json_build_object('role', r.rolname, 'login', l.rolname)), '[]')
FROM pg_catalog.pg_roles r CROSS JOIN pg_catalog.pg_roles l
WHERE r.oid = $1::oid AND l.oid = $2::oid AND pg_catalog.pg_has_role(r.oid, 'MEMBER WITH ADMIN OPTION')`;

/** Both as they are called now; nobody where one was dropped, or where the executor may not grant it any more. */
async function pairOf(
  session: Session,
  { role_oid, login_oid }: Known,
): Promise<z.infer<typeof memberships>> {
  return answer(session, { text: PAIR, values: [role_oid, login_oid] }, memberships);
}

async function revoke(session: Session, target: Target, known: Known): Promise<void> {
  const left = await membershipsOf(session, known);
  if ((known.role_oid === null || known.login_oid === null) && left.length > 0) {
    const lines = left.map(({ role, login }) => `${role} of ${login}`).join(', ');
    throw notEnded(
      target,
      `role or login was dropped or renamed, and whether it was granted is not known; what may be meant: ${lines}`,
    );
  }
  // What is not there is revoked, too: a GRANT that has not committed yet is not seen, and this waits for it.
  for (const { role, login } of await pairOf(session, known)) {
    // CASCADE, should somebody have let the login grant it on.
    await session.query({
      text: `REVOKE ${quoted(role)} FROM ${quoted(login)} GRANTED BY CURRENT_USER CASCADE`,
    });
  }
}

/** A dropped login's sessions go on; where its number is not known, those that belong to nobody are meant. */
const SESSIONS = `
FROM pg_catalog.pg_stat_activity s
WHERE s.pid <> pg_catalog.pg_backend_pid() AND CASE WHEN $1::oid IS NULL
  THEN s.usesysid IS NOT NULL AND NOT EXISTS (SELECT FROM pg_catalog.pg_roles r WHERE r.oid = s.usesysid)
  ELSE s.usesysid = $1::oid END`;
const LIST = `SELECT COALESCE(pg_catalog.json_agg(s.pid), '[]') ${SESSIONS}`;
const TERMINATE = `SELECT pg_catalog.pg_terminate_backend(s.pid, $3) ${SESSIONS}
  AND s.pid::text IN (SELECT pg_catalog.json_array_elements_text($2::json))`;

const pids = z.array(z.int());

/** Those that are there now; one that begins later has nothing of the role, and may stay. */
async function endSessions(
  session: Session,
  target: Target,
  { login }: AccessInput,
  { login_oid }: Known,
): Promise<void> {
  const list = () => answer(session, { text: LIST, values: [login_oid] }, pids);
  const doomed = await list();
  let left = doomed;
  for (let round = 0; left.length > 0; round += 1) {
    if (round === ROUNDS) throw notEnded(target, `${left.length} sessions of ${login} do not end`);
    // All are told before any is waited for.
    for (const wait of [0, WAIT_MS]) {
      await session.query({ text: TERMINATE, values: [login_oid, JSON.stringify(left), wait] });
    }
    // Within a transaction Postgres shows the sessions as it showed them first.
    await session.query({ text: 'SELECT pg_catalog.pg_stat_clear_snapshot()' });
    const there = await list();
    left = doomed.filter((pid) => there.includes(pid));
  }
}

function notEnded({ database }: Target, words: string): AssentError {
  return new AssentError('access_not_ended', `On ${database} the grant has not ended yet: ${words}.`);
}
