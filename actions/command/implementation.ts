/** command.run at work, on the commands that the executor lists. */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { AssentError } from '../../approval/error.ts';
import type { JsonObject } from '../../approval/types.ts';
import { differences } from '../differences.ts';
import { type ExecuteCall, type Implementation, implement } from '../implement.ts';
import { type CommandInput, commandRun } from './definition.ts';
import { checkExecutable } from './executable.ts';
import type { CommandFacts } from './facts.ts';
import { argvOf, type ListedCommand, listedFault } from './listed.ts';
import { report } from './output.ts';
import { type Ended, run } from './process.ts';

export interface CommandRunOptions {
  /** By the name that a request's `command` gives. */
  readonly commands: Readonly<Record<string, ListedCommand>>;
}

/** @throws AssentError `command_options_malformed` */
export function implementCommandRun({ commands }: CommandRunOptions): Implementation {
  const byName = new Map(Object.entries(commands));
  for (const [name, command] of byName) {
    const fault = listedFault(command);
    if (fault === null) continue;
    throw new AssentError('command_options_malformed', `commands.${name}.${fault.field}: ${fault.words}.`);
  }
  const find = (name: string): ListedCommand => {
    const command = byName.get(name);
    if (command !== undefined) return command;
    throw new AssentError('command_unknown', `This executor lists no command named ${name}.`);
  };
  return implement(commandRun, {
    async preview({ input }) {
      const command = find(input.command);
      const facts = factsOf(command, input);
      await checkExecutable(input.command, command);
      return { ...facts };
    },
    async execute(call) {
      const command = find(call.input.command);
      return perform(call, command, factsOf(command, call.input));
    },
  });
}

function factsOf(command: ListedCommand, input: CommandInput): CommandFacts {
  return {
    argv: [...argvOf(command, input)],
    cwd: command.cwd,
    env: Object.keys(command.env).toSorted(),
    timeout_seconds: command.timeoutSeconds,
    output_limit: command.outputLimit,
    output: command.output,
  };
}

async function perform(
  { input, approved, signal }: ExecuteCall<CommandInput>,
  command: ListedCommand,
  facts: CommandFacts,
): Promise<JsonObject> {
  const drifted = approved === null ? [] : differences(approved, { ...facts });
  if (drifted.length > 0) {
    throw new AssentError(
      'precondition_failed',
      `The command ${input.command} is not the one that was approved; ask again. ${drifted.join('; ')}`,
    );
  }
  await checkExecutable(input.command, command);
  const made = command.cwd === null ? await mkdtemp(join(tmpdir(), 'assent-command-')) : null;
  const ending = run({
    argv: facts.argv,
    cwd: command.cwd ?? made ?? '/',
    env: command.env,
    timeoutMs: command.timeoutSeconds * 1000,
    outputLimit: command.outputLimit,
    signal,
  });
  await Promise.allSettled([ending]);
  const leftover = made !== null && !(await removed(made));
  return resultOf(input.command, command, await ending, leftover);
}

/** What has run has run: a directory that can't be removed is told, and changes no outcome. */
async function removed(directory: string): Promise<boolean> {
  return rm(directory, { recursive: true, force: true }).then(
    () => true,
    () => false,
  );
}

/** What a command says is in the result and the log only where the list says `keep`: it could hold secrets. */
function resultOf(
  name: string,
  { output, timeoutSeconds }: ListedCommand,
  ended: Ended,
  leftover: boolean,
): JsonObject {
  const { exitCode, exitSignal, killed } = ended;
  const keep = output === 'keep';
  const said = { stdout: report(ended.stdout, keep), stderr: report(ended.stderr, keep) };
  const result = { exit_code: exitCode, signal: exitSignal, leftover, ...said };
  if (killed === null && exitCode === 0) return result;
  if (killed === null) {
    throw new AssentError('command_failed', `The command ${name} ${endOf(ended)}; ${told(ended)}.`, {
      evidence: result,
    });
  }
  const why = killed === 'timeout' ? `it took more than ${timeoutSeconds} seconds` : 'it was cancelled';
  throw new AssentError(
    'command_killed',
    `The command ${name} had begun and was ended because ${why}: what it had done by then is not known. It ${endOf(ended)}; ${told(ended)}.`,
    { evidence: result },
  );
}

function endOf({ exitCode, exitSignal }: Ended): string {
  if (exitCode !== null) return `ended with exit code ${exitCode}`;
  return exitSignal === null ? 'could not be ended, and may still run' : `was ended by ${exitSignal}`;
}

function told({ stdout, stderr }: Ended): string {
  return `it said ${stdout.bytes} bytes (${stdout.sha256}) and as errors ${stderr.bytes} bytes (${stderr.sha256})`;
}
