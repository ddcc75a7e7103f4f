/** Runs one command line and says how it ended: the answer on standard output, errors on standard error. */
import { commandsOf } from './commands.ts';
import { type ExitCode, failureOf } from './exit.ts';
import type { Answer, Terminal } from './terminal.ts';
import { type Found, find, isUsageError, misuse, refuseUnknown, usageOf } from './usage.ts';
import { visibleJson, visibleLines } from './visible.ts';

const ENDS =
  'Exit codes: 0 done, 1 a negative answer, 2 wrong use, unreadable file or unknown\nid, 3 a part that it needs cannot be reached. Every command takes --json.';

export async function run(argv: readonly string[], terminal: Terminal): Promise<ExitCode> {
  const asJson = argv.includes('--json');
  try {
    const root = commandsOf(terminal);
    const found = find(argv, root);
    if (argv.some((word) => word === '--help' || word === '-h')) {
      const usage = await usageOf(found, terminal.colors);
      terminal.output(found.word === root ? `${usage}\n\n${ENDS}\n` : `${usage}\n`);
      return 0;
    }
    return tell(await perform(found), terminal, asJson);
  } catch (error) {
    const { exit, document } = failureOf(error);
    const words = `assent: ${document.message} (${document.code})`;
    const text = asJson ? visibleJson(document) : visibleLines(words).join('\n');
    terminal.aside(`${text}\n`);
    return exit;
  }
}

async function perform(found: Found): Promise<Answer> {
  refuseUnknown(found);
  try {
    return await found.word.run([...found.rest]);
  } catch (error) {
    throw isUsageError(error) ? misuse(error.message, found.name) : error;
  }
}

function tell(answer: Answer, terminal: Terminal, asJson: boolean): ExitCode {
  const text = asJson ? visibleJson(answer.document) : answer.lines.join('\n');
  terminal.output(`${text}\n`);
  return answer.positive ? 0 : 1;
}
