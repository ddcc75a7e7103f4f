/** The command that a line of words means, held to the arguments that it declares. */
import { parseArgs as parseStrictly, stripVTControlCharacters } from 'node:util';
import {
  type ArgsDef,
  type CommandMeta,
  defineCommand,
  type ParsedArgs,
  parseArgs,
  renderUsage,
} from 'citty';
import { AssentError } from '../client/vocabulary.ts';
import type { Answer } from './terminal.ts';

/** A command, or a group of them. */
export interface Word {
  /** As a group lists it. */
  readonly meta: CommandMeta;
  readonly args: ArgsDef;
  readonly children: ReadonlyMap<string, Word>;
  usage(): Promise<string>;
  run(rawArgs: string[]): Promise<Answer>;
}

export interface Found {
  readonly word: Word;
  /** `assent policy check` */
  readonly name: string;
  /** What stands behind the command's name. */
  readonly rest: readonly string[];
}

export interface CommandTerms<Args extends ArgsDef> {
  /** In full: `assent policy check`. */
  readonly name: string;
  readonly description: string;
  readonly args: Args;
  /** @param asJson whether the answer will be told as one JSON document */
  run(args: ParsedArgs<Args>, asJson: boolean): Promise<Answer>;
}

const json = { type: 'boolean', description: 'Answer with one JSON document' } as const;

/** What several commands take alike. */
export const requestId = {
  type: 'positional',
  required: true,
  description: 'The request id, or enough of its beginning',
} as const;
export const reasonGiven = {
  type: 'string',
  required: true,
  valueHint: 'text',
  description: 'Why; it is on the record',
} as const;

export function one<const Args extends ArgsDef>({ args, run, ...meta }: CommandTerms<Args>): Word {
  const all = { ...args, json };
  return {
    meta,
    args: all,
    children: new Map(),
    usage: () => renderUsage(defineCommand({ meta, args: all })),
    run: (rawArgs) => run(parseArgs<Args>(rawArgs, all), rawArgs.includes('--json')),
  };
}

export function group(meta: CommandMeta, words: Readonly<Record<string, Word>>): Word {
  const children = new Map(Object.entries(words));
  const subCommands = Object.fromEntries([...children].map(([name, word]) => [name, { meta: word.meta }]));
  return {
    meta,
    args: { json },
    children,
    usage: async () => {
      const names = Object.keys(subCommands).join('|');
      // citty writes them all in one line, however long.
      return (await renderUsage(defineCommand({ meta, subCommands }))).replace(names, 'COMMAND');
    },
    run: async () => {
      throw misuse(`Say what to do: ${[...children.keys()].join(', ')}`, meta.name ?? 'assent');
    },
  };
}

/** Follows the words as far as they name commands. */
export function find(argv: readonly string[], root: Word): Found {
  let found: Found = { word: root, name: 'assent', rest: argv };
  for (;;) {
    const [name, ...rest] = found.rest;
    const child = name === undefined ? undefined : found.word.children.get(name);
    if (child === undefined) return found;
    found = { word: child, name: `${found.name} ${name}`, rest };
  }
}

/** citty passes over what it does not know; a misspelt --reason must not get lost. */
export function refuseUnknown({ rest, name, word }: Found): void {
  const entries = Object.entries(word.args);
  const options = entries.flatMap(([option, { type }]) =>
    type === 'positional' ? [] : [[option, { type: type === 'boolean' ? type : 'string' }] as const],
  );
  const places = entries.length - options.length;
  let positionals: readonly string[];
  try {
    ({ positionals } = parseStrictly({
      args: [...rest],
      options: Object.fromEntries(options),
      allowPositionals: true,
    }));
  } catch (cause) {
    // Node's advice on positionals behind the first sentence would not help here.
    const said = cause instanceof Error ? cause.message.split(/\n|\. To /)[0] : undefined;
    throw misuse(said ?? String(cause), name);
  }
  const extra = positionals[places];
  if (extra !== undefined && word.children.size > 0) {
    const known = [...word.children.keys()].join(', ');
    throw misuse(`There is no command ${JSON.stringify(extra)}; there are: ${known}`, name);
  }
  if (extra !== undefined) throw misuse(`What is ${JSON.stringify(extra)} for?`, name);
}

/** How the word is used, as citty writes it, without its blanks at the ends of lines. */
export async function usageOf({ word }: Found, colors: boolean): Promise<string> {
  const lines = (await word.usage()).replaceAll(/ +$/gm, '').trimEnd().split('\n').map(narrowed).join('\n');
  return colors ? lines : stripVTControlCharacters(lines).replaceAll(/ +$/gm, '');
}

/** citty writes the line of use as long as it gets. */
function narrowed(line: string): string {
  const [first = '', ...words] = line.split(' ');
  if (!stripVTControlCharacters(first).startsWith('USAGE')) return line;
  let filled = stripVTControlCharacters(first).length;
  return words.reduce((text, word) => {
    const width = stripVTControlCharacters(word).length + 1;
    const fits = filled + width <= USAGE_COLUMNS;
    filled = fits ? filled + width : INDENT.length + width;
    return `${text}${fits ? '' : `\n${INDENT}`} ${word}`;
  }, first);
}

const USAGE_COLUMNS = 80;
const INDENT = '     ';

/** What citty itself refuses. */
export function isUsageError(error: unknown): error is Error {
  return error instanceof Error && error.name === 'CLIError';
}

export function misuse(what: string, name: string): AssentError {
  const words = stripVTControlCharacters(what).replace(/\.?$/, /[.?]$/.test(what) ? '' : '.');
  return new AssentError('usage', `${words} \`${name} --help\` says how it is used.`);
}
