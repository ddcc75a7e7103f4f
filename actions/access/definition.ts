/** access.grant: membership of a Postgres role for a named login, which ends by itself. */
import { z } from 'zod';
import { defineAction } from '../define.ts';
import { impactOf } from './facts.ts';

/** Postgres cuts a longer name, and the rest may name another role. */
const MAX_NAME_BYTES = 63;

const name = z
  .string()
  .regex(/^[^\p{C}\p{Zl}\p{Zp}]+$/u, 'is empty or holds a character that cannot be seen')
  .refine((given) => new TextEncoder().encode(given).length <= MAX_NAME_BYTES, {
    error: `is longer than the ${MAX_NAME_BYTES} bytes of a Postgres name`,
  });

const input = z.strictObject({
  /** The name of a database in the executor's configuration. */
  database: z
    .string()
    .regex(/^[a-z][a-z0-9_-]{0,62}$/, 'name a database that the executor is configured for'),
  /** The role whose rights are lent, spelled as Postgres keeps it, without quotes. */
  role: name,
  /** Who gets them, likewise. */
  login: name,
  /** Until it ends, a day at most. */
  minutes: z.int().min(1).max(1440),
});

export type AccessInput = z.infer<typeof input>;

export const accessGrant = defineAction<AccessInput>({
  name: 'access.grant',
  input,
  resource: ({ database, role, login, minutes }) => ({ database, role, login, minutes }),
  title: ({ database, role, login, minutes }) =>
    `Grant ${role} to ${login} on ${database} for ${timeOf(minutes)}`,
  describe: ({ database, role, login, minutes }) => [
    `Makes the login ${login} a member of the role ${role} on the database ${database}`,
    `Ends by itself after ${timeOf(minutes)}: the membership is revoked and every session of ${login} is ended`,
  ],
  target: ({ role }) => role,
  fields: {
    resource: ['database', 'role', 'login', 'minutes'],
    preview: ['memberships', 'reads', 'writes', 'tables', 'functions', 'role_oid', 'login_oid'],
  },
  impact: impactOf,
  endsAfter: ({ minutes }) => minutes * 60,
  maxSeconds: 60,
});

function timeOf(minutes: number): string {
  return minutes === 1 ? '1 minute' : `${minutes} minutes`;
}
