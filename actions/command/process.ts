/** One process in a group of its own, with nothing inherited, ended with all of its group. */
import { type ChildProcess, spawn } from 'node:child_process';
import { setTimeout } from 'node:timers/promises';
import { AssentError } from '../../approval/error.ts';
import { type Listening, listen, type Output } from './output.ts';

export interface Start {
  readonly argv: readonly string[];
  readonly cwd: string;
  readonly env: Readonly<Record<string, string>>;
  readonly timeoutMs: number;
  readonly outputLimit: number;
  readonly signal: AbortSignal;
}

interface Exit {
  /** Null where a signal ended it; both null where nothing could. */
  readonly exitCode: number | null;
  readonly exitSignal: string | null;
}

export interface Ended extends Exit {
  /** Why it was ended from here; null where it ended by itself. */
  readonly killed: 'timeout' | 'abort' | null;
  readonly stdout: Output;
  readonly stderr: Output;
}

/** From SIGTERM to SIGKILL. */
export const GRACE_MS = 3000;
/** How long an output may stay open after the whole group is gone. */
const LINGER_MS = 1000;

/** @throws AssentError `cancelled`, `command_not_started`: nothing has run */
export async function run(start: Start): Promise<Ended> {
  const { signal, timeoutMs, outputLimit } = start;
  if (signal.aborted) throw new AssentError('cancelled', 'The command was cancelled before it was started.');
  const child = launch(start);
  const exited = exitOf(child);
  const group = await started(child);
  const [stdout, stderr] = [listen(child.stdout, outputLimit), listen(child.stderr, outputLimit)];
  let killed: Ended['killed'] = null;
  const over = new AbortController();
  const given = Promise.withResolvers<Exit>();
  const later = (ms: number, work: () => void) =>
    void setTimeout(ms, null, { signal: over.signal }).then(work, ignoreAbort);
  const stop = (why: NonNullable<Ended['killed']>) => {
    if (killed !== null) return;
    killed = why;
    kill(group, 'SIGTERM');
    later(GRACE_MS, () => kill(group, 'SIGKILL'));
    // One that has taken another user's rights can't be ended from here.
    later(GRACE_MS + LINGER_MS, () => given.resolve({ exitCode: null, exitSignal: null }));
  };
  const onAbort = () => stop('abort');
  signal.addEventListener('abort', onAbort, { once: true });
  later(timeoutMs, () => stop('timeout'));
  // It may have come while the process was starting.
  if (signal.aborted) onAbort();
  const exit = await Promise.race([exited, given.promise]);
  over.abort();
  signal.removeEventListener('abort', onAbort);
  // What it has left running in its group ends with it.
  kill(group, 'SIGKILL');
  await closed([stdout, stderr]);
  child.unref();
  return { ...exit, killed, stdout: stdout.output(), stderr: stderr.output() };
}

function launch({ argv, cwd, env }: Start) {
  const [executable = '', ...args] = argv;
  try {
    return spawn(executable, args, {
      cwd,
      // Node hands this variable down unless it is named.
      env: { NODE_V8_COVERAGE: undefined, ...env },
      shell: false,
      detached: true,
      stdio: ['ignore', 'pipe', 'pipe'],
    });
  } catch (error) {
    throw notStarted(error);
  }
}

async function started(child: ChildProcess): Promise<number> {
  const { promise, resolve, reject } = Promise.withResolvers<void>();
  child.once('spawn', resolve);
  child.once('error', reject);
  try {
    await promise;
  } catch (error) {
    throw notStarted(error);
  }
  if (child.pid === undefined) throw notStarted(null);
  return child.pid;
}

function notStarted(error: unknown): AssentError {
  return new AssentError(
    'command_not_started',
    `The command could not be started (${codeOf(error)}); check its path, its directory and their permissions.`,
  );
}

function exitOf(child: ChildProcess): Promise<Exit> {
  const { promise, resolve } = Promise.withResolvers<Exit>();
  child.once('exit', (exitCode, exitSignal) => resolve({ exitCode, exitSignal }));
  return promise;
}

/** A process that has left the group can hold an output open for ever. */
async function closed(outputs: readonly Listening[]): Promise<void> {
  const done = new AbortController();
  const patience = setTimeout(LINGER_MS, null, { signal: done.signal }).catch(ignoreAbort);
  await Promise.race([Promise.all(outputs.map((output) => output.done)), patience]);
  done.abort();
  for (const output of outputs) output.stop();
}

function kill(group: number, signal: 'SIGTERM' | 'SIGKILL'): void {
  try {
    process.kill(-group, signal);
  } catch (error) {
    // Nobody is left, or nobody who takes signals from here.
    if (!['ESRCH', 'EPERM'].includes(codeOf(error))) throw error;
  }
}

function ignoreAbort(error: unknown): void {
  if (codeOf(error) !== 'ABORT_ERR') throw error;
}

function codeOf(error: unknown): string {
  if (typeof error !== 'object' || error === null || !('code' in error)) return 'no code';
  return typeof error.code === 'string' ? error.code : 'no code';
}
