/**
 * Starts a part of the stack as a child process and ends it again.
 *
 * Each child leads a process group of its own, so a Ctrl-C in the terminal reaches the stack alone, which then
 * stops its parts in order. Should the stack die without doing so, the guard (guard.ts) ends them.
 */
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { createWriteStream } from 'node:fs';
import { mkdir } from 'node:fs/promises';
import { dirname } from 'node:path';
import type { Writable } from 'node:stream';
import { fileURLToPath } from 'node:url';
import { AssentError } from '../approval/error.ts';

export interface ProcessOptions {
  /** What it is, for messages. */
  readonly name: string;
  readonly command: string;
  readonly args: readonly string[];
  /** All that it prints goes here; the file is overwritten. */
  readonly logFile: string;
  /** It is ready once a line that it prints matches. */
  readonly ready: RegExp;
  readonly env?: NodeJS.ProcessEnv;
  readonly cwd?: string;
  readonly uid?: number;
  readonly gid?: number;
  /** What asks it to end in good order. Default SIGTERM. */
  readonly stopSignal?: NodeJS.Signals;
}

export interface RunningProcess {
  readonly pid: number;
  /** Resolves with words (`exit code 1`, `SIGKILL`) when it has ended for whatever reason. Never rejects. */
  readonly ended: Promise<string>;
  /** Asks it to end, waits 5 s, then kills its process group. Resolves when it is gone; may be called again. */
  stop(): Promise<void>;
}

const readyTimeoutMs = 30_000;
const stopGraceMs = 5000;

/** @throws {AssentError} `start_failed` when it can't start, ends or isn't ready within 30 s. */
export async function startProcess(options: ProcessOptions): Promise<RunningProcess> {
  const { name, command, args, logFile, ready, stopSignal = 'SIGTERM', ...rest } = options;
  await mkdir(dirname(logFile), { recursive: true });
  const log = createWriteStream(logFile);
  await once(log, 'open');
  const child = spawn(command, args, { ...rest, detached: true, stdio: ['ignore', 'pipe', 'pipe'] });
  const ended = end(child);
  const lines = watchLines(child, log, ready);

  const pid = child.pid;
  if (pid === undefined) throw startFailed(name, await ended, logFile);
  guard(`+ ${pid} ${stopSignal}`);
  void ended.then(() => guard(`- ${pid}`));

  const stop = async () => {
    killGroup(pid, stopSignal);
    const timer = setTimeout(() => killGroup(pid, 'SIGKILL'), stopGraceMs);
    await ended;
    clearTimeout(timer);
  };
  const timeout = AbortSignal.timeout(readyTimeoutMs);
  const late = once(timeout, 'abort').then(
    () => `nothing that says it is ready in ${readyTimeoutMs / 1000} s`,
  );
  const failure = await Promise.race([lines.ready, ended, late]);
  if (failure === undefined) return { pid, ended, stop };
  await stop();
  throw startFailed(name, `${failure}. ${lines.last()}`, logFile);
}

function watchLines(child: ChildProcess, log: Writable, pattern: RegExp) {
  const { promise: ready, resolve } = Promise.withResolvers<undefined>();
  let recent = '';
  for (const output of [child.stdout, child.stderr]) {
    output?.setEncoding('utf8').on('data', (text: string) => {
      log.write(text);
      recent = (recent + text).slice(-4096);
      if (recent.split('\n').some((line) => pattern.test(line))) resolve(undefined);
    });
  }
  child.once('close', () => log.end());
  return { ready, last: () => recent.trim().split('\n').slice(-3).join(' | ') };
}

async function end(child: ChildProcess): Promise<string> {
  const { promise, resolve } = Promise.withResolvers<string>();
  child.once('error', (error) => resolve(error.message));
  child.once('exit', (code, signal) => resolve(signal ?? `exit code ${code}`));
  return await promise;
}

function killGroup(pid: number, signal: NodeJS.Signals): void {
  try {
    process.kill(-pid, signal);
  } catch {
    // Already gone: what was asked for.
  }
}

let guardInput: Writable | undefined;

function guard(line: string): void {
  guardInput ??= startGuard();
  guardInput.write(`${line}\n`);
}

function startGuard(): Writable {
  const program = fileURLToPath(new URL('guard.ts', import.meta.url));
  const child = spawn(process.execPath, [program], { detached: true, stdio: ['pipe', 'ignore', 'ignore'] });
  child.unref();
  if ('unref' in child.stdin && typeof child.stdin.unref === 'function') child.stdin.unref();
  return child.stdin;
}

function startFailed(name: string, why: string, logFile: string): AssentError {
  return new AssentError('start_failed', `${name} did not start: ${why} (all of it in ${logFile})`, {
    evidence: { name, logFile },
  });
}
