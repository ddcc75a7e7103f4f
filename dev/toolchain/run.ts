/** Runs one short command and gives what it printed, or an error with the command's last words. */
import { execFile } from 'node:child_process';

export interface RunOptions {
  readonly env: NodeJS.ProcessEnv;
  readonly timeoutMs: number;
}

/** Standard output of the command. Rejects when it can't start, exits non-zero or takes longer than allowed. */
export function run(command: string, args: readonly string[], options: RunOptions): Promise<string> {
  const { promise, resolve, reject } = Promise.withResolvers<string>();
  const settings = { env: options.env, timeout: options.timeoutMs, killSignal: 'SIGKILL' as const };
  execFile(command, args, settings, (error, stdout, stderr) => {
    if (error === null) return resolve(stdout);
    const lines = stderr.trim().split('\n');
    const lastWords = lines.findLast((line) => line.startsWith('ERROR:')) ?? lines.at(-1) ?? '';
    const why = error.killed ? `took longer than ${options.timeoutMs / 1000} s` : lastWords || error.message;
    reject(new Error(`${command}: ${why}`, { cause: error }));
  });
  return promise;
}
