/** The parts under Assent's processes: this stack's own, or yours where your environment names one. */
import { randomBytes } from 'node:crypto';
import { openDatabase } from '../book/database.ts';
import { migrate } from '../book/migrate.ts';
import { ensureLogin, type GroupRole, groupRoles } from '../book/roles.ts';
import { SLACK_PATH } from '../gateway/app.ts';
import { PEOPLE } from './files.ts';
import { createDatabase, type Postgres } from './postgres.ts';
import { type LocalSlack, startLocalSlack } from './slack/local-slack.ts';
import { startTemporal } from './temporal.ts';
import { findTemporalCli } from './toolchain/find.ts';

/** Keeps what must be stopped in the end. */
export type Started = <T extends { stop(): Promise<void> }>(part: T) => T;

export interface TemporalPlace {
  readonly address: string;
  readonly namespace: string;
  /** Its web UI; null where yours has none that is known. */
  readonly ui: string | null;
  /** Where it comes from, for people. */
  readonly source: string;
}

export async function temporalFor(
  yours: NodeJS.ProcessEnv,
  logFile: string,
  started: Started,
): Promise<TemporalPlace> {
  const {
    TEMPORAL_ADDRESS: address,
    TEMPORAL_NAMESPACE: namespace = 'default',
    ASSENT_TEMPORAL_UI: ui,
  } = yours;
  if (address !== undefined) return { address, namespace, ui: ui ?? null, source: `yours, at ${address}` };
  const { path: cli, source } = await findTemporalCli();
  return { ...started(await startTemporal({ cli, logFile })), source };
}

export async function slackFor(
  yours: NodeJS.ProcessEnv,
  { gateway, ...where }: { readonly gateway: string; readonly directory: string; readonly logFile: string },
  started: Started,
): Promise<LocalSlack | null> {
  if (yours.SLACK_BOT_TOKEN !== undefined) return null;
  const interactivityUrl = `${gateway}${SLACK_PATH}`;
  return started(await startLocalSlack({ people: PEOPLE, interactivityUrl, ...where }));
}

/** The book's address for a login of each role; `owner` may do everything. */
export type BookUrls = Readonly<Record<GroupRole | 'owner', string>>;

/** Migrates the book and makes a login for each role, with passwords made for this run. */
export async function makeBook(postgres: Postgres, yours: NodeJS.ProcessEnv): Promise<BookUrls> {
  const owner = yours.DATABASE_URL ?? (await createDatabase(postgres.superuserUrl, 'assent'));
  const db = openDatabase(owner);
  try {
    await migrate(db);
    const login = async (role: GroupRole): Promise<string> => {
      const user = `${role}_dev`;
      const password = randomBytes(24).toString('base64url');
      await ensureLogin(db, { user, password, role });
      return as(owner, user, password);
    };
    const urls = new Map<GroupRole, string>();
    for (const role of groupRoles) urls.set(role, await login(role));
    const url = (role: GroupRole) => urls.get(role) ?? owner;
    return {
      owner,
      assent_worker: url('assent_worker'),
      assent_executor: url('assent_executor'),
      assent_gateway: url('assent_gateway'),
      assent_reader: url('assent_reader'),
    };
  } finally {
    await db.destroy();
  }
}

function as(url: string, user: string, password: string): string {
  const login = new URL(url);
  login.username = user;
  login.password = password;
  return login.href;
}
