/** Runs a command line in this process, with a terminal that remembers what was said. */
import { run } from '../../cli/run.ts';

export interface Said {
  readonly exit: number;
  readonly output: string;
  readonly aside: string;
}

export interface Given {
  readonly env?: NodeJS.ProcessEnv;
  readonly stdin?: string;
}

export async function say(argv: readonly string[], { env = {}, stdin = '' }: Given = {}): Promise<Said> {
  let output = '';
  let aside = '';
  const exit = await run(argv, {
    env,
    columns: 80,
    colors: false,
    input: (async function* () {
      yield stdin;
    })(),
    output: (text) => {
      output += text;
    },
    aside: (text) => {
      aside += text;
    },
  });
  return { exit, output, aside };
}

/** The longest line, in characters. */
export function widthOf(text: string): number {
  return Math.max(...text.split('\n').map((line) => [...line].length));
}
