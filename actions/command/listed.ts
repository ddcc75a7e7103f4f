/**
 * The commands that an executor lists, and the one argv that a request's arguments make of one.
 *
 *     restart-api: { argv: [/usr/bin/systemctl, restart, '{service}'], args: { service: { one_of: [api, web] } } }
 */
import { isAbsolute } from 'node:path';
import { AssentError } from '../../approval/error.ts';
import type { CommandInput } from './definition.ts';
import { matchesWhole, patternFault } from './pattern.ts';

export interface Argument {
  /** Exactly these texts, or a pattern of RE2 for the whole of it. */
  readonly allowed: readonly string[] | string;
  /** Whether it may begin with a hyphen, and so be read as an option. */
  readonly leadingDash: boolean;
}

export interface ListedCommand {
  /** An absolute path, then arguments; `{name}` stands for the argument of that name. */
  readonly argv: readonly string[];
  readonly args: Readonly<Record<string, Argument>>;
  /** An existing directory; null for a new empty one each time. */
  readonly cwd: string | null;
  /** All of the environment: nothing is inherited. */
  readonly env: Readonly<Record<string, string>>;
  readonly timeoutSeconds: number;
  /** Bytes that are kept of each output. */
  readonly outputLimit: number;
  /** Whether the result holds what the command says, or only its digest. */
  readonly output: 'keep' | 'digest';
}

const PLACE = /\{([a-z][a-z0-9_]*)\}/g;

/** What is wrong with a command of the list, with the field that it is wrong in; null where nothing is. */
export function listedFault({
  argv,
  args,
  cwd,
  env,
}: ListedCommand): { field: string; words: string } | null {
  const [executable = '', ...rest] = argv;
  if (!isAbsolute(executable)) return { field: 'argv', words: 'must begin with an absolute path' };
  if (executable.match(PLACE) !== null)
    return { field: 'argv', words: 'may leave open arguments, not what runs' };
  const nul = [...argv, ...Object.values(env), cwd ?? ''].some((text) => text.includes('\0'));
  if (nul) return { field: 'argv', words: 'and env hold no NUL' };
  const places = new Set(rest.flatMap((part) => [...part.matchAll(PLACE)].map(([, name = '']) => name)));
  const unlisted = [...places].find((name) => !Object.hasOwn(args, name));
  if (unlisted !== undefined) return { field: 'args', words: `must say what {${unlisted}} may be` };
  for (const [name, { allowed }] of Object.entries(args)) {
    if (!places.has(name)) return { field: 'args', words: `${name} stands nowhere in argv as {${name}}` };
    const fault = typeof allowed === 'string' ? patternFault(allowed) : null;
    if (fault !== null) return { field: 'args', words: `${name}: its pattern ${fault}` };
  }
  return null;
}

/**
 * Each place is filled once: what an argument holds is never read as a place again.
 *
 * @throws AssentError `argument_refused`
 */
export function argvOf(command: ListedCommand, { command: name, args }: CommandInput): readonly string[] {
  const unknown = Object.keys(args).find((given) => !Object.hasOwn(command.args, given));
  if (unknown !== undefined) throw refused(name, unknown, 'is none that it takes; leave it out');
  const values = new Map(
    Object.entries(command.args).map(([given, argument]) => {
      const value = Object.hasOwn(args, given) ? args[given] : undefined;
      if (value === undefined) throw refused(name, given, 'is missing; add it');
      return [given, checked(name, given, value, argument)];
    }),
  );
  return command.argv.map((part, index) =>
    index === 0 ? part : part.replaceAll(PLACE, (_, place: string) => values.get(place) ?? ''),
  );
}

function checked(command: string, name: string, value: string, { allowed, leadingDash }: Argument): string {
  if (value.startsWith('-') && !leadingDash) {
    throw refused(command, name, 'begins with a hyphen, and could be read as an option');
  }
  const fits = typeof allowed === 'string' ? matchesWhole(allowed, value) : allowed.includes(value);
  if (fits) return value;
  const cure =
    typeof allowed === 'string' ? `something that matches ${allowed}` : `one of ${allowed.join(', ')}`;
  throw refused(command, name, `is not allowed; give ${cure}`);
}

function refused(command: string, argument: string, words: string): AssentError {
  return new AssentError('argument_refused', `The argument ${argument} of ${command} ${words}.`);
}
