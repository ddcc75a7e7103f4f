/** The grant: everything looked at again, granted and checked in one transaction. */
import pg from 'pg';
import { z } from 'zod';
import { AssentError } from '../../approval/error.ts';
import type { JsonObject } from '../../approval/types.ts';
import { differences } from '../differences.ts';
import { answer } from '../sql/answer.ts';
import { readWrite, type Session, type Target } from '../sql/session.ts';
import type { AccessInput } from './definition.ts';
import { factsOf } from './rights.ts';
import { type Pair, requireSound, standingOf } from './standing.ts';

const SECONDS = 20;

export interface Grant {
  readonly target: Target;
  readonly input: AccessInput;
  /** Every role that the configuration lists. */
  readonly listed: readonly string[];
  /** The facts that were approved; null where policy asked for no preview. */
  readonly approved: JsonObject | null;
  overdue(): boolean;
  readonly signal: AbortSignal;
}

/** @throws AssentError `start_overdue`, `bound_exceeded`, `grant_not_held`, and as `readWrite` and `requireSound` do */
export async function grantAccess(grant: Grant): Promise<JsonObject> {
  const { target, input, listed, approved, overdue, signal } = grant;
  const { database, role, login } = input;
  return readWrite(target, SECONDS, signal, async (session) => {
    await takeTurn(session, role, login);
    const pair = requireSound(await standingOf(session, input, listed));
    if (approved !== null) await refuseDrift(session, pair, approved);
    // Inherited, so that it works at once; without SET, so that whatever is made belongs to the login.
    await session.query({
      text: `GRANT ${quoted(role)} TO ${quoted(login)} WITH ADMIN FALSE, INHERIT TRUE, SET FALSE GRANTED BY CURRENT_USER`,
    });
    await checkHeld(session, pair);
    // From the GRANT on Postgres lets no REVOKE of the role pass: an end that comes later waits for what is done here.
    if (overdue()) {
      throw new AssentError('start_overdue', 'The grant came too late: its end may have come before it.');
    }
    return { granted: true, database, role, login, ...pair };
  });
}

/** Two grants of one pair at once must not both find that it is not there yet: one end would end both. */
async function takeTurn(session: Session, role: string, login: string): Promise<void> {
  await session.query({
    text: 'SELECT pg_catalog.pg_advisory_xact_lock(pg_catalog.hashtextextended($1, 0))',
    values: [JSON.stringify(['access.grant', role, login])],
  });
}

async function refuseDrift(session: Session, pair: Pair, approved: JsonObject): Promise<void> {
  const drifted = differences(approved, { ...(await factsOf(session, pair)) });
  if (drifted.length === 0) return;
  throw new AssentError(
    'bound_exceeded',
    `Role or login is no longer what was approved: ${drifted.join('; ')}. Ask again, so that a new preview shows it.`,
  );
}

const HELD = `
SELECT pg_catalog.json_build_object('held', EXISTS (
  SELECT FROM pg_catalog.pg_auth_members m JOIN pg_catalog.pg_roles own ON own.oid = m.grantor
  WHERE own.rolname = current_user AND m.roleid = $1::oid AND m.member = $2::oid
    AND m.inherit_option AND NOT m.set_option AND NOT m.admin_option))`;

/** By number: a role may have been renamed, and another named so, since it was looked at. */
async function checkHeld(session: Session, { role_oid, login_oid }: Pair): Promise<void> {
  const { held } = await answer(
    session,
    { text: HELD, values: [role_oid, login_oid] },
    z.object({ held: z.boolean() }),
  );
  if (held) return;
  throw new AssentError(
    'grant_not_held',
    'Postgres does not show the membership that it was asked for; nothing was granted.',
  );
}

/** Names take no parameters. */
export function quoted(name: string): string {
  return pg.escapeIdentifier(name);
}
