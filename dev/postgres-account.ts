/**
 * Whom Postgres runs as. It refuses to run as root; so where the stack does (containers, mostly), it runs as the
 * user `postgres` where that exists, else as `nobody`: no user is added to the machine.
 *
 * That user may not be able to enter the folders above the checkout (`mktemp -d` and /root are closed). Then
 * setpriv gives it one capability, to pass closed folders; the securebit lets access(2), by which Postgres looks
 * for its own files, count the capability too.
 */
import { execFile } from 'node:child_process';
import { stat } from 'node:fs/promises';
import { dirname } from 'node:path';
import { promisify } from 'node:util';
import { AssentError } from '../approval/error.ts';

export interface Account {
  readonly uid: number;
  readonly gid: number;
}

export interface Launch {
  readonly command: string;
  readonly args: readonly string[];
  readonly uid?: number;
  readonly gid?: number;
}

/** Undefined where the stack's own user will do. @throws {AssentError} `start_failed` where nobody will. */
export async function postgresAccount(): Promise<Account | undefined> {
  if (process.getuid?.() !== 0) return undefined;
  for (const user of ['postgres', 'nobody']) {
    const [uid, gid] = await Promise.all([idOf('-u', user), idOf('-g', user)]);
    if (uid !== undefined && gid !== undefined) return { uid, gid };
  }
  throw new AssentError(
    'start_failed',
    'Postgres did not start: it refuses to run as root, and this machine has neither a user postgres nor nobody.',
  );
}

/** How to start `command` as the account, such that it can reach its own file and `directory`. */
export async function launchAs(
  account: Account | undefined,
  directory: string,
  command: string,
  args: readonly string[],
): Promise<Launch> {
  if (account === undefined) return { command, args };
  if ((await canEnter(account, directory)) && (await canEnter(account, command)))
    return { command, args, ...account };
  const identity = ['--reuid', `${account.uid}`, '--regid', `${account.gid}`, '--clear-groups'];
  const pass = [
    '--securebits',
    '+no_setuid_fixup',
    '--inh-caps',
    '+dac_override',
    '--ambient-caps',
    '+dac_override',
  ];
  return { command: 'setpriv', args: [...identity, ...pass, '--', command, ...args] };
}

/** What to do when it can't be started all the same. */
export function accountHint(account: Account | undefined): string {
  if (account === undefined) return '';
  return `As root, Postgres runs as user ${account.uid}, who must be able to enter every folder above this checkout: run as another user, or chmod o+x those folders.`;
}

async function canEnter(account: Account, path: string): Promise<boolean> {
  for (let folder = dirname(path); ; folder = dirname(folder)) {
    const { mode, uid, gid } = await stat(folder);
    const owner = uid === account.uid && mode & 0o100;
    const group = gid === account.gid && mode & 0o010;
    if (!owner && !group && !(mode & 0o001)) return false;
    if (folder === dirname(folder)) return true;
  }
}

async function idOf(what: '-u' | '-g', user: string): Promise<number | undefined> {
  try {
    const { stdout } = await promisify(execFile)('id', [what, user]);
    return Number(stdout);
  } catch {
    return undefined;
  }
}
