/** A program of the project as people run it: what it prints, how it ends, and what it leaves running. */
import { spawn } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { once } from 'node:events';
import { readdirSync, readFileSync } from 'node:fs';
import { createInterface } from 'node:readline';
import { setTimeout } from 'node:timers/promises';

export interface Program {
  readonly output: () => string;
  readonly errors: () => string;
  /** Resolves with the first line that matches. */
  until(line: RegExp): Promise<string>;
  /** Ids of the processes that it started and that are there still, itself included. */
  processes(): readonly number[];
  signal(signal: NodeJS.Signals): void;
  readonly ended: Promise<number | null>;
}

/**
 * Runs Node with these arguments. Every process that it starts inherits its environment, so a mark in there finds
 * them all.
 */
export function startProgram(args: readonly string[], cwd = process.cwd()): Program {
  const mark = `PROGRAM_UNDER_TEST=${randomUUID()}`;
  const [name = '', value] = mark.split('=');
  const child = spawn(process.execPath, args, {
    cwd,
    env: { ...process.env, [name]: value },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const lines: string[] = [];
  const waiting = new Set<() => void>();
  const reader = createInterface({ input: child.stdout });
  reader.on('line', (line) => {
    lines.push(line);
    for (const look of waiting) look();
  });
  let errors = '';
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    errors += text;
  });
  const ended = once(child, 'close').then(() => child.exitCode);
  const until = async (pattern: RegExp): Promise<string> => {
    const { promise, resolve } = Promise.withResolvers<string>();
    const look = () => {
      const line = lines.find((candidate) => pattern.test(candidate));
      if (line !== undefined) resolve(line);
    };
    waiting.add(look);
    look();
    const over = ended.then((code) => {
      throw new Error(`ended with ${code} before ${pattern}:\n${lines.join('\n')}\n${errors}`);
    });
    return Promise.race([promise, over]).finally(() => waiting.delete(look));
  };
  return {
    output: () => lines.join('\n'),
    errors: () => errors,
    until,
    processes: () => marked(mark),
    signal: (signal) => child.kill(signal),
    ended,
  };
}

function marked(mark: string): readonly number[] {
  return readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .filter((pid) => environmentOf(pid).split('\0').includes(mark))
    .map(Number);
}

/** Empty for a process that has ended meanwhile, or is somebody else's. */
function environmentOf(pid: string): string {
  try {
    return readFileSync(`/proc/${pid}/environ`, 'utf8');
  } catch {
    return '';
  }
}

/** The guard goes a moment after the process that it guards. */
export async function survivors(program: Program): Promise<readonly number[]> {
  for (let patience = 40; patience > 0 && program.processes().length > 0; patience -= 1)
    await setTimeout(100);
  return program.processes();
}
