/** Tells the story to a person, 80 columns wide: every claim is printed once it was found true. */
import type { Writable } from 'node:stream';
import { inspect, isDeepStrictEqual, styleText } from 'node:util';
import { AssentError } from '../../approval/error.ts';

/** What the parts themselves show of a claim; it is true where the two are the same. */
export interface Finding {
  readonly expected: unknown;
  readonly found: unknown;
}

/** One that is true where each of them is. */
export function together(...findings: readonly Finding[]): Finding {
  return {
    expected: findings.map(({ expected }) => expected),
    found: findings.map(({ found }) => found),
  };
}

export interface Story {
  /** Begins the next act. */
  act(title: string): void;
  say(words: string): void;
  link(name: string, url: string): void;
  /** @throws AssentError `claim_untrue`, after it was told with what was expected and what was found */
  claim(words: string, check: () => Finding | Promise<Finding>): Promise<void>;
  /** How many claims were found true. */
  claims(): number;
}

const WIDTH = 80;

export function createStory(out: Writable): Story {
  let acts = 0;
  let claims = 0;
  let blank = false;
  // Plain where `out` is no terminal, and where NO_COLOR says so.
  const styled = (format: Parameters<typeof styleText>[0], text: string) =>
    styleText(format, text, { stream: out });
  const print = (text = '') => {
    if (text === '' && blank) return;
    blank = text === '';
    out.write(`${text}\n`);
  };
  return {
    act: (title) => {
      acts += 1;
      print();
      print(styled('bold', wrapped(`${acts}. ${title}`, '', '   ')));
      print();
    },
    say: (words) => {
      print();
      print(wrapped(words, '   ', '   '));
      print();
    },
    link: (name, url) => print(`   ${name.padEnd(10)}${styled('cyan', url)}`),
    claim: async (words, check) => {
      const { expected, found } = await looked(check);
      if (isDeepStrictEqual(found, expected)) {
        claims += 1;
        print(wrapped(words, `   ${styled('green', '✓')} `, '     '));
        return;
      }
      print(wrapped(words, `   ${styled('red', '✗')} `, '     '));
      print(shown('expected', expected));
      print(shown('found', found));
      throw new AssentError('claim_untrue', `This is not true: ${words}`, { evidence: { expected, found } });
    },
    claims: () => claims,
  };
}

/** A part that can't be looked at shows nothing that was claimed. */
async function looked(check: () => Finding | Promise<Finding>): Promise<Finding> {
  try {
    return await check();
  } catch (error) {
    return { expected: 'something to look at', found: error };
  }
}

function shown(label: string, value: unknown): string {
  const text = inspect(value, { breakLength: WIDTH - 18, depth: 6, maxStringLength: 600 });
  return `       ${label.padEnd(10)}${text.replaceAll('\n', `\n${' '.repeat(17)}`)}`;
}

/** Escapes for colours take no column. */
function columns(text: string): number {
  return text.replaceAll(/\p{Cc}\[\d+m/gu, '').length;
}

function wrapped(text: string, first: string, next: string): string {
  const lines: string[] = [];
  let line = first;
  let empty = true;
  for (const word of text.split(' ')) {
    if (!empty && columns(line) + 1 + word.length > WIDTH) {
      lines.push(line);
      line = next;
      empty = true;
    }
    line += empty ? word : ` ${word}`;
    empty = false;
  }
  return [...lines, line].join('\n');
}
