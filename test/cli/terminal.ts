/** Runs a command line in this process, with a terminal that remembers what was said. */
import { cellsOf } from '../../cli/layout.ts';
import { run } from '../../cli/run.ts';

export interface Said {
  readonly exit: number;
  readonly output: string;
  readonly aside: string;
}

export interface Given {
  readonly env?: NodeJS.ProcessEnv;
  readonly stdin?: string;
  /** What somebody at the terminal answers, in order; nobody sits there without it. */
  readonly answers?: readonly string[];
}

export async function say(
  argv: readonly string[],
  { env = {}, stdin = '', answers }: Given = {},
): Promise<Said> {
  let output = '';
  let aside = '';
  const left = [...(answers ?? [])];
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
    now: Date.now,
    ask:
      answers === undefined
        ? null
        : async (question) => {
            aside += `${question}\n`;
            const answer = left.shift();
            if (answer === undefined) throw new Error(`nobody answers: ${question}`);
            return answer;
          },
  });
  return { exit, output, aside };
}

/** The longest line, in the terminal's cells. */
export function widthOf(text: string): number {
  return Math.max(...text.split('\n').map(cellsOf));
}
