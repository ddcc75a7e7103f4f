/** access.grant at work, on the databases, roles and logins that the executor is configured for. */
import { AssentError } from '../../approval/error.ts';
import { type Implementation, implement } from '../implement.ts';
import { readOnly, type Target } from '../sql/session.ts';
import { type AccessInput, accessGrant } from './definition.ts';
import { endAccess } from './end.ts';
import { grantAccess } from './grant.ts';
import { factsOf } from './rights.ts';
import { requireSound, standingOf } from './standing.ts';

const LOOK_SECONDS = 10;

export interface AccessTarget {
  /** Connects as a login that holds the listed roles WITH ADMIN OPTION and pg_signal_backend, and nothing else. */
  readonly url: string;
  /** The roles that may be granted, by their exact names. */
  readonly roles: readonly string[];
  /** The logins that may get them: exact names, or beginnings with a `*` behind them. */
  readonly logins: readonly string[];
}

export interface AccessOptions {
  /** By the name that a request's `database` gives. */
  readonly targets: Readonly<Record<string, AccessTarget>>;
}

export function implementAccessGrant({ targets }: AccessOptions): Implementation {
  const byName = new Map(Object.entries(targets));
  const find = (database: string): AccessTarget & { readonly target: Target } => {
    const configured = byName.get(database);
    if (configured !== undefined) return { ...configured, target: { database, url: configured.url } };
    throw new AssentError(
      'database_unknown',
      `This executor grants access to no database named ${database}.`,
    );
  };
  const allowed = (input: AccessInput) => {
    const configured = find(input.database);
    refuseUnlisted(input, configured);
    return configured;
  };
  return implement(accessGrant, {
    async preview({ input, signal }) {
      const { target, roles } = allowed(input);
      return readOnly(target, LOOK_SECONDS, signal, async (session) => {
        return { ...(await factsOf(session, requireSound(await standingOf(session, input, roles)))) };
      });
    },
    async preconditions({ input, signal }) {
      const { target, roles } = allowed(input);
      const { faults } = await readOnly(target, LOOK_SECONDS, signal, (session) =>
        standingOf(session, input, roles),
      );
      return faults.map(({ message }) => message);
    },
    async execute({ input, approved, overdue, signal }) {
      const { target, roles } = allowed(input);
      return grantAccess({ target, input, listed: roles, approved, overdue, signal });
    },
    // What was granted is ended also where the lists have changed since.
    async end({ input, approved, failed, signal }) {
      // Rolled back: what there is now is another grant's, and that one ends by itself.
      if (failed) return;
      await endAccess({ target: find(input.database).target, input, approved, signal });
    },
  });
}

function refuseUnlisted({ database, role, login }: AccessInput, { roles, logins }: AccessTarget): void {
  if (!roles.includes(role)) {
    throw new AssentError('role_not_listed', `This executor does not grant ${role} on ${database}.`);
  }
  if (!logins.some((pattern) => matches(pattern, login))) {
    throw new AssentError('login_not_listed', `This executor grants nothing to ${login} on ${database}.`);
  }
}

function matches(pattern: string, login: string): boolean {
  return pattern.endsWith('*') ? login.startsWith(pattern.slice(0, -1)) : login === pattern;
}
